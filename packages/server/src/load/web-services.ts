import { cookieLine, type HttpReply, httpRequest } from './http-connection.ts'
import type { HttpPool } from './http-pool.ts'

/** What the server said instead of yes; its message is a clause for a person. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The header line a server asks for on each change, with its CRLF; '' where it asks for none. Web-services-api §1.3. */
export function csrfLine(head: string): string {
  const name = /\r\nx-csrf-header: *([^\r]+)/i.exec(head)?.[1]
  const token = name && new RegExp(`\r\n${name}: *([^\r]+)`, 'i').exec(head)?.[1]
  return token ? `${name}: ${token}\r\n` : ''
}

/** Why an answer of Web Services is no success, in a few words; undefined where it is one. */
export function refusalIn({ status, body }: HttpReply): string | undefined {
  // Parsing each answer would cost more than all the rest.
  if (status === 200 && body.includes('"statusCode":0')) return undefined
  const said = /"statusMessage":("(?:[^"\\]|\\.)*")/.exec(body)?.[1]
  return said === undefined ? `HTTP ${status}` : `HTTP ${status}, ${JSON.parse(said)}`
}

/** REST as one person. */
export class WebServices {
  readonly #pool: HttpPool
  #headers = ''

  constructor(pool: HttpPool) {
    this.#pool = pool
  }

  /** Header lines that carry the login, for other connections. */
  get headers(): string {
    return this.#headers
  }

  /** Logs in; the person, as Web Services shows them. Rejects with Refused, or as connections do. */
  async login(userName: string, password: string): Promise<Record<string, unknown>> {
    const basic = Buffer.from(`${userName}:${password}`).toString('base64')
    const request = httpRequest('GET', '/api/v2/me', `Authorization: Basic ${basic}\r\n`, '', this.#pool.host)
    const reply = await this.#pool.send(request)
    const refusal = refusalIn(reply)
    if (refusal !== undefined) throw new Refused(reply.status, refusal)
    this.#headers = cookieLine(reply.head) + csrfLine(reply.head)
    return (JSON.parse(reply.body) as { user?: Record<string, unknown> }).user ?? {}
  }

  /** The answer, whatever it is. Bodies are sent in ASCII. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<HttpReply> {
    const ascii = body?.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    return this.#pool.send(httpRequest(method, `/api/v2${path}`, this.#headers, ascii, this.#pool.host))
  }

  /** The body of a successful answer. Rejects with Refused where the server refuses. */
  async ask<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const reply = await this.send(method, path, body && JSON.stringify(body))
    const refusal = refusalIn(reply)
    if (refusal !== undefined) throw new Refused(reply.status, refusal)
    return JSON.parse(reply.body) as T
  }
}
