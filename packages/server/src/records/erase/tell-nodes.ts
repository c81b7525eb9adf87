import { erasureSignal } from '@ringdown/facade'
import type { Clock, PersonID, SessionStore } from '@ringdown/signalling'
import { livingNodes } from '../../lab/node-list.ts'
import { confirmedID } from '../confirm-erasures.ts'

export interface TellDeps {
  store: Pick<SessionStore, 'signal' | 'kept'>
  clock: Clock
  /** A name no other erasure has. */
  makeID: () => string
}

/** How long nodes are waited for, and how often they are told again and asked, milliseconds. */
const waitMs = 15_000
const againMs = 1_000
const lookMs = 100
/** What was read before the store was changed may be on its way into a node's memory for so long: a request takes 2 s at most. */
const underWayMs = 2_100

/**
 * Has every living node forget what it holds in memory of the texts that were erased, and waits until each has said so. Rejects with
 * TServerError.
 */
export async function tellNodes(deps: TellDeps, person: PersonID): Promise<{ confirmed: string[]; silent: string[] }> {
  const { store, clock } = deps
  const nodes = await livingNodes(store, clock.now())
  if (nodes.length === 0) return { confirmed: [], silent: [] }
  const first = await tellOnce(deps, person, nodes)
  if (first.silent.length > 0) return first
  await pause(clock, underWayMs)
  return tellOnce(deps, person, nodes)
}

async function tellOnce({ store, clock, makeID }: TellDeps, person: PersonID, nodes: readonly string[]) {
  const id = makeID()
  const silent = new Set(nodes)
  const until = clock.now() + waitMs
  for (let told = Number.NEGATIVE_INFINITY; silent.size > 0 && clock.now() < until; ) {
    // A hint may be lost.
    if (clock.now() - told >= againMs) {
      await store.signal('*', erasureSignal(id, person))
      told = clock.now()
    }
    await pause(clock, lookMs)
    for (const node of silent) if ((await store.kept('node', confirmedID(id, node))) !== undefined) silent.delete(node)
  }
  return { confirmed: nodes.filter((node) => !silent.has(node)), silent: [...silent] }
}

const pause = (clock: Clock, ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))
