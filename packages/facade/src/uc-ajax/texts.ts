/** Texts, what became of them, and who composes one: uc-ajax-api §3.4, §3.5, §4.5–4.8. Pure. */
import type { ComposingEvent, ReceiptEvent, TextEvent } from '@ringdown/signalling'
import { connecting } from './conversation.ts'
import { formatOf } from './format.ts'
import type { Projection, Talk, Viewer } from './projection.ts'
import { refused } from './sip-failure.ts'
import { failed, nothing, type Step, succeeded, used, within } from './step.ts'
import { readTextID } from './tag.ts'

/** EventPrivateInfo: a text of the peer, shown once. SPEC UC-28. */
export function received({ talk }: Projection, { callUUID, extensions: { text } }: TextEvent, log?: number): Step {
  if (!talk || talk.callUUID !== callUUID || (log !== undefined && log <= talk.log)) return nothing
  const after = upTo(talk, log)
  // The invitation has shown it: SPEC UC-22.
  if (talk.elsewhere || text.messageID === talk.opening) return { talk: after, events: [] }
  const message = { format: formatOf(text.contentType), content: text.body }
  return {
    talk: after,
    events: within(talk.confId, [{ event: 'messageReceived', sender: talk.peer.uri, message }]),
  }
}

/** EventACK: a text of the person was accepted; the session that has sent it hears so. SPEC UC-29. */
export function acknowledged(
  before: Projection,
  { callUUID, extensions: { text } }: TextEvent,
  log: number | undefined,
  { sid }: Viewer,
): Step {
  const { talk } = before
  const own = readTextID(text.messageID)
  const rid = own?.sid === sid ? own.rid : undefined
  // The first text is part of initiateImSession, whose outcome is told when the peer has answered.
  if (talk?.began && talk.callUUID === callUUID && log === 1 && rid === talk.asked) {
    return {
      talk: { ...upTo(talk, log), opening: text.messageID },
      events: talk.state === 'connecting' ? within(talk.confId, [connecting]) : [],
    }
  }
  if (rid === undefined || own === undefined)
    return { talk: talk?.callUUID === callUUID ? upTo(talk, log) : talk, events: [] }
  // SPEC UC-92: the client has begun it anew under another number, which it knows the conversation by from now on.
  if (talk?.callUUID === callUUID && !talk.elsewhere && talk.confId !== own.confId) {
    return {
      talk: { ...upTo(talk, log), confId: own.confId },
      highest: Math.max(before.highest, own.confId),
      ...used(before, rid),
      events: [...within(own.confId, [{ event: 'initiateImSessionAccepted', rid }]), succeeded(rid)],
    }
  }
  return {
    talk: talk?.callUUID === callUUID ? upTo(talk, log) : talk,
    ...used(before, rid),
    events: [succeeded(rid)],
  }
}

function upTo(talk: Talk, log: number | undefined): Talk {
  return log === undefined || log <= talk.log ? talk : { ...talk, log }
}

/** EventReturnReceipt: what became of a text; it may come after the end. SPEC UC-30. */
export function receipt({ talk, ended }: Projection, { extensions }: ReceiptEvent, { sid }: Viewer): Step {
  const { messageID, outcome, status, reason } = extensions.receipt
  const own = readTextID(messageID)
  if (own?.sid !== sid) return nothing
  const { confId, rid } = own
  switch (outcome) {
    case 'displayed':
      return nothing
    case 'delivered':
      return { events: within(confId, [{ event: 'messageIdReceived', rid, messageID }]) }
    case 'failed': {
      const lost = within(confId, [{ event: 'messageSendFailed', messageID }])
      // The outcome of the request that the first text came with is that of the invitation.
      const isOpening = talk?.opening === messageID || (ended?.confId === confId && ended.asked === rid)
      if (isOpening) return { events: lost }
      const sip = { code: status || 480, reason: reason || 'Temporarily Unavailable' }
      return { events: [...lost, failed(rid, refused(sip))] }
    }
  }
}

/** EventUserEvent: the peer is composing a text, or has stopped. SPEC UC-31. */
export function composing({ talk }: Projection, { callUUID, extensions }: ComposingEvent): Step {
  if (!talk || talk.callUUID !== callUUID || talk.elsewhere) return nothing
  const active = extensions.composing.state === 'active'
  return {
    events: within(talk.confId, [{ event: 'composingState', composing: active, sender: talk.peer.uri }]),
  }
}
