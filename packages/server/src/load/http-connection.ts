import net from 'node:net'
import tls from 'node:tls'

/** What came back: the status, the head as it was, and the body as text. */
export interface HttpReply {
  status: number
  head: string
  body: string
}

type Waiting = { resolve: (reply: HttpReply) => void; reject: (error: Error) => void }

/** The end of the body that begins at `from` and what it holds; undefined while bytes are missing. */
function readBody(bytes: Buffer, from: number, head: string): { end: number; body: string } | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (length) {
    const end = from + Number(length[1])
    return end > bytes.length ? undefined : { end, body: bytes.toString('utf8', from, end) }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { end: from, body: '' }
  let body = ''
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1')
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const next = line + 2 + size + 2
    if (next > bytes.length) return undefined
    if (size === 0) return { end: next, body }
    body += bytes.toString('utf8', line + 2, line + 2 + size)
    at = next
  }
}

/** The first whole response in `bytes`, and where it ends; undefined while bytes are missing. */
export function parseReply(bytes: Buffer): { reply: HttpReply; end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n', 0, 'latin1')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const status = Number(head.slice(9, 12))
  const found = readBody(bytes, headEnd + 4, head)
  return found && { reply: { status, head, body: found.body }, end: found.end }
}

export interface HttpConnectionOptions {
  /** HTTPS. */
  secure?: boolean
  /** Who may have signed the server's certificate, PEM; the roots Node ships when left out. */
  ca?: string
  /** How long an answer may take, milliseconds; for ever when left out. */
  timeoutMs?: number
}

/**
 * One keep-alive connection that takes one request at a time, written for a load generator: a request is a ready string, an answer is
 * found with two scans of its bytes. Node's own client costs more than the servers under test.
 */
export class HttpConnection {
  readonly #port: number
  readonly #host: string
  readonly #options: HttpConnectionOptions
  #socket: net.Socket | undefined
  #waiting: Waiting | undefined
  #pending: Buffer | undefined
  /** Bytes read so far. */
  received = 0

  constructor(port: number, host = '127.0.0.1', options: HttpConnectionOptions = {}) {
    this.#port = port
    this.#host = host
    this.#options = options
  }

  get busy(): boolean {
    return this.#waiting !== undefined
  }

  /** Sends a whole request, head and body in ASCII. Rejects when the connection breaks. */
  send(request: string): Promise<HttpReply> {
    if (this.#waiting) throw new Error('this connection waits for an answer already')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#open().write(request, 'latin1')
    })
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#waiting = undefined
    socket?.destroy()
  }

  #open(): net.Socket {
    if (this.#socket) return this.#socket
    const { secure, ca, timeoutMs } = this.#options
    const to = { port: this.#port, host: this.#host }
    const socket = secure
      ? tls.connect({
          ...to,
          ...(net.isIP(this.#host) === 0 && { servername: this.#host }),
          ...(ca !== undefined && { ca }),
        })
      : net.connect({ ...to, noDelay: true })
    if (secure) socket.setNoDelay(true)
    if (timeoutMs !== undefined) {
      socket.setTimeout(timeoutMs)
      socket.on('timeout', () => {
        if (this.#waiting) socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`))
      })
    }
    socket.on('data', (bytes) => this.#onData(bytes))
    socket.on('error', (error) => this.#fail(socket, error))
    socket.on('close', () => this.#fail(socket, new Error('the server closed the connection')))
    this.#socket = socket
    return socket
  }

  #fail(socket: net.Socket, error: Error): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#pending = undefined
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(error)
  }

  #onData(bytes: Buffer): void {
    this.received += bytes.length
    const all = this.#pending ? Buffer.concat([this.#pending, bytes]) : bytes
    const found = parseReply(all)
    this.#pending = found ? undefined : all
    if (!found) return
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(found.reply)
  }
}

/** A request as one string. `headers` are whole lines, each with its CRLF. */
export function httpRequest(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers: string,
  body = '',
  host = '127.0.0.1',
): string {
  const content =
    method === 'POST' ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : ''
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}${content}\r\n${body}`
}

/** The cookies an answer sets, as a `Cookie:` line with its CRLF; '' where it sets none. */
export function cookieLine(head: string): string {
  const pairs = [...head.matchAll(/\r\nset-cookie: *([^;\r]+)/gi)].map((found) => found[1])
  return pairs.length === 0 ? '' : `Cookie: ${pairs.join('; ')}\r\n`
}
