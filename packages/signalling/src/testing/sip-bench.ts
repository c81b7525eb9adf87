import type { Call } from '../tserver/call.ts'
import type { CallUUID, DNumber, MessageID } from '../tserver/ids.ts'
import type { FeedEntry, Reached } from '../tserver/ports.ts'
import type { SipInput, SipText } from '../tserver/sip-input.ts'
import { nodeFeed } from '../tserver/sip-leg.ts'
import type { Taken, TServer } from '../tserver/t-server.ts'
import { type Bench, type BenchSetUp, bench } from './bench.ts'
import { sipDirectory, sipReach } from './sip-centre.ts'

type OnLeg = Exclude<SipInput, { input: 'offered' }>
/** An input without the names of the leg and the node. */
export type BareInput = OnLeg extends infer I ? (I extends OnLeg ? Omit<I, 'callUUID' | 'dn' | 'node'> : never) : never

/** A SIP endpoint, or somebody behind trunk T, as the node next to it speaks for it. */
export interface BenchEndpoint {
  dn: DNumber
  /** INVITE. */
  invites(to: string, more?: { userData?: Record<string, string> }): Promise<Taken>
  /** MESSAGE outside any session; each has an id of its own unless one is given. */
  messages(
    to: string,
    body: string,
    more?: { id?: string; wants?: SipText['wants']; userData?: Record<string, string> },
  ): Promise<Taken>
  input(callUUID: CallUUID, input: BareInput): Promise<Taken>
  /** A text over MSRP, or a MESSAGE inside the dialog. */
  says(callUUID: CallUUID, body: string, id?: string, wants?: SipText['wants']): Promise<Taken>
}

export interface SipBench extends Bench {
  endpoint(dn: string, more?: { trunk?: string; node?: 'n1' | 'n2' }): BenchEndpoint
  /** Where numbers are reached from now on, where that is not everywhere. */
  told: Map<string, Partial<Reached>>
  /** Events of one leg, or of all, at a node. */
  legEvents(dn?: string, node?: string): Promise<FeedEntry[]>
  callOf(callUUID: CallUUID): Promise<Call>
}

/** A bench of the contact centre of `sipDirectory`. */
export function sipBench({
  options,
  ...setUp
}: BenchSetUp & { options?: Parameters<typeof sipDirectory>[0] } = {}): SipBench {
  const told = new Map<string, Partial<Reached>>()
  const made = bench({ directory: sipDirectory(options), reach: sipReach(told), ...setUp })
  const nodes: Record<'n1' | 'n2', TServer> = { n1: made.tserver, n2: made.other.tserver }
  let texts = 0

  function endpoint(number: string, { trunk = '', node = 'n1' as 'n1' | 'n2' } = {}): BenchEndpoint {
    const dn = number as DNumber
    const at = { node, dn }
    const offer = {
      input: 'offered',
      ...at,
      uri: `sip:${number}@im.example`,
      trunk: trunk === '' ? null : (trunk as DNumber),
    } as const
    const text = (body: string, id = `${number}-${++texts}`, wants?: SipText['wants']): SipText => ({
      messageID: id as MessageID,
      contentType: 'text/plain',
      body,
      ...(wants && { wants }),
    })
    const input: BenchEndpoint['input'] = (callUUID, bare) =>
      nodes[node].input({ ...bare, ...at, callUUID } as SipInput)
    return {
      dn,
      invites: (to, more) => nodes[node].input({ ...offer, mode: 'session', otherDN: to as DNumber, ...more }),
      messages: (to, body, { id, wants, ...more } = {}) =>
        nodes[node].input({ ...offer, mode: 'pager', otherDN: to as DNumber, text: text(body, id, wants), ...more }),
      input,
      says: (callUUID, body, id, wants) => input(callUUID, { input: 'text', text: text(body, id, wants) }),
    }
  }

  return {
    ...made,
    told,
    endpoint,
    legEvents: async (dn, node = 'n1') => {
      const { entries } = await made.store.readFeed(nodeFeed(node), 0, 10_000)
      return entries.filter(({ event }) => dn === undefined || ('thisDN' in event && event.thisDN === dn))
    },
    callOf: async (callUUID) => {
      const call = await made.tserver.anyCall(callUUID)
      if (!call) throw new Error(`there is no call ${callUUID}`)
      return call
    },
  }
}
