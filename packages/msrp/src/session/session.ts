import { lastUri, type RequestHead } from '../message/frame.ts'
import { type MsrpUri, parseMsrpUri, sameMsrpUri } from '../message/msrp-uri.ts'
import type { Random } from '../message/print.ts'
import type { Bound, ChunkSink, Connection } from './connection.ts'
import type { MsrpLimits } from './limits.ts'
import type { MsrpSession, OpenSession, OutgoingMessage, RemoteEnd, Sent } from './ports.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'
import { type SessionAction, type SessionInput, type SessionState, sessionStep } from './session-states.ts'
import type { Answer } from './transactions.ts'
import type { Clock } from './wire.ts'

export interface SessionDeps {
  readonly options: OpenSession
  /** Our own URI, read and as it is printed. */
  readonly own: MsrpUri
  readonly ownUri: string
  /** What relays gave us, the first hop first (RFC 4976 Use-Path); empty without. */
  readonly usePath: readonly string[]
  /** To the first relay, where there is one: the only connection of the session. */
  readonly relayed?: Connection | undefined
  readonly clock: Clock
  readonly random: Random
  readonly limits: MsrpLimits
  /** A connection to the first hop: the one there is, or a new one. */
  readonly connect: (remote: RemoteEnd) => Promise<Connection>
  /** An ALG has changed the path, and the session id alone told whose the request is. */
  readonly onSessmatch: (connection: Connection) => void
  /** It is over; its id is not looked for any more. */
  readonly onEnd: (session: Session) => void
}

const noLimit = Number.POSITIVE_INFINITY

/** One MSRP session: runs the table, owns its timers, and joins what goes out and what comes in to a connection. */
export class Session implements MsrpSession, Bound {
  readonly path: readonly string[]
  readonly #deps: SessionDeps
  readonly #sending: Sending
  readonly #receiving: Receiving
  #state: SessionState = 'opened'
  #connection: Connection | undefined
  #remote: RemoteEnd | undefined
  /** The last URI of the From-Path of a peer that came before its SDP. */
  #cameFrom: string | undefined
  #stopTimer: (() => void) | undefined
  #stopKeepAlive: (() => void) | undefined
  #why = ''

  constructor(deps: SessionDeps) {
    this.#deps = deps
    const { options, clock, random, limits, ownUri, usePath } = deps
    const { user, maxSize, acceptTypes = ['*'] } = options
    this.path = [...usePath.toReversed(), ownUri] // RFC 4976 §5.1
    const onBroken = (why: string) => this.#on('broken', why)
    this.#sending = new Sending({ user, random, limits, from: ownUri, onBroken })
    this.#receiving = new Receiving({ user, clock, random, limits, maxSize, acceptTypes, from: ownUri })
    if (deps.relayed) this.#use(deps.relayed)
  }

  get state(): SessionState {
    return this.#state
  }

  get queued(): number {
    return this.#sending.queued
  }

  async start(remote: RemoteEnd): Promise<void> {
    if (this.#remote) throw new Error('an MSRP session is started once')
    if (!remote.path.length || !remote.path.every((uri) => parseMsrpUri(uri)))
      throw new Error('the path of the peer is no list of MSRP URIs')
    this.#remote = remote
    if (this.#cameFrom !== undefined && !this.#isPeer(this.#cameFrom, remote)) this.#on('lost', 'somebody else')
    if (this.#connection && !this.#deps.relayed && !this.#isTrusted(this.#connection)) this.#on('lost', 'certificate')
    this.#on(remote.role === 'active' ? 'startActive' : 'startPassive')
    if (this.#state !== 'connecting') return
    try {
      const connection = this.#deps.relayed ?? (await this.#deps.connect(remote))
      if (this.#state !== 'connecting') return
      if (!this.#use(connection)) throw new Error('the connection takes no further session')
      this.#on('connected')
    } catch (error) {
      this.#on('lost', 'no connection')
      throw error
    }
  }

  send(message: OutgoingMessage): Promise<Sent> {
    return this.#sending.send(message)
  }

  close(): void {
    this.#on('close', 'closed')
  }

  /** It cannot be used any more, by what somebody else has found out. */
  break(why: string): void {
    this.#on('broken', why)
  }

  // What a connection asks.

  isMeant(to: MsrpUri): boolean {
    return sameMsrpUri(to, this.#deps.own) || this.#deps.options.sessmatch === true
  }

  bind(connection: Connection, head: RequestHead): true | Answer {
    if (this.#state === 'failed' || this.#state === 'closed') return { status: 481, comment: 'No such session' }
    if (this.#connection && this.#connection !== connection) return { status: 506, comment: 'Bound elsewhere' }
    const from = lastUri(head.fromPath)
    if (this.#remote && !this.#isPeer(from, this.#remote)) return { status: 481, comment: 'Not the peer' }
    if (this.#connection === connection && this.#state !== 'waiting') return true
    if (!this.#deps.relayed && this.#remote && !this.#isTrusted(connection))
      return { status: 403, comment: 'Not the certificate' }
    if (!this.#use(connection)) return { status: 413, comment: 'Too many sessions' }
    if (this.#deps.options.sessmatch && !this.#isOurName(head.toPath)) this.#deps.onSessmatch(connection)
    this.#cameFrom = from
    this.#on('peerCame')
    return true
  }

  onSend(head: RequestHead, connection: Connection): ChunkSink {
    return this.#receiving.chunk(head, connection)
  }

  onReport(head: RequestHead): void {
    this.#sending.onReport(head)
  }

  onConnectionLost(why: string): void {
    this.#on('lost', why)
  }

  #on(input: SessionInput, why = ''): void {
    const step = sessionStep(this.#state, input)
    if (!step) return
    this.#state = step.to
    if (why !== '') this.#why = why
    for (const action of step.does) this.#do(action)
  }

  #do(action: SessionAction): void {
    switch (action) {
      case 'connect': // start() does, and waits for it
        break
      case 'wait':
        this.#stopTimer = this.#deps.clock.after(this.#deps.limits.bindMs, () => {
          this.#on('expired', 'the peer did not come')
        })
        break
      case 'greet':
        this.#sending.greet()
        break
      case 'flow':
        this.#flow()
        break
      case 'unbind':
        this.#unbind()
        break
      case 'fail':
        this.#end()
        this.#deps.options.user.onFailed(this.#why)
        break
      case 'end':
        this.#end()
        break
    }
  }

  #flow(): void {
    this.#stopTimer?.()
    const [remote, connection] = [this.#remote, this.#connection]
    if (!remote || !connection) return
    const { path, maxSize = noLimit, acceptTypes = ['*'] } = remote
    this.#sending.open({ toPath: [...this.#deps.usePath, ...path].join(' '), maxSize, acceptTypes }, connection)
    this.#keepAlive()
  }

  #keepAlive(): void {
    const ms = this.#deps.options.keepAliveMs
    if (ms === undefined) return
    this.#stopKeepAlive = this.#deps.clock.after(ms, () => {
      this.#sending.greet()
      this.#keepAlive()
    })
  }

  #use(connection: Connection): boolean {
    if (this.#connection === connection) return true
    if (!connection.attach(this)) return false
    this.#connection = connection
    this.#receiving.bind(connection)
    return true
  }

  #unbind(): void {
    this.#receiving.drop()
    this.#connection?.detach(this)
    this.#connection = undefined
    this.#cameFrom = undefined
  }

  #end(): void {
    this.#stopTimer?.()
    this.#stopKeepAlive?.()
    this.#sending.close({ status: 481, comment: this.#why })
    this.#unbind()
    this.#deps.onEnd(this)
  }

  /** Whether the URI is the one the peer's SDP has. */
  #isPeer(uri: string, remote: RemoteEnd): boolean {
    const [came, expected] = [parseMsrpUri(uri), parseMsrpUri(remote.path.at(-1) ?? '')]
    if (!came || !expected) return false
    return (
      sameMsrpUri(came, expected) || (this.#deps.options.sessmatch === true && came.sessionID === expected.sessionID)
    )
  }

  #isTrusted(connection: Connection): boolean {
    const fingerprints = this.#remote?.fingerprints ?? []
    return fingerprints.length === 0 || connection.wire.hasFingerprint(fingerprints)
  }

  #isOurName(toPath: string): boolean {
    const to = parseMsrpUri(lastUri(toPath))
    return to !== undefined && sameMsrpUri(to, this.#deps.own)
  }
}
