import { parseByteRange, printByteRange } from '../message/byte-range.ts'
import { headerOf, isIdent, type RequestHead } from '../message/frame.ts'
import { acceptsType, mediaType } from '../message/media-type.ts'
import { hex, newTid, printRequest, type Random } from '../message/print.ts'
import type { Connection } from './connection.ts'
import { Intervals } from './intervals.ts'
import type { MsrpLimits } from './limits.ts'
import type { Source } from './outbox.ts'
import type { MsrpReport, OutgoingMessage, Sent, SessionUser } from './ports.ts'
import { parseStatus } from './report.ts'
import type { Answer } from './transactions.ts'

/** What the peer lets us send. */
export interface Peer {
  readonly toPath: string
  readonly maxSize: number
  readonly acceptTypes: readonly string[]
}

export interface SendingDeps {
  readonly user: Pick<SessionUser, 'onReport'>
  readonly random: Random
  readonly limits: MsrpLimits
  /** Our own URI. */
  readonly from: string
  /** The session cannot be used any more, by an answer of the peer or by its silence. */
  readonly onBroken: (why: string) => void
}

interface Outgoing {
  readonly message: OutgoingMessage
  readonly resolve: (sent: Sent) => void
  /** Octets that are in chunks already. */
  cut: number
  /** All of it is in chunks. */
  whole: boolean
  unanswered: number
  settled: boolean
}

/** A message that may still be reported on. */
interface Reported {
  readonly size: number
  /** Octets with a success report; absent where none was asked for. */
  readonly covered: Intervals | undefined
}

/** Messages whose reports are still listened for; a relay's come after its 200. */
const reportedAtOnce = 256

/** What goes out of one session: messages in order, cut into chunks when the wire has room for them. */
export class Sending implements Source {
  readonly #deps: SendingDeps
  readonly #queue: Outgoing[] = []
  readonly #underWay = new Set<Outgoing>()
  readonly #reported = new Map<string, Reported>()
  /** Types the peer has refused: not to be sent again in this session. RFC 4975 §10.6. */
  readonly #refusedTypes = new Set<string>()
  #peer: Peer | undefined
  #connection: Connection | undefined
  #greeting = false
  #unanswered = 0
  #queuedBytes = 0
  #over: Answer | undefined

  constructor(deps: SendingDeps) {
    this.#deps = deps
  }

  get queued(): number {
    return this.#queuedBytes
  }

  send(message: OutgoingMessage): Promise<Sent> {
    const refused = this.#over ?? this.#refusal(message)
    if (refused) return Promise.resolve({ sent: false, ...refused })
    this.#queuedBytes += message.body.length
    return new Promise((resolve) => {
      this.#queue.push({ message, resolve, cut: 0, whole: false, unanswered: 0, settled: false })
      this.#offer()
    })
  }

  /** From now on chunks go to this peer over this connection. */
  open(peer: Peer, connection: Connection): void {
    this.#peer = peer
    this.#connection = connection
    this.#offer()
  }

  /** Sends an empty SEND: as the first one, so that the peer knows the connection (RFC 4975 §5.4), or to keep it open. */
  greet(): void {
    this.#greeting = true
    this.#offer()
  }

  /** Nothing goes any more; who waits is told. */
  close(answer: Answer): void {
    if (this.#over) return
    this.#over = answer
    this.#connection?.outbox.withdraw(this)
    for (const outgoing of [...this.#underWay, ...this.#queue]) this.#fail(outgoing, answer)
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#reported.clear()
  }

  next(): Uint8Array | undefined {
    const [peer, connection] = [this.#peer, this.#connection]
    if (!peer || !connection || this.#over) return undefined
    if (this.#greeting) {
      this.#greeting = false
      return this.#empty(peer, connection)
    }
    if (this.#unanswered >= this.#deps.limits.unanswered) return undefined
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const refused = first.cut === 0 ? this.#peerRefusal(first.message, peer) : undefined
      if (!refused && !first.settled) return this.#chunk(first, peer, connection)
      this.#queue.shift()
      this.#queuedBytes -= first.message.body.length - first.cut
      if (refused) this.#fail(first, refused)
    }
    return undefined
  }

  /** A REPORT for this session. Of a message that is not known it is ignored. RFC 4975 §7.1.2. */
  onReport(head: RequestHead): void {
    const messageID = headerOf(head, 'message-id')
    const status = parseStatus(headerOf(head, 'status'))
    if (messageID === undefined || !status) return
    const known = this.#reported.get(messageID)
    if (!known) return
    const isSuccess = status.status === 200
    if (isSuccess && !known.covered) return // nobody has asked for it
    const complete = isSuccess && covers(head, known)
    if (complete || !isSuccess) this.#reported.delete(messageID)
    const going = isSuccess ? undefined : [...this.#underWay].find(({ message }) => message.messageID === messageID)
    if (going) {
      // RFC 4975 §10.5: what comes back from behind a relay stops a message like an answer of the next hop.
      this.#fail(going, status)
      this.#judge(status)
      this.#offer()
      return
    }
    this.#deps.user.onReport({ messageID, ...status, complete } satisfies MsrpReport)
  }

  #offer(): void {
    if (this.#connection && this.#peer && !this.#over) this.#connection.outbox.offer(this)
  }

  #refusal({ messageID, contentType, body }: OutgoingMessage): Answer | undefined {
    const { queuedBytes, queuedMessages } = this.#deps.limits
    if (!isIdent(messageID)) return { status: 400, comment: 'Bad Message-ID' }
    if (mediaType(contentType) === undefined) return { status: 415, comment: 'Bad Content-Type' }
    if (this.#queue.length >= queuedMessages || this.#queuedBytes + body.length > queuedBytes)
      return { status: 413, comment: 'Too much waits to be sent' }
    return undefined
  }

  #peerRefusal({ contentType, body }: OutgoingMessage, peer: Peer): Answer | undefined {
    if (body.length > peer.maxSize) return { status: 413, comment: 'Larger than the peer takes' }
    const refused = this.#refusedTypes.has(mediaType(contentType) ?? '')
    if (refused || !acceptsType(peer.acceptTypes, contentType))
      return { status: 415, comment: 'The peer does not take this type' }
    return undefined
  }

  #empty(peer: Peer, connection: Connection): Uint8Array {
    const tid = newTid(this.#deps.random)
    connection.transactions.expect(tid, (answer) => {
      if (!answer) this.#silence('no answer to an empty SEND')
      else this.#judge(answer)
    })
    const headers = [
      ['Message-ID', hex(this.#deps.random(12))],
      ['Byte-Range', '1-0/0'],
    ] as const
    return printRequest({ tid, method: 'SEND', toPath: peer.toPath, fromPath: this.#deps.from, headers, flag: '$' })
  }

  #chunk(outgoing: Outgoing, peer: Peer, connection: Connection): Uint8Array {
    const { message } = outgoing
    const { body, contentType, messageID, successReport, failureReport = 'yes' } = message
    const start = outgoing.cut
    const end = Math.min(body.length, start + this.#deps.limits.chunk)
    const piece = body.subarray(start, end)
    const tid = newTid(this.#deps.random, piece)
    const headers: [string, string][] = [
      ['Message-ID', messageID],
      ['Byte-Range', printByteRange({ start: start + 1, end, total: body.length })],
    ]
    if (successReport) headers.push(['Success-Report', 'yes'])
    if (failureReport !== 'yes') headers.push(['Failure-Report', failureReport])

    if (start === 0) this.#begun(outgoing)
    outgoing.cut = end
    outgoing.whole = end === body.length
    this.#queuedBytes -= piece.length
    if (outgoing.whole) this.#queue.shift()
    if (failureReport === 'yes') this.#expect(tid, outgoing, connection)
    else this.#hope(tid, outgoing, connection, failureReport)
    return printRequest({
      tid,
      method: 'SEND',
      toPath: peer.toPath,
      fromPath: this.#deps.from,
      headers,
      content: { type: contentType, body: piece },
      flag: outgoing.whole ? '$' : '+',
    })
  }

  #begun(outgoing: Outgoing): void {
    const { messageID, successReport, failureReport, body } = outgoing.message
    this.#underWay.add(outgoing)
    if (!successReport && failureReport === 'no') return
    this.#reported.set(messageID, { size: body.length, covered: successReport ? new Intervals() : undefined })
    if (this.#reported.size > reportedAtOnce) forgetOldest(this.#reported)
  }

  /** Failure-Report yes: every chunk is answered within 30 s, or the message has failed. RFC 4975 §7.1.1. */
  #expect(tid: string, outgoing: Outgoing, connection: Connection): void {
    const heardAt = connection.heardAt
    outgoing.unanswered++
    this.#unanswered++
    connection.transactions.expect(tid, (answer) => {
      outgoing.unanswered--
      this.#unanswered--
      if (!answer) {
        this.#fail(outgoing, { status: 408, comment: 'No answer' })
        // Where other things came from the peer meanwhile, it is this message that is lost, not the session.
        if (connection.heardAt === heardAt) this.#silence('no answer')
      } else if (answer.status !== 200) this.#refused(outgoing, answer)
      else if (outgoing.whole && outgoing.unanswered === 0) this.#done(outgoing)
      this.#offer()
    })
  }

  /** Failure-Report partial: silence is success, an error may come. No: nothing comes. */
  #hope(tid: string, outgoing: Outgoing, connection: Connection, failureReport: 'partial' | 'no'): void {
    if (failureReport === 'partial') connection.hopeFor(tid, (answer) => this.#refused(outgoing, answer))
    if (outgoing.whole) this.#done(outgoing)
  }

  #refused(outgoing: Outgoing, answer: Answer): void {
    const { messageID, contentType } = outgoing.message
    if (answer.status === 415) this.#refusedTypes.add(mediaType(contentType) ?? '')
    if (outgoing.settled && outgoing.message.failureReport === 'partial')
      this.#deps.user.onReport({ messageID, ...answer, complete: false })
    this.#fail(outgoing, answer)
    this.#judge(answer)
  }

  #judge({ status }: Answer): void {
    // RFC 4975 §10.8, §10.11: the session is not there, or not here.
    if (status === 481 || status === 506) this.#deps.onBroken(`the peer answered ${status}`)
  }

  #silence(why: string): void {
    this.#deps.onBroken(why)
  }

  #done(outgoing: Outgoing): void {
    if (outgoing.settled) return
    outgoing.settled = true
    this.#underWay.delete(outgoing)
    outgoing.resolve({ sent: true })
  }

  #fail(outgoing: Outgoing, { status, comment }: Answer): void {
    if (outgoing.settled) return
    outgoing.settled = true
    this.#underWay.delete(outgoing)
    this.#reported.delete(outgoing.message.messageID)
    outgoing.resolve({ sent: false, status, comment })
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const { value } = map.keys().next()
  if (value !== undefined) map.delete(value)
}

/** Adds a report's octets to those that are covered; whether all are now. No Byte-Range stands for the whole message. */
function covers(head: RequestHead, { size, covered }: Reported): boolean {
  if (!covered) return false
  const range = parseByteRange(headerOf(head, 'byte-range') ?? `1-${size}/${size}`)
  if (range) covered.add(range.start - 1, Math.min(size, range.end ?? size))
  return covered.covers(size)
}
