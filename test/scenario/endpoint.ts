import { deepEqual, equal } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMsrpStack, type MsrpMessage, type MsrpSession, type MsrpStack, type Sent } from '@ringdown/msrp'
import {
  createSipStack,
  createTransports,
  type HeaderLine,
  type IncomingInvite,
  type IncomingRequest,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  type OutgoingInvite,
  type Reply,
  readAnswer,
  type SipAnswer,
  type SipDialog,
  type SipPort,
} from '@ringdown/signalling'
import { until } from '../faults/engine.ts'

/** The machine's clock, for stacks of our own outside the engine. */
export const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Ports of the loopback nobody listens at now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return servers.map((server) => {
    const { port } = server.address() as { port: number }
    server.close()
    return port
  })
}

export interface EndpointOptions {
  number: string
  password: string
  /** Where the engine speaks SIP. */
  engine: { host: string; port: number; transport?: 'udp' | 'tcp' }
  /** What it knows of sessions: MSRP, or MESSAGE only. */
  msrp: boolean
  /** How it answers an INVITE; default: at once. */
  answers?: 'at once' | 'never' | Reply
  acceptTypes?: readonly string[]
  /** Where the engine finds it; its own address unless something stands in between. */
  contact?: () => { host: string; port: number }
  /** It opens every MSRP connection itself, and goes here instead of where the engine listens. */
  msrpVia?: (engine: { host: string; port: number }) => { host: string; port: number }
  /** Told of everything that comes, repetitions too, with what a repetition is known by. */
  onArrival?: (id: string, heard: Heard) => void
  /** Told how its sessions go. */
  onTold?: (what: string) => void
}

/** What came in. */
export interface Heard {
  from: string
  body: string
  contentType: string
}

/** A SIP endpoint made of our own stacks: a phone that knows only MESSAGE, or a client that speaks MSRP. */
export class Endpoint {
  readonly number: string
  readonly heard: Heard[] = []
  /** The Subject of the last INVITE. */
  subject: string | undefined
  /** What the engine is answered to a MESSAGE. */
  answer: Reply = { status: 200 }
  readonly #options: EndpointOptions
  readonly #seen = new Set<string>()
  #sip!: SipPort
  #msrp: MsrpStack | undefined
  #session: MsrpSession | undefined
  #local: LocalMedia | undefined
  #dialog: SipDialog | undefined
  #call: OutgoingInvite | undefined
  #ended: string | undefined
  #up = false
  #rings = 0
  #counter = 0
  #registered = false

  private constructor(options: EndpointOptions) {
    this.#options = options
    this.number = options.number
  }

  static async open(options: EndpointOptions): Promise<Endpoint> {
    const endpoint = new Endpoint(options)
    await endpoint.#open()
    return endpoint
  }

  async registers(seconds = 300): Promise<void> {
    const { transport, address, port } = this.#listening()
    const at = this.#options.contact?.() ?? { host: address, port }
    const headers: HeaderLine[] = [
      ['Contact', `<sip:${this.number}@${at.host}:${at.port};transport=${transport}>`],
      ['Expires', String(seconds)],
    ]
    const answer = await this.#sip.request({ ...this.#request('REGISTER', ''), toHeader: this.#self, headers })
    equal(answer.status, 200, answer.reason)
    this.#registered = true
  }

  /** Sends a MESSAGE; the answer. */
  async texts(
    number: string,
    body: string,
    options: { contentType?: string; domain?: string; as?: string; callID?: string; subject?: string } = {},
  ): Promise<SipAnswer> {
    const { host, port } = this.#options.engine
    const { domain, as, callID, subject } = options
    return this.#sip.request({
      ...this.#request('MESSAGE', number),
      ...(domain !== undefined && { to: { uri: `sip:${number}@${domain}`, route: [`<sip:${host}:${port};lr>`] } }),
      ...(as !== undefined && { from: `<sip:${as}@${host}>` }),
      ...(callID !== undefined && { callID }),
      ...(subject !== undefined && { headers: [['Subject', subject]] as const }),
      contentType: options.contentType ?? 'text/plain;charset=UTF-8',
      body: new TextEncoder().encode(body),
    })
  }

  /** Starts an MSRP session; resolves with the refusal, or undefined when it stands. */
  async invites(number: string): Promise<SipAnswer | undefined> {
    await this.#openSession()
    if (!this.#local) throw new Error('no MSRP here')
    const { method: _, ...request } = this.#request('INVITE', number)
    this.#call = this.#sip.invite({ ...request, contentType: 'application/sdp', body: makeOffer(this.#local) })
    this.#call.onProgress = () => this.#rings++
    const outcome = await this.#call.answered
    if ('refused' in outcome) return outcome.refused
    const reading = readAnswer(outcome.sdp, this.#local)
    if ('problem' in reading) throw new Error(reading.problem)
    this.#take(outcome.dialog)
    await this.#start(reading.remote)
    return undefined
  }

  /** Gives up before the answer. */
  cancels(): void {
    this.#call?.cancel()
  }

  async hearsRinging(): Promise<void> {
    await until(() => this.#rings > 0, 5_000, `${this.number} hears no ringing`)
  }

  /** Says something in the MSRP session; fails where the engine does not take it. */
  async says(body: string): Promise<void> {
    deepEqual(await this.sends(body, `m${randomBytes(8).toString('hex')}`), { sent: true })
  }

  /** The same under an id of the caller's, with what became of it. */
  async sends(body: string, messageID: string, contentType = 'text/plain'): Promise<Sent> {
    if (!this.#session) return { sent: false, status: 0, comment: 'no session' }
    return this.#session.send({ messageID, contentType, body: new TextEncoder().encode(body) })
  }

  /** Whether there is a dialog, and whether texts can be sent in it now. */
  get session(): 'up' | 'down' | 'none' {
    if (!this.#dialog || this.#ended !== undefined) return 'none'
    return this.#up ? 'up' : 'down'
  }

  /** Offers another MSRP session in the same dialog. RFC 4975 §5.4. */
  async renews(): Promise<void> {
    const dialog = this.#dialog
    await this.#openSession()
    const local = this.#local
    if (!dialog || !local) return
    const outcome = await dialog.offer(makeOffer(local))
    if ('refused' in outcome) this.#tell(`re-INVITE refused: ${outcome.refused.status}`)
    if ('refused' in outcome || this.#local !== local) return
    const reading = readAnswer(outcome.sdp, local)
    if ('remote' in reading) await this.#start(reading.remote)
  }

  /** Something has come, whatever it is. */
  async isSent(): Promise<Heard> {
    await until(() => this.heard.length > 0, 5_000, `${this.number} is sent nothing`)
    return this.heard.shift() as Heard
  }

  /** The next text that came is this one. */
  async hears(body: string): Promise<Heard> {
    await until(() => this.heard.length > 0, 5_000, `${this.number} does not hear "${body}"`)
    const next = this.heard.shift()
    equal(next?.body, body)
    return next as Heard
  }

  async hangsUp(): Promise<void> {
    const dialog = this.#dialog
    this.#ended ??= ''
    await dialog?.bye()
    this.#session?.close()
  }

  /** The engine has hung up; the Reason it gave. */
  async isHungUp(): Promise<string> {
    await until(() => this.#ended !== undefined, 5_000, `${this.number} is not hung up`)
    return this.#ended ?? ''
  }

  /** An INVITE of the engine has come. */
  async isInvited(): Promise<void> {
    await until(() => this.#dialog !== undefined, 5_000, `${this.number} is not invited`)
  }

  async close(): Promise<void> {
    // A node that is gone does not answer, and nobody has to wait for it.
    if (this.#registered) await Promise.race([this.registers(0).catch(() => undefined), sleep(1_000)])
    await this.#sip.close()
    await this.#msrp?.close()
  }

  get #self(): string {
    return `<sip:${this.number}@${this.#options.engine.host}>`
  }

  #listening() {
    const transport = this.#options.engine.transport ?? 'udp'
    const found = this.#sip.listening.find((each) => each.transport === transport)
    if (!found) throw new Error(`${this.number} does not listen`)
    return found
  }

  #request(method: string, number: string) {
    const { engine, password } = this.#options
    const { host, port, transport = 'udp' } = engine
    const user = number === '' ? '' : `${number}@`
    return {
      method,
      to: { uri: `sip:${user}${host}:${port};transport=${transport}` },
      from: this.#self,
      toHeader: `<sip:${user}${host}>`,
      credentials: { user: this.number, password },
    }
  }

  async #open(): Promise<void> {
    const { msrp } = this.#options
    this.#sip = await createSipStack({
      transports: (user) =>
        createTransports({
          listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, address: '127.0.0.1', port: 0 })),
          user,
          clock,
        }),
      clock,
      random: Math.random,
      tokens: (bits) => randomBytes(Math.ceil(bits / 8)).toString('hex'),
      user: {
        onRequest: (incoming) => this.#onRequest(incoming),
        onInvite: (invite) => void this.#onInvite(invite).catch((error) => this.#tell(String(error))),
        onFlowClosed: () => {},
      },
      onError: (error) => this.#tell(String(error)),
    })
    if (msrp)
      this.#msrp = await createMsrpStack({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }], clock })
  }

  async #onRequest({ request }: IncomingRequest): Promise<Reply> {
    if (request.method === 'OPTIONS') return { status: 200 }
    if (request.method !== 'MESSAGE') return { status: 405 }
    if (this.answer.status < 300) {
      // A phone knows a repetition by Call-ID and CSeq.
      const id = `${request.callID} ${request.cseq.number}`
      this.#hear(id, request.from.uri, request.contentType ?? '', request.body)
    }
    return this.answer
  }

  async #onInvite(invite: IncomingInvite): Promise<void> {
    const { answers = 'at once', msrp } = this.#options
    this.subject = invite.request.header('subject')
    if (!msrp) {
      invite.reject({ status: 488 })
      return
    }
    if (typeof answers !== 'string') {
      invite.reject(answers)
      return
    }
    invite.ring()
    if (answers === 'never') return
    await this.#openSession()
    if (!this.#local) return
    const answer = makeAnswer(invite.offer, this.#local)
    if ('status' in answer) {
      invite.reject({ status: answer.status })
      return
    }
    const { dialog } = await invite.accept(answer.sdp)
    this.#take(dialog)
    await this.#start(answer.remote)
  }

  async #openSession(): Promise<void> {
    if (!this.#msrp) return
    this.#up = false
    this.#session?.close()
    const session: MsrpSession = await this.#msrp.open({
      transport: 'tcp',
      maxSize: 100_000,
      user: {
        onMessage: async (message: MsrpMessage) => {
          // RFC 4975 §5.4: what comes again after a session was renewed is acknowledged, and shown once.
          this.#hear(message.messageID, '', message.contentType, message.body)
          return 'accepted'
        },
        onReport: () => {},
        onFailed: (why) => {
          this.#tell(`failed: ${why}`)
          if (this.#session === session) this.#up = false
        },
      },
    })
    this.#session = session
    this.#local = {
      origin: { sessionID: String(++this.#counter), version: 1 },
      transport: 'tcp',
      path: session.path,
      acceptTypes: this.#options.acceptTypes ?? ['message/cpim', 'text/plain'],
      acceptWrappedTypes: ['text/plain', 'message/imdn+xml'],
      maxSize: 100_000,
      reachable: this.#options.msrpVia === undefined,
      cema: false,
    }
  }

  async #start(remote: Parameters<MsrpSession['start']>[0] | { path: readonly string[]; role: 'active' | 'passive' }) {
    const session = this.#session
    const connectTo = this.#options.msrpVia?.(hostAndPort(remote.path[0] ?? ''))
    await session?.start({ path: remote.path, role: remote.role, ...(connectTo && { connectTo }) })
    if (this.#session !== session) return
    this.#up = true
    this.#tell(`up, ${remote.role}`)
  }

  #take(dialog: SipDialog): void {
    this.#dialog = dialog
    this.#ended = undefined
    dialog.user = {
      onOffer: async (offer) => {
        this.#tell('re-INVITE')
        await this.#openSession()
        if (!this.#local) return { status: 488 }
        const answer = makeAnswer(offer, this.#local)
        if ('status' in answer) return { status: answer.status }
        void this.#start(answer.remote).catch((error) => this.#tell(String(error)))
        return answer.sdp
      },
      onRequest: async (request) => {
        const id = `${request.callID} ${request.cseq.number}`
        this.#hear(id, request.from.uri, request.contentType ?? '', request.body)
        return { status: 200 }
      },
      onEnd: ({ reason }) => {
        this.#ended = reason ?? ''
        this.#tell(`ended: ${reason}`)
      },
    }
  }

  #tell(what: string): void {
    this.#options.onTold?.(what)
  }

  #hear(id: string, from: string, contentType: string, bytes: Uint8Array): void {
    const heard = { from, contentType, body: new TextDecoder().decode(bytes) }
    this.#options.onArrival?.(id, heard)
    if (!this.#seen.has(id)) this.heard.push(heard)
    this.#seen.add(id)
  }
}

/** Of an MSRP URI. */
function hostAndPort(uri: string): { host: string; port: number } {
  const [, host = '', port = '2855'] = /^msrps?:\/\/([^:/]+):(\d+)/.exec(uri) ?? []
  return { host, port: Number(port) }
}
