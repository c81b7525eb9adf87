import type {
  Call,
  CallUUID,
  Clock,
  DNumber,
  FeedEntry,
  FeedEvent,
  LegRecord,
  ReceiptEvent,
  SessionStore,
  SipLeg,
  TServer,
} from '@ringdown/signalling'
import { legID, TServerError } from '@ringdown/signalling'
import { isPassing, Leg } from './leg.ts'
import { Naps } from './naps.ts'
import { NodeFeed } from './node-feed.ts'
import { nodeOf } from './run.ts'
import type { Way } from './way.ts'

export interface LegsDeps {
  node: string
  store: SessionStore
  tserver: TServer
  clock: Clock
  retentionMs: () => number
  makeWay: (leg: Leg, sip: SipLeg, record: LegRecord, ended: boolean) => Way
  /** What became of a text of a leg that is no longer here, for its call has ended. Must not throw. */
  onLateReceipt: (event: ReceiptEvent) => void
  onError: (error: unknown, fields: { callUUID?: CallUUID; dn?: DNumber }) => void
}

/** How long what could not be read or done waits for the next try, ms. */
const retryMs = 500
/** How long a stop may take to write positions and to end what was ending, ms. */
const stopMs = 3_000
const pageSize = 200
/** Calls of `resume` in which every leg's turn comes once. */
const auditTurns = 30

/** A request of a peer that may become a leg; events for it may be faster than the answer that names its call. */
interface Offer {
  dn: DNumber
  number: number
  early: { entry: FeedEntry; before: number }[]
}

/** The legs of one contact centre that this node owns. */
export class Legs {
  readonly #deps: LegsDeps
  readonly #legs = new Map<string, Leg>()
  readonly #byDN = new Map<DNumber, Set<Leg>>()
  readonly #feed: NodeFeed
  readonly #naps: Naps
  readonly #offers = new Set<Offer>()
  #numbered = 0
  #unaudited: Leg[] = []
  #resyncing = false
  /** There was a gap while the legs were looking at their calls: they look again. */
  #gapped = false
  #stopped = false

  constructor(deps: LegsDeps) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
    this.#feed = new NodeFeed({
      store: deps.store,
      clock: deps.clock,
      node: deps.node,
      onEntry: (entry) => this.#hear(entry, this.#numbered),
      onGap: () => this.#gap(),
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
    try {
      await this.#adoptWhere((owner) => owner !== self && nodeOf(owner) === nodeOf(self))
    } catch (error) {
      // Whoever is told of the earlier run's end takes up the rest.
      this.#deps.onError(error, {})
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#feed.stop()
    const legs = [...this.#legs.values()]
    const late = new Naps(this.#deps.clock)
    await Promise.race([Promise.all(legs.map((leg) => leg.stop())), late.take(stopMs)])
    late.end()
    for (const leg of legs) leg.lose()
    this.#naps.end()
  }

  find(callUUID: CallUUID, dn: DNumber): Leg | undefined {
    return this.#legs.get(legID(callUUID, dn))
  }

  /** Legs of an endpoint, to try again when it is back. */
  of(dn: DNumber): readonly Leg[] {
    return [...(this.#byDN.get(dn) ?? [])]
  }

  /** Called every few seconds: every leg whose texts wait tries again; and what no hint has told of is looked for. */
  resume(): void {
    this.#feed.look()
    for (const leg of [...this.#legs.values()]) leg.resume()
    this.#audit()
  }

  /**
   * Looks at each leg's call once in a while. A node that was taken for dead by mistake need not hear of legs others have taken from
   * it: their events go elsewhere. And a leg that is ours, though nobody has told us, is found.
   */
  #audit(): void {
    if (this.#unaudited.length === 0) {
      this.#unaudited = [...this.#legs.values()]
      this.#adoptWhere((owner) => owner === this.#deps.node).catch((error: unknown) => this.#deps.onError(error, {}))
    }
    const size = Math.ceil(this.#legs.size / auditTurns)
    for (const leg of this.#unaudited.splice(0, size))
      leg.resync().catch((error: unknown) => this.#deps.onError(error, leg))
  }

  /** Runs what offers a call of this number to the core; the leg is made by `take` before any event for it is handled. */
  async offer<T>(dn: DNumber, work: () => Promise<T>): Promise<T> {
    const offer: Offer = { dn, number: ++this.#numbered, early: [] }
    this.#offers.add(offer)
    try {
      return await work()
    } finally {
      this.#offers.delete(offer)
      for (const { entry, before } of offer.early) this.#hear(entry, before)
    }
  }

  /** The leg of a call that a peer has just opened, with its way. */
  take(call: Call, dn: DNumber, way: (leg: Leg) => Way): Leg {
    const leg = this.#make(call.callUUID, dn)
    leg.begin(call, way(leg))
    // What has come already is older than all that comes from now on.
    for (const offer of this.#offers) {
      const isOurs = ({ entry }: { entry: FeedEntry }) => legOf(entry.event)?.callUUID === call.callUUID
      for (const each of offer.early.filter(isOurs)) this.#deliver(leg, each.entry)
      offer.early = offer.early.filter((each) => !isOurs(each))
    }
    return leg
  }

  /** Takes over a leg, as soon as the store takes it; from nobody where it is ours already. */
  async takeOver(callUUID: CallUUID, dn: DNumber, from: string): Promise<void> {
    for (let tried = 1; !this.#stopped; tried++) {
      try {
        return await this.#adopt(callUUID, dn, from, tried > 1)
      } catch (error) {
        this.#deps.onError(error, { callUUID, dn })
        if (!isPassing(error)) return
        await this.#naps.take(retryMs * Math.min(tried, 10))
      }
    }
  }

  /** Takes over every leg of a run of a node that is gone. Rejects where the store did not take all of it: it has to be asked again. */
  async adoptFrom(node: string): Promise<void> {
    await this.#adoptWhere((owner) => owner === node)
  }

  /** Events may have been missed: every leg looks at its call, and legs nobody told us of are found. */
  async resync(): Promise<void> {
    if (this.#resyncing) return
    this.#resyncing = true
    for (let again = true; again && !this.#stopped; ) {
      try {
        await Promise.all([...this.#legs.values()].map((leg) => leg.resync()))
        await this.#adoptWhere((owner) => owner === this.#deps.node)
        again = this.#gapped
        this.#gapped = false
      } catch (error) {
        this.#deps.onError(error, {})
        await this.#naps.take(retryMs)
      }
    }
    this.#resyncing = false
  }

  #gap(): void {
    for (const leg of this.#legs.values()) leg.missed()
    this.#gapped = this.#resyncing
    void this.resync()
  }

  async #adoptWhere(isGone: (owner: string) => boolean): Promise<void> {
    const { node, store, onError } = this.#deps
    let failed: unknown
    let after: string | undefined
    do {
      const { calls, next } = await store.listCalls(after, pageSize)
      for (const { callUUID, parties, end } of calls) {
        if (end) continue
        for (const { dn, sip } of parties) {
          if (!sip || !isGone(sip.owner) || (sip.owner === node && this.find(callUUID, dn))) continue
          try {
            await this.#adopt(callUUID, dn, sip.owner, false)
          } catch (error) {
            onError(error, { callUUID, dn })
            // Else it was refused: it has ended meanwhile, or another node was faster.
            if (!(error instanceof TServerError) || isPassing(error)) failed = error
          }
        }
      }
      after = next
    } while (after !== undefined && !this.#stopped)
    if (failed === undefined) return
    // What was taken for failed may have happened, and then the leg is ours.
    void this.#naps.take(retryMs).then(() => this.resync())
    throw failed
  }

  /** `again`: what was taken for failed may have happened. */
  async #adopt(callUUID: CallUUID, dn: DNumber, from: string, again: boolean): Promise<void> {
    const { node, tserver } = this.#deps
    if (from !== node) {
      const { call } = await tserver.input({ input: 'takenOver', callUUID, dn, node, from })
      // It was ours before, and somebody else's meanwhile: what this node knows of it is old.
      if (call || again) this.find(callUUID, dn)?.lose()
    } else if ([...this.#offers].some((offer) => offer.dn === dn)) {
      // An offer on its way is no leg that was forgotten; it is looked for again.
      throw new TServerError('TERR_RES_UNAVAIL', 'the leg may be that of an offer')
    }
    if (this.find(callUUID, dn) || this.#stopped) return
    void this.#open(this.#make(callUUID, dn))
  }

  /** `before`: the newest offer when the entry came; those after it have nothing to do with it. */
  #hear(entry: FeedEntry, before: number): void {
    const about = legOf(entry.event)
    if (!about || this.#stopped) return
    const known = this.find(about.callUUID, about.dn)
    if (known) {
      this.#deliver(known, entry)
      return
    }
    for (const offer of this.#offers) {
      if (offer.dn !== about.dn || offer.number > before) continue
      offer.early.push({ entry, before })
      return
    }
    if (isNotice(entry.event)) {
      if (entry.event.event === 'EventReturnReceipt') this.#deps.onLateReceipt(entry.event)
      return
    }
    const leg = this.#make(about.callUUID, about.dn)
    this.#deliver(leg, entry)
    void this.#open(leg)
  }

  #deliver(leg: Leg, entry: FeedEntry): void {
    try {
      leg.handle(entry)
    } catch (error) {
      this.#deps.onError(error, leg)
    }
  }

  async #open(leg: Leg): Promise<void> {
    while (!leg.gone && !this.#stopped) {
      try {
        return await leg.open()
      } catch (error) {
        this.#deps.onError(error, leg)
        await this.#naps.take(retryMs)
      }
    }
  }

  #make(callUUID: CallUUID, dn: DNumber): Leg {
    const { node, store, tserver, clock, retentionMs, makeWay, onError } = this.#deps
    const onGone = (gone: Leg) => this.#forget(gone)
    const leg = new Leg({ node, store, tserver, clock, retentionMs, makeWay, onGone, onError }, callUUID, dn)
    this.#legs.set(leg.id, leg)
    const others = this.#byDN.get(dn)
    if (others) others.add(leg)
    else this.#byDN.set(dn, new Set([leg]))
    return leg
  }

  #forget(leg: Leg): void {
    if (this.#legs.get(leg.id) === leg) this.#legs.delete(leg.id)
    const others = this.#byDN.get(leg.dn)
    others?.delete(leg)
    if (others?.size === 0) this.#byDN.delete(leg.dn)
  }
}

/** Which leg an event of the node's feed is for. */
function legOf(event: FeedEvent): { callUUID: Call['callUUID']; dn: DNumber } | undefined {
  return 'callUUID' in event ? { callUUID: event.callUUID, dn: event.thisDN } : undefined
}

/** What is nobody's business where the leg is not there any more. */
function isNotice({ event }: FeedEvent): boolean {
  return event === 'EventReturnReceipt' || event === 'EventUserEvent'
}
