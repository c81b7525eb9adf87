/** How every call begins: a caller who dials, a called party who rings, and what follows at once. Pure. */
import type { Call, CallType, Party, Text } from './call.ts'
import {
  type Asked,
  attributes,
  claimants,
  type Feeds,
  idleTimer,
  move,
  pair,
  type TimerSet,
  tell,
} from './call-change.ts'
import { deliveryOf, tellText } from './decide-text.ts'
import type { Decision } from './decision.ts'
import type { DN } from './dn.ts'
import type { PersonID } from './ids.ts'
import type { Change } from './ports.ts'
import type { SipLeg } from './sip-leg.ts'
import type { UserData } from './user-data.ts'
import type { FreshIDs, World } from './world.ts'

/** A called party that can be offered a call. */
export interface Callee {
  party: Party
  /** Whose options say how it answers: its own DN, or the trunk that leads to it. */
  dn: DN
}

export interface Beginning {
  caller: Party
  callee: Callee
  callType: CallType
  userData: UserData
  /** What has to be as it was seen: both logins must still stand. */
  expect: Change['expect']
  request?: Asked
  /** The first text of a session that begins with one. */
  text?: Text
}

/** Offers a call, answered at once where nobody has to answer it. SPEC IM-5, IM-7, BR-2, BR-5. */
export function begin(beginning: Beginning, { directory }: World, ids: FreshIDs, now: number): Decision {
  const { caller, callee, request, text } = beginning
  const offered: Call = { ...newCall(beginning, ids, now), ...(text && { opening: text.messageID }) }
  const { atOnce, timers } = answering(callee, offered, now)
  const feeds: Feeds = []
  tell(feeds, caller, {
    event: 'EventDialing',
    ...attributes(offered, caller, 'Ok', now, request),
    ...otherPerson(callee.party),
  })
  tell(feeds, callee.party, {
    event: 'EventRinging',
    ...attributes(offered, callee.party, 'Ok', now),
    ...otherPerson(caller),
    extensions: {
      autoAnswer: callee.party.sip !== undefined || callee.dn.options.autoAnswer,
      ...(text && { text }),
    },
  })
  // SPEC IM-5: without a delay the whole sequence is one commit; nobody ever sees a session half answered.
  const call = atOnce ? move(offered, 'answered', feeds, now, [callee.party.dn, caller.dn]) : offered
  const { callUUID } = call
  if (text) tellText(feeds, call, pair(call)[0], text, directory, now, request)
  return {
    kind: 'change',
    call: { version: 1, value: call },
    callUUID,
    ...(text && { delivery: deliveryOf(callee.party) }),
    change: {
      expect: [{ kind: 'call', id: callUUID, version: 0 }, ...beginning.expect],
      put: [{ kind: 'call', id: callUUID, value: call }],
      claims: claimants(call).map((person) => ({ person, from: undefined, to: callUUID })),
      feeds,
      ...(text && { log: { callUUID, text, once: true } }),
      timers: { set: atOnce ? idleTimer(call, directory, now) : timers, cancel: [] },
      live: { callUUID, from: null, to: atOnce ? 'talking' : 'dialing', created: now },
    },
  }
}

function otherPerson({ agent }: Party): { otherPerson?: PersonID } {
  return agent === null ? {} : { otherPerson: agent }
}

/** A new call whose caller dials. */
export function newCall(
  {
    caller,
    callee,
    callType,
    userData,
  }: Pick<Beginning, 'caller' | 'callType' | 'userData'> & {
    callee: Pick<Callee, 'party'>
  },
  { callUUID, connID }: FreshIDs,
  now: number,
): Call {
  return { callUUID, connID, callType, created: now, userData, parties: [caller, callee.party] }
}

function answering(
  { party, dn }: Callee,
  { callUUID }: Call,
  now: number,
): { atOnce: boolean; timers: readonly TimerSet[] } {
  const { autoAnswer, autoAnswerDelay, noAnswerTimeout } = dn.options
  const noAnswer: TimerSet = {
    id: `noAnswer:${callUUID}`,
    due: now + noAnswerTimeout * 1000,
    timer: { timer: 'noAnswer', callUUID },
  }
  // Nobody answers a MESSAGE; whoever is asked with an INVITE answers for themselves.
  if (party.sip) return { atOnce: party.sip.mode === 'pager', timers: [noAnswer] }
  if (!autoAnswer) return { atOnce: false, timers: [noAnswer] }
  const answer: TimerSet = {
    id: `answer:${callUUID}`,
    due: now + autoAnswerDelay,
    timer: { timer: 'autoAnswer', callUUID },
  }
  return { atOnce: autoAnswerDelay === 0, timers: [answer, noAnswer] }
}

/** The mode a DN or a trunk asks for: `sip-signaling-chat` is `msrp`, `message`, or leaves it open. SPEC BR-2. */
export function modeOf({ options }: DN): SipLeg['mode'] {
  switch (options.sipSignalingChat?.toLowerCase()) {
    case 'msrp':
      return 'session'
    case 'message':
      return 'pager'
  }
  return 'auto'
}
