import type { OutgoingMessage } from '@ringdown/msrp'
import {
  type DialogState,
  type DNumber,
  type IncomingRequest,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  type OutgoingRequest,
  type RemoteMedia,
  type Reply,
  readAnswer,
  type SipRequest,
} from '@ringdown/signalling'
import type { SipCaller } from '../sip-centre.ts'
import type { SimMedia } from './sim-msrp.ts'
import type { SimNode } from './sim-node.ts'
import { type SimDialog, SimInvite } from './sim-port.ts'
import type { SimWorld } from './sim-world.ts'

/** One session of an endpoint: its half of the dialog, and of the MSRP session. */
interface Session {
  callID: string
  /** The node's half, at whichever node spoke last. */
  dialog: SimDialog | undefined
  media: SimMedia | undefined
  /** The last CSeq of the node; what is older is refused. RFC 3261 §12.2.2. */
  cseq: number
}

/** A text as it was heard: over MSRP by Message-ID, over SIP by Call-ID and CSeq. */
export interface Heard {
  id: string
  body: string
}

/** A phone, or an MSRP client. */
export class SimEndpoint {
  readonly number: string
  /** Everything heard, repetitions left out. */
  readonly heard: Heard[] = []
  /** Bodies of the texts the engine has answered 200 or 202 for. */
  readonly accepted: string[] = []
  readonly sessions = new Map<string, Session>()
  /** The run of a node it is connected to; undefined: it is away. */
  node: string | undefined
  readonly #world: SimWorld
  readonly #speaksMSRP: boolean
  readonly #media: Map<string, SimMedia>
  readonly #known = new Set<string>()
  /** Texts over MSRP that are too large, or of no type it knows: how they were answered. */
  readonly #refused = new Map<string, number>()
  #cseq = 0
  #texts = 0

  constructor(world: SimWorld, number: string, speaksMSRP: boolean, media: Map<string, SimMedia>) {
    this.#world = world
    this.number = number
    this.#speaksMSRP = speaksMSRP
    this.#media = media
    world.endpoints.set(number, this)
  }

  // What comes.

  onMessage({ callID, cseq, body, contentType }: OutgoingRequest): number | undefined {
    const { pick, chance } = bound(this.#world)
    if (!contentType?.startsWith('text/')) return 200
    if (chance(0.04)) return undefined
    if (chance(0.1)) return pick([403, 480, 486, 500, 503, 603])
    this.#hear(`${callID} ${cseq}`, body ?? new Uint8Array())
    // It has it, and the answer is lost.
    if (chance(0.04)) return undefined
    return 200
  }

  onInvite(
    { body }: Omit<OutgoingRequest, 'method'>,
    on: (outcome: { status: number; received: boolean } | { state: DialogState; sdp: Uint8Array }) => void,
  ): { cancel: () => void } {
    const { pick, chance } = bound(this.#world)
    let over = false
    const refuse = (status: number, ms = 5) =>
      this.#world.clock.after(ms, () => {
        if (over) return
        over = true
        on({ status, received: true })
      })
    const cancel = () => {
      if (over) return
      over = true
      this.#world.clock.after(5, () => on({ status: 487, received: true }))
    }
    if (!this.#speaksMSRP) refuse(488)
    else if (chance(0.15)) refuse(pick([486, 480, 603, 500]), pick([5, 3_000]))
    else if (chance(0.05)) this.#world.clock.after(32_000, () => on({ status: 408, received: false }))
    else if (!chance(0.05))
      this.#world.clock.after(pick([5, 100, 2_000]), () => {
        if (over) return
        over = true
        const outcome = this.#answer(body ?? new Uint8Array())
        if (!outcome) return on({ status: 488, received: true })
        const callID = this.#world.id()
        this.sessions.set(callID, { callID, dialog: undefined, media: outcome.media, cseq: 1 })
        on({ state: this.#state(callID, 1), sdp: outcome.sdp })
      })
    return { cancel }
  }

  /** The node has its half of a dialog the endpoint has answered. */
  connected(dialog: SimDialog): void {
    const session = this.sessions.get(dialog.callID)
    if (session) session.dialog = dialog
  }

  onReinvite(
    callID: string,
    cseq: number,
    sdp: Uint8Array,
    dialog: SimDialog,
  ): { sdp: Uint8Array } | { status: number } | undefined {
    const session = this.sessions.get(callID)
    if (!session) return { status: 481 }
    if (cseq <= session.cseq) return { status: 500 }
    session.cseq = cseq
    session.dialog = dialog
    const { chance } = bound(this.#world)
    if (chance(0.05)) return undefined
    if (chance(0.1)) return { status: 491 }
    if (chance(0.05)) return { status: 488 }
    const answered = this.#answer(sdp)
    if (!answered) return { status: 488 }
    this.#drop(session.media)
    session.media = answered.media
    return { sdp: answered.sdp }
  }

  onBye(callID: string, cseq: number): void {
    const session = this.sessions.get(callID)
    if (!session || cseq <= session.cseq) return
    this.#forget(session)
  }

  // What it does.

  /** Connects to a node, or goes away. */
  moves(to: SimNode | undefined): void {
    this.node = to?.run
    to?.centre.onRegistered(this.number as DNumber)
  }

  async invites(at: SimNode, to: string): Promise<void> {
    if (!this.#speaksMSRP) return
    const callID = this.#world.id()
    const media = this.#open()
    const local = localMedia(this.#world, media.path)
    const cancelled = this.#world.chance(0.15)
    const invite: SimInvite = new SimInvite(
      at.port,
      this.#state(callID, 0),
      this.#request(callID, 'INVITE', new Uint8Array()),
      makeOffer(local),
      (outcome) => {
        if ('status' in outcome) {
          this.#drop(media)
          return 'ack'
        }
        if (this.#world.chance(0.05)) return 'silence'
        const reading = readAnswer(outcome.sdp, local)
        if ('problem' in reading) this.#world.faults.push(`an answer that is none: ${reading.problem}`)
        this.sessions.set(callID, { callID, dialog: outcome.dialog, media, cseq: 0 })
        return 'ack'
      },
    )
    if (cancelled) {
      const wait = this.#world.pick([0, 1, 10, 500])
      this.#world.clock.after(wait, () => {
        if (!this.sessions.has(callID)) this.#drop(media)
        invite.cancel()
      })
    }
    await at.centre.onInvite(invite, this.caller, to as DNumber)
  }

  /** A MESSAGE outside of sessions; said again under the same id where it was not taken. */
  async writes(at: SimNode, to: string): Promise<void> {
    const body = this.#text()
    const request = this.#request(`w${this.number}`, 'MESSAGE', new TextEncoder().encode(body), ++this.#cseq)
    for (let tries = 0; tries < 3; tries++) {
      const reply = await this.#ask(at, request, to)
      if (reply && reply.status < 300) {
        if (!this.accepted.includes(body)) this.accepted.push(body)
        return
      }
      if (reply && reply.status !== 503) return
      await this.#world.wait(1_000)
    }
  }

  /** Says something in one of its MSRP sessions. */
  async says(): Promise<void> {
    const session = this.#some()
    const { media } = session ?? {}
    if (!media?.session) return
    const body = this.#text()
    const messageID = this.#world.id()
    await this.#world.trip()
    const taken = await media.session?.receive({
      messageID,
      contentType: 'text/plain',
      body: new TextEncoder().encode(body),
      successReport: false,
    })
    if (taken === 'accepted') this.accepted.push(body)
  }

  async hangsUp(): Promise<void> {
    const session = this.#some()
    if (!session) return
    const { dialog } = session
    this.#forget(session)
    await this.#world.trip()
    dialog?.hangUp()
  }

  /** Its connection for texts breaks. */
  losesMedia(): void {
    this.#some()?.media?.session?.break('connection lost')
  }

  /** A re-INVITE with another path. */
  async renews(): Promise<void> {
    const session = this.#some()
    if (!session?.dialog) return
    const media = this.#open()
    await this.#world.trip()
    const outcome = await session.dialog.receiveOffer(makeOffer(localMedia(this.#world, media.path)))
    if (outcome instanceof Uint8Array && this.sessions.has(session.callID)) {
      this.#drop(session.media)
      session.media = media
    } else this.#drop(media)
  }

  get caller(): SipCaller {
    const isOutside = this.number.startsWith('0')
    return {
      dn: this.number as DNumber,
      uri: `sip:${this.number}@im.example`,
      trunk: isOutside ? ('T' as DNumber) : null,
    }
  }

  async #ask(at: SimNode, request: SipRequest, to: string): Promise<Reply | undefined> {
    await this.#world.trip()
    if (at.port.dead) return undefined
    const reply = await at.centre.onMessage({ request } as IncomingRequest, this.caller, to as DNumber)
    await this.#world.trip()
    return at.port.dead ? undefined : reply
  }

  #request(callID: string, method: string, body: Uint8Array, number = 1): SipRequest {
    return {
      kind: 'request',
      method,
      uri: '',
      callID,
      cseq: { number, method },
      contentType: 'text/plain',
      body,
      header: () => undefined,
    } as unknown as SipRequest
  }

  #text(): string {
    return `${this.number}-${++this.#texts}`
  }

  #hear(id: string, body: Uint8Array): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    this.heard.push({ id, body: new TextDecoder().decode(body) })
  }

  #some(): Session | undefined {
    const all = [...this.sessions.values()]
    return all.length > 0 ? this.#world.pick(all) : undefined
  }

  #answer(offer: Uint8Array): { sdp: Uint8Array; remote: RemoteMedia; media: SimMedia } | undefined {
    const media = this.#open()
    const answer = makeAnswer(offer, localMedia(this.#world, media.path))
    if ('sdp' in answer) return { ...answer, media }
    this.#drop(media)
    return undefined
  }

  #open(): SimMedia {
    const media: SimMedia = {
      path: `msrp://127.0.0.1:9/${this.#world.id()};tcp`,
      onMessage: (message) => this.#onSend(message),
      session: undefined,
    }
    this.#media.set(media.path, media)
    return media
  }

  #onSend({ messageID, body, contentType }: OutgoingMessage): { status: number } | undefined {
    const { pick, chance } = bound(this.#world)
    if (!contentType.startsWith('text/')) return { status: 200 }
    if (chance(0.03)) return undefined
    // What it cannot take it never can, whoever sends it; were it otherwise, a text that was refused could come behind the next.
    const refused = this.#refused.get(messageID) ?? (chance(0.04) ? pick([413, 415, 481]) : undefined)
    if (refused !== undefined) {
      if (refused !== 481) this.#refused.set(messageID, refused)
      return { status: refused }
    }
    this.#hear(messageID, body)
    return { status: 200 }
  }

  #drop(media: SimMedia | undefined): void {
    if (!media) return
    this.#media.delete(media.path)
    media.session?.break('the peer is gone')
  }

  #forget(session: Session): void {
    this.sessions.delete(session.callID)
    this.#drop(session.media)
  }

  #state(callID: string, localCSeq: number): DialogState {
    return {
      callID,
      ownsCallID: false,
      localTag: callID,
      remoteTag: 'r',
      local: '',
      remote: this.number,
      remoteTarget: '',
      routeSet: [],
      localCSeq: localCSeq + 100,
      remoteCSeq: 0,
      secure: false,
      flow: undefined,
      session: null,
    }
  }
}

function localMedia(world: SimWorld, path: string): LocalMedia {
  const acceptTypes = ['message/cpim', 'text/plain', 'text/html', 'application/im-iscomposing+xml']
  return {
    origin: { sessionID: String(Number.parseInt(path.slice(-12, -4), 36)), version: 1 },
    transport: 'tcp',
    path: [path],
    acceptTypes,
    acceptWrappedTypes: ['*'],
    maxSize: 10_000,
    reachable: world.random() < 0.5,
    cema: false,
  }
}

function bound(world: SimWorld) {
  return {
    chance: (often: number) => world.chance(often),
    pick: <T>(from: readonly T[]) => world.pick(from),
  }
}
