import { hash, randomBytes, randomUUID } from 'node:crypto'
import type { Clock, Person, PersonID } from '@ringdown/signalling'
import { readErasure } from '../erasure.ts'
import type { Centre, HttpSession, Login } from '../login.ts'
import { BoundedMap } from './bounded-map.ts'

export interface HttpSessionsDeps {
  centres: readonly Centre[]
  clock: Clock
  /** This node's name, for the end of the cookie. */
  node: string
  /** How long a session lives without being used, milliseconds. */
  idleMs: number
}

interface Entry {
  centre: Centre
  session: HttpSession
  person: PersonID
  /** The person's, as this node saw it first; another one means another password. */
  passwordHash: string | undefined
  /** When the store last said that it lives, and when it was last written. */
  checked: number
  saved: number
  /** What `login` answered, and the configuration it was made from. */
  login?: Login
  directory?: unknown
}

interface Kept {
  person: PersonID
  csrfToken: string
}

const cookieName = 'JSESSIONID'
/** Hex digits of the id that nobody can guess; the contact centre's tag follows. */
const randomLength = 32
/** A hint that the session has ended may be lost; after so long the store is asked again. */
const trustMs = 30_000
/** The store is written again when the last time is so long ago; the session lives that much longer than promised. */
const refreshMs = 300_000

/**
 * HTTP sessions: kept in the store, so any node serves any cookie, and for a short time in memory, so a busy client costs no round trip.
 * The id's end tells the contact centre; what follows a dot is the node's name, for load balancers, and is not looked at.
 */
export class HttpSessions {
  readonly #deps: HttpSessionsDeps
  readonly #byID = new BoundedMap<string, Entry>(50_000)
  /** SPEC WS-12: clients that keep no cookie share one session for each person and address. */
  readonly #cookieless = new BoundedMap<string, string>(50_000)
  readonly #opening = new Map<string, Promise<Entry>>()
  readonly #centreByTag: ReadonlyMap<string, Centre>
  readonly #stop: readonly (() => void)[]

  constructor(deps: HttpSessionsDeps) {
    this.#deps = deps
    this.#centreByTag = new Map(deps.centres.map((centre) => [tagOf(centre), centre]))
    this.#stop = deps.centres.map((centre) =>
      centre.store.onSignal((message) => {
        if (message.startsWith(goneSignal)) this.#byID.delete(message.slice(goneSignal.length))
        const erased = readErasure(message)
        if (erased) this.#forget(centre, erased.person)
      }),
    )
  }

  /** Whose session the cookie names; undefined when it names none that lives, or its person may not log in any more. */
  async find(id: string): Promise<Login | undefined> {
    const now = this.#deps.clock.now()
    const known = this.#byID.get(id)
    if (known && now - known.checked < trustMs) return this.#login(known, now)
    const entry = await this.#load(id, now)
    return entry && this.#login(entry, now)
  }

  /** The session of a client that sends credentials and no cookie. */
  async withoutCookie(centre: Centre, person: Person, address: string): Promise<Login> {
    const key = `${centre.id} ${person.id} ${address}`
    for (let id = this.#cookieless.get(key); id !== undefined; ) {
      const login = await this.find(id)
      if (login) return login
      const newer = this.#cookieless.get(key)
      if (newer === id) break
      id = newer
    }
    // Of all requests that find it missing or ended, the first one opens the next.
    let opening = this.#opening.get(key)
    if (!opening) {
      opening = this.#open(centre, person).finally(() => this.#opening.delete(key))
      this.#opening.set(key, opening)
    }
    const entry = await opening
    this.#cookieless.set(key, entry.session.id)
    const login = this.#login(entry, this.#deps.clock.now())
    if (!login) throw new Error('the person of a new HTTP session is gone')
    return login
  }

  /** Ends it everywhere. */
  async end({ centre, session }: Login): Promise<void> {
    this.#byID.delete(session.id)
    await this.#end(centre, session)
  }

  /** The value of `Set-Cookie` without its attributes. */
  cookie(session: HttpSession): string {
    return `${cookieName}=${session.id}.${this.#deps.node}`
  }

  close(): void {
    for (const stop of this.#stop) stop()
  }

  /** Of who was erased the store has no session any more. */
  #forget(centre: Centre, person: PersonID): void {
    for (const [id, entry] of this.#byID.entries())
      if (entry.centre === centre && entry.person === person) this.#byID.delete(id)
  }

  async #open(centre: Centre, person: Person): Promise<Entry> {
    const id = randomBytes(randomLength / 2).toString('hex') + tagOf(centre)
    const now = this.#deps.clock.now()
    const entry: Entry = {
      centre,
      session: { id, csrfToken: randomUUID() },
      person: person.id,
      passwordHash: person.passwordHash,
      checked: now,
      saved: now,
    }
    await this.#save(entry)
    this.#byID.set(id, entry)
    return entry
  }

  async #load(id: string, now: number): Promise<Entry | undefined> {
    const centre = this.#centreByTag.get(id.slice(randomLength))
    const text = centre && (await centre.store.kept('httpSession', keyOf(id)))
    if (!centre || text === undefined) {
      this.#byID.delete(id)
      return undefined
    }
    const known = this.#byID.get(id)
    if (known) {
      known.checked = now
      return known
    }
    const { person, csrfToken } = JSON.parse(text) as Kept
    const { passwordHash } = centre.directory().persons.get(person) ?? {}
    // When it was last written is not known: as if long ago, so it is written now.
    const entry: Entry = { centre, session: { id, csrfToken }, person, passwordHash, checked: now, saved: 0 }
    this.#byID.set(id, entry)
    return entry
  }

  #login(entry: Entry, now: number): Login | undefined {
    const { centre, session } = entry
    const directory = centre.directory()
    if (entry.directory !== directory) {
      const person = directory.persons.get(entry.person)
      entry.directory = directory
      // SPEC WS-15: a new password ends what the old one opened. Nodes salt the passwords of their files each for themselves,
      // so what one node saw before is all there is to compare with.
      if (person?.passwordHash !== entry.passwordHash) {
        delete entry.login
        this.#endQuietly(centre, session)
      } else if (person?.enabled) entry.login = { centre, person, session }
      else delete entry.login
    }
    if (entry.login && now - entry.saved > refreshMs) {
      const before = entry.saved
      entry.saved = now
      // Nobody waits for it; where it fails, the next request tries again.
      this.#save(entry).catch(() => {
        entry.saved = before
      })
    }
    return entry.login
  }

  #endQuietly(centre: Centre, session: HttpSession): void {
    this.#end(centre, session).catch(() => undefined) // the store is down: it is not let in here, and fades by itself
  }

  async #end(centre: Centre, session: HttpSession): Promise<void> {
    await centre.store.forget('httpSession', keyOf(session.id))
    await centre.store.signal('*', goneSignal + session.id)
  }

  #save({ centre, session, person }: Entry): Promise<void> {
    const kept: Kept = { person, csrfToken: session.csrfToken }
    return centre.store.keep('httpSession', keyOf(session.id), JSON.stringify(kept), this.#deps.idleMs + refreshMs)
  }
}

const goneSignal = 'httpSession gone '

/** The session id in a Cookie header, RFC 6265 §5.4, without the node's name. */
export function sessionIDOf(cookies: string | undefined): string | undefined {
  return cookies === undefined ? undefined : /(?:^|[; ])JSESSIONID=([0-9a-f]{40})(?:[.;]|$)/.exec(cookies)?.[1]
}

// The store holds a digest: who reads it cannot pass for anybody.
function keyOf(id: string): string {
  return hash('sha256', id)
}

function tagOf(centre: Centre): string {
  return hash('sha256', centre.id).slice(0, 8)
}
