import {
  type Fault,
  type Flag,
  firstUri,
  type Head,
  headerOf,
  type RequestHead,
  type ResponseHead,
} from '../message/frame.ts'
import { type MsrpUri, parseMsrpUri } from '../message/msrp-uri.ts'
import { FrameParser, type FrameUser, frameLimits } from '../message/parse.ts'
import { printResponse } from '../message/print.ts'
import { Budget } from './budget.ts'
import type { MsrpLimits } from './limits.ts'
import { Outbox } from './outbox.ts'
import { wantedOf } from './report.ts'
import { type Answer, Transactions } from './transactions.ts'
import type { Clock, Drop, MsrpTap, Wire, WireUser } from './wire.ts'

/** Takes the body of one chunk. */
export interface ChunkSink {
  onBody(piece: Uint8Array): void
  onEnd(flag: Flag): void
}

/** Who uses a connection. */
export interface Attached {
  onConnectionLost(why: string): void
}

/** A session, as the connection sees it. */
export interface Bound extends Attached {
  /** Whether the request's To-Path means this session. */
  isMeant(to: MsrpUri): boolean
  /** The session may be used over this connection; or the answer. */
  bind(connection: Connection, head: RequestHead): true | Answer
  onSend(head: RequestHead, connection: Connection): ChunkSink
  onReport(head: RequestHead): void
}

export interface ConnectionDeps {
  readonly wire: Wire
  readonly clock: Clock
  readonly limits: MsrpLimits
  readonly find: (sessionID: string) => Bound | undefined
  readonly onDrop?: ((drop: Drop) => void) | undefined
  readonly tap?: MsrpTap | undefined
  /** It is gone; called once. */
  readonly onClosed?: (connection: Connection) => void
}

/** Requests whose errors are still listened for. */
const mostHopes = 1000

/** Paths that are remembered: a peer can write the same URI in many ways. */
const mostPaths = 1000
const longestPaths = 1000

const ignored: ChunkSink = { onBody: () => {}, onEnd: () => {} }

/** One connection and the sessions on it: reads frames, hands them to the session their To-Path names, and answers what belongs to none. */
export class Connection implements WireUser, FrameUser {
  readonly #deps: ConnectionDeps
  readonly #parser = new FrameParser(this)
  readonly #sessions = new Set<Attached>()
  readonly outbox: Outbox
  readonly transactions: Transactions
  /** Bytes held of incoming messages of all its sessions. */
  readonly budget: Budget
  readonly #hopes = new Map<string, (answer: Answer) => void>()
  /** Paths of SENDs that were found to be those of a session on this connection: most are followed by the same. */
  readonly #paths = new Map<string, { readonly fromPath: string; readonly session: Bound }>()
  #sink: ChunkSink = ignored
  #open = true
  #heardAt: number
  #usedAt: number
  #unboundAt: number | undefined
  #pauses = 0
  #stopWatch: () => void

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
    const { clock, limits } = deps
    const wire = deps.tap ? tapped(deps.wire, deps.tap) : deps.wire
    this.budget = new Budget(limits.connectionBytes)
    this.outbox = new Outbox(wire, limits, clock, (why) => this.#drop(why))
    this.transactions = new Transactions(clock, limits.responseMs)
    this.#heardAt = clock.now()
    this.#usedAt = this.#heardAt
    this.#unboundAt = this.#heardAt
    this.#stopWatch = clock.after(limits.unboundMs, () => this.#watch())
  }

  get open(): boolean {
    return this.#open
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** When the last bytes of the peer came, ms since 1970. */
  get heardAt(): number {
    return this.#heardAt
  }

  get wire(): Wire {
    return this.#deps.wire
  }

  /** A session uses it; false where it has too many, or is gone. */
  attach(session: Attached): boolean {
    if (!this.#open || this.#sessions.size >= this.#deps.limits.sessionsPerConnection) return false
    this.#sessions.add(session)
    this.#unboundAt = undefined
    return true
  }

  detach(session: Attached): void {
    for (const [toPath, known] of this.#paths) if (known.session === session) this.#paths.delete(toPath)
    if (!this.#sessions.delete(session) || this.#sessions.size > 0) return
    this.#unboundAt = this.#deps.clock.now()
    this.#stopWatch()
    if (this.#open) this.#stopWatch = this.#deps.clock.after(this.#deps.limits.unboundMs, () => this.#watch())
  }

  /** Answers a request: to the previous hop alone for a SEND, along the whole path for others. RFC 4975 §7.2. */
  respond(head: Pick<RequestHead, 'tid' | 'method' | 'toPath' | 'fromPath'>, { status, comment }: Answer): void {
    const toPath = head.method === 'SEND' ? firstUri(head.fromPath) : head.fromPath
    const fromPath = firstUri(head.toPath)
    // No peer has such paths, and what we print has to stay within the limits we read by.
    if (toPath.length + fromPath.length > frameLimits.path) return
    this.outbox.response(printResponse({ tid: head.tid, status, comment, toPath, fromPath }))
  }

  /** Calls back if an error comes; silence is success, and nobody is told of it. For Failure-Report partial. */
  hopeFor(tid: string, onError: (answer: Answer) => void): void {
    this.#hopes.set(tid, onError)
    const [oldest] = this.#hopes.keys()
    if (this.#hopes.size > mostHopes && oldest !== undefined) this.#hopes.delete(oldest)
  }

  /** Reads no more until `resume` was called as often. */
  pause(): void {
    if (this.#pauses++ === 0) this.#deps.wire.pause()
  }

  resume(): void {
    if (--this.#pauses === 0) this.#deps.wire.resume()
  }

  close(how: 'flush' | 'now' = 'flush', why = 'closed'): void {
    if (!this.#open) return
    this.outbox.close()
    this.#deps.wire.close(how)
    this.onClosed(why)
  }

  // What the wire tells.

  onBytes(bytes: Uint8Array, whole: boolean): void {
    if (!this.#open) return
    this.#heardAt = this.#deps.clock.now()
    this.#usedAt = this.#heardAt
    this.#deps.tap?.(false, this.#deps.wire.ends, [bytes])
    this.#parser.push(bytes)
    if (whole && this.#open && !this.#parser.between) this.#drop('a WebSocket message that is not one frame')
  }

  onDrain(): void {
    this.#usedAt = this.#deps.clock.now()
    if (this.#open) this.outbox.drained()
  }

  onClosed(why: string): void {
    if (!this.#open) return
    this.#open = false
    this.#parser.stop()
    this.outbox.close()
    this.transactions.close()
    this.#hopes.clear()
    this.#paths.clear()
    this.#stopWatch()
    for (const session of [...this.#sessions]) session.onConnectionLost(why)
    this.#sessions.clear()
    this.#deps.onClosed?.(this)
  }

  // What the parser tells.

  onHead(head: Head): void {
    this.#sink = ignored
    if (head.kind === 'response') this.#response(head)
    else this.#sink = this.#request(head)
  }

  onBody(piece: Uint8Array): void {
    this.#sink.onBody(piece)
  }

  onEnd(flag: Flag): void {
    this.#sink.onEnd(flag)
  }

  onFault({ why, status, answer }: Fault): void {
    if (answer) this.respond({ ...answer, method: 'SEND' }, { status, comment: 'Bad Request' })
    this.#drop(why)
  }

  /** One that nobody waits for is ignored. */
  #response(head: ResponseHead): void {
    if (this.transactions.answered(head.tid, head)) return
    const hope = this.#hopes.get(head.tid)
    this.#hopes.delete(head.tid)
    if (head.status !== 200) hope?.({ status: head.status, comment: head.comment })
  }

  #request(head: RequestHead): ChunkSink {
    const known = head.method === 'SEND' ? this.#paths.get(head.toPath) : undefined
    if (known?.fromPath === head.fromPath) return known.session.onSend(head, this)
    const to = parseMsrpUri(firstUri(head.toPath))
    if (head.method === 'REPORT') {
      // RFC 4975 §7.1.2: never answered, whatever is wrong with it.
      const session = to && this.#sessionOf(to)
      if (session && this.#sessions.has(session)) session.onReport(head)
      return ignored
    }
    if (head.method !== 'SEND') return this.refuse(head, 501, 'Unknown method')
    // The path ends at us: a request that is to go on from here came to the wrong place.
    const tooLong = head.fromPath.length > frameLimits.path
    if (!to || tooLong || !parseMsrpUri(firstUri(head.fromPath))) return this.refuse(head, 400, 'Bad path')
    const session = head.toPath.includes(' ') ? undefined : this.#sessionOf(to)
    if (!session) return this.refuse(head, 481, 'No such session')
    const bound = session.bind(this, head)
    if (bound !== true) return this.refuse(head, bound.status, bound.comment)
    if (this.#paths.size < mostPaths && head.toPath.length + head.fromPath.length < longestPaths)
      this.#paths.set(head.toPath, { fromPath: head.fromPath, session })
    return session.onSend(head, this)
  }

  #sessionOf(to: MsrpUri): Bound | undefined {
    const session = to.sessionID === undefined ? undefined : this.#deps.find(to.sessionID)
    return session?.isMeant(to) ? session : undefined
  }

  /** Takes a request to its end and answers it there with an error, where the sender wants to hear it. */
  refuse(head: RequestHead, status: number, comment: string): ChunkSink {
    const failure = headerOf(head, 'failure-report')
    const silent = head.method === 'SEND' && wantedOf(failure, undefined)?.failure === 'no'
    if (silent) return ignored
    return { onBody: () => {}, onEnd: () => this.respond(head, { status, comment }) }
  }

  #drop(why: string): void {
    if (!this.#open) return
    this.#deps.onDrop?.({ why, remote: this.#deps.wire.remote })
    this.close(why.startsWith('does not read') ? 'now' : 'flush', why)
  }

  /** Closes what nobody uses, and looks again when it may be so. */
  #watch(): void {
    const { clock, limits } = this.#deps
    const unused = this.#unboundAt === undefined ? undefined : this.#unboundAt + limits.unboundMs
    const due = Math.min(unused ?? Number.POSITIVE_INFINITY, this.#usedAt + limits.idleMs)
    const now = clock.now()
    if (due <= now) this.close('flush', unused !== undefined && unused <= now ? 'no session' : 'idle')
    else this.#stopWatch = clock.after(due - now, () => this.#watch())
  }
}

/** The wire, as the outbox writes to it. */
function tapped(wire: Wire, tap: MsrpTap): Pick<Wire, 'write'> {
  return {
    write: (frames) => {
      tap(true, wire.ends, frames)
      return wire.write(frames)
    },
  }
}
