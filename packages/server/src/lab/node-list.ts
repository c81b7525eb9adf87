import type { LabNode } from '@ringdown/facade'
import type { Clock, SessionStore } from '@ringdown/signalling'

/** What a node says of itself for each centre; see `LabNode`. */
export type About = Omit<LabNode, 'here'>

type Store = Pick<SessionStore, 'keep' | 'kept' | 'forget'>

export interface NodeListDeps {
  /** This node's name, unlike that of any other on the same stores. */
  node: string
  version: string
  /** By contact centre. */
  stores: ReadonlyMap<string, Store>
  clock: Clock
  /** What this node holds for a centre now. */
  holds: (centre: string) => Pick<LabNode, 'legs' | 'clients'>
  /** From 0 to 1. */
  random: () => number
  onError: (error: unknown) => void
}

/** Times in milliseconds: a node says that it lives every third of its lease, or sooner; who is silent is remembered for an hour. */
export const nodeTimes = { lease: 15_000, remembered: 3_600_000, list: 86_400_000 } as const
/** Names in the list; the one that was silent for longest gives way. */
export const mostNodes = 64

const listID = 'list'
const aboutID = (name: string) => `about:${name}`

/**
 * Which nodes there are. Each keeps what there is to know of it under its name, and sees to it that the name is in a list, which is
 * written only when a name is missing there: should two nodes write it at once, the one that lost its name writes it again a moment
 * later. SPEC SV-62.
 */
export class NodeList {
  readonly #deps: NodeListDeps
  readonly #started: number
  /** When the list was written, by centre. */
  readonly #listed = new Map<string, number>()
  #closed = false
  #cancel: (() => void) | undefined

  constructor(deps: NodeListDeps) {
    this.#deps = deps
    this.#started = deps.clock.now()
  }

  /** Says that this node lives, and goes on saying it until `close`. */
  async start(): Promise<void> {
    await Promise.all([...this.#deps.stores].map(([centre, store]) => this.#announce(centre, store)))
    if (this.#closed) return
    // Nodes that were started together go apart, or they would write the list at the same moment again.
    const wait = (nodeTimes.lease / 3) * (0.5 + this.#deps.random() / 2)
    this.#cancel = this.#deps.clock.after(Math.round(wait), () => void this.start())
  }

  /** Nodes of a centre by name: those that live, and those that fell silent within an hour. */
  async list(centre: string): Promise<readonly LabNode[]> {
    const { node, stores } = this.#deps
    const store = stores.get(centre)
    if (!store) return []
    const others = (await read(store)).filter((about) => about.name !== node)
    const all = [{ ...this.#about(centre), here: true }, ...others.map((about) => ({ ...about, here: false }))]
    return all.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Leaves: nobody has to wait for the lease to run out. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    const { node, stores } = this.#deps
    await Promise.allSettled([...stores.values()].map((store) => store.forget('node', aboutID(node))))
  }

  #about(centre: string): About {
    const { node: name, version, clock, holds } = this.#deps
    return { name, started: this.#started, leaseUntil: clock.now() + nodeTimes.lease, version, ...holds(centre) }
  }

  async #announce(centre: string, store: Store): Promise<void> {
    const { node, clock, onError } = this.#deps
    try {
      await store.keep('node', aboutID(node), JSON.stringify(this.#about(centre)), nodeTimes.remembered)
      if (this.#closed) await store.forget('node', aboutID(node))
      const names = await namesIn(store)
      const isOld = clock.now() - (this.#listed.get(centre) ?? 0) > nodeTimes.list / 4
      if (this.#closed || (names.includes(node) && !isOld)) return
      const known = (await read(store, names)).filter(({ name }) => name !== node)
      const kept = known.sort((a, b) => b.leaseUntil - a.leaseUntil).slice(0, mostNodes - 1)
      const list = [node, ...kept.map(({ name }) => name)]
      await store.keep('node', listID, JSON.stringify(list), nodeTimes.list)
      this.#listed.set(centre, clock.now())
    } catch (error) {
      onError(error) // the next time is soon
    }
  }
}

/** Names of the nodes of a store that live now. Rejects with TServerError. */
export async function livingNodes(store: Pick<SessionStore, 'kept'>, now: number): Promise<string[]> {
  const all = await read(store)
  return all.flatMap(({ name, leaseUntil }) => (leaseUntil > now ? [name] : [])).sort()
}

async function namesIn(store: Pick<Store, 'kept'>): Promise<readonly string[]> {
  return JSON.parse((await store.kept('node', listID)) ?? '[]') as string[]
}

async function read(store: Pick<Store, 'kept'>, names?: readonly string[]): Promise<About[]> {
  const listed = names ?? (await namesIn(store))
  const kept = await Promise.all(listed.map((name) => store.kept('node', aboutID(name))))
  return kept.flatMap((about) => (about === undefined ? [] : [JSON.parse(about) as About]))
}
