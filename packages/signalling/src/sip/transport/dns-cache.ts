import type { Clock } from '../../tserver/ports.ts'
import type { NaptrRecord, Resolver, SrvRecord } from './resolver.ts'

/** How many answers are kept, and how many questions may be open; peers choose the names. */
const maxAnswers = 2_000
const maxOpen = 200
/** How long an answer, an empty one and a failure are good for, ms. Short: a server that moved must be found again. */
const freshMs = 60_000
const emptyMs = 15_000
const failedMs = 3_000
/** How long one question may take, ms; then the answer is none. */
const patienceMs = 3_000

interface Entry<T> {
  answer: Promise<readonly T[]>
  until: number
}

/** Remembers answers, asks each question once at a time, and never rejects: no answer is an empty list. */
export class DnsCache implements Resolver {
  readonly #resolver: Resolver
  readonly #clock: Clock
  readonly #naptr = new Map<string, Entry<NaptrRecord>>()
  readonly #srv = new Map<string, Entry<SrvRecord>>()
  readonly #addresses = new Map<string, Entry<string>>()
  #open = 0

  constructor(resolver: Resolver, clock: Clock) {
    this.#resolver = resolver
    this.#clock = clock
  }

  naptr(name: string): Promise<readonly NaptrRecord[]> {
    return this.#ask(this.#naptr, name, () => this.#resolver.naptr(name))
  }

  srv(name: string): Promise<readonly SrvRecord[]> {
    return this.#ask(this.#srv, name, () => this.#resolver.srv(name))
  }

  addresses(name: string): Promise<readonly string[]> {
    return this.#ask(this.#addresses, name, () => this.#resolver.addresses(name))
  }

  #ask<T>(known: Map<string, Entry<T>>, name: string, ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
    const entry = known.get(name)
    if (entry && entry.until > this.#clock.now()) return entry.answer
    known.delete(name)
    if (this.#open >= maxOpen) return Promise.resolve([])
    if (known.size >= maxAnswers) known.delete(known.keys().next().value ?? '')
    const fresh: Entry<T> = { answer: this.#limited(ask), until: Number.POSITIVE_INFINITY }
    known.set(name, fresh)
    fresh.answer = fresh.answer.then(
      (records) => {
        fresh.until = this.#clock.now() + (records.length > 0 ? freshMs : emptyMs)
        return records
      },
      () => {
        fresh.until = this.#clock.now() + failedMs
        return []
      },
    )
    return fresh.answer
  }

  #limited<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
    this.#open++
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(patienceMs, () => reject(new Error('the DNS does not answer')))
      Promise.resolve()
        .then(ask)
        .then(resolve, reject)
        .finally(() => {
          this.#open--
          stop()
        })
    })
  }
}
