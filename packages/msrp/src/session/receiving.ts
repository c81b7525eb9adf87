import { parseByteRange, printByteRange } from '../message/byte-range.ts'
import { type Flag, headerOf, isIdent, type RequestHead } from '../message/frame.ts'
import { acceptsType } from '../message/media-type.ts'
import { newTid, printRequest, type Random } from '../message/print.ts'
import { Budget } from './budget.ts'
import type { ChunkSink, Connection } from './connection.ts'
import type { MsrpLimits } from './limits.ts'
import type { SessionUser, Taken } from './ports.ts'
import { Assembly, type Refused } from './reassembly.ts'
import { dueFor, type Wanted, wantedOf } from './report.ts'
import type { Answer } from './transactions.ts'
import type { Clock } from './wire.ts'

export interface ReceivingDeps {
  readonly user: Pick<SessionUser, 'onMessage'>
  readonly clock: Clock
  readonly random: Random
  readonly limits: MsrpLimits
  readonly maxSize: number
  readonly acceptTypes: readonly string[]
  /** Our own URI. */
  readonly from: string
}

/** One SEND and how to answer it. */
interface Chunk {
  readonly head: RequestHead
  readonly connection: Connection
  readonly messageID: string
  readonly wanted: Wanted
}

/** A message of which some chunks are there. */
interface Half {
  readonly assembly: Assembly
  readonly contentType: string
  /** Its last chunk, to report by. */
  chunk: Chunk
  touchedAt: number
  stopTimer: (() => void) | undefined
}

const ok: Answer = { status: 200, comment: 'OK' }
const answers = {
  tooLarge: { status: 413, comment: 'Message too large' },
  noRoom: { status: 413, comment: 'No room' },
  tooTorn: { status: 413, comment: 'Too many gaps' },
  beyondEnd: { status: 400, comment: 'Octets behind the end' },
  tooMany: { status: 413, comment: 'Too many messages at a time' },
  badType: { status: 415, comment: 'Media type not accepted' },
  notTaken: { status: 408, comment: 'Not taken in time' },
} as const satisfies Record<Refused | 'tooMany' | 'badType' | 'notTaken', Answer>

/** Message-IDs whose further chunks are refused like the first. */
const rememberedRefusals = 100

/** What comes in for one session: chunks become messages, each is handed up once, and answered when the user has it. */
export class Receiving {
  readonly #deps: ReceivingDeps
  readonly #halves = new Map<string, Half>()
  /** Messages the user has, or is taking: a repetition waits for the same result. */
  readonly #known = new Map<string, 'accepted' | Promise<Taken>>()
  readonly #refused = new Map<string, Answer>()
  #budget: Budget
  #pending = 0
  #paused: Connection | undefined

  constructor(deps: ReceivingDeps) {
    this.#deps = deps
    this.#budget = new Budget(deps.limits.sessionBytes)
  }

  /** What comes now comes over this connection, and counts there. */
  bind(connection: Connection): void {
    this.drop()
    this.#budget = new Budget(this.#deps.limits.sessionBytes, connection.budget)
  }

  /** Half messages are thrown away. */
  drop(): void {
    for (const messageID of [...this.#halves.keys()]) this.#abandon(messageID)
    this.#paused?.resume()
    this.#paused = undefined
  }

  chunk(head: RequestHead, connection: Connection): ChunkSink {
    const messageID = headerOf(head, 'message-id') ?? ''
    const wanted = wantedOf(headerOf(head, 'failure-report'), headerOf(head, 'success-report'))
    const written = headerOf(head, 'byte-range')
    const range = parseByteRange(written ?? '1-*/*')
    if (!wanted) return connection.refuse(head, 400, 'Bad Failure-Report or Success-Report')
    if (!range) return connection.refuse(head, 400, 'Bad Byte-Range')
    if (!isIdent(messageID)) return connection.refuse(head, 400, 'Bad Message-ID')
    const chunk: Chunk = { head, connection, messageID, wanted }
    if (!head.hasBody) return this.#bodiless(chunk, range.start)

    const contentType = headerOf(head, 'content-type')
    if (contentType === undefined) return connection.refuse(head, 400, 'No Content-Type')
    const known = this.#known.get(messageID)
    if (known !== undefined) return this.#again(chunk, range.start, known)
    const refused = range.start > 1 ? this.#refused.get(messageID) : undefined
    if (refused) return this.#refuse(chunk, refused)
    if (!acceptsType(this.#deps.acceptTypes, contentType)) return this.#refuse(chunk, answers.badType)
    if ((range.total ?? 0) > this.#deps.maxSize) return this.#refuse(chunk, answers.tooLarge)
    const half = this.#half(chunk, contentType)
    return half ? this.#sink(chunk, half, range.start - 1) : this.#refuse(chunk, answers.tooMany)
  }

  /** Keeps a connection alive, and is not for the user; or ends or aborts a message without adding to it. RFC 4975 §5.4, §7.1. */
  #bodiless(chunk: Chunk, start: number): ChunkSink {
    const half = this.#halves.get(chunk.messageID)
    if (half) return this.#sink(chunk, half, start - 1)
    return { onBody: () => {}, onEnd: () => this.#answer(chunk, 'ok', ok) }
  }

  #half(chunk: Chunk, contentType: string): Half | undefined {
    const now = this.#deps.clock.now()
    const there = this.#halves.get(chunk.messageID)
    if (there) {
      there.chunk = chunk
      there.touchedAt = now
      return there
    }
    if (this.#halves.size >= this.#deps.limits.halfMessages) return undefined
    const assembly = new Assembly(this.#budget, this.#deps.maxSize)
    const half: Half = { assembly, contentType, chunk, touchedAt: now, stopTimer: undefined }
    this.#halves.set(chunk.messageID, half)
    this.#refused.delete(chunk.messageID)
    return half
  }

  #sink(chunk: Chunk, half: Half, offset: number): ChunkSink {
    let end = offset
    let refused: Answer | undefined
    let answered = false
    const stop = (answer: Answer) => {
      refused = answer
      this.#abandon(chunk.messageID)
      this.#remember(chunk.messageID, answer)
    }
    return {
      onBody: (piece) => {
        if (refused) return
        half.touchedAt = this.#deps.clock.now()
        const put = half.assembly.put(end, piece)
        end += piece.length
        if (put === 'ok') return
        stop(answers[put])
        if (put === 'beyondEnd') return
        answered = true // RFC 4975 §10.5: 413 stops the sender in the middle of a chunk
        this.#answer(chunk, 'now', answers[put])
      },
      onEnd: (flag) => {
        if (!refused && this.#halves.get(chunk.messageID) !== half) stop(answers.notTaken)
        if (!refused && flag === '$' && !half.assembly.fix(end)) stop(answers.beyondEnd)
        if (refused) {
          if (!answered) this.#answer(chunk, 'now', refused)
        } else this.#chunkEnded(chunk, half, flag)
      },
    }
  }

  #chunkEnded(chunk: Chunk, half: Half, flag: Flag): void {
    if (flag !== '#' && half.assembly.complete) {
      this.#deliver(chunk, half)
      return
    }
    if (flag === '#') this.#abandon(chunk.messageID)
    else half.stopTimer ??= this.#deps.clock.after(this.#deps.limits.halfMessageMs, () => this.#expired(half))
    this.#answer(chunk, 'ok', ok)
  }

  /** The user has the last word, and the sender waits for it: 200 means kept. */
  #deliver(chunk: Chunk, half: Half): void {
    const { messageID, wanted } = chunk
    half.stopTimer?.()
    this.#halves.delete(messageID)
    const body = half.assembly.body()
    const message = { messageID, contentType: half.contentType, body, successReport: wanted.success }
    const taken = this.#ask(message)
    this.#known.set(messageID, taken)
    this.#slowDown(chunk.connection)
    void taken.then((result) => {
      half.assembly.drop()
      if (result === 'accepted') this.#rememberAccepted(messageID)
      else this.#known.delete(messageID)
      this.#goOn()
      this.#settle(chunk, body.length, result)
    })
  }

  async #ask(message: Parameters<SessionUser['onMessage']>[0]): Promise<Taken> {
    try {
      return await this.#deps.user.onMessage(message)
    } catch {
      return answers.notTaken
    }
  }

  /** A repetition: acknowledged like the first, handed up no more. RFC 4975 §5.4. */
  #again(chunk: Chunk, start: number, known: 'accepted' | Promise<Taken>): ChunkSink {
    let end = start - 1
    return {
      onBody: (piece) => {
        end += piece.length
      },
      onEnd: (flag) => {
        if (flag !== '$') this.#answer(chunk, 'ok', ok)
        else if (known === 'accepted') this.#settle(chunk, end, known)
        else void known.then((result) => this.#settle(chunk, end, result))
      },
    }
  }

  #settle(chunk: Chunk, length: number, result: Taken): void {
    if (result !== 'accepted') {
      this.#answer(chunk, 'now', { status: result.status, comment: result.comment ?? 'Refused' })
      return
    }
    this.#answer(chunk, 'ok', ok)
    if (dueFor(chunk.wanted, 'ok').report === 'success') this.#report(chunk, length, ok)
  }

  #refuse(chunk: Chunk, answer: Answer): ChunkSink {
    this.#remember(chunk.messageID, answer)
    if (answer.status !== 413) return chunk.connection.refuse(chunk.head, answer.status, answer.comment)
    this.#answer(chunk, 'now', answer)
    return { onBody: () => {}, onEnd: () => {} }
  }

  #answer({ head, connection, wanted }: Chunk, outcome: 'ok' | 'now', answer: Answer): void {
    if (dueFor(wanted, outcome).response !== null) connection.respond(head, answer)
  }

  #report({ head, connection, messageID }: Chunk, length: number, { status, comment }: Answer): void {
    const range = printByteRange({ start: 1, end: length, total: length })
    const headers = [
      ['Message-ID', messageID],
      ['Byte-Range', range],
      ['Status', `000 ${status} ${comment}`],
    ] as const
    const tid = newTid(this.#deps.random)
    const [toPath, fromPath] = [head.fromPath, this.#deps.from]
    connection.outbox.report(printRequest({ tid, method: 'REPORT', toPath, fromPath, headers, flag: '$' }))
  }

  /** The rest of a message did not come. */
  #expired(half: Half): void {
    const { clock, limits } = this.#deps
    const left = half.touchedAt + limits.halfMessageMs - clock.now()
    if (left > 0) {
      half.stopTimer = clock.after(left, () => this.#expired(half))
      return
    }
    this.#abandon(half.chunk.messageID)
    if (dueFor(half.chunk.wanted, 'later').report === null) return
    this.#report(half.chunk, half.assembly.end, { status: 408, comment: 'The rest did not come' })
  }

  #abandon(messageID: string): void {
    const half = this.#halves.get(messageID)
    half?.stopTimer?.()
    half?.assembly.drop()
    this.#halves.delete(messageID)
  }

  #remember(messageID: string, answer: Answer): void {
    this.#refused.set(messageID, answer)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > rememberedRefusals && oldest !== undefined) this.#refused.delete(oldest)
  }

  #rememberAccepted(messageID: string): void {
    this.#known.set(messageID, 'accepted')
    if (this.#known.size <= this.#deps.limits.rememberedIDs) return
    for (const [id, result] of this.#known)
      if (result === 'accepted') {
        this.#known.delete(id)
        return
      }
  }

  /** A peer that sends faster than messages are kept is not read from, until they are. */
  #slowDown(connection: Connection): void {
    this.#pending++
    if (this.#pending < this.#deps.limits.pendingMessages || this.#paused) return
    this.#paused = connection
    connection.pause()
  }

  #goOn(): void {
    this.#pending--
    if (!this.#paused || this.#pending > this.#deps.limits.pendingMessages / 2) return
    this.#paused.resume()
    this.#paused = undefined
  }
}
