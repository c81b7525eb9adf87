import { randomBytes } from 'node:crypto'
import { createMsrpStack, type MsrpSession, type MsrpStack, type OpenSession, type Taken } from '@ringdown/msrp'
import {
  createSipStack,
  createTransports,
  type IncomingInvite,
  type IncomingRequest,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  type RemoteMedia,
  type Reply,
  readAnswer,
  type SipAnswer,
  type SipDialog,
  type SipStack,
} from '@ringdown/signalling'
import { expect } from 'vitest'
import { until } from '../../faults/engine.ts'
import { domain } from './lab.ts'

const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
const random = (bits: number) => randomBytes(Math.ceil(bits / 8)).toString('hex')
const waitMs = 15_000

export interface PhoneOptions {
  readonly number: string
  readonly password?: string
  /** The next hop: host and port of the engine, or of the proxy in front of it. */
  readonly proxy: number
  readonly transport?: 'udp' | 'tcp'
  /** The domain it registers with; the lab's unless named. */
  readonly domain?: string
  /** Speaks MSRP; without it, an INVITE is answered 488. */
  readonly msrp?: boolean
  /** A relay its MSRP sessions go through. */
  readonly relay?: NonNullable<OpenSession['relay']>
}

/** A text that has come. */
export interface Heard {
  readonly from: string
  readonly text: string
  readonly contentType: string
}

/** An endpoint of our own stacks: a phone that knows only MESSAGE, or a client with MSRP. */
export class Phone {
  readonly number: string
  readonly heard: Heard[] = []
  readonly chats: Chat[] = []
  readonly #options: PhoneOptions
  #sip!: SipStack
  #msrp: MsrpStack | undefined
  readonly #callID = random(64)
  #cseq = 0
  /** What it answers to a MESSAGE; it hears those it answers with 200. */
  reply: Reply = { status: 200 }
  /** How many MESSAGEs it has answered otherwise. */
  asked = 0

  private constructor(options: PhoneOptions) {
    this.number = options.number
    this.#options = options
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(options)
    const { transport = 'udp' } = options
    const listen = [{ transport, address: '127.0.0.1', port: 0 }] as const
    phone.#sip = await createSipStack({
      transports: (user) => createTransports({ listen, user, clock }),
      clock,
      tokens: random,
      random: Math.random,
      user: {
        onRequest: async (incoming) => phone.#onRequest(incoming),
        onInvite: (invite) => void phone.#onInvite(invite),
        onFlowClosed: () => undefined,
      },
      userAgent: 'test phone',
    })
    if (options.msrp) phone.#msrp = await createMsrpStack({ listen: [{ ...listen[0], transport: 'tcp' }], clock })
    return phone
  }

  /** Its own port. */
  get port(): number {
    return this.#sip.listening[0]?.port ?? 0
  }

  get #transportParameter(): string {
    return this.#options.transport === 'tcp' ? ';transport=tcp' : ''
  }

  get #contact(): string {
    return `<sip:${this.number}@127.0.0.1:${this.port}${this.#transportParameter}>`
  }

  #uri(number: string): string {
    return `sip:${number}@${this.#options.domain ?? domain}`
  }

  #to(number: string) {
    const route = [`<sip:127.0.0.1:${this.#options.proxy};lr${this.#transportParameter}>`]
    return { uri: number === '' ? `sip:${this.#options.domain ?? domain}` : this.#uri(number), route }
  }

  get #credentials() {
    const { number, password } = this.#options
    return password === undefined ? {} : { credentials: { user: number, password } }
  }

  /** Registers, or with 0 takes its binding back. */
  async registers(expires = 300): Promise<void> {
    // The answer to a challenge takes the number after this one.
    this.#cseq += 2
    const answer = await this.#sip.request({
      method: 'REGISTER',
      to: this.#to(''),
      from: `<${this.#uri(this.number)}>`,
      toHeader: `<${this.#uri(this.number)}>`,
      callID: this.#callID,
      cseq: this.#cseq,
      headers: [
        ['Contact', this.#contact],
        ['Expires', String(expires)],
      ],
      ...this.#credentials,
    })
    expect(`${answer.status} ${answer.reason}`).toMatch(/^200 /)
  }

  /** Sends a MESSAGE; the final answer. */
  async says(to: string, text: string, contentType = 'text/plain'): Promise<SipAnswer> {
    return this.#sip.request({
      method: 'MESSAGE',
      to: this.#to(to),
      from: `<${this.#uri(this.number)}>`,
      toHeader: `<${this.#uri(to)}>`,
      contentType,
      body: Buffer.from(text),
      ...this.#credentials,
    })
  }

  /** The next texts by MESSAGE are these. */
  async hears(from: string, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await until(() => this.heard.length > 0, waitMs, `${this.number} did not hear ${text}`)
      expect(this.heard.shift()).toMatchObject({ from, text })
    }
  }

  /** Calls for an MSRP session; the session, or the refusal. */
  async calls(to: string): Promise<Chat | SipAnswer> {
    const media = await this.#openMedia()
    const call = this.#sip.invite({
      to: this.#to(to),
      from: `<${this.#uri(this.number)}>`,
      toHeader: `<${this.#uri(to)}>`,
      headers: [['Contact', this.#contact]],
      contentType: 'application/sdp',
      body: makeOffer(media.local),
      ...this.#credentials,
    })
    const answered = await call.answered
    if ('refused' in answered) {
      media.session.close()
      return answered.refused
    }
    const reading = readAnswer(answered.sdp, media.local)
    if ('problem' in reading) throw new Error(reading.problem)
    const chat = media.chat(answered.dialog, to)
    await media.session.start(startOf(reading.remote))
    return chat
  }

  /** The next session somebody begins with it. */
  async isCalled(): Promise<Chat> {
    await until(() => this.chats.length > 0, waitMs, `${this.number} was not called`)
    return this.chats.shift() as Chat
  }

  async close(): Promise<void> {
    await this.#sip.close()
    await this.#msrp?.close()
  }

  #onRequest({ request }: IncomingRequest): Reply {
    if (request.method === 'OPTIONS') return { status: 200 }
    if (request.method !== 'MESSAGE') return { status: 405, headers: [['Allow', 'MESSAGE, OPTIONS']] }
    if (this.reply.status === 200) {
      const from = userOf(request.from.uri)
      const { contentType = '', body } = request
      this.heard.push({ from, text: Buffer.from(body).toString(), contentType })
    } else this.asked++
    return this.reply
  }

  async #onInvite(invite: IncomingInvite): Promise<void> {
    if (!this.#msrp) {
      invite.reject({ status: 488 })
      return
    }
    const media = await this.#openMedia()
    const answer = makeAnswer(invite.offer, media.local)
    if ('status' in answer) {
      invite.reject({ status: answer.status, headers: [['Warning', answer.warning]] })
      return
    }
    const { dialog } = await invite.accept(answer.sdp, [['Contact', this.#contact]])
    const chat = media.chat(dialog, userOf(invite.request.from.uri))
    await media.session.start(startOf(answer.remote))
    this.chats.push(chat)
  }

  async #openMedia() {
    if (!this.#msrp) throw new Error(`${this.number} speaks no MSRP`)
    const { relay } = this.#options
    let chat: Chat | undefined
    const early: Heard[] = []
    const session = await this.#msrp.open({
      transport: 'tcp',
      maxSize: 65_536,
      ...(relay && { relay }),
      user: {
        onMessage: async ({ body, contentType }): Promise<Taken> => {
          const text = { from: '', text: Buffer.from(body).toString(), contentType }
          if (chat) chat.heard.push(text)
          else early.push(text)
          return 'accepted'
        },
        onReport: ({ status, complete }) => {
          if (chat && status === 200 && complete) chat.reported++
        },
        onFailed: (why) => {
          if (chat) chat.failure = why
        },
      },
    })
    const local: LocalMedia = {
      origin: { sessionID: String(clock.now()), version: 1 },
      transport: 'tcp',
      path: session.path,
      acceptTypes: ['text/plain', 'message/cpim'],
      acceptWrappedTypes: ['*'],
      maxSize: 65_536,
      reachable: relay === undefined,
      cema: false,
    }
    return {
      session,
      local,
      chat: (dialog: SipDialog, peer: string) => {
        chat = new Chat(dialog, session, peer, this.number)
        chat.heard.push(...early)
        return chat
      },
    }
  }
}

/** An MSRP session of a phone. */
export class Chat {
  readonly peer: string
  readonly heard: Heard[] = []
  /** Texts of ours whose delivery was reported. */
  reported = 0
  failure: string | undefined
  /** How it ended: by the peer, or not. */
  over: string | undefined
  readonly #dialog: SipDialog
  readonly #session: MsrpSession
  readonly #number: string

  constructor(dialog: SipDialog, session: MsrpSession, peer: string, number: string) {
    this.#dialog = dialog
    this.#session = session
    this.peer = peer
    this.#number = number
    dialog.user = {
      onOffer: async () => ({ status: 488 }),
      onRequest: async () => ({ status: 405 }),
      onEnd: ({ by, reason }) => {
        this.over = `${by}${reason === undefined ? '' : ` ${reason}`}`
      },
    }
  }

  async says(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const messageID = random(64)
      const body = Buffer.from(text)
      const sent = await this.#session.send({ messageID, contentType: 'text/plain', body, successReport: true })
      expect(sent).toEqual({ sent: true })
    }
  }

  async hears(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await until(() => this.heard.length > 0, waitMs, `${this.#number} did not hear ${text}`)
      expect(this.heard.shift()?.text).toBe(text)
    }
  }

  /** The other side has ended it. */
  async ends(): Promise<void> {
    await until(() => this.over !== undefined, waitMs, `the session of ${this.#number} did not end`)
    this.#session.close()
  }

  async hangsUp(): Promise<void> {
    await this.#dialog.bye()
    this.#session.close()
  }
}

function startOf({ path, role, maxSize }: RemoteMedia) {
  return { path, role, ...(maxSize !== undefined && { maxSize }) }
}

function userOf(uri: string): string {
  return /^sips?:([^@]*)@/.exec(uri)?.[1] ?? ''
}
