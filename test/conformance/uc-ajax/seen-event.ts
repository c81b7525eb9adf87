import { type Element, find, need, needNumber, only } from './strict-xml.ts'

/** An error as an answer or an event tells it: uc-ajax-api §1.8. */
export interface SeenError {
  code: number
  reason: string
  detail: string
  /** `sipResponse`: its code and reason. */
  sip?: { code: number; reason: string }
}

/** One child of `cwaEvents`, as a client reads it: uc-ajax-api §4. */
export type SeenEvent = { eid: number } & (
  | { event: 'requestSucceeded'; rid: string }
  | { event: 'requestFailed'; rid: string; error: SeenError }
  | ({ confId: number } & SeenConference)
  /** What is not about IM. */
  | { event: 'other'; element: Element }
)

type SeenConference =
  | { event: 'initiateImSessionAccepted'; rid: string }
  | {
      event: 'imSessionReceived'
      inviter: { uri: string; name: string }
      escalationMode: string
      subject: string
      format: string | undefined
      content: string
    }
  | { event: 'imSessionState'; state: 'connecting' | 'incoming' | 'connected' | 'terminated' }
  | { event: 'messageReceived'; sender: string; format: string | undefined; content: string }
  | { event: 'messageIdReceived'; rid: string; messageId: string }
  | { event: 'messageSendFailed'; messageId: string }
  | { event: 'composingState'; state: string }
  | { event: 'inviteFailed' | 'participantRemoved'; uri: string }
  | { event: 'escalationMode'; mode: string }
  | { event: 'participant'; uri: string; name: string | undefined; role: string | undefined }

const states = ['connecting', 'incoming', 'connected', 'terminated'] as const

/** Reads one event; throws where a client that dereferences what is documented would fail. */
export function seenEvent(element: Element): SeenEvent {
  const eid = needNumber(element, 'eid')
  switch (element.name) {
    case 'requestSucceeded':
      return { eid, event: 'requestSucceeded', rid: need(element, 'rid') }
    case 'requestFailed':
      return { eid, event: 'requestFailed', rid: need(element, 'rid'), error: seenError(only(element, 'error')) }
    case 'conference':
      return { eid, confId: needNumber(element, 'confId'), ...seenConference(element) }
    default:
      return { eid, event: 'other', element }
  }
}

export function seenError(element: Element): SeenError {
  const sip = find(element, 'sipResponse')
  return {
    code: needNumber(element, 'code'),
    reason: need(element, 'reason'),
    detail: need(element, 'detail'),
    ...(sip && { sip: { code: needNumber(sip, 'code'), reason: need(sip, 'reason') } }),
  }
}

// One child in each: a third-party client keeps only one, uc-ajax-api §4.2.
function seenConference(conference: Element): SeenConference {
  const [child, second] = conference.children
  if (!child || second) throw new Error(`${conference.children.length} children in a conference event`)
  const text = child.text
  switch (child.name) {
    case 'initiateImSessionAccepted':
      if (need(child, 'confId') !== need(conference, 'confId')) throw new Error('two numbers for one conversation')
      return { event: child.name, rid: need(child, 'rid') }
    case 'imSessionReceived':
      return seenInvitation(child)
    case 'imSessionState': {
      const state = states.find((one) => one === text)
      if (!state) throw new Error(`no state of an IM session: ${text}`)
      return { event: child.name, state }
    }
    case 'messageReceived':
      return { event: child.name, sender: need(child, 'sender'), ...seenMessage(only(child, 'message')) }
    case 'messageIdReceived':
      return { event: child.name, rid: need(child, 'rid'), messageId: need(child, 'messageId') }
    case 'messageSendFailed':
      return { event: child.name, messageId: need(child, 'messageId') }
    case 'composingState':
      return { event: child.name, state: text }
    case 'inviteFailed':
      return { event: child.name, uri: need(child, 'uri') }
    case 'participantRemoved':
      return { event: child.name, uri: text }
    case 'escalationMode':
      return { event: child.name, mode: text }
    case 'participant': {
      const { name, role } = child.attributes
      return { event: child.name, uri: need(child, 'uri'), name, role }
    }
    default:
      throw new Error(`no event of a conference: ${child.name}`)
  }
}

// The third-party client dereferences inviter/@uri and message/content: uc-ajax-api §4.3.
function seenInvitation(received: Element): SeenConference {
  const inviter = only(received, 'inviter')
  if (only(received, 'role').text !== 'attendee') throw new Error('an invited person is no attendee')
  return {
    event: 'imSessionReceived',
    inviter: { uri: need(inviter, 'uri'), name: need(inviter, 'name') },
    escalationMode: only(received, 'escalationMode').text,
    subject: find(received, 'subject')?.text ?? '',
    ...seenMessage(only(received, 'message')),
  }
}

function seenMessage(message: Element): { format: string | undefined; content: string } {
  return { format: find(message, 'format')?.text, content: only(message, 'content').text }
}
