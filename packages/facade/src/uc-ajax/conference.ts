/** The requests within `conference`, uc-ajax-api §3: conversations, of which a person has one at a time. */
import {
  type CallUUID,
  type DNumber,
  type FirstText,
  imLeg,
  type MessageID,
  noticeServices,
  type Person,
  TServerError,
  textService,
} from '@ringdown/signalling'
import type { Centre, Who } from '../login.ts'
import { dnsOfPlace } from '../web-services/devices.ts'
import type { Addresses } from './addresses.ts'
import { CwaError, type CwaFailure } from './error.ts'
import { contentTypeOf } from './format.ts'
import type { UcAjaxOptions } from './options.ts'
import { ownDevice } from './own-device.ts'
import type { Projection, Talk } from './projection.ts'
import { isRefusal } from './refusals.ts'
import type { ConferenceRequest, CwaAnswer, CwaMessage } from './request.ts'
import type { CwaSession } from './sessions.ts'
import { digestOf, type News, type Tag, tagged, textID } from './tag.ts'

/** Who asks, in which of their sessions. */
export interface Asking {
  who: Who
  session: CwaSession
  addresses: Addresses
  inviteAgain: UcAjaxOptions['inviteAgain']
  now: () => number
}

/** Carries out one of them. Rejects with what `failureOf` reads when it is refused. */
export async function conference(asking: Asking, request: ConferenceRequest): Promise<CwaAnswer> {
  const accepted: CwaAnswer = { answer: 'requestAccepted', rid: request.rid }
  switch (request.request) {
    case 'initiateImSession':
      return initiate(asking, request)
    case 'acceptImSession':
      await accept(asking, request)
      return accepted
    case 'terminateImSession':
      await terminate(asking, request)
      return accepted
    case 'sendMessage':
      await send(asking, request)
      return accepted
    case 'notifyComposing':
      await composing(asking, request)
      return accepted
    case 'inviteParticipants': {
      const { confId } = await talkOf(asking, request)
      await tell(asking, { news: 'notAdded', rid: request.rid, confId, uris: request.uris, failure: twoParties })
      return accepted
    }
    case 'sendInfo':
    case 'ejectParticipant':
    case 'promoteParticipant':
    case 'lock':
    case 'voIPRedirect':
    case 'voIPTerminate':
    case 'voIPReplyWithIM':
      await talkOf(asking, request)
      throw new CwaError('InvalidOperation', cannot[request.request])
  }
}

/** SPEC UC-90: what a session of two parties has no use for. */
const cannot = {
  sendInfo: 'SIP INFO is not carried between the parties of a conversation',
  ejectParticipant: 'A conversation has two parties; terminateImSession ends it',
  promoteParticipant: 'A conversation has two parties, both attendees',
  lock: 'A conversation has two parties; nobody can join it',
  voIPRedirect: 'Voice is not served here',
  voIPTerminate: 'Voice is not served here',
  voIPReplyWithIM: 'Voice is not served here',
} as const

const twoParties: CwaFailure = new CwaError('InvalidOperation', 'A conversation has two parties; nobody can be added')
  .failure

/**
 * Puts the outcome of a request into the session's queue. SPEC UC-85: not once more where it waits there for the client, who has
 * repeated the request.
 */
export async function tell(asking: Asking, news: News): Promise<void> {
  const { session } = asking
  const { rids } = await session.current()
  if (!session.unacknowledged(news.rid) || rids?.reused) await put(asking, news)
}

async function put({ who: { centre, person }, session: { sid } }: Asking, news: News): Promise<void> {
  const client = { id: `cwa:${sid}`, content: JSON.stringify(news) }
  await centre.tserver.request({ request: 'TSendUserEvent', person: person.id, client })
}

type Initiate = ConferenceRequest & { request: 'initiateImSession' }

async function initiate(asking: Asking, request: Initiate): Promise<CwaAnswer> {
  const { who, session } = asking
  const { rid } = request
  const now = await session.current()
  const before = begunBefore(asking, request, now)
  if (before !== undefined) return { answer: 'initiateImSessionAccepted', rid, confId: before }
  if (request.confUri !== undefined || request.uris.length === 0)
    throw new CwaError('InvalidOperation', 'Conferences are not served; name the URI of one person')
  if (now.talk) {
    if (!continues(asking, request, now.talk))
      throw new CwaError('InvalidOperation', 'You are in an IM session; there can be one at a time')
    const confId = request.confId || now.talk.confId
    await sayOnce(asking, now.talk.callUUID, { ...request, confId })
    return { answer: 'initiateImSessionAccepted', rid, confId }
  }
  const confId = request.confId === 0 ? now.highest + 1 : request.confId
  const answer: CwaAnswer = { answer: 'initiateImSessionAccepted', rid, confId }
  const thisDN = await ownDevice(who)
  const uris = distinct(asking, request.uris)
  const callee = await firstServed(asking, uris)
  if (!callee) {
    await notInvited(asking, request, confId, uris, { code: 404, reason: 'Not Found' })
    return answer
  }
  const { uri, otherDN } = callee
  const rest = uris.filter((other) => other !== uri)
  const tag: Tag = {
    sid: session.sid,
    rid,
    confId,
    digest: invitationDigest(request),
    peer: uri,
    ...(rest.length > 0 && { rest }),
  }
  const subject = request.subject?.trim() ?? ''
  try {
    if (otherDN === undefined) throw new TServerError('TERR_ACD_LOGOFF')
    await who.centre.tserver.request({
      request: 'TMakeCall',
      person: who.person.id,
      thisDN,
      otherDN,
      ...(subject !== '' && { userData: { Subject: subject } }),
      text: firstText(session.sid, confId, rid, request.message),
      ...tagged(tag),
    })
  } catch (error) {
    const sip = await answerOfBusy(asking, error)
    if (!sip) throw error
    await notInvited(asking, request, confId, uris, sip)
  }
  return answer
}

/** SPEC UC-92: whether the invitation is the next text of the conversation there is. */
function continues(asking: Asking, { uris }: Initiate, { state, peer, elsewhere }: Talk): boolean {
  if (asking.inviteAgain !== 'continue' || state !== 'connected' || elsewhere) return false
  const [uri, ...more] = distinct(asking, uris)
  return uri === peer.uri && more.length === 0
}

/** How late a request may come that its own repetition has overtaken, ms. */
const lateMs = 120_000

/** SPEC UC-85: the number of the conversation that this very request has begun before. */
function begunBefore(
  { session, now }: Asking,
  request: Initiate,
  { talk, ended, rids }: Projection,
): number | undefined {
  const digest = invitationDigest(request)
  const begun = [talk, ended].find((one) => one?.asked === request.rid && one.digest === digest)
  if (!begun || session.unacknowledged(request.rid)) return begun?.confId
  const late = 'at' in begun && now() - begun.at > lateMs
  return rids?.reused || late ? undefined : begun.confId
}

/** What tells an invitation from another one under its rid: some clients have one rid for everything. */
function invitationDigest({ confId, uris, subject, message }: Initiate): string {
  return digestOf([confId, uris, subject, message])
}

/** The URIs as they are shown, each once; rubbish is refused. */
function distinct({ addresses }: Asking, uris: readonly string[]): readonly string[] {
  const known = uris.map((uri) => {
    const found = addresses.resolve(uri)
    if (found.found === 'invalid') throw new CwaError('InvalidRequest', `'${uri.slice(0, 64)}' is no SIP URI`)
    return found.uri
  })
  return [...new Set(known)]
}

/** The first of the URIs that leads to somebody, and the DN to call; none where a person has no device for IM. */
async function firstServed(
  { addresses, who }: Asking,
  uris: readonly string[],
): Promise<{ uri: string; otherDN: DNumber | undefined } | undefined> {
  for (const uri of uris) {
    const found = addresses.resolve(uri)
    if (found.found === 'number') return { uri, otherDN: found.dn }
    if (found.found === 'person') return { uri, otherDN: await deviceOf(who.centre, found.person) }
  }
  return undefined
}

/** Where a person is called: the device they are logged in on, else the one of their place. */
async function deviceOf(centre: Centre, { id, place }: Person): Promise<DNumber | undefined> {
  const directory = centre.directory()
  const { dns } = await centre.tserver.agent(id)
  const held = dns.flatMap((number) => directory.dns.get(number) ?? [])
  return [...held, ...dnsOfPlace(directory, place)].find((dn) => imLeg(dn) !== null)?.number
}

/** What SIP would have said where the callee, and not the caller, is why there is no session; uc-ajax-api §3.1. */
async function answerOfBusy({ who }: Asking, error: unknown): Promise<CwaFailure['sip'] | undefined> {
  if (isRefusal(error, 'TERR_ACD_LOGOFF')) return { code: 480, reason: 'Temporarily Unavailable' }
  if (!isRefusal(error, 'TERR_DEST_INV_STATE')) return undefined
  // SPEC UC-84: the T-Server says the same of both parties; if it is the caller, their second session is what is wrong.
  if (await who.centre.tserver.session(who.person.id)) return undefined
  return { code: 486, reason: 'Busy Here' }
}

function notInvited(
  asking: Asking,
  request: Initiate,
  confId: number,
  uris: readonly string[],
  sip: NonNullable<CwaFailure['sip']>,
): Promise<void> {
  const { failure } = new CwaError('OcsFailureResponse', 'The requested operation failed.', { sip })
  // That it is no repetition is known by now, though another request may wait under its rid.
  return put(asking, { news: 'notInvited', rid: request.rid, confId, uris, failure, digest: invitationDigest(request) })
}

function firstText(sid: number, confId: number, rid: string, message: CwaMessage): FirstText {
  return { ...textOf(message), messageID: textID(sid, confId, rid, message.content) }
}

function textOf({ formats, content }: CwaMessage): { contentType: string; body: string } {
  return { contentType: contentTypeOf(formats), body: content }
}

async function accept(asking: Asking, { rid, confId }: ConferenceRequest): Promise<void> {
  const { who, session } = asking
  const { talk } = await session.current()
  if (talk?.confId !== confId || talk.elsewhere)
    throw new CwaError('InvalidOperation', `Conversation ${confId} does not wait for an answer`)
  if (talk.state === 'incoming') {
    const { callUUID, dn: thisDN } = talk
    const { id } = who.person
    const answered = who.centre.tserver.request({
      request: 'TAnswerCall',
      person: id,
      callUUID,
      thisDN,
      ...tagged({ sid: session.sid, rid }),
    })
    if (await unlessOver(answered)) return
  }
  // SPEC UC-86: the engine, or another client of the person, was faster; or the request is repeated.
  const again = (await session.current()).talk
  if (again?.confId !== confId || again.elsewhere || again.state !== 'connected')
    throw new CwaError('InvalidOperation', `Conversation ${confId} does not wait for an answer`)
  if (again.asked !== rid) await tell(asking, { news: 'succeeded', rid })
}

/** Waits for a request about a call; false where the call had gone on before. */
export async function unlessOver(request: Promise<unknown>): Promise<boolean> {
  try {
    await request
    return true
  } catch (error) {
    if (!isRefusal(error, 'TERR_DEST_INV_STATE')) throw error
    return false
  }
}

async function terminate(asking: Asking, { rid, confId }: ConferenceRequest): Promise<void> {
  const { who, session } = asking
  const { talk, ended } = await session.current()
  if (talk?.confId === confId && !talk.elsewhere) {
    const { callUUID, dn: thisDN } = talk
    const released = who.centre.tserver.request({
      request: 'TReleaseCall',
      person: who.person.id,
      callUUID,
      thisDN,
      ...tagged({ sid: session.sid, rid }),
    })
    if (await unlessOver(released)) return
  } else if (ended?.confId === confId && ended.endedBy === rid) return
  throw noConversation(confId)
}

type Send = ConferenceRequest & { request: 'sendMessage' }

/**
 * SPEC UC-87: the same text under the same rid is accepted once. Some clients write the same rid everywhere, though: of those, and
 * when it comes much later, it is another text once they know what became of the first. A conversation that is over still answers for
 * what was accepted in it.
 */
async function send(asking: Asking, request: Send): Promise<void> {
  const { session } = asking
  const { confId } = request
  const { talk, ended } = await session.current()
  const open = talk?.confId === confId && !talk.elsewhere ? talk : undefined
  if (open && open.state !== 'connected')
    throw new CwaError('InvalidOperation', `Conversation ${confId} is not connected yet`)
  const callUUID = open?.callUUID ?? (ended?.confId === confId ? ended.callUUID : undefined)
  if (callUUID === undefined) throw noConversation(confId)
  await sayOnce(asking, callUUID, request)
}

async function sayOnce(
  asking: Asking,
  callUUID: CallUUID,
  { confId, rid, message }: Pick<Send, 'confId' | 'rid' | 'message'>,
): Promise<void> {
  const { session } = asking
  const say = (again?: number) =>
    sayIn(asking, callUUID, message, textID(session.sid, confId, rid, message.content, again))
  const before = await say()
  if (before === undefined) return
  const { rids } = await session.current()
  const another = rids?.reused === true || asking.now() - before > lateMs
  if (another && !session.unacknowledged(rid)) await say(session.acknowledged)
}

/** Says it; when it was said before, ms since 1970, if it was. */
async function sayIn(
  { who }: Asking,
  callUUID: CallUUID,
  message: CwaMessage,
  messageID: MessageID,
): Promise<number | undefined> {
  const { text } = await who.centre.tserver.request({
    request: 'TPrivateService',
    person: who.person.id,
    callUUID,
    serviceID: textService,
    ...textOf(message),
    messageID,
  })
  return text?.repeated ? text.sent : undefined
}

async function composing(asking: Asking, request: ConferenceRequest & { request: 'notifyComposing' }): Promise<void> {
  const { who, session } = asking
  const { talk, ended } = await session.current()
  const { confId, rid } = request
  if (talk?.confId !== confId && ended?.confId !== confId) throw noConversation(confId)
  // uc-ajax-api §3.5: where nobody can see it, it is dropped and not refused.
  if (talk?.confId === confId && talk.state === 'connected' && !talk.elsewhere)
    await unlessOver(
      who.centre.tserver.request({
        request: 'TPrivateService',
        person: who.person.id,
        callUUID: talk.callUUID,
        serviceID: noticeServices.composing,
        contentType: '',
        body: request.composing ? 'active' : 'idle',
      }),
    )
  await tell(asking, { news: 'succeeded', rid })
}

async function talkOf({ session }: Asking, { confId }: ConferenceRequest): Promise<Talk> {
  const { talk } = await session.current()
  if (talk?.confId !== confId || talk.elsewhere) throw noConversation(confId)
  return talk
}

function noConversation(confId: number): CwaError {
  return new CwaError('InvalidOperation', `There is no conversation ${confId}`)
}
