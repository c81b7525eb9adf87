import { HttpConnection, type HttpReply } from './http-connection.ts'

/** Where HTTP goes. */
export interface HttpTarget {
  host: string
  port: number
  secure: boolean
  /** Who may have signed the server's certificate, PEM; the roots Node ships when left out. */
  ca?: string
}

/** The target an address such as `https://im.example:8443` leads to. */
export function httpTarget(address: string, ca?: string): HttpTarget {
  const { hostname, port, protocol } = new URL(address)
  const secure = protocol === 'https:'
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    secure,
    ...(ca !== undefined && { ca }),
  }
}

/** For the Host header. */
export const hostOf = ({ host, port }: Pick<HttpTarget, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

const timeoutMs = 10_000
/** A connection that was idle for longer may be closed by the server the moment it is used. */
const freshMs = 4_000

/** Kept connections to one server, as many as are needed at once up to a bound; what is more waits for one. */
export class HttpPool {
  readonly host: string
  readonly #target: HttpTarget
  readonly #most: number
  readonly #idle: { connection: HttpConnection; since: number }[] = []
  readonly #waiting: ((connection: HttpConnection) => void)[] = []
  readonly #all = new Set<HttpConnection>()

  constructor(target: HttpTarget, most = 512) {
    this.#target = target
    this.#most = most
    this.host = hostOf(target)
  }

  /** Sends a whole request, in ASCII. Rejects when the connection breaks or there is no answer within 10 s. */
  async send(request: string): Promise<HttpReply> {
    const connection = await this.#take()
    try {
      return await connection.send(request)
    } finally {
      this.#free(connection)
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close()
    this.#all.clear()
    this.#idle.length = 0
  }

  #take(): HttpConnection | Promise<HttpConnection> {
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (performance.now() - last.since < freshMs) return last.connection
      last.connection.close()
      this.#all.delete(last.connection)
    }
    if (this.#all.size >= this.#most) return new Promise((resolve) => this.#waiting.push(resolve))
    const { host, port, secure, ca } = this.#target
    const connection = new HttpConnection(port, host, { secure, timeoutMs, ...(ca !== undefined && { ca }) })
    this.#all.add(connection)
    return connection
  }

  #free(connection: HttpConnection): void {
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#idle.push({ connection, since: performance.now() })
  }
}
