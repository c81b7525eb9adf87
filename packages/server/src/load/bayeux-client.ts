import { WebSocket } from 'ws'
import { cookieLine, HttpConnection, httpRequest } from './http-connection.ts'

/** A Bayeux message as far as a load generator looks at it. */
export interface BayeuxMessage {
  channel: string
  clientId?: string
  successful?: boolean
  error?: string
  data?: unknown
  ext?: { ack?: number; replay?: unknown }
}

export type Transport = 'ws' | 'lp'

export interface BayeuxClientOptions {
  port: number
  /** 127.0.0.1 when left out. */
  host?: string
  secure?: boolean
  /** Who may have signed the server's certificate, PEM. */
  ca?: string
  /** Of the Bayeux endpoint. */
  path: string
  /** Header lines of each request, with their CRLF: credentials, cookies. */
  headers: string
  ack: boolean
  /** Each message with data. */
  onEvent: (message: BayeuxMessage) => void
  /** The client is of no more use: connection lost, or a refusal. */
  onFault: (reason: string) => void
}

/** A connected, subscribed client. */
export interface BayeuxClient {
  close(): void
}

/** Sends messages and says what each answer holds; the connect loop above it is the same for both transports. */
interface Wire {
  send(messages: string): void
  close(): void
}

/** The part of a client that does not depend on the transport: handshake, subscribe, then connect for ever. */
class Conversation {
  readonly #options: BayeuxClientOptions
  readonly #type: string
  readonly #channel: string
  readonly #ready: (error?: Error) => void
  #wire: Wire | undefined
  #clientId = ''
  #nextId = 1
  #acked = -1

  constructor(options: BayeuxClientOptions, type: string, channel: string, ready: (error?: Error) => void) {
    this.#options = options
    this.#type = type
    this.#channel = channel
    this.#ready = ready
  }

  start(wire: Wire): void {
    this.#wire = wire
    const ext = this.#options.ack ? ',"ext":{"ack":true}' : ''
    this.#say(`"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["${this.#type}"]${ext}`)
  }

  fault(reason: string): void {
    this.#ready(new Error(reason))
    this.#options.onFault(reason)
  }

  /** One answer or frame: an array of messages. */
  hear(text: string): void {
    let reconnect = false
    for (const message of JSON.parse(text) as BayeuxMessage[]) {
      if (message.data !== undefined) this.#options.onEvent(message)
      else if (message.successful === false) {
        this.fault(`${message.channel}: ${message.error}`)
        return
      } else if (message.channel === '/meta/connect') {
        reconnect = true
        if (message.ext?.ack !== undefined) this.#acked = message.ext.ack
      } else if (message.channel === '/meta/handshake') {
        this.#clientId = message.clientId ?? ''
        this.#say(`"channel":"/meta/subscribe","clientId":"${this.#clientId}","subscription":"${this.#channel}"`)
      } else if (message.channel === '/meta/subscribe') {
        this.#ready()
        reconnect = true
      }
    }
    if (reconnect) this.#connect()
  }

  #connect(): void {
    const ext = this.#options.ack ? `,"ext":{"ack":${this.#acked}}` : ''
    this.#say(`"channel":"/meta/connect","clientId":"${this.#clientId}","connectionType":"${this.#type}"${ext}`)
  }

  #say(fields: string): void {
    this.#wire?.send(`[{"id":"${this.#nextId++}",${fields}}]`)
  }
}

const hostHeader = ({ host = '127.0.0.1', port }: BayeuxClientOptions): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

function overHttp(options: BayeuxClientOptions, conversation: Conversation): BayeuxClient {
  const { port, host, secure = false, ca } = options
  // A held connect is answered within minutes; what takes longer has died without a word.
  const connection = new HttpConnection(port, host, { secure, timeoutMs: 330_000, ...(ca !== undefined && { ca }) })
  let headers = options.headers
  let closed = false
  const wire: Wire = {
    send(messages) {
      connection.send(httpRequest('POST', options.path, headers, messages, hostHeader(options))).then(
        (reply) => {
          if (reply.status !== 200) return conversation.fault(`HTTP ${reply.status}`)
          // cometd-nodejs-server binds its sessions to a cookie of its own.
          if (headers === options.headers) headers += cookieLine(reply.head)
          conversation.hear(reply.body)
        },
        (error: Error) => {
          if (!closed) conversation.fault(error.message)
        },
      )
    },
    close() {
      closed = true
      connection.close()
    },
  }
  conversation.start(wire)
  return wire
}

function overWebSocket(options: BayeuxClientOptions, conversation: Conversation): BayeuxClient {
  const headers = Object.fromEntries(
    options.headers
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const { secure = false, ca } = options
  const socket = new WebSocket(`${secure ? 'wss' : 'ws'}://${hostHeader(options)}${options.path}`, {
    headers,
    handshakeTimeout: 10_000,
    ...(ca !== undefined && { ca }),
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  let closed = false
  const wire: Wire = {
    send: (messages) => socket.send(messages),
    close() {
      closed = true
      socket.terminate()
    },
  }
  socket.on('open', () => conversation.start(wire))
  // `ws` hands over a Buffer for every frame under its default binaryType.
  socket.on('message', (bytes: Buffer) => conversation.hear(bytes.toString()))
  socket.on('error', (error) => conversation.fault(error.message))
  socket.on('close', (code) => {
    if (!closed) conversation.fault(`the server closed the WebSocket: ${code}`)
  })
  return wire
}

/** Connects one client and subscribes it to `channel`; from then on it is always connected, or `onFault` is told. */
export function openBayeuxClient(
  transport: Transport,
  channel: string,
  options: BayeuxClientOptions,
): Promise<BayeuxClient> {
  return new Promise((resolve, reject) => {
    let client: BayeuxClient | undefined
    const type = transport === 'ws' ? 'websocket' : 'long-polling'
    const conversation = new Conversation(options, type, channel, (error) => {
      if (error) reject(error)
      else if (client) resolve(client)
    })
    client = transport === 'ws' ? overWebSocket(options, conversation) : overHttp(options, conversation)
  })
}
