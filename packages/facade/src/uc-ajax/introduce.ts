/** What a session begins with: its configuration, and the conversation that goes on. Pure. */
import type { Call, PersonID, Text } from '@ringdown/signalling'
import type { CwaEvent, EventMessage } from './event.ts'
import { formatOf } from './format.ts'
import type { Projection, Talk, Viewer } from './projection.ts'
import { succeeded, within } from './step.ts'

/** Where a session begins. The same beginning gives the same events on any node. */
export interface Introduction {
  /** Of the initiateSession. */
  rid: string
  /** The conversation that goes on, from the call or from the cursor of a session before; its number counts anew from 1. */
  talk: Talk | null
  subject?: string
  /** The peer's texts to be shown, in the order of the log. While it rings, the first one is shown with the invitation. */
  texts: readonly Text[]
}

/** What the client is told before anything else, uc-ajax-api §2.2. SPEC UC-33, UC-34. */
export function introduce({ rid, talk, subject = '', texts }: Introduction): readonly CwaEvent[] {
  const begin: readonly CwaEvent[] = [succeeded(rid), { event: 'configuration' }]
  if (!talk) return begin
  const { peer, state } = talk
  const [opening, later] = state === 'incoming' ? [texts[0], texts.slice(1)] : [undefined, texts]
  return [
    ...begin,
    ...within(1, [
      {
        event: 'imSessionReceived',
        inviter: peer,
        escalationMode: state === 'connected' ? 'peer' : 'invitingPeer',
        subject,
        message: opening ? shown(opening) : { format: 'text/plain', content: '' },
      },
    ]),
    ...asItStands(talk),
    ...within(
      1,
      later.map((text) => ({ event: 'messageReceived', sender: peer.uri, message: shown(text) })),
    ),
  ]
}

function asItStands({ state, peer }: Talk): readonly CwaEvent[] {
  switch (state) {
    case 'incoming':
      return within(1, [{ event: 'imSessionState', state: 'incoming' }])
    case 'connecting':
      return within(1, [
        { event: 'escalationMode', mode: 'invitingPeer' },
        { event: 'imSessionState', state: 'connecting' },
      ])
    case 'connected':
      return within(1, [
        { event: 'participant', participant: peer },
        { event: 'imSessionState', state: 'connected' },
      ])
  }
}

function shown({ contentType, body }: Text): EventMessage {
  return { format: formatOf(contentType), content: body }
}

/** The projection behind the introduction; `offset` is that of the feed entry the session begins behind. */
export function beginAt(start: Introduction, offset: number): Projection {
  const { talk, rid } = start
  const eid = introduce(start).length
  if (!talk) return { eid, offset, highest: 0, talk: null, ended: null, rids: { last: rid } }
  const { callUUID, state, dn, other, peer, held, log } = talk
  // An invitation shows its own text; of a conversation that rings no more, the session before had shown it.
  const opening = state === 'incoming' ? start.texts[0]?.messageID : talk.opening
  return {
    eid,
    offset,
    highest: 1,
    talk: { confId: 1, callUUID, state, dn, other, peer, held, ...(opening !== undefined && { opening }), log },
    ended: null,
    rids: { last: rid },
  }
}

/** The conversation that a call is for one of its agents; null where it is over. Nothing of its log counts as shown. */
export function talkOf(call: Call, person: PersonID, viewer: Viewer): Talk | null {
  const own = call.parties.find((party) => party.agent === person)
  const peer = call.parties.find((party) => party !== own)
  const state = own && states[own.state]
  if (!own || !peer || !state) return null
  return {
    confId: 1,
    callUUID: call.callUUID,
    state,
    dn: own.dn,
    other: peer.dn,
    peer: viewer.participant(peer.dn, peer.agent ?? undefined),
    held: false,
    log: 0,
  }
}

const states = { null: undefined, dialing: 'connecting', alerting: 'incoming', connected: 'connected' } as const
