import { hash } from 'node:crypto'
import type { Clock, SessionStore } from '@ringdown/signalling'
import { BoundedMap } from './bounded-map.ts'

/** How many wrong passwords are borne within the window, milliseconds. */
export interface AttemptLimits {
  /** For one user name from one address. */
  perUserAndAddress: number
  /** For one user name from anywhere: a guess spread over many addresses. */
  perUser: number
  /** From one address, whatever the user name. */
  perAddress: number
  windowMs: number
}

export const defaultAttemptLimits: AttemptLimits = {
  perUserAndAddress: 10,
  perUser: 100,
  perAddress: 100,
  windowMs: 300_000,
}

interface Failures {
  count: number
  until: number
  /** What is counted, for who may look at it. */
  of: { user?: string; address?: string }
}

/** Somebody who has to wait because of wrong passwords, as this node knows it. */
export interface LockOut {
  /** Names it in a path. */
  id: string
  /** Whose name was tried; absent: any. */
  user?: string
  /** Where from; absent: anywhere. */
  address?: string
  failures: number
  /** Milliseconds since 1970. */
  until: number
}

/**
 * Counts failed logins, in the store so that a guesser gains nothing by going from node to node, and here so that a right
 * password costs no round trip and a store that is down opens no door. It asks nothing about the user: an unknown name is counted alike.
 */
export class Attempts {
  readonly #limits: AttemptLimits
  readonly #clock: Clock
  readonly #failures = new BoundedMap<string, Failures>(20_000)

  constructor(limits: AttemptLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Milliseconds until another try is allowed; 0: now. */
  wait(user: string, address: string): number {
    const now = this.#clock.now()
    let wait = 0
    for (const [key, limit] of this.#keys(user, address)) {
      const failures = this.#failures.get(key)
      if (failures && failures.count >= limit) wait = Math.max(wait, failures.until - now)
    }
    return wait
  }

  async failed(store: SessionStore, user: string, address: string): Promise<void> {
    const { windowMs } = this.#limits
    const now = this.#clock.now()
    const counted = this.#keys(user, address).map(async ([key, , of]) => {
      const known = this.#failures.get(key)
      const failures = known && known.until > now ? known : { count: 0, until: now + windowMs, of }
      failures.count++
      this.#failures.set(key, failures)
      const everywhere = await store.count('attempts', key, windowMs).catch(() => 0) // the store is down: our own count stands
      failures.count = Math.max(failures.count, everywhere)
    })
    await Promise.all(counted)
  }

  /** A right password clears what this user mistyped here. */
  async succeeded(store: SessionStore, user: string, address: string): Promise<void> {
    const key = both(user, address)
    if (!this.#failures.delete(key)) return
    await store.forget('attempts', key).catch(() => undefined) // the store is down: the counter fades by itself
  }

  /** Who has to wait now, the longest wait first. */
  lockOuts(): readonly LockOut[] {
    const now = this.#clock.now()
    return [...this.#failures.entries()]
      .filter(([, { count, until, of }]) => until > now && count >= this.#limitOf(of))
      .map(([key, { count, until, of }]) => ({ id: idOf(key), ...of, failures: count, until }))
      .sort((a, b) => b.until - a.until)
  }

  /** Forgets what was counted under that id, here and in the store. False: nothing is. */
  async lift(store: SessionStore, id: string): Promise<boolean> {
    const key = this.forget(id)
    if (key === undefined) return false
    await store.forget('attempts', key)
    return true
  }

  /** The same here alone: another node has lifted it. */
  forget(id: string): string | undefined {
    for (const [key] of this.#failures.entries()) {
      if (idOf(key) !== id) continue
      this.#failures.delete(key)
      return key
    }
    return undefined
  }

  #limitOf({ user, address }: Failures['of']): number {
    const { perUserAndAddress, perUser, perAddress } = this.#limits
    if (address === undefined) return perUser
    return user === undefined ? perAddress : perUserAndAddress
  }

  #keys(user: string, address: string): readonly (readonly [key: string, limit: number, of: Failures['of']])[] {
    const of = { user: name(user), address }
    return [
      [both(user, address), this.#limits.perUserAndAddress, of],
      [`user ${of.user}`, this.#limits.perUser, { user: of.user }],
      [`address ${address}`, this.#limits.perAddress, { address }],
    ]
  }
}

function both(user: string, address: string): string {
  return `both ${address} ${name(user)}`
}

/** A name for a path, the same on every node; says nothing of what it is made of. */
function idOf(key: string): string {
  return hash('sha256', key).slice(0, 32)
}

// A name longer than any real one must not fill the store, and one in other letters is the same one.
function name(user: string): string {
  return user.slice(0, 128).toLowerCase()
}
