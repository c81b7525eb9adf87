import type { Notification } from '@ringdown/client'
import type { CometD, Message, Transport } from 'cometd'

export type ConnectionType = 'long-polling' | 'websocket' | 'callback-polling'

export interface DeskSettings {
  /** Where the page finds the client's ES module. */
  library: string
  /** The engine, `http://host:port`. */
  address: string
  userName: string
  password: string
  connectionType: ConnectionType
  ack: boolean
  /** How long after its time an answer is waited for, milliseconds; CometD's own 10 s where nothing is said. */
  patienceMs?: number
  /** Goes on with the CometD session the page had before it was loaded again. */
  reload?: boolean
}

/** The library's types leave one transport out. */
type Library = typeof import('cometd') & { CallbackPollingTransport: new () => Transport }

interface Answer {
  status: number
  statusCode: number
  [key: string]: unknown
}

/**
 * An agent's page. It runs in the browser: nothing but types is imported here, and the library comes from where the page finds it.
 * The password is shown once; from then on the browser's cookie says who this is.
 */
export class Desk {
  readonly heard: Notification[] = []
  handshakes = 0
  /** Replies to handshakes that the reload extension kept from before. */
  replayed = 0
  /** Why connects failed, each time. */
  readonly failures: string[] = []
  clientId = ''
  /** The session the agent is in or was in last, as heard. */
  session: string | undefined
  readonly #settings: DeskSettings
  readonly #csrf: Record<string, string> = {}
  #cometd: CometD | undefined

  constructor(settings: DeskSettings) {
    this.#settings = settings
  }

  /** Logs in, and at the agent's own place. */
  async login(): Promise<Answer[]> {
    const { userName, password } = this.#settings
    const me = await this.ask('/me', undefined, { Authorization: `Basic ${btoa(`${userName}:${password}`)}` })
    const place = await this.ask('/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
    return [me, place]
  }

  /** One request of Web Services: GET, or POST where there is a body. */
  async ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(`${this.#settings.address}/api/v2${path}`, {
      method: body ? 'POST' : 'GET',
      credentials: 'include',
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...this.#csrf, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const name = answer.headers.get('X-CSRF-HEADER')
    if (name !== null) this.#csrf[name] = answer.headers.get('X-CSRF-TOKEN') ?? ''
    return { status: answer.status, ...((await answer.json()) as { statusCode: number }) }
  }

  /** Makes a request as a page does that knows of no CSRF token. */
  async withoutToken(request: () => Promise<Answer>): Promise<Answer> {
    const known = { ...this.#csrf }
    for (const name of Object.keys(known)) delete this.#csrf[name]
    try {
      return await request()
    } finally {
      Object.assign(this.#csrf, known)
    }
  }

  initiate(phoneNumber: string): Promise<Answer> {
    return this.ask('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber } })
  }

  send(text: string): Promise<Answer> {
    const headers = { 'Idempotency-Key': `id-of-${text}` }
    return this.ask(`/me/im-sessions/${this.session}`, { operationName: 'SendMessage', text }, headers)
  }

  complete(): Promise<Answer> {
    return this.ask(`/me/im-sessions/${this.session}`, { operationName: 'Complete' })
  }

  /** Starts CometD; resolves when the subscription stands. */
  async listen(channel: string): Promise<void> {
    const { library, address, connectionType, ack, patienceMs = 10_000, reload } = this.#settings
    const { AckExtension, CometD, ReloadExtension, CallbackPollingTransport }: Library = await import(library)
    const cometd = new CometD()
    this.#cometd = cometd
    if (connectionType === 'callback-polling') cometd.registerTransport(connectionType, new CallbackPollingTransport())
    for (const type of cometd.getTransportTypes()) if (type !== connectionType) cometd.unregisterTransport(type)
    if (ack) cometd.registerExtension('ack', new AckExtension())
    if (reload) cometd.registerExtension('reload', new ReloadExtension())
    cometd.configure({
      url: `${address}/api/v2/notifications`,
      requestHeaders: this.#csrf,
      backoffIncrement: 100,
      maxBackoff: 500,
      maxNetworkDelay: patienceMs,
      logLevel: 'warn',
    })
    cometd.addListener('/meta/connect', (message) => {
      if (!message.successful) this.failures.push(JSON.stringify(message))
    })
    await new Promise<void>((resolve, reject) => {
      cometd.addListener('/meta/handshake', (message) => {
        if (!message.successful) return reject(new Error(JSON.stringify(message)))
        const { ext } = message as { ext?: { reload?: boolean } }
        if (ext?.reload) this.replayed++
        else this.handshakes++
        this.clientId = cometd.getClientId() ?? ''
        const onNotification = ({ data }: Message) => this.#onNotification(data as unknown as Notification)
        cometd.subscribe(channel, onNotification, ({ successful, error }) => {
          if (successful) resolve()
          else reject(new Error(String(error)))
        })
      })
      cometd.handshake()
    })
  }

  /** Keeps what the reload extension needs to go on, as a page does when it is left. */
  leave(): void {
    const cometd = this.#cometd as (CometD & { reload(): void }) | undefined
    cometd?.reload()
  }

  disconnect(): Promise<void> {
    return new Promise((resolve) => this.#cometd?.disconnect(() => resolve()))
  }

  #onNotification(notification: Notification): void {
    this.heard.push(notification)
    if (notification.messageType === 'IMSessionStateChangeMessage') this.session = notification.imSession.id
  }
}
