import { isUtf8 } from 'node:buffer'
import { createServer, type Server as HttpServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import { createServer as createSecureServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { keepAlive } from '../message/framer.ts'
import type { Open } from './connect.ts'
import { ConnectionFlow, type Pipe } from './connection-flow.ts'
import { hostPort } from './host-port.ts'
import { type Hub, read } from './hub.ts'
import type { DropReason, Listen, TransportLimits } from './options.ts'
import { verifiedNames } from './peer-names.ts'
import { bindServer, type StreamListener } from './server.ts'
import { corker, describe, peerOf, type SocketParts } from './socket.ts'
import { clientOptions, secureContext, serverOptions } from './tls.ts'

/** RFC 7118 §4.1. */
const subprotocol = 'sip'
/** COMPAT: browser stacks ask with blank lines too, having no way to send a ping. */
const pong = Buffer.from('\r\n')

/** SIP over WebSocket, RFC 7118, on an HTTP server of its own. */
export async function listenWs(hub: Hub, listen: Listen): Promise<StreamListener> {
  const { transport } = listen
  const { connectMs } = hub.limits
  const http = {
    headersTimeout: connectMs,
    requestTimeout: connectMs,
    keepAliveTimeout: 1,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 8_192,
  }
  const server: HttpServer | HttpsServer =
    transport === 'wss'
      ? createSecureServer({ ...serverOptions(listen), handshakeTimeout: connectMs, ...http })
      : createServer(http)
  const setTLS =
    transport === 'wss'
      ? (tls: Parameters<typeof secureContext>[0]) => (server as HttpsServer).setSecureContext(secureContext(tls))
      : undefined
  const listener = await bindServer(hub, server, listen, setTLS)
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, ...frameLimits(hub.limits) })

  server.on('request', (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end()
  })
  if (transport === 'wss') server.on('tlsClientError', () => hub.drop('handshake-failed', transport, undefined))
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const refused = refusal(request, listen)
    if (refused) {
      hub.drop(refused.reason, transport, peerOf(request.socket))
      const { status } = refused
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const peerNames = request.socket instanceof TLSSocket ? verifiedNames(request.socket) : []
      attach(hub, webSocket, request.socket, { transport, inbound: true, peerNames, sentBy: listener.sentBy })
    })
  })
  return listener
}

export const openWs: Open = (hub, target, out, done) => {
  const { transport, address, port } = target
  const webSocket = new WebSocket(`${transport}://${hostPort(address, port)}/`, subprotocol, {
    ...(transport === 'wss' ? clientOptions(target, out) : out.from && { localAddress: out.from }),
    headers: { Host: hostPort(target.serverName ?? address, port) },
    followRedirects: false,
    ...frameLimits(hub.limits),
  })
  let socket: Socket | undefined
  webSocket.once('upgrade', (response) => {
    socket = response.socket
  })
  webSocket.once('close', () => hub.connections.release(undefined))
  webSocket.once('error', done)
  webSocket.once('open', () => {
    webSocket.off('error', done)
    const peerNames = socket instanceof TLSSocket ? verifiedNames(socket) : []
    const flow = socket && attach(hub, webSocket, socket, { transport, inbound: false, peerNames, sentBy: out.sentBy })
    done(flow ?? new Error('closed at once'))
  })
  return () => webSocket.terminate()
}

/** Why an upgrade is refused, if it is. */
function refusal(request: IncomingMessage, listen: Listen): { reason: DropReason; status: number } | undefined {
  if (request.url?.split('?')[0] !== (listen.path ?? '/')) return { reason: 'not-found', status: 404 }
  const { origin } = request.headers
  if (listen.origins && (origin === undefined || !listen.origins.includes(origin)))
    return { reason: 'origin', status: 403 }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim().toLowerCase())
  return offered.includes(subprotocol) ? undefined : { reason: 'subprotocol', status: 400 }
}

function attach(hub: Hub, webSocket: WebSocket, socket: Socket, parts: SocketParts): ConnectionFlow | undefined {
  webSocket.on('error', (error) => {
    // Each of these ends in a close. RFC 6455 §7.4.1: 1009.
    const tooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    hub.drop(tooLarge ? 'too-large' : 'malformed', parts.transport, peerOf(socket))
  })
  const connection = describe(socket, parts, true)
  if (!connection) {
    webSocket.terminate()
    return undefined
  }
  const flow = new ConnectionFlow(hub, new WsPipe(webSocket, socket), connection)
  webSocket.on('message', (data: RawData) => {
    if (!flow.open || !(data instanceof Buffer)) return
    flow.heard(false)
    const asked = keepAlive(data)
    if (asked === 'ping') flow.pinged(pong)
    if (asked) return
    const message = read(hub, flow, data) // RFC 7118 §5: a frame is a whole message.
    if (message) flow.message(message)
  })
  webSocket.on('ping', () => flow.heard(false))
  webSocket.on('pong', () => flow.heard(false))
  socket.on('drain', () => flow.drained())
  webSocket.once('close', () => flow.gone())
  return flow
}

function frameLimits({ message }: TransportLimits) {
  const maxPayload = message.headBytes + message.bodyBytes
  return { maxPayload, maxFragments: 1_024, maxBufferedChunks: 16_384, perMessageDeflate: false }
}

class WsPipe implements Pipe {
  readonly #webSocket: WebSocket
  readonly #cork: () => void

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket
    this.#cork = corker(socket)
  }

  get queued(): number {
    return this.#webSocket.bufferedAmount
  }

  write(bytes: Uint8Array): void {
    this.#cork()
    // RFC 7118 §5: text where it is UTF-8; what is not would end the peer's connection as text.
    this.#webSocket.send(bytes, { binary: !isUtf8(bytes) })
  }

  ping(): void {
    this.#webSocket.ping()
  }

  end(): void {
    this.#webSocket.close(1001)
  }

  destroy(): void {
    this.#webSocket.terminate()
  }
}
