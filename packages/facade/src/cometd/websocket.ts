import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '@ringdown/signalling'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { ApiError } from '../web-services/status.ts'
import { type BayeuxMessage, extOf, limits, objectOf, parseMessages } from './bayeux.ts'
import type { Doorkeeper, Known } from './doorkeeper.ts'
import type { Hub } from './hub.ts'
import { receive, type Sender } from './meta.ts'
import type { Sink, Subscriber } from './subscriber.ts'

export interface WebSocketsDeps {
  hub: Hub
  doorkeeper: Doorkeeper
  clock: Clock
  /** The API's absolute address for a client that came by this scheme and `Host`. */
  apiRoot: (scheme: 'http' | 'https', host: string) => string
}

/** Bytes that may wait for a client that does not read; above it nothing is read from that client either. */
const bufferedLimit = 1024 * 1024
/** Frames of one client that may wait to be carried out. */
const framesWaiting = 16
/** Who a client is, is asked again after so long: its HTTP session may have ended. */
const trustMs = 30_000
/** How long a connection may stay open before it has shown who it is. */
const strangerMs = 10_000
const sweepMs = 5_000

/** The transport `websocket`, on the same address as long-polling. */
export class WebSockets {
  readonly deps: WebSocketsDeps
  readonly #peers = new Set<Peer>()
  readonly #server = new WebSocketServer({
    WebSocket: PeerSocket,
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.bodyBytes,
    clientTracking: false,
  })
  #cancel: () => void

  constructor(deps: WebSocketsDeps) {
    this.deps = deps
    this.#cancel = deps.clock.after(sweepMs, this.#sweep)
  }

  /**
   * Takes an upgrade over. SPEC CD-7: without a credential only a page of ours may open one, and shows who it is in its handshake;
   * everybody else gets a 401, at which clients fall back to long-polling.
   */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { doorkeeper, hub, apiRoot } = this.deps
    const { headers } = request
    const ignore = () => undefined
    socket.on('error', ignore)
    const address = request.socket.remoteAddress ?? ''
    if (hub.draining) return refuse(socket, '503 Service Unavailable')
    if (!doorkeeper.isOurSite(headers)) return refuse(socket, '403 Forbidden')
    let known: Known | undefined
    try {
      known = await doorkeeper.recognise(headers, address)
    } catch (error) {
      const isTooMuch = error instanceof ApiError && error.http === 429
      return refuse(socket, isTooMuch ? '429 Too Many Requests' : '503 Service Unavailable')
    }
    if (!known && headers.origin === undefined) return refuse(socket, '401 Unauthorized')
    if (socket.destroyed) return
    socket.removeListener('error', ignore)
    const { cookie, authorization, host = '' } = headers
    const credentials = {
      ...(cookie !== undefined && { cookie }),
      ...(authorization !== undefined && { authorization }),
    }
    const scheme = (request.socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'
    const root = apiRoot(scheme, host)
    const open = (ws: PeerSocket) => this.#open(new Peer(this, ws, { credentials, address, apiRoot: root }, known))
    this.#server.handleUpgrade(request, socket, head, open)
  }

  // A method of its own: what the websocket's listeners close over would keep the whole request in memory.
  #open(peer: Peer): void {
    this.#peers.add(peer)
  }

  forget(peer: Peer): void {
    this.#peers.delete(peer)
  }

  /** Sends every client to another node. */
  close(): void {
    this.#cancel()
    for (const peer of this.#peers) peer.close(1001, 'going away')
    this.#server.close()
  }

  // A client that has vanished without a word is not told apart by TCP for a long time.
  readonly #sweep = (): void => {
    const { clock, hub } = this.deps
    const { timeoutMs, maxIntervalMs } = hub.options
    this.#cancel = clock.after(sweepMs, this.#sweep)
    const now = clock.now()
    for (const peer of this.#peers)
      if (now - peer.heard > (peer.isKnown ? timeoutMs + 2 * maxIntervalMs : strangerMs)) peer.terminate()
  }
}

/** A websocket that knows its peer, so that all of them share their listeners. */
class PeerSocket extends WebSocket {
  peer: Peer | null = null
}

function onFrame(this: WebSocket, data: RawData, isBinary: boolean): void {
  ;(this as PeerSocket).peer?.receive(data, isBinary)
}

function onClose(this: WebSocket): void {
  ;(this as PeerSocket).peer?.closed()
}

function onError(): void {
  // `close` follows, and that is what counts
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

interface PeerOptions {
  /** The headers it was opened with, as far as they say who it is. */
  credentials: IncomingHttpHeaders
  address: string
  apiRoot: string
}

/** One websocket. Its frames are carried out one after the other. */
class Peer implements Sink {
  /** When a frame last came, milliseconds since 1970. */
  heard: number
  readonly lasting = true
  readonly #sockets: WebSockets
  readonly #ws: PeerSocket
  readonly #address: string
  readonly #apiRoot: string
  #credentials: IncomingHttpHeaders
  #known: Known | undefined
  #checked: number
  #working = false
  #waiting: string[] | null = null
  /** Sessions whose connect is held here; one, for any client we know. */
  #held: readonly Subscriber[] = []
  #paused = false

  constructor(sockets: WebSockets, ws: PeerSocket, options: PeerOptions, known: Known | undefined) {
    this.#sockets = sockets
    this.#ws = ws
    this.#address = options.address
    this.#apiRoot = options.apiRoot
    this.#credentials = options.credentials
    this.#known = known
    this.#checked = sockets.deps.clock.now()
    this.heard = this.#checked
    ws.peer = this
    ws.on('message', onFrame)
    ws.on('close', onClose)
    ws.on('error', onError)
  }

  get isKnown(): boolean {
    return this.#known !== undefined
  }

  hold(sub: Subscriber): void {
    if (this.#ws.readyState !== WebSocket.OPEN) this.#sockets.deps.hub.closed(sub, this)
    else if (!this.#held.includes(sub)) this.#held = this.#held.filter(({ life }) => life !== 'gone').concat(sub)
  }

  answer(json: string): void {
    this.#send(json)
  }

  superseded(json: string): void {
    this.#send(json)
  }

  closed(): void {
    this.#sockets.forget(this)
    this.#waiting = null
    for (const sub of this.#held) this.#sockets.deps.hub.closed(sub, this)
    this.#held = []
  }

  close(code: number, why: string): void {
    this.#ws.close(code, why)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  receive(data: RawData, isBinary: boolean): void {
    this.heard = this.#sockets.deps.clock.now()
    if (isBinary) {
      this.close(1003, 'text frames only')
      return
    }
    this.#waiting ??= []
    this.#waiting.push(String(data))
    if (!this.#working) void this.#work()
    else if (this.#waiting.length >= framesWaiting) this.#ws.pause()
  }

  async #work(): Promise<void> {
    this.#working = true
    try {
      for (let text = this.#waiting?.shift(); text !== undefined; text = this.#waiting?.shift())
        await this.#onText(text)
    } catch {
      this.close(1011, 'internal error')
    }
    this.#working = false
    this.#waiting = null
    if (!this.#paused) this.#ws.resume()
  }

  async #onText(text: string): Promise<void> {
    const parsed = parseMessages(text)
    if ('status' in parsed) return this.close(parsed.status === 413 ? 1009 : 1007, parsed.why)
    const { messages } = parsed
    if (!(await this.#recognise(messages))) return this.close(1008, 'the login has ended')
    const sender: Sender = {
      login: this.#known?.login,
      loginID: this.#known?.loginID ?? '',
      apiRoot: this.#apiRoot,
      connectionTypes: this.#sockets.deps.doorkeeper.connectionTypes,
    }
    const alone = messages.length === 1
    const texts: string[] = []
    for (const message of messages) {
      const reply = await receive(this.#sockets.deps.hub, message, sender, alone ? this : undefined)
      if (reply !== undefined) texts.push(reply)
    }
    if (texts.length > 0) this.#send(`[${texts.join(',')}]`)
  }

  /** Whether the client may go on. One that has not shown who it is may, and is told so by the replies. */
  async #recognise(messages: readonly BayeuxMessage[]): Promise<boolean> {
    const { doorkeeper, clock } = this.#sockets.deps
    const now = clock.now()
    if (!this.#known) {
      const headers = credentialsOf(messages)
      if (!headers) return true
      this.#known = await doorkeeper.recognise(headers, this.#address).catch(() => undefined)
      if (this.#known) this.#credentials = headers
    } else if (now - this.#checked >= trustMs) {
      this.#checked = now
      // A store that does not answer is no reason to throw somebody out.
      const known = await doorkeeper.recognise(this.#credentials, this.#address).catch(() => this.#known)
      if (!known) return false
      this.#known = known
    }
    return true
  }

  #send(json: string): void {
    const ws = this.#ws
    const { clock, hub } = this.#sockets.deps
    if (ws.readyState !== WebSocket.OPEN) return
    if (ws.bufferedAmount + json.length <= bufferedLimit) {
      ws.send(json)
      return
    }
    // SPEC CD-27: who asks without reading is not read either, and is given up when that does not help.
    ws.send(json, () => {
      if (!this.#paused || ws.bufferedAmount > bufferedLimit / 2) return
      this.#paused = false
      ws.resume()
    })
    if (this.#paused) return
    this.#paused = true
    ws.pause()
    clock.after(hub.options.maxIntervalMs, () => this.#paused && ws.terminate())
  }
}

/** Credentials in a handshake's `ext.authentication`, as HTTP would carry them; a browser's websocket cannot send a header. */
function credentialsOf(messages: readonly BayeuxMessage[]): IncomingHttpHeaders | undefined {
  const [first] = messages
  if (first?.channel !== '/meta/handshake') return undefined
  const { user, credentials } = objectOf(extOf(first, 'authentication')) ?? {}
  if (typeof user !== 'string' || typeof credentials !== 'string') return undefined
  return { authorization: `Basic ${Buffer.from(`${user}:${credentials}`).toString('base64')}` }
}
