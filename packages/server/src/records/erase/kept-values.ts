import type { KeptKind, Named, PersonID, SessionStore } from '@ringdown/signalling'

type Store = Pick<SessionStore, 'listNames' | 'kept' | 'forget'>

/** Who it is about. */
export interface About {
  person: PersonID
  /** Undefined where nobody is configured by that id. */
  userName: string | undefined
}

const pageSize = 500

/** All names of a sort, page by page. */
export async function* namesOf(store: Pick<SessionStore, 'listNames'>, of: Named): AsyncGenerator<string> {
  let after: string | undefined
  do {
    const page = await store.listNames(of, after, pageSize)
    yield* page.names
    after = page.next
  } while (after !== undefined)
}

/**
 * Finds, and forgets unless it is a dry run, what the facades keep of somebody for some time: logins, tickets, sessions of CometD and UC
 * AJAX, counts of wrong passwords. Answers how much there was. Rejects with TServerError.
 */
export async function forgetKept(store: Store, about: About, dryRun: boolean): Promise<number> {
  const found: [KeptKind, string][] = []
  const { person, userName } = about
  for (const kind of ['httpSession', 'ticket'] as const)
    for await (const id of namesOf(store, { kept: kind }))
      if (id === `issued ${person}` || (await isOf(store, kind, id, person))) found.push([kind, id])
  const clients = new Set<string>()
  for await (const id of namesOf(store, { kept: 'cometdSession' }))
    if (!id.includes(' ') && (await isOf(store, 'cometdSession', id, person))) clients.add(id)
  // Beside a session's record lie the progress of each of its owners, and its lock.
  for await (const id of namesOf(store, { kept: 'cometdSession' }))
    if (clients.has(id.split(' ', 1)[0] ?? '')) found.push(['cometdSession', id])
  for await (const id of namesOf(store, { kept: 'cometdLogin' })) {
    const list = (await store.kept('cometdLogin', id)) ?? ''
    if (id === person || [...clients].some((client) => list.includes(JSON.stringify(client))))
      found.push(['cometdLogin', id])
  }
  for (const kind of ['cwaSession', 'cwaPerson'] as const)
    for await (const id of namesOf(store, { kept: kind })) if (id.startsWith(person)) found.push([kind, id])
  const name = userName?.toLowerCase()
  for await (const id of namesOf(store, { kept: 'attempts' }))
    if (name !== undefined && (id === `user ${name}` || (id.startsWith('both ') && id.endsWith(` ${name}`))))
      found.push(['attempts', id])
  // What nodes tell each other of a session's trace lives for seconds, and may have texts in it.
  for await (const id of namesOf(store, { kept: 'trace' })) found.push(['trace', id])
  const distinct = new Map(found.map(([kind, id]) => [`${kind} ${id}`, [kind, id] as const]))
  if (!dryRun) for (const [kind, id] of distinct.values()) await store.forget(kind, id)
  return distinct.size
}

async function isOf(store: Store, kind: KeptKind, id: string, person: PersonID): Promise<boolean> {
  const text = await store.kept(kind, id)
  if (text === undefined || !text.includes(person)) return false
  try {
    return (JSON.parse(text) as { person?: unknown }).person === person
  } catch {
    return false
  }
}
