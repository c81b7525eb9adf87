import { expect } from 'vitest'
import { until } from '../faults/engine.ts'
import type { Delivery } from './receiver.ts'
import type { Site } from './site.ts'

/** Against what hangs, milliseconds. */
export const patience = 60_000

/** A session of two agents in which each says some texts; their message ids. */
export async function talk(
  made: Site,
  pair: number,
  texts: number,
  from = 0,
): Promise<{ session: string; ids: string[] }> {
  const [a, b] = [made.agents[2 * pair], made.agents[2 * pair + 1]]
  if (!a || !b) throw new Error('there is no such pair')
  if (!(await a.session())) expect(await a.initiate(b.person.dn)).toBe('accepted')
  const session = (await a.session())?.id
  if (session === undefined) throw new Error('no session')
  for (let i = from; i < from + texts; i++)
    expect(await (i % 2 ? a : b).send(session, `${pair}-${i} words`)).toBe('accepted')
  return { session, ids: Array.from({ length: texts }, (_, i) => `id-of-${pair}-${from + i}`) }
}

export const textsOf = (deliveries: readonly Delivery[]) => deliveries.filter(({ type }) => type === 'text.accepted')

/** What is promised of all that was taken: one id for each event, each session in order, all of it signed. */
export function expectWell({ receiver }: Site): void {
  expect(receiver.complaints).toEqual([])
  const ids = new Map<string, string>()
  for (const { id, type, sessionId, data } of receiver.got) {
    const what = `${type} ${sessionId} ${data.messageId ?? ''}`
    if (type !== 'text.accepted') continue
    expect(ids.get(what) ?? id, what).toBe(id)
    ids.set(what, id)
  }
  expect(new Set(ids.values()).size).toBe(ids.size)
  const last = new Map<string, number>()
  const seen = new Set<string>()
  for (const { id, sessionId = '', data } of textsOf(receiver.taken)) {
    // What comes again after a crash may be behind; each for the first time is in order.
    if (seen.has(id)) continue
    seen.add(id)
    expect(data.position, `session ${sessionId}`).toBeGreaterThan(last.get(sessionId) ?? 0)
    last.set(sessionId, data.position ?? 0)
  }
}

export async function untilTaken({ receiver }: Site, ids: readonly string[]): Promise<void> {
  const missing = () => {
    const taken = new Set(textsOf(receiver.taken).map(({ data }) => data.messageId))
    return ids.filter((id) => !taken.has(id))
  }
  await until(() => missing().length === 0, patience, 'deliveries are missing').catch((cause: unknown) => {
    throw new Error(`not delivered: ${missing().slice(0, 5)}`, { cause })
  })
}
