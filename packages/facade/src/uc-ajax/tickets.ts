import { createHmac, hash, randomBytes } from 'node:crypto'
import type { Clock, Person, PersonID } from '@ringdown/signalling'
import { BoundedMap } from '../login/bounded-map.ts'
import type { Centre, Who } from '../login.ts'
import { CwaError } from './error.ts'
import type { UcAjaxOptions } from './options.ts'

export interface TicketsDeps {
  centres: readonly Centre[]
  clock: Clock
  options: Pick<UcAjaxOptions, 'ticketMs' | 'ticketGraceMs'>
}

/** Whose ticket it is, and the one to send back: the same, or its successor. */
export interface Verified extends Who {
  ticket: string
}
/** Why a ticket opens nothing. */
export type TicketRefusal = 'noTicket' | 'unknownTicket' | 'ticketEnded'

/** What the store has under a ticket's digest. Times in milliseconds since 1970. */
interface Kept {
  person: PersonID
  /** Ties the ticket to the password it was got with; says nothing to who has not the ticket. */
  seal: string
  until: number
  /** From then on its bearer is given a successor. */
  renewal: number
  /** Makes the successor, once there is one. */
  salt?: string
}

interface Entry extends Kept {
  centre: Centre
  id: string
  /** When the store was last asked. */
  checked: number
  /** Who that is by this configuration; undefined: nobody who may come in. */
  login?: Person | undefined
  directory?: unknown
  next?: string
}

const pattern = /^[\w-]{43}[0-9a-f]{8}$/
/** Characters nobody can guess, 32 bytes in base64url; the contact centre's tag follows. */
const randomLength = 43
/** So long the store is not asked again. */
const trustMs = 30_000
/** So long nothing is renewed after the store has failed at it. */
const pauseMs = 30_000
/** Tickets one person gets within the life of one, so that a client that signs in over and over does not fill the store. */
const perPerson = 1_000

/**
 * `CWA-Ticket`s, uc-ajax-api §1.3: random, known to the store by their digest, so any node takes them and a restart keeps them. After
 * half of its life a ticket has a successor, made from the ticket and a salt in the store: whoever brings the old one is answered with
 * the same new one for as long as the old one is taken, and neither the store nor an old ticket is enough to know it. SPEC UC-42, UC-43.
 */
export class Tickets {
  readonly #deps: TicketsDeps
  readonly #centreByTag: ReadonlyMap<string, Centre>
  readonly #known = new BoundedMap<string, Entry>(50_000)
  readonly #loading = new Map<string, Promise<Entry | undefined>>()
  readonly #renewing = new Map<string, Promise<void>>()

  constructor(deps: TicketsDeps) {
    this.#deps = deps
    this.#centreByTag = new Map(deps.centres.map((centre) => [tagOf(centre), centre]))
  }

  /** A ticket for a person whose password was right. Rejects with CwaError for one who has too many, or with TServerError. */
  async issue(centre: Centre, person: Person): Promise<string> {
    const { ticketMs } = this.#deps.options
    const count = await centre.store.count('ticket', `issued ${person.id}`, ticketMs)
    if (count > perPerson)
      throw new CwaError('RequestThrottled', 'You have signed in too often; use the ticket you have')
    const ticket = randomBytes(32).toString('base64url') + tagOf(centre)
    await this.#keepNew(centre, person, ticket)
    return ticket
  }

  /** Whose ticket it is now. Rejects with TServerError where the store has to be asked and does not answer. */
  async verify(ticket: string | undefined): Promise<Verified | { refused: TicketRefusal }> {
    if (ticket === undefined) return { refused: 'noTicket' }
    const entry = pattern.test(ticket) ? await this.#find(ticket) : undefined
    if (!entry || this.#deps.clock.now() >= entry.until) return { refused: 'unknownTicket' }
    const person = loginOf(entry, ticket)
    if (!person) return { refused: 'ticketEnded' }
    if (entry.salt === undefined && this.#deps.clock.now() >= entry.renewal)
      await once(this.#renewing, entry.id, () => this.#renewQuietly(entry, person, ticket))
    if (entry.salt !== undefined) entry.next ??= successor(ticket, entry.salt)
    return { centre: entry.centre, person, ticket: entry.next ?? ticket }
  }

  async #find(ticket: string): Promise<Entry | undefined> {
    const id = digest(ticket)
    const known = this.#known.get(id)
    if (known && this.#deps.clock.now() - known.checked < trustMs) return known
    return once(this.#loading, id, () => this.#load(id, ticket))
  }

  async #load(id: string, ticket: string): Promise<Entry | undefined> {
    const checked = this.#deps.clock.now()
    const centre = this.#centreByTag.get(ticket.slice(randomLength))
    const text = centre && (await centre.store.kept('ticket', id))
    if (!centre || text === undefined) {
      this.#known.delete(id)
      return undefined
    }
    // It may have been renewed here while the store was being asked.
    const entry: Entry = { ...this.#known.get(id), ...(JSON.parse(text) as Kept), centre, id, checked }
    this.#known.set(id, entry)
    return entry
  }

  async #renewQuietly(entry: Entry, person: Person, ticket: string): Promise<void> {
    try {
      await this.#renew(entry, person, ticket)
    } catch {
      // The store is down: the ticket goes on as it is, and the first request after the pause tries again.
      entry.renewal = this.#deps.clock.now() + pauseMs
    }
  }

  async #renew(entry: Entry, person: Person, ticket: string): Promise<void> {
    const { ticketGraceMs } = this.#deps.options
    const { centre, id, seal, renewal } = entry
    const salt = randomBytes(16).toString('base64url')
    // The successor first: what is given out must be good on every node.
    await this.#keepNew(centre, person, successor(ticket, salt))
    const until = this.#deps.clock.now() + ticketGraceMs
    const kept: Kept = { person: person.id, seal, until, renewal, salt }
    await centre.store.keep('ticket', id, JSON.stringify(kept), ticketGraceMs)
    entry.until = until
    entry.salt = salt
  }

  async #keepNew({ store }: Centre, person: Person, ticket: string): Promise<void> {
    const { ticketMs } = this.#deps.options
    const now = this.#deps.clock.now()
    const kept: Kept = {
      person: person.id,
      seal: sealOf(ticket, person),
      until: now + ticketMs,
      renewal: now + ticketMs / 2,
    }
    await store.keep('ticket', digest(ticket), JSON.stringify(kept), ticketMs)
  }
}

/** SPEC UC-44: a new password, and being disabled or removed, end the ticket, on a node that was not there when it was got as well. */
function loginOf(entry: Entry, ticket: string): Person | undefined {
  const directory = entry.centre.directory()
  if (entry.directory !== directory) {
    const person = directory.persons.get(entry.person)
    const isSame = person?.enabled && person.passwordHash !== undefined && sealOf(ticket, person) === entry.seal
    entry.login = isSame ? person : undefined
    entry.directory = directory
  }
  return entry.login
}

/** A poll and a command come at once: one of them does it, both have the outcome. */
async function once<T>(underWay: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const working = underWay.get(key) ?? work().finally(() => underWay.delete(key))
  underWay.set(key, working)
  return working
}

function successor(ticket: string, salt: string): string {
  return createHmac('sha256', ticket).update(salt).digest('base64url') + ticket.slice(randomLength)
}

function sealOf(ticket: string, { passwordHash }: Person): string {
  return hash('sha256', `${ticket} ${passwordHash}`, 'base64url')
}

// The store holds a digest: who reads it cannot pass for anybody.
function digest(ticket: string): string {
  return hash('sha256', ticket, 'base64url')
}

function tagOf({ id }: Centre): string {
  return hash('sha256', id).slice(0, 8)
}
