import type {
  Call,
  CallUUID,
  Clock,
  DNumber,
  FeedEntry,
  FeedEvent,
  LegRecord,
  SessionStore,
  SipLeg,
  TServer,
} from '@ringdown/signalling'
import { legID } from '@ringdown/signalling'
import { Leg } from './leg.ts'
import { NodeFeed } from './node-feed.ts'
import { nodeOf } from './run.ts'
import type { Way } from './way.ts'

export interface LegsDeps {
  node: string
  store: SessionStore
  tserver: TServer
  clock: Clock
  retentionMs: () => number
  makeWay: (leg: Leg, sip: SipLeg, record: LegRecord) => Way
  onError: (error: unknown, fields: { callUUID?: CallUUID; dn?: DNumber }) => void
}

/** How long an adopted leg that could not be read waits for the next try, ms. */
const reopenMs = 500

/** The legs of one contact centre that this node owns. */
export class Legs {
  readonly #deps: LegsDeps
  readonly #legs = new Map<string, Leg>()
  readonly #feed: NodeFeed
  /** Requests of peers that may become legs; events for them may be faster than the answer that names their call. */
  #offers = 0
  #early: FeedEntry[] = []
  #stopped = false

  constructor(deps: LegsDeps) {
    this.#deps = deps
    this.#feed = new NodeFeed({
      store: deps.store,
      node: deps.node,
      onEntry: (entry) => this.#hear(entry),
      onGap: () => void this.resync(),
      onError: (error) => deps.onError(error, {}),
    })
  }

  get size(): number {
    return this.#legs.size
  }

  /** Resolves when nothing that happens from now on can be missed, and legs of an earlier life under this name are taken up. */
  async start(): Promise<void> {
    await this.#feed.start()
    const self = this.#deps.node
    await this.#adoptWhere((owner) => owner !== self && nodeOf(owner) === nodeOf(self))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#feed.stop()
    await Promise.all([...this.#legs.values()].map((leg) => leg.stop()))
  }

  find(callUUID: CallUUID, dn: DNumber): Leg | undefined {
    return this.#legs.get(legID(callUUID, dn))
  }

  /** Legs of an endpoint, to try again when it is back. */
  of(dn: DNumber): readonly Leg[] {
    return [...this.#legs.values()].filter((leg) => leg.dn === dn)
  }

  /** Every leg whose texts wait tries again. */
  resume(): void {
    for (const leg of this.#legs.values()) leg.resume()
  }

  /** Runs what offers a call to the core; the leg is made by `take` before any event for it is handled. */
  async offer<T>(work: () => Promise<T>): Promise<T> {
    this.#offers++
    try {
      return await work()
    } finally {
      this.#offers--
      const early = this.#early
      this.#early = []
      for (const entry of early) this.#hear(entry)
    }
  }

  /** The leg of a call that a peer has opened, with its way. */
  async take(callUUID: CallUUID, dn: DNumber, way: (leg: Leg) => Way): Promise<Leg> {
    const leg = this.#make(callUUID, dn)
    await leg.open(way(leg))
    return leg
  }

  /** Takes up a leg whose owner this node has become. */
  async adopt(callUUID: CallUUID, dn: DNumber): Promise<void> {
    if (this.find(callUUID, dn) || this.#stopped) return
    await this.#open(this.#make(callUUID, dn))
  }

  /** Takes over every leg of a run of a node that is gone; of this one, what nobody has told us of. */
  async adoptFrom(node: string): Promise<void> {
    await this.#adoptWhere((owner) => owner === node)
  }

  async #adoptWhere(isGone: (owner: string) => boolean): Promise<void> {
    const { node: self, store, tserver } = this.#deps
    let after: string | undefined
    do {
      const { calls, next } = await store.listCalls(after, 200)
      for (const { callUUID, parties, end } of calls) {
        if (end) continue
        for (const { dn, sip } of parties) {
          if (!sip || !isGone(sip.owner) || this.find(callUUID, dn)) continue
          try {
            if (sip.owner !== self)
              await tserver.input({ input: 'takenOver', callUUID, dn, node: self, from: sip.owner })
            await this.adopt(callUUID, dn)
          } catch (error) {
            this.#deps.onError(error, { callUUID, dn })
          }
        }
      }
      after = next
    } while (after !== undefined && !this.#stopped)
  }

  /** Events were missed for good: every leg looks at its call, and legs nobody told us of are found. */
  async resync(): Promise<void> {
    try {
      await Promise.all([...this.#legs.values()].map((leg) => leg.resync()))
      await this.adoptFrom(this.#deps.node)
    } catch (error) {
      this.#deps.onError(error, {})
      if (!this.#stopped) this.#deps.clock.after(reopenMs, () => void this.resync())
    }
  }

  #hear(entry: FeedEntry): void {
    const about = partyOf(entry.event)
    if (!about || this.#stopped) return
    const known = this.find(about.callUUID, about.dn)
    if (known) known.handle(entry)
    else if (this.#offers > 0) this.#early.push(entry)
    else if (!ends(entry.event)) {
      const leg = this.#make(about.callUUID, about.dn)
      leg.handle(entry)
      void this.#open(leg)
    }
  }

  async #open(leg: Leg): Promise<void> {
    try {
      await leg.open()
    } catch (error) {
      this.#deps.onError(error, leg)
      if (!this.#stopped) this.#deps.clock.after(reopenMs, () => void this.#open(leg))
    }
  }

  #make(callUUID: CallUUID, dn: DNumber): Leg {
    const { node, store, tserver, clock, retentionMs, makeWay, onError } = this.#deps
    const leg = new Leg(
      { node, store, tserver, clock, retentionMs, makeWay, onGone: (gone) => this.#legs.delete(gone.id), onError },
      callUUID,
      dn,
    )
    this.#legs.set(leg.id, leg)
    return leg
  }
}

/** Which leg an event of the node's feed is for. */
function partyOf(event: FeedEvent): { callUUID: Call['callUUID']; dn: DNumber } | undefined {
  return 'callUUID' in event ? { callUUID: event.callUUID, dn: event.thisDN } : undefined
}

function ends({ event }: FeedEvent): boolean {
  return event === 'EventReleased' || event === 'EventAbandoned' || event === 'EventDestinationBusy'
}
