/** Texts and what is told about them: composing, reports. Pure. */
import type { Call, Party, Text } from './call.ts'
import { type Asked, type Feeds, optionsDN, otherThan, tell, wrongState } from './call-change.ts'
import { type Decision, type Delivery, noTimers, refuse } from './decision.ts'
import type { Directory } from './directory.ts'
import type { MessageID } from './ids.ts'
import { step } from './im-party.ts'
import type { Versioned } from './ports.ts'
import type { SipText } from './sip-input.ts'
import { noticeServices, type Receipt, textService } from './t-event.ts'
import type { CallRequest } from './t-request.ts'
import { utf8Length } from './utf8.ts'
import type { FreshIDs, World } from './world.ts'

type ServiceRequest = Extract<CallRequest, { request: 'TPrivateService' }>

/** TPrivateService of an agent: a text, or a notice about texts. SPEC IM-12, IM-14, BR-10, BR-11. */
export function decideServiceRequest(
  request: ServiceRequest,
  stored: Versioned<Call>,
  sender: Party,
  { directory }: World,
  ids: FreshIDs,
  now: number,
): Decision {
  switch (request.serviceID) {
    case textService:
      return agentText(request, stored, sender, directory, ids, now)
    case noticeServices.composing: {
      const { body } = request
      if (body !== 'active' && body !== 'idle') return refuse('TERR_BAD_PARAM', 'composing is active or idle')
      return composing(stored, sender, { state: body }, directory, now)
    }
    case noticeServices.displayed: {
      const id = request.messageID
      if (id === undefined) return refuse('TERR_BAD_PARAM', 'which text was displayed is missing')
      if (!step(sender.state, 'text')) return wrongState(sender, 'text')
      return report(stored, sender, { messageID: id, outcome: 'displayed' }, directory, now)
    }
  }
  return refuse('TERR_UNSUP_OPER', `private service ${request.serviceID}`)
}

function agentText(
  request: ServiceRequest,
  stored: Versioned<Call>,
  sender: Party,
  directory: Directory,
  ids: FreshIDs,
  now: number,
): Decision {
  if (!step(sender.state, 'text')) return wrongState(sender, 'text')
  const wrong = textProblem(request, directory)
  if (wrong) return wrong
  const id = request.messageID
  const { contentType, body } = request
  const text: Text = { messageID: id ?? ids.messageID, from: sender.dn, sent: now, contentType, body }
  return textChange(stored, sender, text, id !== undefined, directory, now, request)
}

/** A text of a party with a SIP leg. SPEC BR-7: in pager mode it need not wait until somebody has answered. */
export function sipText(stored: Versioned<Call>, sender: Party, text: SipText, world: World, now: number): Decision {
  const waits = sender.state === 'dialing' && sender.sip?.mode === 'pager'
  if (!step(sender.state, 'text') && !waits) return wrongState(sender, 'text')
  const wrong = sipTextProblem(text, world.directory)
  if (wrong) return wrong
  return textChange(stored, sender, acceptedText(text, sender, now), true, world.directory, now)
}

/** Names and types, which are kept with the text, are of a length that somebody has use for. */
const longestName = 255
const longestType = 1_024

/** Why a text from outside cannot be accepted at all. */
export function sipTextProblem(text: SipText, directory: Directory): Decision | undefined {
  if ((text.wants?.imdnID?.length ?? 0) > longestName)
    return refuse('TERR_BAD_PARAM', 'the message id of the sender is too long')
  return textProblem(text, directory)
}

/** The text as it goes into the log. */
export function acceptedText(
  { messageID, contentType, body, wants }: SipText,
  sender: Pick<Party, 'dn'>,
  sent: number,
): Text {
  return { messageID, from: sender.dn, sent, contentType, body, ...(wants && { wants }) }
}

/** Why a text cannot be accepted at all; undefined for a good one. SPEC IM-14. */
export function textProblem(
  { contentType, body, messageID }: { contentType: string; body: string; messageID?: MessageID | undefined },
  directory: Directory,
): Decision | undefined {
  if (body === '') return refuse('TERR_BAD_PARAM', 'the text is empty')
  // It becomes a header's value over SIP and MSRP.
  if (contentType.length > longestType || !/^[ -~]+$/.test(contentType))
    return refuse('TERR_BAD_PARAM', 'the content type is too long, or has characters that no header has')
  const limit = directory.options.textLimit
  // A UTF-16 unit is at most 3 bytes of UTF-8; short texts need not be measured.
  if (body.length * 3 > limit && utf8Length(body) > limit)
    return refuse('TERR_INVALID_ATTR', `a text may take ${limit} bytes`)
  return messageID === undefined ? undefined : idProblem(messageID)
}

function idProblem(id: MessageID): Decision | undefined {
  if (id.length > 0 && id.length <= 128) return undefined
  return refuse('TERR_BAD_PARAM', 'a message id has 1 to 128 characters')
}

/** SPEC IM-12: a text goes to the log and to the feeds; the call itself is not written. */
export function textChange(
  stored: Versioned<Call>,
  sender: Party,
  text: Text,
  once: boolean,
  directory: Directory,
  now: number,
  request?: ServiceRequest,
): Decision & { kind: 'change' } {
  const call = stored.value
  const feeds: Feeds = []
  tellText(feeds, call, sender, text, directory, now, request)
  return {
    kind: 'change',
    callUUID: call.callUUID,
    delivery: deliveryOf(otherThan(call, sender)),
    change: {
      expect: [{ kind: 'call', id: call.callUUID, version: stored.version }],
      put: [],
      claims: [],
      feeds,
      log: { callUUID: call.callUUID, text, once },
      timers: noTimers,
    },
  }
}

/** Tells both sides of a text. Its sender hears of it as an agent only: over SIP the answer to the request says it all. */
export function tellText(
  feeds: Feeds,
  call: Call,
  sender: Party,
  text: Text,
  directory: Directory,
  now: number,
  request?: Asked,
): void {
  for (const party of call.parties) {
    const own = party.dn === sender.dn
    const about = { ...notice(call, party, now), privateEvent: textService, extensions: { text } } as const
    if (!own) tell(feeds, party, { event: 'EventPrivateInfo', ...about })
    else if (party.agent !== null) {
      const referenceID = request?.referenceID
      const answer = { event: 'EventACK', ...about, ...(referenceID !== undefined && { referenceID }) } as const
      feeds.push({ person: party.agent, event: answer })
    }
  }
  // SPEC BR-11: what is in an agent's feed has been delivered. On to another endpoint, that endpoint's owner reports.
  if (!sender.sip || text.wants?.delivered !== true || deliveryOf(otherThan(call, sender)) !== 'agent') return
  tellReceipt(feeds, call, otherThan(call, sender), { messageID: text.messageID, outcome: 'delivered' }, directory, now)
}

/** Where a text for a party goes. */
export function deliveryOf(party: Party): Delivery {
  return party.sip ? 'leg' : 'agent'
}

/** SPEC BR-10: the other party learns that this one is composing. */
export function composing(
  stored: Versioned<Call>,
  from: Party,
  what: { state: 'active' | 'idle'; refreshSeconds?: number },
  directory: Directory,
  now: number,
): Decision {
  if (!step(from.state, 'text')) return wrongState(from, 'text')
  const call = stored.value
  const to = otherThan(call, from)
  const on = [from, to].every((p) => optionsDN(directory, p)?.options.imComposing ?? true)
  if (!on) return { kind: 'nothing', callUUID: call.callUUID }
  const feeds: Feeds = []
  tell(feeds, to, {
    event: 'EventUserEvent',
    ...notice(call, to, now),
    extensions: { composing: { from: from.dn, ...what } },
  })
  return notices(stored, feeds)
}

/** SPEC BR-11: the sender of a text learns what became of it, also after the call's end. */
export function report(
  stored: Versioned<Call>,
  from: Party,
  what: Omit<Receipt, 'from'>,
  directory: Directory,
  now: number,
): Decision {
  const wrong = idProblem(what.messageID)
  if (wrong) return wrong
  const feeds: Feeds = []
  tellReceipt(feeds, stored.value, from, what, directory, now)
  return feeds.length > 0 ? notices(stored, feeds) : { kind: 'nothing', callUUID: stored.value.callUUID }
}

function tellReceipt(
  feeds: Feeds,
  call: Call,
  from: Party,
  what: Omit<Receipt, 'from'>,
  directory: Directory,
  now: number,
): void {
  const to = otherThan(call, from)
  if (!reportsFlow(what.outcome, [from, to], directory)) return
  tell(feeds, to, {
    event: 'EventReturnReceipt',
    ...notice(call, to, now),
    extensions: { receipt: { ...what, from: from.dn } },
  })
}

function reportsFlow(outcome: Receipt['outcome'], parties: readonly Party[], directory: Directory): boolean {
  const every = (option: 'imDeliveryReports' | 'imDisplayReports') =>
    parties.every((p) => optionsDN(directory, p)?.options[option] ?? true)
  switch (outcome) {
    case 'delivered':
      return every('imDeliveryReports')
    case 'displayed':
      return every('imDisplayReports')
    case 'failed':
      return true // no option hides that a text was lost
  }
}

function notice(call: Call, party: Party, now: number) {
  const { connID, callUUID } = call
  return { thisDN: party.dn, otherDN: otherThan(call, party).dn, connID, callUUID, time: now }
}

/** Events alone: nothing of the call is written, but it must still be as it was seen. */
function notices({ value: { callUUID }, version }: Versioned<Call>, feeds: Feeds): Decision {
  return {
    kind: 'change',
    callUUID,
    change: { expect: [{ kind: 'call', id: callUUID, version }], put: [], claims: [], feeds, timers: noTimers },
  }
}
