import { hash } from 'node:crypto'
import type { Clock, SessionStore } from '../../tserver/ports.ts'

/** How many wrong responses are borne within the window, milliseconds; 0 of a limit: any number. */
export interface FailureLimits {
  /** For one user name from one source. */
  readonly perUser: number
  /** From one source, whatever the user name; many users behind one proxy share it. */
  readonly perSource: number
  readonly windowMs: number
}

export const defaultFailureLimits: FailureLimits = { perUser: 10, perSource: 100, windowMs: 60_000 }

const most = 20_000

interface Failures {
  count: number
  until: number
  /** Absent: counted for the source alone. */
  user: string | undefined
  /** Where the last one came from; with a nonce of somebody else's it is not the source. */
  address: string
}

/** A source that has to wait, as this node knows it. */
export interface DigestLockOut {
  /** Names it in a path. */
  readonly id: string
  readonly user?: string
  readonly address: string
  readonly failures: number
  /** Milliseconds since 1970. */
  readonly until: number
}

/**
 * Counts wrong responses in the store, so that a guesser gains nothing by going from node to node, and here, so that a right one costs no
 * round trip. A source is who was given the nonce, not who seems to send: with a forged address nobody can lock another one out.
 */
export class FailureCounts {
  readonly #store: SessionStore
  readonly #clock: Clock
  readonly #limits: FailureLimits
  readonly #failures = new Map<string, Failures>()

  constructor({ store, clock, limits }: { store: SessionStore; clock: Clock; limits: FailureLimits }) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
  }

  /** Milliseconds until this source may try again for this user; 0: now. */
  wait(source: string, user: string): number {
    const now = this.#clock.now()
    let wait = 0
    for (const [key, limit] of this.#keys(source, user)) {
      const failures = this.#failures.get(key)
      if (failures && failures.count >= limit) wait = Math.max(wait, failures.until - now)
    }
    return wait
  }

  /** A wrong response. Rejects as the store does; it is counted here all the same. */
  async failed(source: string, user: string, address: string): Promise<void> {
    const { windowMs } = this.#limits
    const now = this.#clock.now()
    await Promise.all(
      this.#keys(source, user).map(async ([key, , of]) => {
        const known = this.#failures.get(key)
        const failures = known && known.until > now ? known : { count: 0, until: now + windowMs, user: of, address }
        failures.count++
        failures.address = address
        this.#remember(key, failures)
        failures.count = Math.max(failures.count, await this.#store.count('attempts', `sip ${key}`, windowMs))
      }),
    )
  }

  /** Who has to wait now. */
  lockOuts(): readonly DigestLockOut[] {
    const now = this.#clock.now()
    const { perUser, perSource } = this.#limits
    return [...this.#failures].flatMap(([key, { count, until, user, address }]) => {
      const limit = user === undefined ? perSource : perUser
      if (until <= now || count < limit) return []
      return [{ id: idOf(key), ...(user !== undefined && { user }), address, failures: count, until }]
    })
  }

  /** Forgets what was counted under that id, here and in the store. False: nothing is. Rejects as the store does. */
  async lift(id: string): Promise<boolean> {
    const key = this.forget(id)
    if (key === undefined) return false
    await this.#store.forget('attempts', `sip ${key}`)
    return true
  }

  /** The same here alone: another node has lifted it. */
  forget(id: string): string | undefined {
    for (const key of this.#failures.keys()) {
      if (idOf(key) !== id) continue
      this.#failures.delete(key)
      return key
    }
    return undefined
  }

  #keys(source: string, user: string): (readonly [key: string, limit: number, user: string | undefined])[] {
    const { perUser, perSource } = this.#limits
    const keys: (readonly [string, number, string | undefined])[] = []
    const name = user.slice(0, 64)
    if (perUser > 0) keys.push([`${source} ${name}`, perUser, name])
    if (perSource > 0) keys.push([source, perSource, undefined])
    return keys
  }

  #remember(key: string, failures: Failures): void {
    this.#failures.delete(key)
    this.#failures.set(key, failures)
    // A Map keeps the order of insertion: the first is the one that failed longest ago.
    if (this.#failures.size > most) this.#failures.delete(this.#failures.keys().next().value ?? '')
  }
}

/** A name for a path, the same on every node; says nothing of what it is made of. */
function idOf(key: string): string {
  return hash('sha256', `sip ${key}`, 'hex').slice(0, 32)
}
