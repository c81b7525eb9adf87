import { randomBytes } from 'node:crypto'
import type { Clock, SessionStore } from '../../tserver/ports.ts'
import type { SharedSecret } from '../../tserver/registration.ts'

/** How often at most the store is asked whether the key has changed, milliseconds. */
const askEveryMs = 10_000

export interface SharedKeyDeps {
  readonly store: SessionStore
  readonly clock: Clock
  /** Bytes of chance; by default the runtime's. */
  readonly random?: (bytes: number) => Uint8Array
}

/** The key all nodes of a store sign nonces with. Whoever needs it first makes it; the commit settles a race. */
export class SharedKey {
  readonly #store: SessionStore
  readonly #clock: Clock
  readonly #random: (bytes: number) => Uint8Array
  #key: Uint8Array | undefined
  #asked = Number.NEGATIVE_INFINITY
  #asking: Promise<Uint8Array> | undefined

  constructor({ store, clock, random = randomBytes }: SharedKeyDeps) {
    this.#store = store
    this.#clock = clock
    this.#random = random
  }

  /** The key as far as this node knows. Rejects as the store does, while it was never read. */
  async current(): Promise<Uint8Array> {
    return this.#key ?? this.#ask()
  }

  /**
   * A nonce did not fit: the store may have another key since (it was emptied, another node was first). Resolves with the key
   * that is valid now; asks the store seldom, for anybody can send wrong nonces.
   */
  async doubted(): Promise<Uint8Array> {
    if (this.#key && this.#clock.now() - this.#asked < askEveryMs) return this.#key
    return this.#ask()
  }

  #ask(): Promise<Uint8Array> {
    this.#asking ??= this.#settle().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #settle(): Promise<Uint8Array> {
    for (;;) {
      const ref = { kind: 'secret', id: 'sipNonce' } as const
      const { records } = await this.#store.read({ records: [ref], claims: [] })
      const found = records[0]?.value as SharedSecret | undefined
      if (found) return this.#learn(Buffer.from(found.key, 'base64url'))
      const key = this.#key ?? this.#random(32)
      const { outcome } = await this.#store.commit({
        expect: [{ ...ref, version: 0 }],
        put: [{ ...ref, value: { key: Buffer.from(key).toString('base64url') } }],
        claims: [],
        feeds: [],
        timers: { set: [], cancel: [] },
      })
      if (outcome === 'committed') return this.#learn(key)
    }
  }

  #learn(key: Uint8Array): Uint8Array {
    this.#key = key
    this.#asked = this.#clock.now()
    return key
  }
}
