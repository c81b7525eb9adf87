import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { WebSocket, WebSocketServer } from 'ws'
import type { Clock, Wire } from '../session/wire.ts'
import { type Attach, endsOf } from './socket-wire.ts'
import { type DialParts, type Identity, type Listener, type ListenParts, listening } from './tcp.ts'
import { hasFingerprint, type TlsTrust } from './tls.ts'

/** RFC 7977 §5.1. */
const subprotocol = 'msrp'
/** The largest frame taken: one WebSocket message is kept whole before it is read. */
const maxPayload = 1 << 20
/** Bytes that wait in a WebSocket before it counts as full. */
const highWater = 65_536
const closeMs = 5_000
const minVersion = 'TLSv1.2' as const // RFC 8996

/** What only a WebSocket listener has. */
export interface WebParts {
  readonly path: string
  /** Pages that may connect; absent: all, and clients that are no browser. */
  readonly origins: readonly string[] | undefined
}

/** Takes MSRP over WebSocket at one path, RFC 7977. */
export async function listenWs(
  parts: ListenParts & WebParts & { readonly identity: Identity | undefined },
): Promise<Listener> {
  const { clock, admits, attach, identity } = parts
  const secure = identity && createSecureServer({ ...identity, minVersion })
  const http = secure ?? createServer()
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: () => subprotocol,
  })
  http.on('request', (_request, response) => response.writeHead(426, { Connection: 'close' }).end())
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refused = refusal(request, parts)
    if (refused !== undefined) return refuse(socket, refused)
    if (!admits(request.socket.remoteAddress ?? '')) return refuse(socket, 503)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      webSocketWire(webSocket, request.socket, clock, attach)
    })
  })
  const listener = await listening(http, parts)
  const close = async () => {
    http.closeAllConnections() // those that are no WebSocket yet
    await listener.close()
  }
  const reload = secure && ((next: Identity) => secure.setSecureContext({ ...next, minVersion }))
  return { ...listener, ...(reload && { reload }), close }
}

/** Connects over WebSocket, to the path `/`: an MSRP URI has none of its own. */
export function dialWs(
  parts: DialParts & TlsTrust & { readonly fingerprints: readonly string[]; readonly secure: boolean },
): Promise<void> {
  const { host, port, clock, timeoutMs, attach, ca, fingerprints, secure } = parts
  const selfSigned = fingerprints.length > 0
  const name = isIP(host) === 6 ? `[${host}]` : host
  const webSocket = new WebSocket(`ws${secure ? 's' : ''}://${name}:${port}/`, subprotocol, {
    perMessageDeflate: false,
    maxPayload,
    ...(secure && { minVersion, rejectUnauthorized: !selfSigned, ...(ca !== undefined && { ca }) }),
  })
  return new Promise((resolve, reject) => {
    const stop = clock.after(timeoutMs, () => webSocket.terminate())
    const fail = (error: Error) => {
      stop()
      reject(error)
    }
    webSocket.on('error', () => {}) // also of the moment before the wire listens
    webSocket.once('error', fail)
    webSocket.once('upgrade', ({ socket }) => {
      webSocket.once('open', () => {
        stop()
        webSocket.off('error', fail)
        const wrong = selfSigned && !(socket instanceof TLSSocket && hasFingerprint(socket, fingerprints))
        if (!wrong) {
          webSocketWire(webSocket, socket, clock, attach)
          resolve()
          return
        }
        webSocket.terminate()
        reject(new Error('the certificate has none of the fingerprints'))
      })
    })
  })
}

/** A WebSocket that stands, as a wire: each frame is one binary message, RFC 7977 §5.3. */
function webSocketWire(webSocket: WebSocket, socket: IncomingMessage['socket'], clock: Clock, attach: Attach): void {
  let full = false
  const written = () => {
    if (!full || webSocket.bufferedAmount > highWater / 2) return
    full = false
    user.onDrain()
  }
  const wire: Wire = {
    write: (frames) => {
      if (webSocket.readyState !== WebSocket.OPEN) return true // `close` is on its way
      for (const frame of frames) webSocket.send(frame, { binary: true, compress: false }, written)
      full = webSocket.bufferedAmount > highWater
      return !full
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (how) => {
      if (how === 'now') return webSocket.terminate()
      const stop = clock.after(closeMs, () => webSocket.terminate())
      webSocket.once('close', stop)
      webSocket.resume()
      webSocket.close(1000)
    },
    remote: `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`,
    ends: endsOf(socket, socket instanceof TLSSocket ? 'wss' : 'ws'),
    hasFingerprint: (wanted) => socket instanceof TLSSocket && hasFingerprint(socket, wanted),
  }
  const user = attach(wire)
  webSocket.on('message', (data: Buffer | ArrayBuffer | Buffer[]) => {
    user.onBytes(
      Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data,
      true,
    )
  })
  webSocket.on('error', () => {}) // `close` follows
  webSocket.on('close', (code) => user.onClosed(`WebSocket closed with ${code}`))
  if (webSocket.readyState !== WebSocket.OPEN) queueMicrotask(() => user.onClosed('closed before it was used'))
}

/** Why a request to upgrade is refused; undefined where it is not. */
function refusal({ url = '', headers }: IncomingMessage, { path, origins }: WebParts): number | undefined {
  if (url.split('?', 1)[0] !== path) return 404
  if (origins && (headers.origin === undefined || !origins.includes(headers.origin))) return 403
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return offered.includes(subprotocol) ? undefined : 400
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => {})
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => {
    socket.destroy()
  })
}
