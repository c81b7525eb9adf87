import type { Call, CallUUID, Change, DNumber, FeedEvent, MessageID, PersonID, Text } from '@ringdown/signalling'
import { mediaTypeChat, textService } from '@ringdown/signalling'

/** The n-th person, DN and call of a test. */
export const person = (n: number) => n.toString(16).padStart(32, '0') as PersonID
export const dn = (n: number) => String(7000 + n) as DNumber
export const callUUID = (n: number) =>
  `00000000000000000000000000${n.toString(32).toUpperCase().padStart(6, '0')}` as CallUUID

/** Nothing; tests spread it and say what they add. */
export const nothing: Change = { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [] } }

export function sampleCall(n: number, created = 1_767_225_600_000, parties: readonly [number, number] = [1, 2]): Call {
  const [a, b] = parties
  return {
    callUUID: callUUID(n),
    connID: n.toString(16).padStart(16, '0') as Call['connID'],
    callType: 'Internal',
    created,
    parties: [
      { dn: dn(a), role: 'Origination', state: 'dialing', leg: 'tlibrary', agent: person(a) },
      { dn: dn(b), role: 'Destination', state: 'alerting', leg: 'tlibrary', agent: person(b) },
    ],
    userData: { subject: 'an order', priority: 3 },
  }
}

/** The call's record at the next version. */
export function putCall(n: number, version: number, expireMs?: number): Pick<Change, 'expect' | 'put'> {
  const id = callUUID(n)
  return {
    expect: [{ kind: 'call', id, version }],
    put: [{ kind: 'call', id, value: sampleCall(n), ...(expireMs !== undefined && { expireMs }) }],
  }
}

/** What TMakeCall between two agents commits: both claimed, the call made, both told. */
export function makeCall(n: number, a: number, b: number, created?: number): Change {
  const value = sampleCall(n, created, [a, b])
  return {
    expect: [{ kind: 'call', id: value.callUUID, version: 0 }],
    put: [{ kind: 'call', id: value.callUUID, value }],
    claims: [a, b].map((agent) => ({ person: person(agent), from: undefined, to: value.callUUID })),
    feeds: [
      { person: person(a), event: callEvent('EventDialing', value, 0) },
      { person: person(b), event: callEvent('EventEstablished', value, 1) },
    ],
    timers: { set: [], cancel: [] },
    live: { callUUID: value.callUUID, from: null, to: 'dialing', created: value.created },
  }
}

/** The end of such a call at its version 1: both free, nothing left but the record. */
export function releaseCall(n: number, a: number, b: number, expireMs?: number): Change {
  const value = sampleCall(n, undefined, [a, b])
  return {
    expect: [{ kind: 'call', id: value.callUUID, version: 1 }],
    put: [{ kind: 'call', id: value.callUUID, value, ...(expireMs !== undefined && { expireMs }) }],
    claims: [a, b].map((agent) => ({ person: person(agent), from: value.callUUID, to: undefined })),
    feeds: [a, b].map((agent, i) => ({ person: person(agent), event: callEvent('EventEstablished', value, i) })),
    timers: { set: [], cancel: [] },
    live: { callUUID: value.callUUID, from: 'dialing', to: null, created: value.created },
  }
}

/** A text in a call at a version: into the log and both parties' feeds, as TPrivateService commits it. */
export function sendText(n: number, version: number, text: Text, once = false, a = 1, b = 2): Change {
  const id = callUUID(n)
  return {
    ...nothing,
    expect: [{ kind: 'call', id, version }],
    feeds: [
      { person: person(b), event: textEvent('EventPrivateInfo', n, text, b, a) },
      { person: person(a), event: textEvent('EventACK', n, text, a, b) },
    ],
    log: { callUUID: id, text, once },
  }
}

export function sampleText(id: string, body = `text ${id}`, sent = 1_767_225_600_500): Text {
  return { messageID: id as MessageID, from: dn(1), sent, contentType: 'text/plain', body }
}

export function textEvent(event: 'EventPrivateInfo' | 'EventACK', n: number, text: Text, to = 1, from = 2): FeedEvent {
  return {
    event,
    time: text.sent,
    thisDN: dn(to),
    otherDN: dn(from),
    connID: n.toString(16).padStart(16, '0') as Call['connID'],
    callUUID: callUUID(n),
    privateEvent: textService,
    extensions: { text },
  }
}

/** A small event that is about no call; `mark` tells one from another. */
export function agentEvent(n: number, mark: number): FeedEvent {
  return { event: 'EventRegistered', thisDN: dn(n), time: mark }
}

function callEvent(event: 'EventDialing' | 'EventEstablished', call: Call, party: number): FeedEvent {
  const [caller, called] = call.parties
  const self = call.parties[party]
  const other = call.parties[1 - party]
  if (!caller || !called || !self || !other) throw new Error('a sample call has two parties')
  return {
    event,
    time: call.created,
    thisDN: self.dn,
    thisDNRole: self.role,
    otherDN: other.dn,
    otherDNRole: other.role,
    connID: call.connID,
    callUUID: call.callUUID,
    callType: call.callType,
    mediaType: mediaTypeChat,
    callState: 'Ok',
    ani: caller.dn,
    dnis: called.dn,
    userData: call.userData,
  }
}
