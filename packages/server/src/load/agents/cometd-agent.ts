import { setTimeout as sleep } from 'node:timers/promises'
import { type BayeuxClient, type BayeuxMessage, openBayeuxClient, type Transport } from '../bayeux-client.ts'
import type { HttpPool, HttpTarget } from '../http-pool.ts'
import { refusalIn, WebServices } from '../web-services.ts'
import type { Hears, LoadAgent } from './load-agent.ts'
import { logIn } from './log-in.ts'

export interface CometdAgentOptions {
  target: HttpTarget
  pool: HttpPool
  userName: string
  password: string
  number: string
  transport: Transport
  hears: Hears
}

interface Data {
  message?: unknown
  messageId?: unknown
  notificationType?: string
  reason?: unknown
  imSession?: { id: string; state: string }
}

const reconnectMs = 500

/** An agent on REST and CometD, with the ack extension: as a page that loads the stock client. */
export class CometdAgent implements LoadAgent {
  readonly number: string
  readonly opensWithText = false
  readonly canEnd = true
  readonly #options: CometdAgentOptions
  readonly #rest: WebServices
  #client: BayeuxClient | undefined
  #session: string | undefined
  /** Epoch and offset of the last event, by which a client knows what comes again. */
  #seen: { epoch: string; offset: number } | undefined
  #repeated: () => void
  #closed = false

  /** `repeated`: told of an event that came again after a connection was lost, as any client passes over it. */
  constructor(options: CometdAgentOptions, repeated: () => void) {
    this.#options = options
    this.#repeated = repeated
    this.#rest = new WebServices(options.pool)
    this.number = options.number
  }

  get inSession(): boolean {
    return this.#session !== undefined
  }

  async open(): Promise<void> {
    const { userName, password } = this.#options
    await logIn(this.#rest, userName, password)
    await this.#rest.ask('POST', '/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
    const { imSessions } = await this.#rest.ask<{ imSessions: unknown[] }>('GET', '/me/im-sessions?fields=*')
    if (imSessions.length > 0) throw new Error('is in a session already; a load agent has to be free')
    await this.#connect()
  }

  async begin(to: string): Promise<string | undefined> {
    const operation = { operationName: 'InitiateIMSession', destination: { phoneNumber: to } }
    return refusalIn(await this.#rest.send('POST', '/me/im-sessions', JSON.stringify(operation)))
  }

  async say(_to: string, text: string, key: string): Promise<string | undefined> {
    if (this.#session === undefined) return 'the session had ended'
    const body = `{"operationName":"SendMessage","text":${JSON.stringify(text)},"messageId":"${key}"}`
    return refusalIn(await this.#rest.send('POST', `/me/im-sessions/${this.#session}`, body))
  }

  async end(): Promise<void> {
    if (this.#session === undefined) return
    await this.#rest.ask('POST', `/me/im-sessions/${this.#session}`, { operationName: 'Complete' })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#client?.close()
    await this.end().catch(() => undefined)
    await this.#rest.ask('POST', '/me', { operationName: 'EndContactCenterSession' }).catch(() => undefined)
  }

  async #connect(): Promise<void> {
    const { host, port, secure, ca } = this.#options.target
    const client = await openBayeuxClient(this.#options.transport, '/v2/me/im-sessions', {
      ...{ host, port, secure, path: '/api/v2/notifications', headers: this.#rest.headers, ack: true },
      ...(ca !== undefined && { ca }),
      onEvent: (message) => this.#hear(message),
      onFault: (why) => this.#lost(why),
    })
    this.#client = client
    if (this.#closed) client.close()
  }

  /** Comes back until it is let in: the server goes on where it had been acknowledged. */
  #lost(why: string): void {
    const had = this.#client
    // Before it was connected whoever waits is told, and nobody else.
    if (this.#closed || !had) return
    this.#client = undefined
    had.close()
    this.#options.hears.onFault(`CometD: ${why}`)
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    while (!this.#closed && !this.#client) {
      await sleep(reconnectMs)
      await this.#connect().catch(() => undefined)
    }
  }

  #hear({ data, ext }: BayeuxMessage): void {
    if (this.#isOld(ext?.replay)) {
      this.#repeated()
      return
    }
    const { message, messageId, notificationType, reason, imSession } = data as Data
    const { hears } = this.#options
    if (typeof message === 'string') hears.onText(message)
    else if (notificationType === 'Failed') hears.onUndelivered(String(messageId), String(reason ?? 'not delivered'))
    else if (notificationType === 'Gap') hears.onFault('CometD: told of a gap')
    else if (imSession) this.#note(imSession)
  }

  #note({ id, state }: { id: string; state: string }): void {
    const before = this.#session
    if (state === 'Talking') this.#session = id
    if (state === 'Completed' && id === before) this.#session = undefined
    if (before !== this.#session) this.#options.hears.onSession()
  }

  #isOld(position: unknown): boolean {
    const [, epoch, written] = (typeof position === 'string' && /^(.*):(\d+)$/.exec(position)) || []
    if (epoch === undefined) return false
    const offset = Number(written)
    if (this.#seen?.epoch === epoch && offset <= this.#seen.offset) return true
    this.#seen = { epoch, offset }
    return false
  }
}
