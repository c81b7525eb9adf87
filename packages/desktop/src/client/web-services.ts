import type {
  Answer,
  Contact,
  EndedSession,
  ImSession,
  Place,
  Sent,
  StateName,
  TextMessage,
  Whole,
} from '../contract.ts'

/** The part of `fetch` that is used; a browser's and Node's both fit. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string
    credentials: 'include'
    signal: AbortSignal
  },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>

export interface WebServicesOptions {
  /** Where the server is, without `/api/v2`. */
  address: string
  /** Sent with every request. Absent, as in a browser: the cookie that `signIn` got says who this is. */
  userName?: string
  password?: string
  fetch: Fetch
  /** How long an answer may take, milliseconds. Default 10 000. */
  timeoutMs?: number
}

/** The server refused: nothing has changed. Any other failure leaves open whether the request was carried out. */
export class RequestRefused extends Error {
  /** The answer's `statusCode`; -1 where the body was none of the API's. */
  readonly statusCode: number
  readonly httpStatus: number

  constructor(httpStatus: number, answer: Answer) {
    super(answer.statusMessage ?? `refused with status code ${answer.statusCode}`)
    this.name = 'RequestRefused'
    this.statusCode = answer.statusCode
    this.httpStatus = httpStatus
  }
}

/** Texts asked for at once; the most the server gives. */
const transcriptPage = 1000

type Pairs = Readonly<Record<string, unknown>>
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One agent's REST requests, in the words of the Web Services IM Session API. */
export class WebServices {
  readonly #options: WebServicesOptions
  readonly #csrf = new Map<string, string>()

  constructor(options: WebServicesOptions) {
    this.#options = options
  }

  /** The headers that log a request in; CometD's long polls need them too. */
  headers(): Record<string, string> {
    const { userName, password } = this.#options
    if (userName === undefined || password === undefined)
      // A script's request: no browser shall ask for a password of its own accord.
      return { 'X-Requested-With': 'XMLHttpRequest', ...Object.fromEntries(this.#csrf) }
    return { Authorization: basic(userName, password), ...Object.fromEntries(this.#csrf) }
  }

  /** Shows a password once; from then on the cookie of the answer says who this is. */
  async signIn(userName: string, password: string): Promise<Whole> {
    return this.#whoIsIt({ Authorization: basic(userName, password) })
  }

  /** Who is signed in, with their devices and their state. */
  async whoAmI(): Promise<Whole> {
    return this.#whoIsIt({})
  }

  /** Any other request of the API, such as the lab console's. */
  async ask<T extends object>(method: Method, path: string, body?: Pairs): Promise<Answer & T> {
    return this.#request<T>(method, path, body)
  }

  /** Who the credentials belong to. */
  async me(): Promise<Answer & { user?: Pairs }> {
    return this.#request('GET', '/me')
  }

  /** Logs in at a place; without one, at the agent's own. `devicePath` is needed where the place has several devices. */
  async startSession(place?: string, devicePath?: string): Promise<Answer> {
    const parameters = { channels: ['voice'], ...(place && { place }), ...(devicePath && { devicePath }) }
    return this.#operation('/me', 'StartContactCenterSession', parameters)
  }

  /** Changes the agent's state; `Offline` leaves the place. */
  async setState(state: StateName): Promise<Answer> {
    return this.#operation('/me', state)
  }

  /** Places whose name, or the number of a device there, has the given text in it. */
  async places(search: string): Promise<readonly Place[]> {
    const answer = await this.#request<{ places?: Place[] }>('GET', `/places?search=${encodeURIComponent(search)}`)
    return answer.places ?? []
  }

  /** Agents of the contact centre whose name or number has the given text in it, and whether there are more. */
  async contacts(search: string): Promise<{ contacts: readonly Contact[]; more: boolean }> {
    const path = `/contacts?search=${encodeURIComponent(search)}`
    const { contacts = [], more = false } = await this.#request<{ contacts?: Contact[]; more?: boolean }>('GET', path)
    return { contacts, more }
  }

  /** Where a page registers as the SIP endpoint of its agent's device; undefined where the server offers none. */
  async phone(): Promise<{ server: string; domain: string } | undefined> {
    try {
      return (await this.#request<{ phone: { server: string; domain: string } }>('GET', '/me/phone')).phone
    } catch (error) {
      if (error instanceof RequestRefused && error.httpStatus === 404) return undefined
      throw error
    }
  }

  /** One's own sessions that have ended, the newest first, as long as they are kept. */
  async endedSessions(): Promise<readonly EndedSession[]> {
    const answer = await this.#request<{ imSessions?: EndedSession[] }>('GET', '/me/ended-im-sessions')
    return answer.imSessions ?? []
  }

  /** Logs out everywhere, and ends the HTTP session. */
  async endSession(): Promise<Answer> {
    return this.#operation('/me', 'EndContactCenterSession')
  }

  /** The sessions the agent is in now. */
  async sessions(): Promise<readonly ImSession[]> {
    const answer = await this.#request<{ imSessions?: ImSession[] }>('GET', '/me/im-sessions?fields=*')
    return answer.imSessions ?? []
  }

  /** One session, also when it has ended. */
  async session(id: string): Promise<ImSession> {
    const path = `/me/im-sessions/${encodeURIComponent(id)}`
    const answer = await this.#request<{ imSession: ImSession }>('GET', path)
    return answer.imSession
  }

  /** All texts of a session after a position, in the order of acceptance. */
  async transcript(id: string, after = 0): Promise<readonly TextMessage[]> {
    const all: TextMessage[] = []
    for (let from = after; ; from += transcriptPage) {
      const path = `/me/im-sessions/${encodeURIComponent(id)}/messages?after=${from}&limit=${transcriptPage}`
      const { messages = [] } = await this.#request<{ messages?: TextMessage[] }>('GET', path)
      all.push(...messages)
      if (messages.length < transcriptPage) return all
    }
  }

  async initiate(phoneNumber: string, userData?: Pairs): Promise<Answer> {
    const parameters = { destination: { phoneNumber }, ...(userData && { userData }) }
    return this.#operation('/me/im-sessions', 'InitiateIMSession', parameters)
  }

  /** Sends a text. With a message id of our own it can be sent again when no answer came, and is accepted once. */
  async send(id: string, text: string, messageId?: string): Promise<Sent> {
    const headers: Record<string, string> = messageId === undefined ? {} : { 'Idempotency-Key': messageId }
    return this.#onSession(id, 'SendMessage', { text }, headers)
  }

  async attachUserData(id: string, userData: Pairs): Promise<Answer> {
    return this.#onSession(id, 'AttachUserData', { userData })
  }

  async updateUserData(id: string, userData: Pairs): Promise<Answer> {
    return this.#onSession(id, 'UpdateUserData', { userData })
  }

  async deleteUserData(id: string, key: string): Promise<Answer> {
    return this.#onSession(id, 'DeleteUserData', { key })
  }

  /** Tells the other side that a text is being written, or no longer is. */
  async composing(id: string, composing: boolean): Promise<Answer> {
    return this.#onSession(id, 'NotifyComposing', { composing })
  }

  /** Tells the sender of a text that it was shown. */
  async displayed(id: string, messageId: string): Promise<Answer> {
    return this.#onSession(id, 'MarkDisplayed', { messageId })
  }

  async accept(id: string): Promise<Answer> {
    return this.#onSession(id, 'Accept')
  }

  async reject(id: string): Promise<Answer> {
    return this.#onSession(id, 'Reject')
  }

  async complete(id: string): Promise<Answer> {
    return this.#onSession(id, 'Complete')
  }

  #onSession(id: string, operationName: string, parameters: Pairs = {}, headers: Record<string, string> = {}) {
    return this.#operation(`/me/im-sessions/${encodeURIComponent(id)}`, operationName, parameters, headers)
  }

  #operation(
    path: string,
    operationName: string,
    parameters: Pairs = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.#request('POST', path, { operationName, ...parameters }, headers)
  }

  async #whoIsIt(headers: Record<string, string>): Promise<Whole> {
    const path = '/me?subresources=devices,channels'
    const answer = await this.#request<{ user: Whole }>('GET', path, undefined, headers)
    return answer.user
  }

  async #request<T extends object>(
    method: Method,
    path: string,
    body?: Pairs,
    headers: Record<string, string> = {},
  ): Promise<Answer & T> {
    const { address, fetch, timeoutMs = 10_000 } = this.#options
    const response = await fetch(`${address}/api/v2${path}`, {
      method,
      headers: {
        ...this.headers(),
        ...headers,
        Accept: 'application/json',
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      credentials: 'include',
      signal: AbortSignal.timeout(timeoutMs),
    })
    // SPEC DT-11: one header names the other.
    const csrfHeader = response.headers.get('X-CSRF-HEADER')
    const token = csrfHeader && response.headers.get(csrfHeader)
    if (csrfHeader && token) this.#csrf.set(csrfHeader, token)

    const answer = readAnswer<T>(await response.text())
    if (!answer)
      throw new RequestRefused(response.status, { statusCode: -1, statusMessage: 'not an answer of the API' })
    if (answer.statusCode !== 0) throw new RequestRefused(response.status, answer)
    return answer
  }
}

/** RFC 7617, in UTF-8. */
function basic(userName: string, password: string): string {
  const bytes = new TextEncoder().encode(`${userName}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/** SPEC DT-10. */
function readAnswer<T extends object>(text: string): (Answer & T) | undefined {
  try {
    const answer = JSON.parse(text) as (Answer & T) | null
    return Number.isInteger(answer?.statusCode) ? (answer ?? undefined) : undefined
  } catch {
    return undefined
  }
}
