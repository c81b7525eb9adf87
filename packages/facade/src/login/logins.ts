import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock, Directory, Person, PersonID } from '@ringdown/signalling'
import type { Centre, Login, Who } from '../login.ts'
import { type AttemptLimits, Attempts, defaultAttemptLimits, type LockOut } from './attempts.ts'
import { type Credentials, parseBasic } from './basic.ts'
import { BoundedMap } from './bounded-map.ts'
import { Gate } from './gate.ts'
import { HttpSessions, sessionIDOf } from './http-sessions.ts'
import { decoyHash, verifyPassword } from './password.ts'
import { PersonRate } from './person-rate.ts'

/** How clients log in. */
export interface LoginOptions {
  /** Whether POST, PUT and DELETE need the session's token, web-services-api §1.3. */
  csrf: boolean
  /** `none` lets pages of other origins use the cookie; browsers then ask for `secure`. */
  sameSite: 'strict' | 'lax' | 'none'
  /** Only over TLS. */
  secureCookie: boolean
  /** How long an HTTP session lives without being used, milliseconds. */
  sessionIdleMs: number
  attempts: AttemptLimits
  /** Requests one person may make in a minute on one node; 0: any number. */
  requestsPerMinute: number
  /** Passwords checked at the same time, 32 MiB each; how many more may wait. */
  checksAtOnce: number
  checksWaiting: number
}

export const defaultLoginOptions: LoginOptions = {
  csrf: false,
  sameSite: 'lax',
  secureCookie: false,
  sessionIdleMs: 1_800_000,
  attempts: defaultAttemptLimits,
  requestsPerMinute: 0,
  checksAtOnce: 2,
  checksWaiting: 1_000,
}

/** Why a request comes from nobody. */
export interface Refusal {
  refused: 'noCredentials' | 'wrongCredentials' | 'sessionEnded' | 'tooManyAttempts' | 'tooManyRequests' | 'busy'
  /** Milliseconds until another try makes sense. */
  retryAfter?: number
}

export interface LoginsDeps {
  centres: readonly Centre[]
  clock: Clock
  node: string
  options: LoginOptions
}

/** A credential that was right. It stays so as long as the person has this password hash and may log in. */
interface Known {
  centre: Centre
  person: Person
  directory: unknown
}

/** Tells who a request comes from: HTTP Basic on every request, or the cookie of an HTTP session. One for all facades of a node. */
export class Logins {
  readonly #centres: readonly Centre[]
  readonly #options: LoginOptions
  readonly #sessions: HttpSessions
  readonly #attempts: Attempts
  readonly #rate: PersonRate
  readonly #stop: readonly (() => void)[]
  readonly #gate: Gate
  // Only a keyed digest of a right header is kept, so that no password lies about for hours. It never leaves the process; HMAC
  // would guard against nothing more, at seven times the price.
  readonly #key = randomBytes(32).toString('base64')
  readonly #known = new BoundedMap<string, Known>(50_000)
  readonly #checking = new Map<string, Promise<Known | Refusal>>()

  constructor({ centres, clock, node, options }: LoginsDeps) {
    this.#centres = centres
    this.#options = options
    this.#sessions = new HttpSessions({ centres, clock, node, idleMs: options.sessionIdleMs })
    this.#attempts = new Attempts(options.attempts, clock)
    this.#rate = new PersonRate(options.requestsPerMinute, clock)
    this.#stop = centres.map(({ store }) =>
      store.onSignal((message) => {
        if (message.startsWith(liftedSignal)) this.#attempts.forget(message.slice(liftedSignal.length))
      }),
    )
    this.#gate = new Gate(options.checksAtOnce, options.checksWaiting)
  }

  /**
   * Who the request comes from. Credentials are looked at first, so a client may become somebody else in spite of an old cookie.
   * Rejects with TServerError when a session must be read or written and the store does not answer.
   */
  async authenticate(headers: IncomingHttpHeaders, remoteAddress: string): Promise<Login | Refusal> {
    const login = await this.#recognise(headers, remoteAddress)
    if ('refused' in login) return login
    const retryAfter = this.wait(login)
    return retryAfter === 0 ? login : { refused: 'tooManyRequests', retryAfter }
  }

  /** Counts a request of somebody who is known by other means. Milliseconds until the next one is taken; 0: this one is. */
  wait({ centre, person }: Who): number {
    return this.#rate.wait(`${centre.id} ${person.id}`)
  }

  async #recognise(headers: IncomingHttpHeaders, remoteAddress: string): Promise<Login | Refusal> {
    const sessionID = sessionIDOf(headers.cookie)
    if (headers.authorization === undefined) {
      if (sessionID === undefined) return { refused: 'noCredentials' }
      return (await this.#sessions.find(sessionID)) ?? { refused: 'sessionEnded' }
    }
    const { authorization } = headers
    if (authorization.length > longestHeader) return { refused: 'wrongCredentials' }
    const who = await this.#check(authorization, () => parseBasic(authorization), remoteAddress)
    if ('refused' in who) return who
    const open = sessionID === undefined ? undefined : await this.#sessions.find(sessionID)
    if (open && open.person.id === who.person.id && open.centre === who.centre) return open
    return this.#sessions.withoutCookie(who.centre, who.person, remoteAddress)
  }

  /**
   * Who signs in with this password, without any session: the person that the first of these user names belongs to. Counted, limited and
   * remembered as Basic credentials are. SPEC WS-11, WS-16: where no name is anybody's, the last one is checked in vain, alike.
   */
  async verify(names: readonly [string, ...string[]], password: string, address: string): Promise<Who | Refusal> {
    const user = names.find((name) => this.#find(name) !== undefined) ?? names.at(-1) ?? ''
    if (user.length + password.length > longestHeader) return { refused: 'wrongCredentials' }
    return this.#check(`sign-in ${JSON.stringify([user, password])}`, () => ({ user, password }), address)
  }

  /** `Set-Cookie` for the answer; undefined when the client has sent this cookie. */
  setCookie(headers: IncomingHttpHeaders, { session }: Login): string | undefined {
    if (sessionIDOf(headers.cookie) === session.id) return undefined
    const { sameSite, secureCookie } = this.#options
    const site = sameSite === 'none' ? 'None' : sameSite === 'lax' ? 'Lax' : 'Strict'
    return `${this.#sessions.cookie(session)}; Path=/; HttpOnly; SameSite=${site}${secureCookie ? '; Secure' : ''}`
  }

  /**
   * Whether a request may change something: protection is off, or it brings the cookie and the token of its session.
   * SPEC WS-14: a client without a cookie is refused alike, web-services-api §1.3.
   */
  mayChange(headers: IncomingHttpHeaders, { session }: Login): boolean {
    if (!this.#options.csrf) return true
    const token = headers['x-csrf-token']
    return typeof token === 'string' && sessionIDOf(headers.cookie) === session.id && same(token, session.csrfToken)
  }

  /** Ends the login's HTTP session on all nodes. */
  end(login: Login): Promise<void> {
    return this.#sessions.end(login)
  }

  /**
   * Who has to wait because of wrong passwords, as far as it is this contact centre's business: those of its people, and where the node
   * serves no other one, names nobody has and addresses as well. SPEC SE-22.
   */
  lockOuts(centre: Centre): readonly LockOut[] {
    const all = this.#attempts.lockOuts()
    if (this.#centres.length === 1) return all
    return all.filter(({ user }) => user !== undefined && this.#find(user)?.centre === centre)
  }

  /** Lets somebody try again at once, on all nodes. False: nobody has to wait under that id. Rejects as the store does. */
  async liftLockOut(centre: Centre, id: string): Promise<boolean> {
    if (!this.lockOuts(centre).some((one) => one.id === id)) return false
    await this.#attempts.lift(centre.store, id)
    await centre.store.signal('*', liftedSignal + id)
    return true
  }

  close(): void {
    for (const stop of this.#stop) stop()
    this.#sessions.close()
  }

  /** `secret` is all that the credentials were read from. */
  async #check(secret: string, read: () => Credentials | undefined, address: string): Promise<Known | Refusal> {
    const digest = hash('sha256', this.#key + secret, 'base64')
    const known = this.#known.get(digest)
    if (known && stillRight(known)) return known
    this.#known.delete(digest)
    // A client that opens with ten requests at once has its password checked once.
    const key = `${digest} ${address}`
    const underWay = this.#checking.get(key)
    if (underWay) return underWay
    const checking = this.#checkPassword(read(), digest, address).finally(() => this.#checking.delete(key))
    this.#checking.set(key, checking)
    return checking
  }

  async #checkPassword(
    credentials: Credentials | undefined,
    digest: string,
    address: string,
  ): Promise<Known | Refusal> {
    if (!credentials) return { refused: 'wrongCredentials' }
    const outcome = await this.#gate.run(() => this.#tryPassword(credentials, address))
    if (outcome && !('refused' in outcome)) this.#known.set(digest, outcome)
    return outcome ?? { refused: 'busy', retryAfter: 1_000 }
  }

  async #tryPassword({ user, password }: Credentials, address: string): Promise<Known | Refusal> {
    // Asked only now: what waited in the queue must not slip past the limit.
    const retryAfter = this.#attempts.wait(user, address)
    if (retryAfter > 0) return { refused: 'tooManyAttempts', retryAfter }
    const found = this.#find(user)
    const kept = found?.person.enabled ? found.person.passwordHash : undefined
    // SPEC WS-11: an unknown user takes as long as a known one.
    const right = await verifyPassword(password, kept ?? decoyHash(this.#someHash()))
    const store = (found?.centre ?? this.#centres[0])?.store
    if (right && kept !== undefined && found) {
      await this.#attempts.succeeded(found.centre.store, user, address)
      return found
    }
    if (store) await this.#attempts.failed(store, user, address)
    return { refused: 'wrongCredentials' }
  }

  /** SPEC WS-10: a user name is looked up in all contact centres; `user@centre` names one. A name that two of them have needs that form. */
  #find(user: string): Known | undefined {
    const found = this.#centres.flatMap((centre) => known(centre, user) ?? [])
    if (found.length > 0) return found.length === 1 ? found[0] : undefined
    const at = user.lastIndexOf('@')
    const centre = this.#centres.find(({ id }) => id === user.slice(at + 1))
    return at > 0 && centre ? known(centre, user.slice(0, at)) : undefined
  }

  #someHash(): string | undefined {
    for (const centre of this.#centres)
      for (const { passwordHash } of centre.directory().persons.values()) if (passwordHash) return passwordHash
    return undefined
  }
}

const longestHeader = 4_096
const liftedSignal = 'lockOut lifted '

function known(centre: Centre, user: string): Known | undefined {
  const directory = centre.directory()
  const person = directory.personsByUserName.get(user) ?? folded(directory).get(user.toLowerCase())
  return person && { centre, person, directory }
}

const byFoldedName = new WeakMap<Directory, ReadonlyMap<string, Person>>()

/** Persons by user name in lower case: no two of a contact centre differ by letter case only. */
function folded(directory: Directory): ReadonlyMap<string, Person> {
  let table = byFoldedName.get(directory)
  if (!table) {
    table = new Map([...directory.personsByUserName].map(([name, person]) => [name.toLowerCase(), person]))
    byFoldedName.set(directory, table)
  }
  return table
}

function stillRight(known: Known): boolean {
  const directory = known.centre.directory()
  if (known.directory === directory) return true
  const person: Person | undefined = directory.persons.get(known.person.id satisfies PersonID)
  if (!person?.enabled || person.passwordHash !== known.person.passwordHash) return false
  known.person = person
  known.directory = directory
  return true
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
