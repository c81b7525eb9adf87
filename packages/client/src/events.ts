import { AckExtension, CometD, type Message } from 'cometd'
import { prepareGround, socketOptions } from './ground.ts'
import type { DeviceStateChange, Notification } from './notifications.ts'

/**
 * How the stream of notifications stands. `broken` is told for every handshake and connect that fails, `connected` once; `handshaken` when a CometD
 * session began; `subscribed`: from here on nothing is missed without a word; `refused`: the server lets nobody of this name in.
 */
export type EventsState = 'connected' | 'broken' | 'handshaken' | 'subscribed' | 'refused'

export interface EventsOptions {
  /** Where the server is, without `/api/v2`. */
  address: string
  /** Headers that log it in. A browser's WebSocket sends none and needs the session's cookie. */
  headers: Record<string, string>
  /** The transports to use, best first. Default: WebSocket, then long-polling. */
  transports?: readonly ('websocket' | 'long-polling')[]
  /** CometD's ack extension: the server sends again what was not confirmed. Default true. */
  ack?: boolean
  /** Also tell of the agent's own devices. Default: not. */
  onDevices?(change: DeviceStateChange): void
  /** Milliseconds the pause between two tries grows by. Default 100. */
  backoffIncrement?: number
  /** The longest such pause, milliseconds. Default 60 000. */
  maxBackoff?: number
  /** Milliseconds an answer may be late before the connection counts as broken. Default 10 000. */
  maxNetworkDelay?: number
  /** `position` is where the notification stands in the agent's feed, where the server tells. */
  onNotification(notification: Notification, position: string | undefined): void
  onState?(state: EventsState): void
}

const topic = '/v2/me/im-sessions'

/** One agent's notifications, over the stock CometD client. */
export class Events {
  readonly #cometd: CometD
  #connected = false

  constructor(options: EventsOptions) {
    const { address, headers, ack = true, transports = ['websocket', 'long-polling'] } = options
    prepareGround()
    const cometd = new CometD()
    this.#cometd = cometd
    for (const type of ['websocket', 'long-polling', 'callback-polling'] as const)
      if (!transports.some((transport) => transport === type)) cometd.unregisterTransport(type)
    cometd.configure({
      url: `${address}/api/v2/notifications`,
      requestHeaders: headers,
      ...socketOptions(headers),
      backoffIncrement: options.backoffIncrement ?? 100,
      maxBackoff: options.maxBackoff ?? 60_000,
      maxNetworkDelay: options.maxNetworkDelay ?? 10_000,
      // The worker it would make is a script from nowhere, which a strict CSP forbids.
      useWorkerScheduler: false,
      logLevel: 'warn',
    })
    if (ack) cometd.registerExtension('ack', new AckExtension())
    // A handshake drops the subscriptions; whoever does not subscribe again in its listener goes silent.
    cometd.addListener('/meta/handshake', ({ successful, advice }) => {
      if (!successful) {
        this.#connected = false
        options.onState?.(advice?.reconnect === 'none' ? 'refused' : 'broken')
        return
      }
      options.onState?.('handshaken')
      const { onDevices } = options
      if (onDevices) cometd.subscribe('/v2/me/devices', ({ data }) => onDevices(data))
      cometd.subscribe(
        topic,
        (message) => options.onNotification(message.data, position(message)),
        (reply) => {
          if (reply.successful) options.onState?.('subscribed')
        },
      )
    })
    cometd.addListener('/meta/connect', ({ successful }) => {
      if (successful && this.#connected) return
      this.#connected = successful === true
      options.onState?.(this.#connected ? 'connected' : 'broken')
    })
  }

  /** Resolves when the subscription stands; rejects if the server refuses the handshake. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const listener = this.#cometd.addListener('/meta/subscribe', (message) => {
        if (message.successful && ![message.subscription].flat().includes(topic)) return
        this.#cometd.removeListener(listener)
        if (message.successful) resolve()
        else reject(new Error(`not subscribed: ${message.error}`))
      })
      this.#cometd.handshake((message) => {
        if (!message.successful) reject(new Error(`no handshake: ${message.error ?? 'no answer'}`))
      })
    })
  }

  /** Says goodbye; resolves when the server answered or the connection is given up. */
  stop(): Promise<void> {
    // The client never calls back where there is nothing to end.
    if (this.#cometd.isDisconnected()) return Promise.resolve()
    return new Promise((resolve) => this.#cometd.disconnect(() => resolve()))
  }

  /** The CometD session's id, null before the handshake. */
  clientId(): string | null {
    return this.#cometd.getClientId()
  }
}

function position({ ext }: Message): string | undefined {
  const replay = ext && 'replay' in ext ? ext.replay : undefined
  return typeof replay === 'string' ? replay : undefined
}
