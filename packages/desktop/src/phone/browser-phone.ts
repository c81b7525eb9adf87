import { type Core, Messager, type MessagerOptions, Registerer, RegistererState, UserAgent } from 'sip.js'
import { md5First } from './md5-first.ts'

/** How the phone stands with its server. */
export type PhoneNews = 'registered' | 'lost' | 'refused'

export interface PhoneOptions {
  number: string
  password: string
  /** URL of SIP over WebSocket. */
  server: string
  domain: string
  onNews(news: PhoneNews): void
}

/** Seconds a registration holds; sip.js renews it in time. */
const expires = 120
/** Milliseconds between two tries to connect again, and until a MESSAGE without an answer counts as lost: RFC 3261 §17.1.2.2, timer F. */
const againMs = 4_000
const answerMs = 32_000

/**
 * The SIP endpoint of the agent's device. It registers, and takes every MESSAGE with 200: what it says is shown as CometD brings it,
 * like all other texts. It speaks no MSRP, so an INVITE is refused by 488, and the engine goes on with MESSAGE.
 */
export class BrowserPhone {
  readonly #options: PhoneOptions
  readonly #agent: UserAgent
  readonly #registerer: Registerer
  #stopped = false
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(options: PhoneOptions) {
    const { number, password, server, domain } = options
    this.#options = options
    const uri = UserAgent.makeURI(`sip:${number}@${domain}`)
    if (!uri) throw new Error(`${number} is no user of a SIP URI`)
    this.#agent = new UserAgent({
      uri,
      transportOptions: { server, connectionTimeout: 8, keepAliveInterval: 30 },
      authorizationUsername: number,
      authorizationPassword: password,
      userAgentString: 'Ringdown desktop',
      logBuiltinEnabled: false,
      delegate: {
        onConnect: () => this.#register(),
        onDisconnect: (error) => this.#lost(error),
        onMessage: (message) => {
          message.accept().catch(() => undefined) // the engine repeats what it got no answer to
        },
        onInvite: (invitation) => {
          invitation.reject({ statusCode: 488 }).catch(() => undefined)
        },
      },
    })
    const { transport } = this.#agent
    const deliver = transport.onMessage
    transport.onMessage = (message) => deliver?.(md5First(message))
    this.#registerer = new Registerer(this.#agent, { expires })
    this.#registerer.stateChange.addListener((state) => {
      if (state === RegistererState.Registered) options.onNews('registered')
    })
  }

  start(): void {
    this.#agent.start().catch(() => this.#lost(new Error('no connection')))
  }

  /**
   * Sends a MESSAGE and answers with its final status; rejects when none came. The same id makes the same Call-ID, by which the engine
   * knows a text that it has accepted before.
   */
  say(number: string, text: string, id: string): Promise<{ status: number; reason: string }> {
    const target = UserAgent.makeURI(`sip:${number}@${this.#options.domain}`)
    if (!target) return Promise.resolve({ status: 404, reason: 'no number of a SIP URI' })
    // Its types leave one of the parameters out that it hands to the request.
    const params: MessagerOptions['params'] & { callId: string } = { callId: id }
    const messager = new Messager(this.#agent, target, text, 'text/plain;charset=UTF-8', { params })
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer')), answerMs)
      const settle = ({ message }: Core.IncomingResponse) => {
        clearTimeout(timer)
        // sip.js makes up a 408 itself where nothing comes.
        if (message.statusCode === 408 || message.statusCode === undefined) reject(new Error('no answer'))
        else resolve({ status: message.statusCode, reason: message.reasonPhrase ?? '' })
      }
      messager.message({ requestDelegate: { onAccept: settle, onReject: settle } }).catch(reject)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#again)
    await this.#registerer.unregister().catch(() => undefined)
    await this.#agent.stop().catch(() => undefined)
  }

  #register(): void {
    const onReject = ({ message }: Core.IncomingResponse) => {
      // 401 after credentials were shown, 403 and 404 say that no try will do better.
      const hopeless = message.statusCode !== undefined && message.statusCode < 500 && message.statusCode !== 408
      if (hopeless) this.#options.onNews('refused')
      else this.#lost(new Error('not registered'))
    }
    this.#registerer.register({ requestDelegate: { onReject } }).catch(() => undefined)
  }

  #lost(error: Error | undefined): void {
    if (this.#stopped || !error) return
    this.#options.onNews('lost')
    clearTimeout(this.#again)
    this.#again = setTimeout(() => {
      if (this.#agent.isConnected()) this.#register()
      else this.#agent.reconnect().catch(() => this.#lost(new Error('no connection')))
    }, againMs)
  }
}
