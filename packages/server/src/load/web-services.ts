import { WebServices as Client, RequestRefused } from '@ringdown/client'
import { type HttpReply, httpRequest } from './http-connection.ts'
import type { HttpPool } from './http-pool.ts'
import { inAscii, linesOf, poolFetch } from './pool-fetch.ts'

/** What the server said instead of yes; its message is a clause for a person. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

/** Why an answer of Web Services is no success, in a few words; undefined where it is one. */
export function refusalIn({ status, body }: HttpReply): string | undefined {
  // Parsing each answer would cost more than all the rest.
  if (status === 200 && body.includes('"statusCode":0')) return undefined
  const said = /"statusMessage":("(?:[^"\\]|\\.)*")/.exec(body)?.[1]
  return said === undefined ? `HTTP ${status}` : `HTTP ${status}, ${JSON.parse(said)}`
}

/** REST as one person: the client package's requests, and beside them a way for texts that costs next to nothing. */
export class WebServices {
  readonly #pool: HttpPool
  readonly #client: Client
  #headers = ''

  constructor(pool: HttpPool) {
    this.#pool = pool
    this.#client = new Client({ address: `http://${pool.host}`, fetch: poolFetch(pool) })
  }

  /** Header lines that carry the login, for other connections. */
  get headers(): string {
    return this.#headers
  }

  /** Logs in. Rejects with Refused, or as connections do. */
  async login(userName: string, password: string): Promise<void> {
    await saying(this.#client.signIn(userName, password))
    this.#headers = linesOf(this.#client.headers())
  }

  /** The answer, whatever it is. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<HttpReply> {
    return this.#pool.send(httpRequest(method, `/api/v2${path}`, this.#headers, body && inAscii(body), this.#pool.host))
  }

  /** The body of a successful answer. Rejects with Refused where the server refuses. */
  ask<T extends object = object>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<T> {
    return saying(this.#client.ask<T>(method, path, body))
  }
}

async function saying<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    throw new Refused(error.httpStatus, `HTTP ${error.httpStatus}, ${error.message}`, error)
  }
}
