import type { SipMessage } from '../message/message.ts'
import type { Address, Flow, ParseFault, TransportName } from './flow.ts'
import { deliver, type Hub, refuse, tellClosed } from './hub.ts'
import type { DropReason, OpenFlow } from './options.ts'

/** Queues longer than this count among all, bytes. Not below the mark from which on a socket tells that it is drained: 64 KiB in Node 24. */
const countedFrom = 65_536
/** RFC 5626 §3.5.1: CRLF, and twice of it. */
const longestKeepAlive = 4

/** The socket under a connection's flow. */
export interface Pipe {
  write(bytes: Uint8Array): void
  /** Bytes written that the kernel has not taken yet. */
  readonly queued: number
  /** Asks whether the peer is there; its answer is told as `heard`. */
  ping(): void
  /** Closes when everything queued is written. */
  end(): void
  /** Closes now. */
  destroy(): void
}

export interface ConnectionParts {
  readonly transport: TransportName
  readonly local: Address
  readonly remote: Address
  readonly sentBy: string
  readonly peerNames: readonly string[]
  /** The peer has opened it. */
  readonly inbound: boolean
  /** The peer's standard obliges it to answer a ping: every WebSocket (RFC 6455 §5.5.3), and whom we have connected to (RFC 5626 §4.4.1). */
  readonly mustPong: boolean
}

/** The flow of one TCP, TLS, WS or WSS connection. */
export class ConnectionFlow implements Flow, OpenFlow {
  readonly id: string
  readonly transport: TransportName
  readonly reliable = true
  readonly local: Address
  readonly remote: Address
  readonly peerNames: readonly string[]
  readonly sentBy: string
  readonly inbound: boolean
  readonly openedAt: number
  /** Book-keeping of the connection table. */
  readonly targets: string[] = []
  due = 0
  held = 0

  readonly #hub: Hub
  readonly #pipe: Pipe
  #open = true
  #mustPong: boolean
  /** Pings answered in a row by a peer that need not. */
  #pongs = 0
  #valid = false
  #mayAlias: boolean
  // Times of: the last bytes, the last use, the last ping, the first ping and the first request since the last bytes, the begin of an
  // incomplete message. 0: none.
  #heardAt: number
  #usedAt: number
  #askedAt = 0
  #pingAt = 0
  #requestAt = 0
  #partialAt = 0
  /** Bytes written, those of them the kernel had taken when we last looked, and when that last grew. */
  #written = 0
  #moved = 0
  #movedAt: number

  constructor(hub: Hub, pipe: Pipe, parts: ConnectionParts) {
    this.#hub = hub
    this.#pipe = pipe
    this.id = hub.newID()
    this.transport = parts.transport
    this.local = parts.local
    this.remote = parts.remote
    this.sentBy = parts.sentBy
    this.peerNames = parts.peerNames
    this.inbound = parts.inbound
    this.#mustPong = parts.mustPong
    this.openedAt = this.#heardAt = this.#usedAt = this.#movedAt = hub.clock.now()
    this.#mayAlias = parts.inbound && parts.transport === 'tls' && parts.peerNames.length > 0
    hub.connections.add(this)
    // SPEC SF-9: the very address and port at the other end. With TLS that says nothing of who it is.
    if (parts.transport === 'tcp' || parts.transport === 'ws')
      hub.connections.alias(this, { transport: parts.transport, ...parts.remote })
  }

  get open(): boolean {
    return this.#open
  }

  send(bytes: Uint8Array): boolean {
    if (!this.#open) return false
    const queued = this.#pipe.queued
    if (queued > 0 && !this.#mayQueue(queued + bytes.length)) {
      this.drop('slow-reader')
      return false
    }
    const now = this.#hub.clock.now()
    this.#usedAt = now
    this.#written += bytes.length
    this.#pipe.write(bytes)
    if (bytes.length > longestKeepAlive) this.#hub.tap?.(true, this, bytes)
    if (this.#requestAt === 0 && wantsAnswer(bytes)) {
      this.#requestAt = now
      this.#watchFor(this.#hub.limits.answerMs, now)
    }
    return true
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#pipe.end()
    this.#hub.connections.watch(this, this.#hub.limits.closeMs)
  }

  /** Closes at once and counts why. */
  drop(reason: DropReason): void {
    if (this.#open) this.#hub.drop(reason, this.transport, this.remote)
    this.#open = false
    this.#pipe.destroy()
  }

  /** One complete message came. */
  message(message: SipMessage): void {
    this.#usedAt = this.#hub.clock.now()
    this.#partialAt = 0
    this.#valid = true
    deliver(this.#hub, this, message)
    if (message.kind === 'request' && this.#mayAlias && message.via.params.has('alias')) this.#alias(message.via.port)
  }

  /** The stream cannot be read. Where it cannot be read on, the flow ends after the answer. */
  fault(fault: ParseFault): void {
    refuse(this.#hub, this, fault)
    if (fault.fatal) this.close()
  }

  /** The peer asks whether we are there. */
  pinged(pong: Uint8Array): void {
    this.send(pong) // That is a use too: a client that keeps its flow alive means to be reached over it.
  }

  /** The answer to our ping, or what looks like it. */
  ponged(): void {
    // One may be a keep-alive that came by chance; who answers twice in a row is taken at its word.
    if (this.#pingAt > 0 && ++this.#pongs >= 2) this.#mustPong = true
  }

  /** We have asked and heard nothing since. */
  get asking(): boolean {
    return this.#pingAt > 0
  }

  /** Anything came; `partial`: a message has begun and is not complete. */
  heard(partial: boolean): void {
    const now = this.#hub.clock.now()
    this.#heardAt = now
    this.#pingAt = 0
    this.#requestAt = 0
    if (!partial) this.#partialAt = 0
    else if (this.#partialAt === 0) {
      this.#partialAt = now
      this.#watchFor(this.#hub.limits.messageMs, now)
    }
  }

  /** Everything that waited is written. */
  drained(): void {
    this.#hub.connections.hold(this, 0)
  }

  /** The socket is closed. */
  gone(): void {
    this.#open = false
    this.#hub.connections.remove(this)
    tellClosed(this.#hub, this)
  }

  /** Looks at all limits of time, asks a silent peer, closes what is overdue. Answers in how many ms to look again. SPEC SF-7. */
  check(now: number): number {
    const { closeMs, pingMs } = this.#hub.limits
    if (!this.#open) {
      this.#pipe.destroy()
      return closeMs
    }
    const overdue = this.#overdue(now)
    if (overdue) {
      this.drop(overdue)
      return closeMs
    }
    if (this.#pingAt === 0 && now >= this.#silentSince() + pingMs) {
      this.#askedAt = this.#pingAt = now
      this.#pipe.ping()
    }
    return this.#nextCheck(now)
  }

  #overdue(now: number): DropReason | undefined {
    const { firstMessageMs, messageMs, pongMs, answerMs, stallMs, idleMs } = this.#hub.limits
    if (this.inbound && !this.#valid && now >= this.openedAt + firstMessageMs) return 'no-message'
    if (this.#partialAt > 0 && now >= this.#partialAt + messageMs) return 'slow-message'
    if (this.#requestAt > 0 && now >= this.#requestAt + answerMs) return 'no-answer'
    if (this.#pingAt > 0 && now >= this.#pingAt + pongMs) {
      if (this.#mustPong) return 'no-pong'
      this.#pingAt = this.#pongs = 0
    }
    const moved = this.#written - this.#pipe.queued
    if (this.#pipe.queued === 0 || moved !== this.#moved) {
      this.#moved = moved
      this.#movedAt = now
    } else if (now >= this.#movedAt + stallMs) return 'slow-reader'
    return now >= this.#usedAt + idleMs ? 'idle' : undefined
  }

  #nextCheck(now: number): number {
    const { firstMessageMs, messageMs, pingMs, pongMs, answerMs, stallMs, idleMs } = this.#hub.limits
    let next = Math.min(this.#usedAt + idleMs, this.#pingAt > 0 ? this.#pingAt + pongMs : this.#silentSince() + pingMs)
    if (this.inbound && !this.#valid) next = Math.min(next, this.openedAt + firstMessageMs)
    if (this.#partialAt > 0) next = Math.min(next, this.#partialAt + messageMs)
    if (this.#requestAt > 0) next = Math.min(next, this.#requestAt + answerMs)
    if (this.#pipe.queued > 0) next = Math.min(next, this.#movedAt + stallMs)
    return next - now
  }

  /**
   * Requests to where the peer says it listens may come over this connection: if its certificate proves the name they are for, and they are
   * for the address it came from. RFC 5923 §4, §9.
   */
  #alias(port: number | undefined): void {
    this.#mayAlias = false
    const { address } = this.remote
    for (const serverName of this.peerNames)
      this.#hub.connections.alias(this, { transport: 'tls', address, port: port ?? 5061, serverName })
  }

  /** SPEC SF-6. Small queues are not counted among all: most are empty again before the next message. */
  #mayQueue(bytes: number): boolean {
    if (bytes > this.#hub.limits.queue) return false
    return bytes <= countedFrom || this.#hub.connections.hold(this, bytes)
  }

  /** Sees to it that the flow is looked at in so many ms at the latest. */
  #watchFor(ms: number, now: number): void {
    if (this.due * 1_000 > now + ms) this.#hub.connections.watch(this, ms)
  }

  #silentSince(): number {
    return Math.max(this.#heardAt, this.#askedAt)
  }
}

/** A request other than ACK, told by its first bytes: neither `SIP/` nor `ACK `, nor the blank of a keep-alive. */
function wantsAnswer(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x53 && bytes[1] === 0x49 && bytes[2] === 0x50 && bytes[3] === 0x2f) return false
  if (bytes[0] === 0x41 && bytes[1] === 0x43 && bytes[2] === 0x4b && bytes[3] === 0x20) return false
  return (bytes[0] ?? 0) > 0x20
}
