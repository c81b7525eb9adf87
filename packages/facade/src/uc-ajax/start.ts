/** Where a session begins, and what its events are from there on: the same on any node. */
import type { FeedEntry, FeedPage, LogEntry, Text } from '@ringdown/signalling'
import { CwaError } from './error.ts'
import type { CwaEvent, NumberedEvent } from './event.ts'
import { beginAt, introduce } from './introduce.ts'
import { project } from './project.ts'
import type { Projection, Talk, Viewer } from './projection.ts'
import { tagOf } from './tag.ts'
import type { Place, Step } from './window.ts'

/**
 * Where a session begins: behind an entry of the person's feed, with the conversation that goes on there. It is written once; the texts
 * are read from the log, which never changes.
 */
export interface Start {
  /** Of the initiateSession. */
  rid: string
  /** Those of the feed. */
  epoch: string
  offset: number
  /** The conversation that goes on, under its new number 1. While it rings, `opening` is the first text of its log. */
  talk: Talk | null
  subject: string
  /** Positions in the log: the peer's texts behind the one and up to the other are told with it. */
  texts: { after: number; to: number }
  /** How many events all this makes. */
  told: number
  /** Sessions of the person that this one takes over from: what they had asked for, nobody waits for any more. */
  before: readonly number[]
}

/** Texts of a log read at once. */
export const logPage = 128

/** Events are lost for this session, so that it has to end. The message says why, to the client. */
export class LostEvents extends CwaError {
  constructor(why: string) {
    super('SessionNotFound', `${why}; send initiateSession`)
    this.name = 'LostEvents'
  }
}

export const storeHasLost = 'The server has lost the events of this session'

/** Why what follows an offset is not to be had any more; undefined where it is. */
export function lossIn(
  { epoch, first, last }: FeedPage,
  start: Pick<Start, 'epoch'>,
  offset: number,
): string | undefined {
  if (epoch !== start.epoch || last < offset) return storeHasLost
  if (first > offset + 1) return `${first - offset - 1} events of this session were lost: they had to wait for too long`
  return undefined
}

/** The place before the first event. */
export function firstPlace(start: Start): Place {
  return { projection: { ...behind(start), eid: 0 }, log: start.texts.after }
}

/** The projection behind the introduction. */
export function behind(start: Start): Projection {
  const { rid, offset, told, talk } = start
  const made = beginAt({ rid, talk, texts: [] }, offset)
  const opening = talk?.state === 'incoming' && talk.opening !== undefined && { opening: talk.opening }
  return { ...made, eid: told, talk: made.talk && { ...made.talk, ...opening } }
}

/** Where in the log the texts begin that are told one by one: the opening is shown with the invitation. */
function firstText({ talk, texts }: Pick<Start, 'talk' | 'texts'>): number {
  return talk?.state === 'incoming' && talk.opening !== undefined ? Math.max(1, texts.after) : texts.after
}

/** What a session is told before its texts, from what is known of its start. */
function invitation({ rid, talk, subject }: Pick<Start, 'rid' | 'talk' | 'subject'>, opening: readonly Text[]) {
  return introduce({ rid, talk, subject, texts: opening })
}

/** How many events the introduction makes with so many texts of the peer behind `firstText`. */
export function toldIn(start: Omit<Start, 'told'>, texts: number): number {
  return invitation(start, []).length + texts
}

/** Reads texts of a log behind a position. */
export type ReadLog = (after: number, limit: number) => Promise<readonly LogEntry[]>

/** Some steps of the introduction behind a place in it. Rejects with LostEvents, and with TServerError. */
export async function introduction(
  start: Start,
  { projection, log = 0 }: Place,
  readLog: ReadLog,
): Promise<readonly Step[]> {
  const last = behind(start)
  const to = start.texts.to
  const place = (eid: number, at: number): Place =>
    at < to ? { projection: { ...last, eid }, log: at } : { projection: last }
  if (projection.eid === 0) {
    const opening = start.talk?.state === 'incoming' && start.talk.opening !== undefined
    const texts = opening ? await readOn(readLog, 0, 1, 1) : []
    const events = invitation(
      start,
      texts.map(({ text }) => text),
    )
    return [{ events: numbered(0, events), after: place(events.length, firstText(start)) }]
  }
  let { eid } = projection
  return (await readOn(readLog, log, logPage, to)).map(({ position, text }) => {
    const events = isPeers(text, start.talk) ? numbered(eid, [told(start, text)]) : []
    eid += events.length
    return { events, after: place(eid, position) }
  })
}

async function readOn(readLog: ReadLog, after: number, limit: number, to: number): Promise<readonly LogEntry[]> {
  const page = (await readLog(after, limit)).filter(({ position }) => position <= to)
  if (page[0]?.position !== after + 1) throw new LostEvents('The texts of this session are not kept any more')
  return page
}

/** Twice, since the first text of a conversation that rings goes into the invitation. */
function told(start: Start, text: Text): CwaEvent {
  return invitation(start, [text, text]).at(-1) as CwaEvent
}

export function isPeers({ from }: Text, talk: Talk | null): boolean {
  return from !== talk?.dn
}

/** What the next entry of the feed adds. What a session before this one had asked for is as if another facade had. SPEC UC-66. */
export function feedStep(
  before: Projection,
  entry: FeedEntry,
  viewer: Viewer,
  { before: gone }: Pick<Start, 'before'>,
): Step {
  const tag = gone.length > 0 ? tagOf(entry.event) : undefined
  const orphan = tag !== undefined && gone.includes(tag.sid)
  const { after, events } = project(before, orphan ? untagged(entry) : entry, viewer)
  // Nobody else holds it: it ends with this session.
  const projection = orphan && after.talk ? { ...after, talk: { ...after.talk, held: true } } : after
  return { events: numbered(before.eid, events, sentOf(entry)), after: { projection } }
}

function untagged(entry: FeedEntry): FeedEntry {
  const { reasons: _, ...event } = entry.event
  return { ...entry, event: event as FeedEntry['event'] }
}

function numbered(before: number, events: readonly CwaEvent[], sent?: number): readonly NumberedEvent[] {
  return events.map((event, i) => ({
    eid: before + i + 1,
    event,
    ...(sent !== undefined && event.event === 'messageReceived' && { sent }),
  }))
}

function sentOf({ event }: FeedEntry): number | undefined {
  return event.event === 'EventPrivateInfo' ? event.extensions.text.sent : undefined
}
