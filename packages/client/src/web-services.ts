import type {
  Answer,
  Answered,
  Contact,
  EndedSession,
  ImSession,
  Operation,
  Phone,
  Place,
  Sent,
  StateName,
  TextMessage,
  UserData,
  WholeUser,
} from './contract.ts'
import { Cookies } from './cookies.ts'
import { RequestRefused } from './refused.ts'

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
) => Promise<{
  status: number
  /** `getSetCookie` where cookies are not the browser's business. */
  headers: { get(name: string): string | null; getSetCookie?(): string[] }
  text(): Promise<string>
}>

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

/** Texts asked for at once; the most the server gives. */
const transcriptPage = 1000

type Own = '/api/v2/me/im-sessions/{id}'
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Headers = Readonly<Record<string, string>>
type Pairs = Readonly<Record<string, unknown>>

/**
 * One agent's REST requests, in the words of the Web Services IM Session API. Each rejects with `RequestRefused` where the server said
 * no (nothing has changed), and with the error of `fetch` where there was no answer (it may have been carried out).
 */
export class WebServices {
  readonly #options: WebServicesOptions
  readonly #csrf = new Map<string, string>()
  readonly #cookies = new Cookies()

  constructor(options: WebServicesOptions) {
    this.#options = options
  }

  /** The headers that log a request in; CometD's long polls need them too. */
  headers(): Record<string, string> {
    const { userName, password } = this.#options
    const known = { ...Object.fromEntries(this.#csrf), ...this.#cookies.header() }
    // A script's request: no browser shall ask for a password of its own accord.
    if (userName === undefined || password === undefined) return { 'X-Requested-With': 'XMLHttpRequest', ...known }
    return { Authorization: basic(userName, password), ...known }
  }

  /** Shows a password once; from then on the cookie of the answer says who this is. */
  async signIn(userName: string, password: string): Promise<WholeUser> {
    return this.#whoIsIt({ Authorization: basic(userName, password) })
  }

  /** Who is signed in, with their devices and their state. */
  async whoAmI(): Promise<WholeUser> {
    return this.#whoIsIt({})
  }

  /** Any other request of the API, such as the lab console's. */
  async ask<T extends object>(method: Method, path: string, body?: Pairs): Promise<Answer & T> {
    return this.#request<T>(method, path, body)
  }

  /** Who the credentials belong to. */
  async me(): Promise<Answered<'/api/v2/me', 'get'>> {
    return this.#request('GET', '/me')
  }

  /** Logs in at a place; without one, at the agent's own. `devicePath` is needed where the place has several devices. */
  async startSession(place?: string, devicePath?: string): Promise<Answer> {
    const body: Operation<'/api/v2/me', 'StartContactCenterSession'> = {
      operationName: 'StartContactCenterSession',
      channels: ['voice'],
      ...(place && { place }),
      ...(devicePath && { devicePath }),
    }
    return this.#request('POST', '/me', body)
  }

  /** Changes the agent's state; `Offline` leaves the place. */
  async setState(state: StateName): Promise<Answer> {
    const body: Operation<'/api/v2/me', StateName> = { operationName: state }
    return this.#request('POST', '/me', body)
  }

  /** Places whose name, or the number of a device there, has the given text in it. */
  async places(search: string): Promise<readonly Place[]> {
    const path = `/places?search=${encodeURIComponent(search)}`
    return (await this.#request<{ places?: readonly Place[] }>('GET', path)).places ?? []
  }

  /** Agents of the contact centre whose name or number has the given text in it, and whether there are more. */
  async contacts(search: string): Promise<{ contacts: readonly Contact[]; more: boolean }> {
    const path = `/contacts?search=${encodeURIComponent(search)}`
    type Found = Partial<Answered<'/api/v2/contacts', 'get'>>
    const { contacts = [], more = false } = await this.#request<Found>('GET', path)
    return { contacts, more }
  }

  /** Where a page registers as the SIP endpoint of its agent's device; undefined where the server offers none. */
  async phone(): Promise<Phone | undefined> {
    try {
      return (await this.#request<{ phone: Phone }>('GET', '/me/phone')).phone
    } catch (error) {
      if (error instanceof RequestRefused && error.httpStatus === 404) return undefined
      throw error
    }
  }

  /** One's own sessions that have ended, the newest first, as long as they are kept. */
  async endedSessions(): Promise<readonly EndedSession[]> {
    const answer = await this.#request<{ imSessions?: readonly EndedSession[] }>('GET', '/me/ended-im-sessions')
    return answer.imSessions ?? []
  }

  /** Logs out everywhere, and ends the HTTP session. */
  async endSession(): Promise<Answer> {
    const body: Operation<'/api/v2/me', 'EndContactCenterSession'> = { operationName: 'EndContactCenterSession' }
    return this.#request('POST', '/me', body)
  }

  /** The sessions the agent is in now. */
  async sessions(): Promise<readonly ImSession[]> {
    const answer = await this.#request<{ imSessions?: readonly ImSession[] }>('GET', '/me/im-sessions?fields=*')
    return answer.imSessions ?? []
  }

  /** One session, also when it has ended. */
  async session(id: string): Promise<ImSession> {
    return (await this.#request<{ imSession: ImSession }>('GET', pathOf(id))).imSession
  }

  /** All texts of a session after a position, in the order of acceptance. */
  async transcript(id: string, after = 0): Promise<readonly TextMessage[]> {
    const all: TextMessage[] = []
    for (let from = after; ; ) {
      const path = `${pathOf(id)}/messages?after=${from}&limit=${transcriptPage}`
      const { messages = [] } = await this.#request<{ messages?: readonly TextMessage[] }>('GET', path)
      all.push(...messages)
      // Of a session whose oldest texts are not kept any more the first one stands far behind what was asked for.
      const last = messages.at(-1)?.position ?? from + transcriptPage
      if (messages.length < transcriptPage || last <= from) return all
      from = last
    }
  }

  /** Begins a session with a number. It is told by a notification; the answer says only that it was taken. */
  async initiate(phoneNumber: string, userData?: UserData): Promise<Answer> {
    const body: Operation<'/api/v2/me/im-sessions', 'InitiateIMSession'> = {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber },
      ...(userData && { userData }),
    }
    return this.#request('POST', '/me/im-sessions', body)
  }

  /** Sends a text. With a message id of our own it can be sent again when no answer came, and is accepted once. */
  async send(id: string, text: string, messageId?: string): Promise<Sent> {
    const headers: Headers = messageId === undefined ? {} : { 'Idempotency-Key': messageId }
    return this.#onSession(id, { operationName: 'SendMessage', text }, headers)
  }

  /** Adds pairs to the session's user data. */
  async attachUserData(id: string, userData: UserData): Promise<Answer> {
    return this.#onSession(id, { operationName: 'AttachUserData', userData })
  }

  /** Changes pairs of the session's user data. */
  async updateUserData(id: string, userData: UserData): Promise<Answer> {
    return this.#onSession(id, { operationName: 'UpdateUserData', userData })
  }

  /** Removes one pair of the session's user data. */
  async deleteUserData(id: string, key: string): Promise<Answer> {
    return this.#onSession(id, { operationName: 'DeleteUserData', key })
  }

  /** Tells the other side that a text is being written, or that this has stopped. */
  async composing(id: string, composing: boolean): Promise<Answer> {
    return this.#onSession(id, { operationName: 'NotifyComposing', composing })
  }

  /** Tells the sender of a text that it was shown. */
  async displayed(id: string, messageId: string): Promise<Answer> {
    return this.#onSession(id, { operationName: 'MarkDisplayed', messageId })
  }

  /** Takes a session that rings; only where its capabilities say so. */
  async accept(id: string): Promise<Answer> {
    return this.#onSession(id, { operationName: 'Accept' })
  }

  /** Refuses a session that rings; only where its capabilities say so. */
  async reject(id: string): Promise<Answer> {
    return this.#onSession(id, { operationName: 'Reject' })
  }

  /** Ends a session. */
  async complete(id: string): Promise<Answer> {
    return this.#onSession(id, { operationName: 'Complete' })
  }

  #onSession<T extends object>(id: string, body: Operation<Own, string>, headers?: Headers): Promise<Answer & T> {
    return this.#request('POST', pathOf(id), body, headers)
  }

  async #whoIsIt(headers: Headers): Promise<WholeUser> {
    const path = '/me?subresources=devices,channels'
    return (await this.#request<{ user: WholeUser }>('GET', path, undefined, headers)).user
  }

  async #request<T extends object>(
    method: Method,
    path: string,
    body?: object,
    headers?: Headers,
  ): Promise<Answer & T> {
    try {
      return await this.#once<T>(method, path, body, headers)
    } catch (error) {
      if (method === 'GET' || !isStale(error) || !(await this.#isTokenNew())) throw error
      return this.#once(method, path, body, headers)
    }
  }

  /**
   * Gets the token of the HTTP session that has taken the place of one that has ended. Whoever shows a password only: behind a cookie
   * there may be somebody else by now.
   */
  async #isTokenNew(): Promise<boolean> {
    const { userName, password } = this.#options
    if (userName === undefined || password === undefined) return false
    const { user } = await this.me()
    return user.userName?.toLowerCase() === userName.toLowerCase()
  }

  async #once<T extends object>(
    method: Method,
    path: string,
    body?: object,
    headers: Headers = {},
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
    // SPEC CL-2: one header names the other.
    const csrfHeader = response.headers.get('X-CSRF-HEADER')
    const token = csrfHeader && response.headers.get(csrfHeader)
    if (csrfHeader && token) this.#csrf.set(csrfHeader, token)
    this.#cookies.take(response.headers.getSetCookie?.() ?? [])

    const answer = readAnswer<T>(await response.text())
    if (!answer)
      throw new RequestRefused(response.status, { statusCode: -1, statusMessage: 'not an answer of the API' })
    if (answer.statusCode !== 0) throw new RequestRefused(response.status, answer)
    return answer
  }
}

function pathOf(id: string): string {
  return `/me/im-sessions/${encodeURIComponent(id)}`
}

/** The CSRF token is not that of the HTTP session: code 3, also of what else may not be done. */
function isStale(error: unknown): boolean {
  return error instanceof RequestRefused && error.httpStatus === 403 && error.statusCode === 3
}

/** RFC 7617, in UTF-8. */
function basic(userName: string, password: string): string {
  const bytes = new TextEncoder().encode(`${userName}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/** SPEC CL-1. */
function readAnswer<T extends object>(text: string): (Answer & T) | undefined {
  try {
    const answer = JSON.parse(text) as (Answer & T) | null
    return Number.isInteger(answer?.statusCode) ? (answer ?? undefined) : undefined
  } catch {
    return undefined
  }
}
