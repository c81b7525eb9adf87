/** The part of drachtio-srf that we use, typed. Its own types are loose and leave out half of it; nothing else in the engine sees the library. */
import type { Socket } from 'node:net'
import Library from 'drachtio-srf'

/** A message of the library. What it says of headers is not asked: `raw` is read by our own codec. */
interface LibraryMessage {
  /** The whole message as text: what the server sent us, decoded as UTF-8. */
  readonly raw: string
  /** Who made it: a peer, or the server in our name. */
  readonly source: 'network' | 'application'
  readonly source_address: string
  /** 0 for an answer the server has made up itself: nothing came from anywhere. */
  readonly source_port: number
  readonly protocol: string
  readonly stackTxnId: string | undefined
  readonly stackDialogId: string | undefined
}

/** A request of a peer, or one of ours as the server has sent it. */
export interface LibraryRequest extends LibraryMessage {
  readonly method: string
  on(event: 'response', listener: (response: LibraryMessage, acknowledge: Acknowledge) => void): void
  /** A CANCEL of the peer: the server has answered it, and the INVITE with 487. */
  on(event: 'cancel', listener: () => void): void
  /** An UPDATE of the peer while a request of ours in its dialog waits for its answer. */
  on(event: 'update', listener: OnRequest): void
  cancel(options: { headers?: Headers }, done: (error: unknown) => void): void
}

/** Where the answer to a request is sent from. */
export interface LibraryResponse extends LibraryMessage {
  /** Throws where it has never heard of the status. `done`: the server has taken it, or says why not. */
  send(
    status: number,
    reason: string,
    options: { headers: Headers; body?: string },
    done: (error: unknown) => void,
  ): void
}

/** Name to value; lines of one name are one value, see `headersOf`. */
export type Headers = Record<string, string>
export type OnRequest = (request: LibraryRequest, response: LibraryResponse) => void
/** ACK for a 2xx. */
export type Acknowledge = (options: { headers?: Headers; body?: string }) => void

export interface LibraryOptions {
  readonly method: string
  readonly headers: Headers
  readonly body?: string
  /** The next hop, where it is not the Request-URI. */
  readonly proxy?: string
  /** The server's name of the dialog the request belongs to. */
  readonly stackDialogId?: string
}

interface Wire {
  closing: boolean
  readonly reconnectVars: { retryTimer?: NodeJS.Timeout | null }
  on(event: 'connect', listener: (socket: Socket) => void): void
  on(event: 'ping', listener: (ping: { readonly socket: Socket }) => void): void
}

interface LibrarySrf {
  readonly app: { readonly client: { readonly wp: Wire; readonly mapServer: ReadonlyMap<Socket, unknown> } }
  connect(options: {
    host: string
    port: number
    secret: string
    enablePing: true
    reconnect: { retryMaxDelay: number }
  }): void
  /** All methods. */
  use(listener: OnRequest): void
  /** Asks the server for new requests of this method too. */
  use(method: string, listener: OnRequest): void
  request(uri: string, options: LibraryOptions, done: (error: unknown, sent?: LibraryRequest) => void): void
  on(event: 'connect', listener: (error: unknown, hostPorts?: string) => void): void
  on(event: 'error' | 'close', listener: (error: unknown) => void): void
}

const Srf = Library as unknown as new () => LibrarySrf

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly secret: string
}

/** Told by the library of its connection to the server; later than it happened, by one turn of the loop. */
export interface LibraryUser {
  /** New requests of peers, and requests inside dialogs. */
  onRequest: OnRequest
  /** `hostPorts`: where the server listens for SIP, `udp/192.0.2.1:5060,tcp/…`. */
  onConnected(hostPorts: string): void
  /** The server does not know our secret; it closes the connection. */
  onRefused(): void
  /** The connection is gone, or there was none to be had; the library tries again, later and later. */
  onClosed(): void
}

/** Where waiting between two tries stops growing, ms. */
const longestWaitMs = 5_000
/** New requests the server is asked for; of any other method it tells nobody. */
const methods = ['invite', 'register', 'message', 'options', 'info', 'notify', 'subscribe', 'publish']

/** A connection to a drachtio-server that is made again whenever it is lost. */
export class LibraryConnection {
  readonly #srf: LibrarySrf = new Srf()
  readonly #wire: Wire
  readonly #heard = new WeakSet<Socket>()

  constructor(server: ServerAddress, user: LibraryUser) {
    const srf = this.#srf
    srf.use((request, response) => user.onRequest(request, response))
    for (const method of methods) srf.use(method, () => undefined)
    srf.on('connect', (error, hostPorts) => {
      if (this.#wire.closing) this.#destroyAll()
      else if (error) user.onRefused()
      else user.onConnected(hostPorts ?? '')
    })
    srf.on('close', () => user.onClosed())
    // Whatever goes wrong, `close` follows.
    srf.on('error', () => undefined)
    srf.connect({ ...server, enablePing: true, reconnect: { retryMaxDelay: longestWaitMs } })
    this.#wire = srf.app.client.wp
    this.#wire.on('connect', (socket) => this.#guard(socket))
    // A server that has not answered the last ping, 15 s ago, is gone, whatever the connection says.
    this.#wire.on('ping', ({ socket }) => {
      if (!this.#heard.delete(socket)) socket.destroy()
    })
  }

  /** Sends a request. Throws where there is no connection. */
  request(uri: string, options: LibraryOptions, done: (error: unknown, sent?: LibraryRequest) => void): void {
    this.#srf.request(uri, options, done)
  }

  close(): void {
    this.#wire.closing = true
    clearTimeout(this.#wire.reconnectVars.retryTimer ?? undefined)
    this.#destroyAll()
  }

  #destroyAll(): void {
    // What was written before is still sent.
    for (const socket of this.#srf.app.client.mapServer.keys()) socket.destroySoon()
  }

  // COMPAT drachtio-srf 5.0.29 throws what it cannot read out of the socket's own listener, which would end the process.
  #guard(socket: Socket): void {
    this.#heard.add(socket)
    for (const read of socket.listeners('data')) {
      socket.off('data', read as (data: Buffer) => void)
      socket.on('data', (data: Buffer) => {
        this.#heard.add(socket)
        try {
          read.call(socket, data)
        } catch {
          socket.destroy()
        }
      })
    }
  }
}
