import type { CallUUID, Clock, PersonID } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'

type Ask = (name: string, args: readonly string[]) => Promise<unknown>

export interface CareOptions {
  ask: Ask
  keys: StoreKeys
  clock: Clock
}

/** How often it is looked what has passed, and how much of it is dealt with at a time. Milliseconds. */
const lookMs = 1_000
const most = 100

/**
 * Takes away what has outlived its session: its place in the list, and what feeds hold of it. Redis forgets keys by itself, but not what
 * is inside of them. Every node does so; what is done twice, or left off in the middle, does no harm.
 */
export class Care {
  readonly #options: CareOptions
  #cancel: () => void
  #closed = false

  constructor(options: CareOptions) {
    this.#options = options
    this.#cancel = options.clock.after(lookMs, () => void this.#look())
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  async #look(): Promise<void> {
    let more = false
    try {
      more = (await this.#pass()) === most
    } catch {
      // The store does not answer; the next look finds the same.
    }
    if (!this.#closed) this.#cancel = this.#options.clock.after(more ? 1 : lookMs, () => void this.#look())
  }

  /** How much has passed. */
  async #pass(): Promise<number> {
    const { ask, keys } = this.#options
    // By the clock that sets the times when sessions end.
    const [seconds, micros] = (await ask('time', [])) as [string, string]
    const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
    const range = [keys.passing, '-inf', String(now), 'LIMIT', '0', String(most)]
    const passed = (await ask('zrangebyscore', range)) as string[]
    for (const member of passed) {
      const [call = '', ...feeds] = member.split('\n')
      for (let i = 0; i < feeds.length; i += 2)
        await ask('xtrim', [feeds[i + 1] ?? '', 'MINID', '=', `0-${Number(feeds[i]) + 1}`])
      await this.#unlist(call as CallUUID, now)
    }
    if (passed.length > 0) await ask('zrem', [keys.passing, ...passed])
    return passed.length
  }

  /** A call that was put again since is kept for longer, or for good. */
  async #unlist(id: CallUUID, now: number): Promise<void> {
    const { ask, keys } = this.#options
    const left = Number(await ask('pttl', [keys.record({ kind: 'call', id })]))
    if (left === -2) await ask('zrem', [keys.sessions, id])
    else if (left >= 0)
      await ask('zadd', [keys.passing, String(now + left + 1), `${id}\n0\n${keys.feed('' as PersonID)}`])
  }
}
