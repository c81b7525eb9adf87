/** Conversations that begin, connect and end, uc-ajax-api §3.1–3.3, §7.1. Pure. */
import type { CallEvent } from '@ringdown/signalling'
import { cwaFailure } from './error.ts'
import type { ConferenceEvent, CwaEvent } from './event.ts'
import { formatOf } from './format.ts'
import type { Projection, Talk, Viewer } from './projection.ts'
import { refused, sipOf } from './sip-failure.ts'
import { failed, nothing, type Step, succeeded, used, within } from './step.ts'
import { tagOf } from './tag.ts'

/** EventDialing or EventEstablished: they say nothing of their own. */
type Plain = Exclude<CallEvent, { extensions: unknown } | { thirdPartyDN: unknown }>
type Ending = Extract<CallEvent, { extensions: { end: unknown } }>

/** EventDialing: a conversation of this session, of another one of the person, or of another facade. SPEC UC-21, UC-27. */
export function begun(before: Projection, event: Plain, viewer: Viewer): Step {
  const { talk, highest } = before
  // One session per person (G6): an introduction that is ahead of its feed has what goes on now, and this one is over.
  if (talk) return nothing
  const { callUUID, thisDN: dn, otherDN: other } = event
  const tag = tagOf(event)
  const shown = viewer.participant(other, event.otherPerson)
  const basis = { callUUID, state: 'connecting', dn, other, log: 0 } as const
  if (tag && tag.sid !== viewer.sid) {
    return { talk: { ...basis, confId: 0, peer: shown, held: false, elsewhere: true }, events: [] }
  }
  const confId = tag?.confId || highest + 1
  const left = tag?.rest ?? []
  const own = tag && {
    began: true as const,
    asked: tag.rid,
    ...(tag.digest !== undefined && { digest: tag.digest }),
    ...(left.length > 0 && { succeeded: true as const }),
  }
  const invites: ConferenceEvent = { event: 'escalationMode', mode: 'invitingPeer' }
  const told: ConferenceEvent[] = tag
    ? [
        { event: 'initiateImSessionAccepted', rid: tag.rid },
        invites,
        ...left.map((uri) => ({ event: 'inviteFailed', uri }) as const),
      ]
    : [invites, connecting]
  return {
    highest: Math.max(highest, confId),
    talk: { ...basis, confId, peer: { ...shown, uri: tag?.peer ?? shown.uri }, held: tag !== undefined, ...own },
    ...(tag && used(before, tag.rid)),
    events: [
      ...within(confId, told),
      // uc-ajax-api §3.1: it succeeds only if every URI does. SPEC UC-26.
      ...(tag && left.length > 0 ? [failed(tag.rid, tooMany)] : []),
    ],
  }
}

/**
 * Of an own invitation it is told with the first text, which is in the same commit: one that nobody can be found for has no text, and
 * the documented sequence of its failure no such event. SPEC UC-21, UC-25.
 */
export const connecting: ConferenceEvent = { event: 'imSessionState', state: 'connecting' }

const tooMany = cwaFailure('InvalidOperation', 'A conversation has two parties; the others were not invited')

/** EventRinging: an invitation, with its first text where it has one. SPEC UC-22. */
export function offered(
  { talk, highest }: Projection,
  event: Extract<CallEvent, { event: 'EventRinging' }>,
  viewer: Viewer,
): Step {
  if (talk) return nothing
  const { callUUID, thisDN: dn, otherDN: other, userData } = event
  const { text } = event.extensions
  const confId = highest + 1
  const peer = viewer.participant(other, event.otherPerson)
  const opening = text && { opening: text.messageID }
  return {
    highest: confId,
    talk: { confId, callUUID, state: 'incoming', dn, other, peer, held: false, ...opening, log: 0 },
    events: within(confId, [
      {
        event: 'imSessionReceived',
        inviter: peer,
        escalationMode: 'invitingPeer',
        subject: subjectOf(userData),
        message: { format: formatOf(text?.contentType ?? 'text/plain'), content: text?.body ?? '' },
      },
      { event: 'imSessionState', state: 'incoming' },
    ]),
  }
}

/** What user data say a conversation is about. */
export function subjectOf({ Subject: subject }: CallEvent['userData']): string {
  return typeof subject === 'string' ? subject : ''
}

/** EventEstablished. Only who accepts has a tag on it. SPEC UC-23, UC-27. */
export function established({ talk }: Projection, event: Plain, { sid }: Viewer): Step {
  if (!talk || talk.callUUID !== event.callUUID || talk.elsewhere || talk.state === 'connected') return nothing
  const tag = tagOf(event)
  if (tag && tag.sid !== sid) {
    return {
      talk: { ...talk, state: 'connected', elsewhere: true },
      events: within(talk.confId, [{ event: 'imSessionState', state: 'terminated' }]),
    }
  }
  const rid = tag?.rid ?? pending(talk)
  return {
    talk: {
      ...talk,
      state: 'connected',
      ...(tag && { held: true, asked: tag.rid }),
      ...(rid !== undefined && { succeeded: true }),
    },
    events: [
      ...within(talk.confId, [
        ...(talk.began && talk.opening === undefined ? [connecting] : []),
        { event: 'escalationMode', mode: 'peer' },
        { event: 'participant', participant: talk.peer },
        { event: 'imSessionState', state: 'connected' },
      ]),
      ...(rid === undefined ? [] : [succeeded(rid)]),
    ],
  }
}

/** EventReleased, EventAbandoned. SPEC UC-24, UC-25. */
export function ended({ talk, ended: before }: Projection, event: Ending, { sid }: Viewer): Step {
  if (!talk || talk.callUUID !== event.callUUID) return nothing
  const tag = tagOf(event)
  const rid = tag?.sid === sid ? tag.rid : undefined
  const { confId, callUUID, asked, digest, held, elsewhere } = talk
  const over = {
    confId,
    callUUID,
    held,
    at: event.time,
    ...(asked !== undefined && { asked }),
    ...(digest !== undefined && { digest }),
    ...(rid !== undefined && { endedBy: rid }),
  }
  return {
    talk: null,
    ended: confId === 0 ? before : over,
    events: [...(elsewhere ? [] : farewell(talk, event)), ...(rid === undefined ? [] : [succeeded(rid)])],
  }
}

function farewell(talk: Talk, { extensions: { end } }: Ending): readonly CwaEvent[] {
  const { confId, state, peer } = talk
  const own = end.by === talk.dn
  const terminated = within(confId, [{ event: 'imSessionState', state: 'terminated' }])
  switch (state) {
    case 'incoming':
      return terminated
    case 'connected':
      return own ? terminated : [...within(confId, [{ event: 'participantRemoved', uri: peer.uri }]), ...terminated]
    case 'connecting': {
      const rid = pending(talk)
      const none = within(confId, [{ event: 'escalationMode', mode: 'none' }])
      if (own) {
        const cancelled = refused({ code: 487, reason: 'Request Terminated' })
        return [...none, ...terminated, ...(rid === undefined ? [] : [failed(rid, cancelled)])]
      }
      // The documented order, uc-ajax-api §3.1.
      return [
        ...none,
        ...within(confId, [{ event: 'inviteFailed', uri: peer.uri }]),
        ...(rid === undefined ? [] : [failed(rid, refused(sipOf(end)))]),
        ...terminated,
      ]
    }
  }
}

/** The rid of an initiateImSession whose outcome is still to be told. */
function pending({ asked, succeeded }: Talk): string | undefined {
  return succeeded ? undefined : asked
}
