import { randomUUID } from 'node:crypto'
import type { SipRequest, SipResponse } from '../../sip/message/message.ts'
import type { Flow } from '../../sip/transport/flow.ts'
import type { Client } from './control-port.ts'

/** A request of a peer that an application has to answer. */
export interface Asked {
  readonly id: string
  readonly client: Client
  readonly request: SipRequest
  readonly flow: Flow
  readonly leg: Leg | undefined
  /** The last answer, for repetitions. */
  sent: Uint8Array | undefined
  status: number
}

/** What the server knows of a dialog, or of an INVITE on its way to one. */
export interface Leg {
  readonly dialogId: string
  readonly client: Client
  readonly callID: string
  readonly localTag: string
  remoteTag: string
  readonly local: string
  remote: string
  target: string
  routes: readonly string[]
  cseq: number
  /** CSeq of our INVITE that an ACK belongs to. */
  inviteCSeq: number
  /** Answered with 200, or the 200 to ours is there: only then the application is told of what comes. */
  confirmed: boolean
  /** A PRACK was there: the application is told of what comes from then on, too. */
  told: boolean
  /** Of our reliable provisional answer; 0: none waits. */
  rseq: number
  /** A CANCEL of ours was sent. */
  cancelled: boolean
  readonly asked: Set<Asked>
  lastAck: Uint8Array | undefined
}

export class Legs {
  readonly #legs = new Set<Leg>()

  add(
    leg: Omit<Leg, 'dialogId' | 'confirmed' | 'told' | 'rseq' | 'cancelled' | 'asked' | 'lastAck' | 'inviteCSeq'>,
  ): Leg {
    const made: Leg = {
      ...leg,
      dialogId: randomUUID(),
      confirmed: false,
      told: false,
      rseq: 0,
      cancelled: false,
      asked: new Set(),
      lastAck: undefined,
      inviteCSeq: leg.cseq,
    }
    this.#legs.add(made)
    return made
  }

  byDialog(dialogId: string): Leg | undefined {
    return this.#find((leg) => leg.dialogId === dialogId && leg.confirmed)
  }

  /** An INVITE on its way, too: a PRACK goes by it. */
  early(dialogId: string): Leg | undefined {
    return this.#find((leg) => leg.dialogId === dialogId)
  }

  of({ callID, to, from }: SipRequest): Leg | undefined {
    return this.#find(
      (leg) => leg.callID === callID && leg.localTag === to.tag && (leg.remoteTag === '' || leg.remoteTag === from.tag),
    )
  }

  remove(leg: Leg): void {
    this.#legs.delete(leg)
  }

  #find(wanted: (leg: Leg) => boolean): Leg | undefined {
    for (const leg of this.#legs) if (wanted(leg)) return leg
    return undefined
  }
}

/** `application|bytes|protocol|address|port|time`. */
export function meta(source: 'network' | 'application', bytes: number, flow: Flow | undefined): string {
  const { transport = 'udp', remote = { address: '', port: 0 } } = flow ?? {}
  return `${source}|${bytes}|${transport}|${remote.address}|${remote.port}|00:00:00.000000`
}

/** A message for an application. */
export function tell(
  client: Client,
  message: { bytes: Uint8Array; flow: Flow | undefined; source?: 'application' },
  transactionId: string,
  dialogId = '',
): void {
  const { bytes, flow, source = 'network' } = message
  const lead = `sip|${meta(source, flow ? bytes.length : 0, flow)}|${transactionId}|${dialogId}|`
  client.send(Buffer.concat([Buffer.from(`${lead}\r\n`), bytes]))
}

export function contactIn(message: SipRequest | SipResponse): string {
  return /<([^>]*)>/.exec(message.header('contact') ?? '')?.[1] ?? ''
}
