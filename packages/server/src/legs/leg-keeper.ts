import { type Clock, type LegRecord, legID, type SessionStore, unfinishedTimerID } from '@ringdown/signalling'

/** How long a moved position may wait before it is written, ms. What it lags behind is delivered again after a crash, under the same ids. */
const lazyMs = 500

export interface LegKeeperDeps {
  store: SessionStore
  clock: Clock
  /** An ended leg's record is forgotten after so long, ms. */
  retentionMs: number
  /** Another node has written: the leg is no longer ours. */
  onLost: () => void
  onError: (error: unknown) => void
}

/** Writes down what another node needs to go on with a leg: at once what it cannot do without, lazily the position. */
export class LegKeeper {
  readonly #deps: LegKeeperDeps
  #record: LegRecord
  #version: number
  #writing: Promise<void> | undefined
  #dirty = false
  #cancel: (() => void) | undefined
  #ended = false
  #lost = false

  constructor(deps: LegKeeperDeps, record: LegRecord, version: number) {
    this.#deps = deps
    this.#record = record
    this.#version = version
  }

  get record(): LegRecord {
    return this.#record
  }

  moved(delivered: number): void {
    this.#record = { ...this.#record, delivered }
    this.#dirty = true
    this.#cancel ??= this.#deps.clock.after(lazyMs, () => {
      this.#cancel = undefined
      void this.flush()
    })
  }

  /** Resolves when it is written, or the leg is lost. */
  keep(change: Partial<Pick<LegRecord, 'dialog' | 'owner'>>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    this.#dirty = true
    return this.flush()
  }

  /** The leg is over; its record goes with its call. */
  async end(): Promise<void> {
    this.#ended = true
    this.#dirty = true
    await this.flush()
  }

  async flush(): Promise<void> {
    while (this.#dirty && !this.#lost) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined
      })
      await this.#writing
    }
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#lost = true
  }

  async #write(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#dirty = false
    const value = this.#record
    const id = legID(value.callUUID, value.dn)
    try {
      const outcome = await this.#deps.store.commit({
        expect: [{ kind: 'leg', id, version: this.#version }],
        put: [{ kind: 'leg', id, value, ...(this.#ended && { expireMs: this.#deps.retentionMs }) }],
        claims: [],
        feeds: [],
        // SPEC LG-8: nobody has to look after what is dealt with.
        timers: { set: [], cancel: this.#ended ? [unfinishedTimerID(value.callUUID, value.dn)] : [] },
      })
      if (outcome.outcome === 'committed') this.#version++
      else await this.#conflict(id)
    } catch (error) {
      this.#deps.onError(error)
      // A write whose fate is unknown may have happened: the next one finds out.
      this.#dirty = true
      await new Promise<void>((resolve) => {
        this.#deps.clock.after(lazyMs, resolve)
      })
    }
  }

  async #conflict(id: string): Promise<void> {
    const { records } = await this.#deps.store.read({ records: [{ kind: 'leg', id }], claims: [] })
    const found = records[0]
    // Our own write that was taken for failed.
    if (found && (found.value as LegRecord).owner === this.#record.owner) {
      this.#version = found.version
      this.#dirty = true
      return
    }
    this.#lost = true
    this.#deps.onLost()
  }
}
