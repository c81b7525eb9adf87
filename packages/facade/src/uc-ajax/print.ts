import { type CwaFailure, cwaCodes } from './error.ts'
import type { ConferenceEvent, CwaEvent, EventMessage, NumberedEvent, Participant, Presence } from './event.ts'
import { namespace } from './options.ts'
import type { CwaAnswer, CwaResponses } from './request.ts'
import { escapeAttribute, escapeText } from './xml.ts'

// What is printed has no declaration, no byte order mark and no white space of ours: clients put a declaration in front (uc-ajax-api §1.4).

/** The answer to a POST: uc-ajax-api §1.4, §1.7. `sid` is left out unless it is given. */
export function printResponses(
  { processed, unexpected, answers }: CwaResponses,
  { namespace, sid }: { namespace: boolean; sid?: number },
): string {
  const attributes = { requestProcessed: processed, unexpectedElement: unexpected, sid, ...defaultNamespace(namespace) }
  return element('cwaResponses', attributes, answers.map(printAnswer).join(''))
}

/** The answer to a poll: uc-ajax-api §1.4, §4. Durations are given in ms; `sessionTimeout` is seconds on the wire. */
export function printEvents(
  batch: {
    sid: number
    ackId: number
    pollWaitMs: number
    sessionTimeoutMs: number
    events: readonly NumberedEvent[]
  },
  { namespace }: { namespace: boolean },
): string {
  const { sid, ackId, pollWaitMs, sessionTimeoutMs, events } = batch
  const attributes = {
    sid,
    ackId,
    pollWaitTime: Math.round(pollWaitMs),
    sessionTimeout: Math.max(0, Math.floor(sessionTimeoutMs / 1000)),
    ...defaultNamespace(namespace),
  }
  return element('cwaEvents', attributes, events.map(({ eid, event }) => printEvent(eid, event)).join(''))
}

function printAnswer(answer: CwaAnswer): string {
  switch (answer.answer) {
    case 'requestAccepted':
      return element('requestAccepted', { rid: answer.rid })
    case 'initiateImSessionAccepted': {
      const { rid, confId } = answer
      return element('requestAccepted', { rid }, element('initiateImSessionAccepted', { rid, confId }))
    }
    case 'initiateSessionAccepted': {
      const { rid, sid, uri, pollWaitMs } = answer
      const inner = text('sid', String(sid)) + text('uri', uri) + text('pollWaitTime', String(Math.round(pollWaitMs)))
      return element('requestAccepted', { rid }, inner)
    }
    case 'loggedOn':
      return element('requestSucceeded', { eid: 0 }, text('uri', answer.uri) + text('signInData', answer.signInData))
    case 'requestInvalid':
    case 'requestFailed':
      return element(answer.answer, { rid: answer.rid }, printFailure(answer.failure))
    case 'error':
      return printFailure(answer.failure)
  }
}

/** uc-ajax-api §1.8, §6 25: code, reason and detail. */
function printFailure({ code, reason, detail, sip }: CwaFailure): string {
  return element('error', { code: cwaCodes[code], reason, detail }, sip && element('sipResponse', sip))
}

function printEvent(eid: number, event: CwaEvent): string {
  return 'confId' in event
    ? element('conference', { eid, confId: event.confId }, printConference(event))
    : printOther(eid, event)
}

function printOther(eid: number, event: Exclude<CwaEvent, { confId: number }>): string {
  switch (event.event) {
    case 'requestSucceeded':
      return element('requestSucceeded', { eid, rid: event.rid })
    case 'requestFailed':
      return element('requestFailed', { eid, rid: event.rid }, printFailure(event.failure))
    case 'configuration':
      return element('configuration', { eid }, configuration)
    case 'contactGroup':
      return element('contactGroup', { eid, fullList: 'true', deltaNum: 1 }, event.contacts.map(printContact).join(''))
    case 'selfPresence':
      return element('selfPresence', { eid }, printState(event.presence))
    case 'userPresence':
      return element('userPresence', { eid }, event.presences.map(printUser).join(''))
  }
}

/** Exactly one child: uc-ajax-api §4.2. */
function printConference(event: { confId: number } & ConferenceEvent): string {
  switch (event.event) {
    case 'initiateImSessionAccepted':
      return element('initiateImSessionAccepted', { rid: event.rid, confId: event.confId })
    case 'imSessionReceived':
      return printInvitation(event)
    case 'imSessionState':
      return text('imSessionState', event.state)
    case 'messageReceived':
      return element('messageReceived', { sender: event.sender }, printMessage(event.message))
    case 'messageIdReceived':
      return element('messageIdReceived', { rid: event.rid, messageId: event.messageID })
    case 'messageSendFailed':
      return element('messageSendFailed', { messageId: event.messageID })
    // In a conversation of two the sender is clear, and uc-ajax-api §5 prints none.
    case 'composingState':
      return text('composingState', event.composing ? 'composing' : 'idle')
    case 'inviteFailed':
      return element('inviteFailed', { uri: event.uri })
    case 'escalationMode':
      return text('escalationMode', event.mode)
    case 'participant':
      return element('participant', { ...party(event.participant), role: 'attendee' })
    case 'participantRemoved':
      return text('participantRemoved', event.uri)
  }
}

/** uc-ajax-api §4.3: clients rely on the inviter's URI and on the content. */
function printInvitation(event: ConferenceEvent & { event: 'imSessionReceived' }): string {
  const inner = [
    element('inviter', { ...party(event.inviter), sourceNetwork }),
    text('role', 'attendee'),
    text('escalationMode', event.escalationMode),
    event.subject === '' ? element('subject', {}) : text('subject', event.subject),
    printMessage(event.message),
  ]
  return element('imSessionReceived', {}, inner.join(''))
}

function printMessage({ format, content }: EventMessage): string {
  return element('message', {}, text('format', format) + text('content', content))
}

const sourceNetwork = 'sameEnterprise'

/** uc-ajax-api §2.2; the timers are the documented defaults, in seconds. */
const configuration = [
  element('search', { defaultFunction: 'or', defaultFields: 12 }),
  element('imComposingTimers', { refreshInterval: 60, timeout: 120 }),
  element('userNotice', {}),
].join('')

/** uc-ajax-api §4.18: contacts stand in no group, as there are none; the attributes are those of the contactGroup event's page. */
function printContact(contact: Participant): string {
  return element('contact', { ...party(contact), subscribed: 'true', tag: 'false' })
}

/** uc-ajax-api §2.5; categories that were not published are there, empty. */
function printUser(presence: Presence): string {
  const inner = printState(presence) + element('cwaCategory', { name: 'note' })
  return element('user', { uri: presence.uri, sourceNetwork }, inner)
}

function printState({ availability, since }: Presence): string {
  const state = element(
    'state',
    {
      'xsi:type': 'aggregateState',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      xmlns: 'http://schemas.microsoft.com/2006/09/sip/state',
    },
    text('availability', String(availability)),
  )
  const publishTime = new Date(since).toISOString().replace(/\.\d+/, '')
  return element('cwaCategory', { name: 'state', instance: 1, version: 0, publishTime }, state)
}

function party({ uri, name }: Participant): { uri: string; name: string } {
  return { uri, name }
}

function defaultNamespace(wanted: boolean): { xmlns?: string } {
  return wanted ? { xmlns: namespace } : {}
}

/** An element; attributes that are undefined are left out, and without anything within it closes itself. */
function element(name: string, attributes: Readonly<Record<string, string | number | undefined>>, inner = ''): string {
  let tag = `<${name}`
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) tag += ` ${key}="${typeof value === 'number' ? value : escapeAttribute(value)}"`
  return inner === '' ? `${tag}/>` : `${tag}>${inner}</${name}>`
}

/** An element with a text; an empty one keeps both its tags, as some clients look for what is between them. */
function text(name: string, value: string): string {
  return `<${name}>${escapeText(value)}</${name}>`
}
