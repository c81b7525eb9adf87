import type {
  CallEnd,
  CallState,
  CallUUID,
  Clock,
  Directory,
  DNumber,
  LogEntry,
  MessageID,
  SipDestination,
  SipLeg,
  SipPort,
} from '@ringdown/signalling'
import type { Bind } from '../trace/bindings.ts'
import type { Delivery } from './outbox.ts'

/** What becomes of a text: for the sender. */
export type Report = { outcome: 'delivered' | 'displayed' } | { outcome: 'failed'; status: number; reason: string }

/** Where a leg's requests go now. */
export type Located =
  | {
      where: 'here'
      destinations: readonly [SipDestination, ...SipDestination[]]
      credentials?: { user: string; password: string }
    }
  /** The endpoint's connection is held by another node. */
  | { where: 'elsewhere'; node: string }
  | { where: 'offline' }

/** What a way knows of its leg. */
export interface LegView {
  readonly callUUID: CallUUID
  readonly dn: DNumber
  readonly otherDN: DNumber
  readonly sip: SipLeg
  /** What the session is about, by its user data `Subject`. */
  readonly subject?: string | undefined
}

/** What every way needs of its surroundings. */
export interface WayDeps {
  readonly leg: LegView
  readonly sip: SipPort
  readonly clock: Clock
  readonly directory: () => Directory
  /** The host part of our own URIs towards this leg. */
  readonly domain: string
  readonly locate: () => Promise<Located>
  /** For traces: names what belongs to the leg on the wire. */
  readonly bind?: Bind | undefined
  /** The other side has taken a text that was accepted at that time, ms since 1970. For metrics. */
  readonly onTaken?: ((sent: number) => void) | undefined
  /** Tells the core what became of a text. Resolves when it is durable or was given up. */
  readonly report: (messageID: MessageID, report: Report) => Promise<void>
}

/** How texts get to a party with a SIP leg, and how its part of the call begins and ends on the wire. */
export interface Way {
  /** How many texts may be under way at once. */
  readonly window: number
  /** Texts may still get out, now or soon. */
  readonly canSend: boolean
  /** Delivers one text; a failure is reported and `done`. Never rejects. */
  send(entry: LogEntry): Promise<Delivery>
  /** The other side writes, or has stopped. Best effort. */
  composing(state: 'active' | 'idle', refreshSeconds?: number): void
  /** The other side's answer to a text of this leg (IMDN). Best effort. */
  receipt(imdnID: string, outcome: 'delivered' | 'displayed' | 'failed'): void
  /** A text of this leg that was accepted did not reach the other side, and nobody asked for an IMDN. Best effort. */
  notDelivered(reason: string): void
  /** The endpoint may be reached by another way than a moment ago. */
  wake?(): void
  /** The call is up. */
  established(): void
  /** The call is over: BYE, CANCEL or a refusal, whatever fits. */
  end(end: CallEnd, callState: CallState): void
  /** Another node has the leg, or this one stops: nothing is said to the peer. */
  abandon(): void
}
