import type { Clock, SessionStore } from '@ringdown/signalling'

/** How long a node that has died keeps the others from beginning a run, milliseconds. */
export const lockMs = 15_000
const renewMs = 5_000

/** Whose run goes on. */
export interface Holder {
  run: string
  node: string
}

type Store = Pick<SessionStore, 'keep' | 'kept' | 'forget' | 'count'>

export interface RunLockDeps {
  store: Store
  node: string
  clock: Clock
}

/** At most one load run at a time on all nodes of a store. Methods reject as the store does. SPEC LR-4. */
export class RunLock {
  readonly #deps: RunLockDeps
  #mine: string | undefined
  #renewed = 0
  #cancel: () => void = () => undefined

  constructor(deps: RunLockDeps) {
    this.#deps = deps
  }

  /** Who has it: this node, or one that lives. What this node's process of before had is nobody's. */
  async holder(): Promise<Holder | undefined> {
    const { store, node } = this.#deps
    const kept = await store.kept('loadRun', 'running')
    const holder = kept === undefined ? undefined : (JSON.parse(kept) as Holder)
    return holder?.node === node && holder.run !== this.#mine ? undefined : holder
  }

  /** Takes it for a run, and keeps it until `release`. Answers who has it where that is somebody else. `onLost`: it is not ours any more. */
  async take(run: string, onLost: () => void): Promise<Holder | undefined> {
    const { store, node, clock } = this.#deps
    // Only a counter tells two nodes apart that ask at the same time.
    if ((await store.count('loadRun', 'taking', lockMs)) > 1)
      return (await this.holder()) ?? { run: '', node: 'another' }
    const held = await this.holder()
    if (!held) {
      await store.keep('loadRun', 'running', JSON.stringify({ run, node } satisfies Holder), lockMs)
      this.#mine = run
      this.#renewed = clock.now()
      this.#renewLater(run, onLost)
    }
    await store.forget('loadRun', 'taking')
    return held
  }

  /** Gives it back. What the store does not hear now it forgets by itself. */
  async release(): Promise<void> {
    this.#cancel()
    if (this.#mine === undefined) return
    this.#mine = undefined
    await this.#deps.store.forget('loadRun', 'running').catch(() => undefined)
  }

  #renewLater(run: string, onLost: () => void): void {
    this.#cancel = this.#deps.clock.after(renewMs, () => {
      void this.#renew(run).then((ours) => {
        if (this.#mine !== run) return
        if (ours) return this.#renewLater(run, onLost)
        this.#mine = undefined
        onLost()
      })
    })
  }

  async #renew(run: string): Promise<boolean> {
    const { store, node, clock } = this.#deps
    try {
      const holder = await this.holder()
      if (holder?.run !== run || this.#mine !== run) return false
      await store.keep('loadRun', 'running', JSON.stringify({ run, node } satisfies Holder), lockMs)
      this.#renewed = clock.now()
      return true
    } catch {
      // The store does not answer. Until the lock has run out nobody else can have it.
      return clock.now() - this.#renewed < lockMs - renewMs
    }
  }
}
