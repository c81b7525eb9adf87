/** Finds out where a new session begins. */
import type { Call, PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { subjectOf } from './conversation.ts'
import { talkOf } from './introduce.ts'
import type { Talk, Viewer } from './projection.ts'
import { isPeers, logPage, lossIn, type Start, toldIn } from './start.ts'
import type { Place } from './window.ts'

/** A session that is silent: where its client has come to, and when it was heard of, milliseconds since 1970. */
export interface Silent {
  sid: number
  seen: number
  start: Start
  place: Place
}

export interface Beginning {
  centre: Centre
  person: PersonID
  rid: string
  participant: Viewer['participant']
  /** All other sessions of the person; undefined where one of them lives. */
  silent: readonly Silent[] | undefined
}

/** Sessions before it that a session knows of, the latest. */
const mostBefore = 16

/** SPEC UC-65, UC-66, UC-67. Rejects with TServerError. */
export async function beginSession(beginning: Beginning): Promise<Start> {
  const silent = [...(beginning.silent ?? [])].sort((a, b) => b.seen - a.seen)
  // Who has seen the conversation go elsewhere knows nothing of it any more; another one may.
  const last = silent.find(({ start, place }) => !talkAt(start, place)?.elsewhere)
  const gone = silent.flatMap(({ sid, start }) => [sid, ...start.before])
  const before = [...new Set(gone)].slice(0, mostBefore)
  return (last && (await goOn(beginning, last, before))) ?? startNow(beginning, last, before)
}

function talkAt(start: Start, { log, projection }: Place): Talk | null {
  return log === undefined ? projection.talk : start.talk
}

/** Behind what a silent session's client has acknowledged; undefined where what follows is not there any more. */
async function goOn(
  { centre, person, rid }: Beginning,
  last: Silent,
  before: Start['before'],
): Promise<Start | undefined> {
  const { place, start } = last
  const { epoch } = start
  const { offset } = place.projection
  if (lossIn(await centre.store.readFeed(person, offset, 1), start, offset)) return undefined
  const talk = renewed(talkAt(start, place))
  const shown = Math.max(talk?.log ?? 0, talk?.opening === undefined ? 0 : 1)
  const texts = place.log === undefined ? { after: shown, to: shown } : { after: place.log, to: start.texts.to }
  const call = talk && (await centre.tserver.call(person, talk.callUUID))
  return counted(centre, {
    rid,
    epoch,
    offset,
    talk: talk && { ...talk, log: texts.to },
    ...about(call),
    texts,
    before,
  })
}

/** The talk as a session shows it that has not asked for it. */
function renewed(talk: Talk | null): Talk | null {
  if (!talk) return null
  const { callUUID, state, dn, other, peer, held, log } = talk
  const opening = state === 'incoming' && talk.opening !== undefined && { opening: talk.opening }
  return { confId: 1, callUUID, state, dn, other, peer, held, ...opening, log }
}

/** At the feed's end, with the call as it is there. What a silent session has shown of it, before its feed was lost, is not told again. */
async function startNow(
  { centre, person, rid, participant }: Beginning,
  last: Silent | undefined,
  before: Start['before'],
): Promise<Start> {
  // First the feed: what the call has meanwhile, entries behind this offset tell, and they are nothing new then.
  const { epoch, offset } = await centre.store.feedEnd(person)
  const none = { rid, epoch, offset, talk: null, subject: '', texts: { after: 0, to: 0 }, before }
  const call = await centre.tserver.session(person)
  const now = call && talkOf(call, person, { sid: 0, participant })
  if (!now) return { ...none, told: toldIn(none, 0) }
  const known = last && talkAt(last.start, last.place)
  const shown = known?.callUUID === now.callUUID ? { after: last?.place.log ?? known.log, held: known.held } : undefined
  const to = await lastPosition(centre, now)
  const talk = await withOpening(centre, { ...now, held: shown?.held ?? false, log: to })
  const start = { ...none, talk, ...about(call), texts: { after: Math.min(shown?.after ?? 0, to), to } }
  // A conversation whose texts are not kept any more has ended meanwhile.
  return (await counted(centre, start)) ?? { ...none, told: toldIn(none, 0) }
}

const longestSubject = 1_024

function about(call: Call | null | undefined): { subject: string } {
  return { subject: call ? subjectOf(call.userData).slice(0, longestSubject) : '' }
}

async function lastPosition({ store }: Centre, { callUUID }: Talk): Promise<number> {
  for (let last = 0; ; ) {
    const page = await store.readLog(callUUID, last, logPage)
    last = page.at(-1)?.position ?? last
    if (page.length < logPage) return last
  }
}

/** Nobody but the peer can have written before it was answered. */
async function withOpening({ store }: Centre, talk: Talk): Promise<Talk> {
  const [first] = talk.state === 'incoming' && talk.log > 0 ? await store.readLog(talk.callUUID, 0, 1) : []
  return first ? { ...talk, opening: first.text.messageID } : talk
}

/** With the number of its events; undefined where the log is not there any more. */
async function counted({ store }: Centre, start: Omit<Start, 'told'>): Promise<Start | undefined> {
  const { talk, texts } = start
  const opening = talk?.opening !== undefined
  if (opening && talk && (await store.readLog(talk.callUUID, 0, 1)).length === 0) return undefined
  let count = 0
  for (let at = opening ? Math.max(1, texts.after) : texts.after; talk && at < texts.to; ) {
    const page = (await store.readLog(talk.callUUID, at, logPage)).filter(({ position }) => position <= texts.to)
    const last = page.at(-1)
    if (!last) return undefined
    count += page.filter(({ text }) => isPeers(text, talk)).length
    at = last.position
  }
  return { ...start, told: toldIn(start, count) }
}
