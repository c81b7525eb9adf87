import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Core,
  type Invitation,
  Inviter,
  type Message,
  Messager,
  Registerer,
  type Session,
  type SessionDescriptionHandler,
  SessionState,
  UserAgent,
} from 'sip.js'
import { until } from '../../faults/engine.ts'
import { domain } from './lab.ts'
import type { Heard } from './phone.ts'

const waitMs = 15_000

/** What the session description handler of an MSRP client without a browser says: it would connect, and has nothing to connect. */
const description = (id: number) =>
  [
    'v=0',
    `o=sipjs ${id} 1 IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=message 9 TCP/MSRP *',
    'a=accept-types:text/plain',
    `a=path:msrp://127.0.0.1:9/sipjs${id};tcp`,
    'a=setup:active',
    '',
  ].join('\r\n')

/** sip.js' own user agent over WebSocket: a stack that is not ours. */
export class SipJsPhone {
  readonly number: string
  readonly heard: Heard[] = []
  readonly #invitations: Invitation[] = []
  readonly #agent: UserAgent
  readonly #registerer: Registerer

  constructor({ number, password, port }: { number: string; password: string; port: number }) {
    this.number = number
    const uri = UserAgent.makeURI(`sip:${number}@${domain}`)
    if (!uri) throw new Error('not a URI')
    let count = 0
    this.#agent = new UserAgent({
      uri,
      transportOptions: { server: `ws://127.0.0.1:${port}` },
      authorizationUsername: number,
      authorizationPassword: password,
      logBuiltinEnabled: false,
      sessionDescriptionHandlerFactory: () => handler(++count),
      delegate: {
        onMessage: (message) => this.#onMessage(message),
        onInvite: (invitation) => this.#invitations.push(invitation),
      },
    })
    this.#registerer = new Registerer(this.#agent, { expires: 120 })
  }

  /** Connects and registers. */
  async starts(): Promise<void> {
    await this.#agent.start()
    await accepted((requestDelegate) => this.#registerer.register({ requestDelegate }))
  }

  /** Sends a MESSAGE; the status of the answer. */
  async says(to: string, text: string): Promise<number> {
    const target = UserAgent.makeURI(`sip:${to}@${domain}`)
    if (!target) throw new Error('not a URI')
    const messager = new Messager(this.#agent, target, text)
    return accepted((requestDelegate) => messager.message({ requestDelegate }))
  }

  async hears(from: string, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await until(() => this.heard.length > 0, waitMs, `${this.number} did not hear ${text}`)
      const next = this.heard.shift()
      if (next?.from !== from || next.text !== text) throw new Error(`heard ${JSON.stringify(next)} and not ${text}`)
    }
  }

  /** Somebody calls it. */
  async rings(): Promise<Invitation[]> {
    await until(() => this.#invitations.length > 0, waitMs, `${this.number} was not called`)
    return this.#invitations.splice(0)
  }

  /** Calls; the session when it stands. */
  async calls(to: string): Promise<Session> {
    const target = UserAgent.makeURI(`sip:${to}@${domain}`)
    if (!target) throw new Error('not a URI')
    const inviter = new Inviter(this.#agent, target)
    await inviter.invite()
    await until(() => inviter.state === SessionState.Established, waitMs, `the call of ${this.number} did not stand`)
    return inviter
  }

  async stops(): Promise<void> {
    await this.#registerer.unregister().catch(() => undefined)
    await sleep(100)
    await this.#agent.stop()
  }

  #onMessage(message: Message): void {
    const { request } = message
    this.heard.push({
      from: request.from.uri.user ?? '',
      text: request.body,
      contentType: request.getHeader('content-type') ?? '',
    })
    void message.accept()
  }
}

/** Waits for a session's end. */
export async function ended(session: Session): Promise<void> {
  await until(() => session.state === SessionState.Terminated, waitMs, 'the session did not end')
}

/** The status a request is answered with. */
function accepted(send: (delegate: Core.OutgoingRequestDelegate) => Promise<unknown>): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = ({ message }: Core.IncomingResponse) => resolve(message.statusCode ?? 0)
    send({ onAccept: settle, onReject: settle }).catch(reject)
    setTimeout(() => reject(new Error('no answer')), waitMs).unref()
  })
}

function handler(id: number): SessionDescriptionHandler {
  return {
    close: () => undefined,
    getDescription: async () => ({ body: description(id), contentType: 'application/sdp' }),
    hasDescription: (contentType) => contentType === 'application/sdp',
    rollbackDescription: async () => undefined,
    setDescription: async () => undefined,
    sendDtmf: () => false,
  }
}
