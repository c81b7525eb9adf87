import {
  type Call,
  type Clock,
  type LegRecord,
  legID,
  type SessionStore,
  unfinishedTimerID,
} from '@ringdown/signalling'
import { Naps } from './naps.ts'

/** How long a moved position may wait before it is written, ms. What it lags behind is delivered again after a crash, under the same ids. */
const lazyMs = 500

export interface LegKeeperDeps {
  store: SessionStore
  clock: Clock
  /** An ended leg's record is forgotten after so long, ms. */
  retentionMs: number
  /** The call says that another node has the leg. */
  onLost: () => void
  onError: (error: unknown) => void
}

/** Writes down what another node needs to go on with a leg: at once what it cannot do without, lazily the position. */
export class LegKeeper {
  readonly #deps: LegKeeperDeps
  readonly #naps: Naps
  #record: LegRecord
  #version: number
  #writing: Promise<void> | undefined
  #dirty = false
  #cancel: (() => void) | undefined
  #ended = false
  #stopped = false

  constructor(deps: LegKeeperDeps, record: LegRecord, version: number) {
    this.#deps = deps
    this.#naps = new Naps(deps.clock)
    this.#record = record
    this.#version = version
  }

  get record(): LegRecord {
    return this.#record
  }

  moved(delivered: number): void {
    this.#record = { ...this.#record, delivered }
    this.#dirty = true
    if (this.#stopped) return
    this.#cancel ??= this.#deps.clock.after(lazyMs, () => {
      this.#cancel = undefined
      void this.flush()
    })
  }

  /** Resolves when it is written, or the keeper was stopped. */
  keep(change: Partial<Pick<LegRecord, 'dialog'>>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    this.#dirty = true
    return this.flush()
  }

  /** The leg is over, with nothing left to do; its record goes with its call. */
  async end(): Promise<void> {
    this.#ended = true
    this.#record = { ...this.#record, dialog: null }
    this.#dirty = true
    await this.flush()
  }

  async flush(): Promise<void> {
    while (this.#dirty && !this.#stopped) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined
      })
      await this.#writing
    }
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#stopped = true
    this.#naps.end()
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
      await this.#naps.take(lazyMs)
    }
  }

  /**
   * Somebody else has written: our own write that was taken for failed, the owner before us whose last word came late, or the one
   * after us. The call alone says whose the leg is.
   */
  async #conflict(id: string): Promise<void> {
    const { callUUID, dn, owner } = this.#record
    const { records } = await this.#deps.store.read({
      records: [
        { kind: 'leg', id },
        { kind: 'call', id: callUUID },
      ],
      claims: [],
    })
    const call = records[1]?.value as Call | undefined
    if (call?.parties.find((party) => party.dn === dn)?.sip?.owner !== owner) {
      this.stop()
      this.#deps.onLost()
      return
    }
    const found = records[0]?.value as LegRecord | undefined
    this.#version = records[0]?.version ?? 0
    this.#record = { ...this.#record, delivered: Math.max(this.#record.delivered, found?.delivered ?? 0) }
    this.#dirty = true
  }
}
