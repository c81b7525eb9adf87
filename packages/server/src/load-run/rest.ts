import { X509Certificate } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { PeerCertificate } from 'node:tls'

/** Connections for requests; more requests than that wait for one. Commits are grouped: fewer would limit the rate by themselves. */
const connections = 512
const timeoutMs = 10_000
/** Bytes of an answer that are read. */
const longestAnswer = 1024 * 1024

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** How a TLS connection knows the server: by its certificate, whatever name or address stands in it. */
export function trusting(certificate: string) {
  const { fingerprint256 } = new X509Certificate(certificate)
  return {
    ca: certificate,
    // It may have been issued by somebody we need not know.
    allowPartialTrustChain: true,
    checkServerIdentity: (_name: string, { fingerprint256: shown }: PeerCertificate) =>
      shown === fingerprint256 ? undefined : new Error('somebody else answers at the address of this node'),
  }
}

/** Requests to one server over kept connections. */
export class Rest {
  readonly #url: URL
  readonly #agent: HttpAgent | HttpsAgent

  constructor(address: string, certificate: string | undefined) {
    this.#url = new URL(address)
    const options = { keepAlive: true, maxSockets: connections }
    this.#agent =
      this.#url.protocol === 'https:'
        ? new HttpsAgent({ ...options, ...(certificate !== undefined && trusting(certificate)) })
        : new HttpAgent(options)
  }

  /** Rejects when the connection breaks, or there is no answer in time. */
  send(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const content =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const options = { method, agent: this.#agent, headers: { ...headers, ...content }, timeout: timeoutMs }
    const start = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
    return new Promise((resolve, reject) => {
      const request = start(new URL(`/api/v2${path}`, this.#url), options, (response) => {
        const { statusCode = 0, headers: got } = response
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          answer += part
          if (answer.length > longestAnswer) request.destroy(new Error('the answer is too long'))
        })
        response.on('end', () => resolve({ status: statusCode, headers: got, body: answer }))
        response.on('error', reject)
      })
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
      request.on('error', reject)
      request.end(text)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Why an answer is no success, in a few words; undefined where it is one. */
export function refusalIn({ status, body }: Answer): string | undefined {
  const { statusCode, statusMessage } = readStatus(body)
  if (status === 200 && statusCode === 0) return undefined
  return `HTTP ${status}${statusMessage === undefined ? '' : `, ${statusMessage}`}`
}

function readStatus(body: string): { statusCode?: number; statusMessage?: string } {
  try {
    return (JSON.parse(body) as object | null) ?? {}
  } catch {
    return {}
  }
}
