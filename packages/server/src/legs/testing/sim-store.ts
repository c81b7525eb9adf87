import { type Change, type SessionStore, TServerError } from '@ringdown/signalling'
import type { MemoryStore } from '@ringdown/signalling/testing'
import type { SimWorld } from './sim-world.ts'

/** A node's way to the store: slow, cut off at times, and now and then the answer is lost. */
export class SimStore {
  /** Nothing gets through, and no hints come. */
  cut = false
  readonly port: SessionStore
  readonly #world: SimWorld

  constructor(world: SimWorld, store: MemoryStore, onCommit: (change: Change) => void) {
    this.#world = world
    const slow =
      <A extends unknown[], T>(call: (...args: A) => Promise<T>, onDone: (args: A, result: T) => void = () => {}) =>
      async (...args: A): Promise<T> => {
        await this.#turns()
        if (this.cut) throw new TServerError('TERR_NO_SWITCH')
        const result = await call(...args)
        onDone(args, result)
        await this.#turns()
        if (this.cut || world.chance(0.005)) throw new TServerError('TERR_TIMEOUT')
        return result
      }
    this.port = {
      commit: slow(
        (change) => store.commit(change),
        ([change], { outcome }) => {
          if (outcome === 'committed') onCommit(change)
        },
      ),
      read: slow((request) => store.read(request)),
      readFeed: slow((...args) => store.readFeed(...args)),
      feedEnd: slow((person) => store.feedEnd(person)),
      watchFeed: (person, listener, onDoubt) =>
        store.watchFeed(
          person,
          (entries) => {
            if (!this.cut && !world.chance(0.02)) listener(entries)
          },
          onDoubt,
        ),
      trimFeed: slow((...args) => store.trimFeed(...args)),
      readLog: slow((...args) => store.readLog(...args)),
      claimTimers: slow((...args) => store.claimTimers(...args)),
      listCalls: slow((...args) => store.listCalls(...args)),
      countCalls: () => store.countCalls(),
      listSessions: slow((...args) => store.listSessions(...args)),
      listNames: slow((...args) => store.listNames(...args)),
      rewriteFeed: slow((...args) => store.rewriteFeed(...args)),
      rewriteLog: slow((...args) => store.rewriteLog(...args)),
      readObjects: () => store.readObjects(),
      putObject: (...args) => store.putObject(...args),
      onObjects: (listener) => store.onObjects(listener),
      keep: slow((...args) => store.keep(...args)),
      kept: slow((...args) => store.kept(...args)),
      forget: slow((...args) => store.forget(...args)),
      count: slow((...args) => store.count(...args)),
      signal: slow((...args) => store.signal(...args)),
      onSignal: (listener) =>
        store.onSignal((message) => {
          if (!this.cut && !world.chance(0.1)) listener(message)
        }),
      healthy: () => !this.cut,
      close: () => store.close(),
    }
  }

  async #turns(): Promise<void> {
    const ms = this.#world.random() < 0.1 ? this.#world.pick([1, 5, 30]) : 0
    if (ms > 0) await this.#world.wait(ms)
  }
}
