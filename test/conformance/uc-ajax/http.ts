import { Agent, request } from 'node:http'

/** An HTTP answer with its headers as they were spelt. */
export interface HttpReply {
  status: number
  /** Name and value of each header, in order. */
  headers: readonly (readonly [string, string])[]
  /** With a byte order mark, where there is one. */
  body: string
}

export interface HttpRequest {
  method: string
  /** Sent as it stands, without any repair of `&&` and the like. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** How long to wait for the whole answer, milliseconds. */
  timeoutMs?: number
}

/** The connection failed, or no whole answer came in time: whether the request was taken is not known. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

/** A client's connections to one server, HTTP/1.1; header names stay as the server spelt them. */
export class HttpClient {
  readonly #host: string
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })

  /** `http://host:port`. */
  constructor(address: string) {
    const { hostname, port } = new URL(address)
    this.#host = hostname
    this.#port = Number(port || 80)
  }

  send({ method, path, headers = {}, body, timeoutMs = 10_000 }: HttpRequest): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) => reject(new NoAnswer(`${method} ${path.split('?')[0]}: no answer`, { cause }))
      const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
      const out = request({
        ...{ host: this.#host, port: this.#port, method, path, agent: this.#agent },
        headers: { ...headers, ...length },
        signal: AbortSignal.timeout(timeoutMs),
      })
      out.once('error', fail)
      out.once('response', (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.once('error', fail)
        answer.once('end', () => {
          if (!answer.complete) return fail(new Error('the answer was cut off'))
          const { rawHeaders: raw, statusCode: status = 0 } = answer
          const names = raw.filter((_, i) => i % 2 === 0)
          resolve({
            status,
            headers: names.map((name, i) => [name, raw[2 * i + 1] ?? ''] as const),
            // What is no UTF-8 becomes U+FFFD, and is told from it by nobody; so the server must not write either.
            body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts)),
          })
        })
      })
      out.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** A header by its exact spelling, as one of the third-party clients looks it up: uc-ajax-api §1.2. */
export function header({ headers }: HttpReply, name: string): string | undefined {
  return headers.find(([one]) => one === name)?.[1]
}
