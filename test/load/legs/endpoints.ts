import { randomBytes } from 'node:crypto'
import { createMsrpStack, type MsrpSession, type MsrpStack } from '@ringdown/msrp'
import {
  createSipStack,
  createTransports,
  type IncomingInvite,
  type LocalMedia,
  makeAnswer,
  makeOffer,
  parseUri,
  type Reply,
  readAnswer,
  type SipDialog,
  type SipRequest,
  type SipStack,
} from '@ringdown/signalling'
import { realClock } from '@ringdown/signalling/testing'
import { domain, endpointOf } from './protocol.ts'

/** Bytes of a message the endpoints take. */
const maxSize = 65_536
const host = '127.0.0.1'

/** All SIP endpoints of a generator: one stack, one port, many numbers. `onText`: whom a text has reached. */
export class Endpoints {
  readonly #onText: (text: string, number: string) => void
  #sip!: SipStack
  #msrp!: MsrpStack
  #ids = 0
  /** Where the engine speaks SIP. */
  engine = 0

  private constructor(onText: (text: string, number: string) => void) {
    this.#onText = onText
  }

  static async open(onText: (text: string, number: string) => void): Promise<Endpoints> {
    const endpoints = new Endpoints(onText)
    await endpoints.#open()
    return endpoints
  }

  get port(): number {
    return this.#sip.listening[0]?.port ?? 0
  }

  /** Sends a MESSAGE; why it was refused, or undefined. */
  async message(from: number, to: string, text: string): Promise<string | undefined> {
    const { status, reason } = await this.#sip.request({
      method: 'MESSAGE',
      ...this.#between(from, to),
      contentType: 'text/plain',
      body: Buffer.from(text),
    })
    return status >= 200 && status < 300 ? undefined : `${status} ${reason}`
  }

  /** Opens an MSRP session; both ends can write when it resolves, and texts that come are told of. */
  async invite(from: number, to: string): Promise<MsrpSession> {
    const { session, local } = await this.#session(endpointOf(from))
    const call = this.#sip.invite({ ...this.#between(from, to), body: makeOffer(local) })
    const outcome = await call.answered
    if ('refused' in outcome) throw new Error(`INVITE: ${outcome.refused.status} ${outcome.refused.reason}`)
    const reading = readAnswer(outcome.sdp, local)
    if ('problem' in reading) throw new Error(reading.problem)
    this.#keep(outcome.dialog)
    await session.start({ path: reading.remote.path, role: reading.remote.role })
    return session
  }

  /** The sessions endpoints were invited to, by number. */
  readonly invited = new Map<string, MsrpSession>()

  /** Says something in an MSRP session; why it was refused, or undefined. */
  async say(session: MsrpSession, text: string): Promise<string | undefined> {
    const messageID = `m${(this.#ids++).toString(36).padStart(10, '0')}`
    const sent = await session.send({ messageID, contentType: 'text/plain', body: Buffer.from(text) })
    return sent.sent ? undefined : `${sent.status} ${sent.comment}`
  }

  #between(from: number, to: string) {
    return {
      to: { uri: `sip:${to}@${domain}`, route: [`<sip:${host}:${this.engine};lr>`] },
      from: `<sip:${endpointOf(from)}@${domain}>`,
    }
  }

  async #open(): Promise<void> {
    const listen = [{ transport: 'udp', address: host, port: 0 } as const]
    this.#sip = await createSipStack({
      transports: (user) => createTransports({ listen, user, clock: realClock }),
      clock: realClock,
      random: Math.random,
      tokens: (bits) => randomBytes(Math.ceil(bits / 8)).toString('hex'),
      onError: (error) => console.error(error),
      user: {
        onRequest: async ({ request }) => this.#onRequest(request),
        onInvite: (invite) => void this.#onInvite(invite).catch((error) => console.error(error)),
        onFlowClosed: () => {},
      },
    })
    this.#msrp = await createMsrpStack({ listen: [{ transport: 'tcp', address: host, port: 0 }], clock: realClock })
  }

  #onRequest(request: SipRequest): Reply {
    if (request.method !== 'MESSAGE') return { status: request.method === 'OPTIONS' ? 200 : 405 }
    this.#hear(Buffer.from(request.body).toString(), parseUri(request.uri)?.user ?? '')
    return { status: 200 }
  }

  async #onInvite(invite: IncomingInvite): Promise<void> {
    const number = parseUri(invite.request.uri)?.user ?? ''
    const { session, local } = await this.#session(number)
    const answer = makeAnswer(invite.offer, local)
    if ('status' in answer) return invite.reject({ status: answer.status })
    this.invited.set(number, session)
    const started = session.start({ path: answer.remote.path, role: answer.remote.role })
    const { dialog } = await invite.accept(answer.sdp)
    this.#keep(dialog)
    await started
  }

  async #session(number: string): Promise<{ session: MsrpSession; local: LocalMedia }> {
    const session = await this.#msrp.open({
      transport: 'tcp',
      maxSize,
      user: {
        onMessage: async ({ body }) => {
          this.#hear(Buffer.from(body).toString(), number)
          return 'accepted'
        },
        onReport: () => {},
        onFailed: (why) => console.error(`${number}: ${why}`),
      },
    })
    const local: LocalMedia = {
      origin: { sessionID: String(++this.#ids), version: 1 },
      transport: 'tcp',
      path: session.path,
      acceptTypes: ['text/plain'],
      acceptWrappedTypes: [],
      maxSize,
      reachable: true,
      cema: false,
    }
    return { session, local }
  }

  #hear(body: string, number: string): void {
    // Whatever it is wrapped in.
    const at = body.indexOf('#')
    if (at !== -1) this.#onText(body.slice(at), number)
  }

  #keep(dialog: SipDialog): void {
    dialog.user = {
      onOffer: async () => ({ status: 488 }),
      onRequest: async () => ({ status: 200 }),
      onEnd: ({ by, reason }) => console.error(`a dialog ended: ${by} ${reason ?? ''}`),
    }
  }
}
