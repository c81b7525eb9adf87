import type { Ladder, LadderFormat } from '@ringdown/facade'
import { CommandError } from '../io.ts'

/** What is read of a session. */
export interface SessionInfo {
  callUUID: string
  state: 'dialing' | 'talking' | 'ended'
  created: number
  parties: readonly { dn: string; agent: string | null }[]
}

export interface LabClientOptions {
  /** Such as `http://127.0.0.1:8080`. */
  address: string
  user: string
  password: string
  fetch?: typeof fetch
}

interface Refusal {
  statusCode: number
  statusMessage?: string
}

/** Nothing comes so late. Ladders of other nodes are waited for 1.5 s. */
const deadlineMs = 20_000

/** The lab API of a running server. What it refuses is a CommandError with a sentence that says what to do. SPEC TC-7. */
export class LabClient {
  readonly #options: LabClientOptions

  constructor(options: LabClientOptions) {
    this.#options = options
  }

  /** Living sessions, oldest first, from a place in their order on. */
  async sessions(after?: string): Promise<{ sessions: readonly SessionInfo[]; next?: string }> {
    const query = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
    return this.#json(`/sessions?limit=200${query}`)
  }

  /** One session, living or ended. */
  async session(id: string): Promise<SessionInfo | undefined> {
    const { sessions } = await this.#json<{ sessions: readonly SessionInfo[] }>(
      `/sessions?id=${encodeURIComponent(id)}`,
    )
    return sessions[0]
  }

  async ladder(id: string, texts: boolean): Promise<Ladder> {
    const path = `/sessions/${encodeURIComponent(id)}/ladder${texts ? '?texts=show' : ''}`
    const { ladder } = await this.#json<{ ladder: Ladder }>(path, id)
    return ladder
  }

  async file(id: string, format: LadderFormat, texts: boolean): Promise<Uint8Array> {
    const reply = await this.#get(`/sessions/${encodeURIComponent(id)}/ladder.${format}${texts ? '?texts=show' : ''}`)
    if (!reply.ok) throw await this.#refused(reply, id)
    return new Uint8Array(await reply.arrayBuffer())
  }

  async #json<T>(path: string, session?: string): Promise<T> {
    const reply = await this.#get(path)
    if (!reply.ok) throw await this.#refused(reply, session)
    const body: unknown = await reply.json().catch(() => undefined)
    if (typeof body !== 'object' || body === null || !('statusCode' in body)) throw this.#notOurs()
    return body as T
  }

  async #get(path: string): Promise<Response> {
    const { address, user, password, fetch: ask = fetch } = this.#options
    const headers = {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      // Texts are not for links: no link sends a header of its own.
      'x-requested-with': 'ringdown trace',
    }
    try {
      return await ask(`${address}/api/v2/lab${path}`, { headers, signal: AbortSignal.timeout(deadlineMs) })
    } catch (error) {
      throw new CommandError(`no answer from ${address} (${causeOf(error)}): ${adviceFor(causeOf(error))}`, {
        cause: error,
      })
    }
  }

  async #refused(reply: Response, session: string | undefined): Promise<CommandError> {
    const { user } = this.#options
    const body = (await reply.json().catch(() => undefined)) as Refusal | undefined
    const said = typeof body?.statusMessage === 'string' ? body.statusMessage : `HTTP ${reply.status}`
    if (body?.statusCode === undefined) return this.#notOurs()
    if (reply.status === 401)
      return new CommandError(`the server does not let ${user} in: user name or password is wrong`)
    if (reply.status === 404 && session !== undefined) return new CommandError(await this.#whyNothing(session, said))
    if (reply.status === 403)
      return new CommandError(
        `${user} may not do that: ${said} (ladders are for the role admin, texts for supervisor besides)`,
      )
    return new CommandError(`the server refuses: ${said}`)
  }

  /** The session is gone, or what passed is: the one has another cure than the other. */
  async #whyNothing(id: string, said: string): Promise<string> {
    const known = await this.session(id).catch(() => undefined)
    if (!known) return `${said}: ringdown trace lists those that live`
    const { limit } = await this.#json<{ limit: number }>('/trace')
    if (limit === 0) return `nothing is recorded on this server: set trace.enabled to true, and restart it`
    return `of session ${id} nothing is held any more: what is newer has taken its place in the ${limit} bytes of trace.bytes, or the server was restarted`
  }

  #notOurs(): CommandError {
    return new CommandError(
      `what answers at ${this.#options.address} is not Ringdown: name another address with --address`,
    )
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'timeout'
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return codeOf(cause.errors[0])
  return cause instanceof Error ? codeOf(cause) : error.message
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.message)

const adviceFor = (cause: string): string =>
  /CERT|SIGNATURE|ALTNAME/.test(cause)
    ? 'its certificate is not trusted; name who signed it in $NODE_EXTRA_CA_CERTS'
    : 'is the server running there? Name it with --address'
