import type { CallUUID, PersonID } from '@ringdown/signalling'
import type { Bindings, Bound } from './bindings.ts'
import { framesIn } from './msrp-frames.ts'
import type { Piece, Question } from './piece.ts'
import type { MsrpConnection, Recorded, RecordedEvents, RecordedMsrp, RecordedSip } from './recorded.ts'
import type { Ring } from './ring.ts'
import { callOf, framePiece, latin1, piecesOf, sipPiece } from './show.ts'

export interface GatherDeps {
  readonly ring: Ring<Recorded>
  readonly bindings: Bindings
  /** Lets traffic pass: resolves when what waited was done. */
  readonly pause: () => Promise<void>
}

/** What says itself which session it is about, or who. */
type Told = Exclude<Recorded, RecordedSip | RecordedMsrp>

/** An entry of the ring. */
interface Noted<T> {
  readonly number: number
  readonly item: T
  readonly bytes: number
}

/** What was recorded shortly before a session began, or after it ended, may be its own, ms: requests take their time. */
const before = 2_000
const after = 60_000
/** Where no event tells whether the person is in another session by then, ms: UC AJAX polls every three seconds. */
const soonAfter = 5_000
/** Entries and MSRP frames looked at in one go, and bytes masked in one: about a millisecond each. */
const slice = 2_000
const sliceBytes = 65_536
const frameSlice = 500
/** What an entry counts beside its bytes: its words in the answer. */
const entrySize = 200

/** What is shown of one thing at most is decided before it is read: by what it takes in the ring. */
interface Found {
  readonly number: number
  readonly bytes: number
  readonly pieces: () => Piece[]
}

export interface Gathered {
  readonly pieces: Piece[]
  /** Bytes of the session that are in the ring and not among the pieces: the oldest, where it is more than was asked for. */
  readonly leftOut: number
}

/**
 * What is in this node's ring of a session, masked, in the order it was recorded; of more than was asked for, the newest. SPEC TR-2:
 * works in slices, traffic goes on meanwhile.
 */
export async function gather({ ring, bindings, pause }: GatherDeps, question: Question): Promise<Gathered> {
  const bound = bindings.of(question.callUUID)
  const found: Found[] = []
  const sip: Noted<RecordedSip>[] = []
  const connections = new Map<MsrpConnection, Noted<RecordedMsrp>[]>()
  const used = new Set<MsrpConnection>()
  const ids = [...bound.msrp.keys()]
  /** The session each person was in last, as far as events here tell. */
  const latest = new Map<PersonID, CallUUID>()
  let looked = 0
  for (const { number, item, bytes } of ring.since(question.created - before)) {
    if (++looked % slice === 0) await pause()
    if (item.kind === 'sip') sip.push({ number, item, bytes })
    else if (item.kind !== 'msrp') {
      if (item.kind === 'tevent') follow(item, question, latest)
      if (isOf(item, question, latest)) found.push({ number, bytes, pieces: () => piecesOf(number, item, question) })
    } else if (ids.length > 0) {
      const over = connections.get(item.connection)
      if (over) over.push({ number, item, bytes })
      else connections.set(item.connection, [{ number, item, bytes }])
      // An id may lie across two pieces; then it is in a later frame's head as a whole.
      if (!used.has(item.connection) && ids.some((id) => item.pieces.some((each) => has(each, id))))
        used.add(item.connection)
    }
  }
  for (const each of await sipOf(sip, bound, question, pause)) found.push(each)
  for (const connection of used) {
    const entries = connections.get(connection) ?? []
    for (const sent of [true, false])
      for (const each of await framesOf(
        entries.filter(({ item }) => item.sent === sent),
        bound,
        question,
        pause,
      ))
        found.push(each)
  }
  const { shown, leftOut } = newest(found, question.most)
  const pieces: Piece[] = []
  let masked = 0
  for (const each of shown) {
    for (const piece of each.pieces()) pieces.push(piece)
    masked += each.bytes + entrySize
    if (masked < sliceBytes) continue
    masked = 0
    await pause()
  }
  return { pieces: pieces.sort((a, b) => a.at - b.at || a.number - b.number || a.part - b.part), leftOut }
}

/** As many of the newest as may be shown, in their order, and the bytes of the others. */
function newest(found: readonly Found[], most: number): { shown: readonly Found[]; leftOut: number } {
  const inOrder = found.toSorted((a, b) => a.number - b.number)
  let first = inOrder.length
  for (let room = most; first > 0; first--) {
    room -= (inOrder[first - 1] as Found).bytes + entrySize
    if (room < 0) break
  }
  const leftOut = inOrder.slice(0, first).reduce((sum, { bytes }) => sum + bytes, 0)
  return { shown: inOrder.slice(first), leftOut }
}

function follow({ centre, feeds }: RecordedEvents, question: Question, latest: Map<PersonID, CallUUID>): void {
  if (centre !== question.centre) return
  for (const { person, event } of feeds) {
    const callUUID = callOf(event)
    if (callUUID !== undefined) latest.set(person, callUUID)
  }
}

function isOf(item: Told, question: Question, latest: ReadonlyMap<PersonID, CallUUID>): boolean {
  const { centre, callUUID, created, ended, persons } = question
  if (item.kind === 'tevent')
    return item.centre === centre && item.feeds.some(({ event }) => callOf(event) === callUUID)
  const told = item.kind === 'request' ? item.request : item.delivery
  if (told.centre !== centre) return false
  if (told.callUUID !== undefined) return told.callUUID === callUUID
  if (!persons.includes(told.person)) return false
  // Who does not say which session: the one the person is in. An agent is in one at a time; what is told of its end comes a little later.
  const until = item.kind === 'request' ? item.at + item.request.ms : item.at
  const last = latest.get(told.person)
  const end = (ended ?? Number.POSITIVE_INFINITY) + (last === undefined ? soonAfter : after)
  return (last ?? callUUID) === callUUID && until >= created && item.at <= end
}

/**
 * SIP messages of the session: those whose Call-ID is bound, or names the session itself (pager mode), or whose SDP has once named an
 * MSRP session of it: an INVITE of ours has a Call-ID that nobody else was told.
 */
async function sipOf(
  entries: readonly Noted<RecordedSip>[],
  { callIDs, msrp }: Bound,
  { callUUID, created, ended, texts }: Question,
  pause: () => Promise<void>,
): Promise<Found[]> {
  const owners = new Map<string, string>(callIDs)
  const until = (ended ?? Number.POSITIVE_INFINITY) + after
  const near = entries.filter(({ item }) => item.at >= created - before && item.at <= until)
  for (const [at, { item }] of near.entries()) {
    if (at % slice === 0) await pause()
    item.callID ??= callIDOf(item.bytes)
    if (owners.has(item.callID)) continue
    if (item.callID.startsWith(`${callUUID}.`)) owners.set(item.callID, dnIn(item.callID, callUUID))
    for (const [id, dn] of msrp) if (has(item.bytes, id)) owners.set(item.callID, dn)
  }
  return near.flatMap(({ number, item, bytes }) => {
    const dn = owners.get(item.callID ?? '')
    return dn === undefined ? [] : [{ number, bytes, pieces: () => [sipPiece(number, item, dn, texts)] }]
  })
}

/** Pager mode names its messages `<callUUID>.<DN>`, and notices beside the texts with something behind it. */
function dnIn(callID: string, callUUID: string): string {
  return callID.slice(callUUID.length + 1).split('.', 1)[0] ?? ''
}

/** Frames that name an MSRP session of ours in their path, out of all that passed over the connection in one direction. */
async function framesOf(
  entries: readonly Noted<RecordedMsrp>[],
  { msrp }: Bound,
  { texts }: Question,
  pause: () => Promise<void>,
): Promise<Found[]> {
  await pause()
  const pieces = entries.flatMap(({ number, item }) =>
    item.pieces.map((bytes) => ({ number, item, text: latin1(bytes) })),
  )
  const stream = pieces.map(({ text }) => text).join('')
  const found: Found[] = []
  const parts = new Map<number, number>()
  let index = 0
  let begun = 0
  let looked = 0
  for (const { frame, begin, end } of framesIn(stream)) {
    if (++looked % frameSlice === 0) await pause()
    const dn = ownerOf(frame.head, msrp)
    // A frame is where its last byte is.
    for (; index + 1 < pieces.length && begun + (pieces[index]?.text.length ?? 0) < end; index++)
      begun += pieces[index]?.text.length ?? 0
    const last = pieces[index]
    if (dn === undefined || !last) continue
    const { number, item } = last
    const part = (parts.get(number) ?? -1) + 1
    parts.set(number, part)
    found.push({ number, bytes: end - begin, pieces: () => [framePiece({ number, part, item, dn, frame }, texts)] })
  }
  return found
}

/** Whose session the paths name, ours being the first of To-Path or of From-Path. */
function ownerOf(head: string, msrp: Bound['msrp']): string | undefined {
  for (const [, id] of head.matchAll(/msrps?:\/\/[^\s/;]+\/([^\s;]+)/gi)) {
    const dn = msrp.get(id ?? '')
    if (dn !== undefined) return dn
  }
  return undefined
}

function callIDOf(bytes: Uint8Array): string {
  return /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im.exec(latin1(bytes.subarray(0, 8_192)))?.[1] ?? ''
}

const has = (bytes: Uint8Array, id: string): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(id, 0, 'latin1')
