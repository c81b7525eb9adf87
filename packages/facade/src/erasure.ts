import type { PersonID } from '@ringdown/signalling'

const signal = 'erased '

/** The hint to all nodes that texts of a person were erased in the store: what is in memory has to be read anew. `id` names the erasure. */
export function erasureSignal(id: string, person: PersonID): string {
  return `${signal}${id} ${person}`
}

/** What such a hint says; undefined for any other one. */
export function readErasure(message: string): { id: string; person: PersonID } | undefined {
  if (!message.startsWith(signal)) return undefined
  const [id = '', person = ''] = message.slice(signal.length).split(' ')
  return { id, person: person as PersonID }
}
