import type {
  MsrpMessage,
  MsrpSession,
  MsrpStack,
  OpenSession,
  OutgoingMessage,
  RemoteEnd,
  Sent,
  Taken,
} from '@ringdown/msrp'
import type { SimWorld } from './sim-world.ts'

/** The endpoint's end of an MSRP session. */
export interface SimMedia {
  readonly path: string
  /** Undefined: the message is not answered. */
  onMessage: (message: OutgoingMessage) => { status: number } | undefined
  session: SimSession | undefined
}

/** What fails by chance, as it does in the world. */
export class SimFailure extends Error {}

/** How long a session waits for its peer, and a message for its answer, ms. */
const patienceMs = 30_000

/** One session at a node: what is sent goes to the media the peer's path names, in order. */
export class SimSession implements MsrpSession {
  readonly path: readonly string[]
  readonly #world: SimWorld
  readonly #stack: SimMsrp
  readonly #options: OpenSession
  /** The same for all its messages, or they would overtake each other. */
  readonly #delay: number
  readonly #waiting: { message: OutgoingMessage; settle: (sent: Sent) => void }[] = []
  #peer: SimMedia | undefined
  #over = false
  #started = false
  /** The connection hangs: what comes after a message that is not answered is not answered either. */
  #hangs = false
  #refuses: number | undefined

  constructor(world: SimWorld, stack: SimMsrp, options: OpenSession) {
    this.#world = world
    this.#stack = stack
    this.#options = options
    this.#delay = 1 + Math.floor(world.random() * 30)
    this.path = [`msrp://127.0.0.1:2855/${world.id()};tcp`]
  }

  get queued(): number {
    return 0
  }

  async start(remote: RemoteEnd): Promise<void> {
    if (this.#started) throw new Error('a session is started once')
    this.#started = true
    if (this.#over) return
    const path = remote.path.at(-1) ?? ''
    const found = this.#stack.dead ? undefined : this.#stack.media.get(path)
    if (found && !this.#world.chance(0.1)) {
      if (remote.role === 'active') await this.#world.trip()
      if (this.#over) return
      this.#bind(found)
      return
    }
    if (remote.role === 'active') {
      await this.#world.trip()
      this.close()
      throw new Error('no connection')
    }
    this.#world.clock.after(patienceMs, () => {
      if (!this.#peer) this.break('the peer did not come')
    })
  }

  send(message: OutgoingMessage): Promise<Sent> {
    if (this.#over) return Promise.resolve({ sent: false, status: 481, comment: 'closed' })
    return new Promise((resolve) => {
      const one = { message, settle: resolve }
      this.#waiting.push(one)
      if (this.#peer) this.#transmit(one)
    })
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#stack.sessions.delete(this)
    if (this.#peer) this.#peer.session = undefined
    for (const { settle } of this.#waiting.splice(0)) settle({ sent: false, status: 481, comment: 'closed' })
  }

  /** The connection is gone. */
  break(why: string): void {
    if (this.#over) return
    this.close()
    if (!this.#stack.dead) this.#options.user.onFailed(why)
  }

  /** A message of the peer; undefined: it is not answered. */
  async receive(message: MsrpMessage): Promise<Taken | undefined> {
    if (this.#over || this.#stack.dead) return undefined
    const taken = await this.#options.user.onMessage(message)
    return this.#over || this.#stack.dead ? undefined : taken
  }

  #bind(media: SimMedia): void {
    this.#peer = media
    media.session = this
    for (const one of [...this.#waiting]) this.#transmit(one)
  }

  #transmit(one: { message: OutgoingMessage; settle: (sent: Sent) => void }): void {
    const { clock } = this.#world
    clock.after(this.#delay, () => {
      if (this.#over || this.#stack.dead || !this.#peer || this.#hangs) return
      const answer = this.#refuses === undefined ? this.#peer.onMessage(one.message) : { status: this.#refuses }
      if (answer?.status === 481) this.#refuses = 481
      if (!answer) {
        this.#hangs = true
        clock.after(patienceMs, () => this.break('no answer'))
        return
      }
      // Answers may overtake each other.
      clock.after(1 + Math.floor(this.#world.random() * 60), () => this.#answered(one, answer.status))
    })
  }

  #answered(one: { message: OutgoingMessage; settle: (sent: Sent) => void }, status: number): void {
    if (this.#over) return
    this.#waiting.splice(this.#waiting.indexOf(one), 1)
    one.settle(status === 200 ? { sent: true } : { sent: false, status, comment: 'refused' })
    if (status === 481) this.break('the peer answered 481')
  }
}

/** MSRP of one run of a node. */
export class SimMsrp implements MsrpStack {
  readonly listening = [{ transport: 'tcp', address: '127.0.0.1', port: 2855 }] as const
  readonly fingerprint = undefined
  readonly sessions = new Set<SimSession>()
  /** Of all endpoints, by path; the same for all nodes. */
  readonly media: Map<string, SimMedia>
  dead = false
  readonly #world: SimWorld

  constructor(world: SimWorld, media: Map<string, SimMedia>) {
    this.#world = world
    this.media = media
  }

  get counts() {
    return { sessions: this.sessions.size, connections: this.sessions.size }
  }

  async open(options: OpenSession): Promise<MsrpSession> {
    await this.#world.trip()
    if (this.#world.chance(0.03)) throw new SimFailure('no relay')
    const session = new SimSession(this.#world, this, options)
    this.sessions.add(session)
    return session
  }

  reload(): void {}

  async close(): Promise<void> {
    this.dead = true
    for (const session of [...this.sessions]) session.close()
  }
}
