import { type ManualClock, seededRandom } from '@ringdown/signalling/testing'
import type { SimEndpoint } from './sim-endpoint.ts'
import type { SimPort } from './sim-port.ts'

/** What a simulation shares: time, chance, and who can be reached under which name. Everything in it is decided by the seed. */
export class SimWorld {
  readonly clock: ManualClock
  /** By number. */
  readonly endpoints = new Map<string, SimEndpoint>()
  /** SIP of the runs of nodes, by the name of the run; those that are gone stay, and are deaf. */
  readonly ports = new Map<string, SimPort>()
  /** From now on everybody behaves: nothing is lost, nobody refuses. */
  calm = false
  /** What has happened that must not. */
  readonly faults: string[] = []
  readonly #random: () => number
  #ids = 0

  constructor(seed: number, clock: ManualClock) {
    this.#random = seededRandom(seed)
    this.clock = clock
  }

  /** From 0 up to, but not including, 1. */
  random(): number {
    return this.#random() / 2 ** 32
  }

  /** Whether something that happens so often happens now; never once it is calm. */
  chance(often: number): boolean {
    return this.random() < often && !this.calm
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.random() * from.length)]
    if (picked === undefined) throw new Error('there is nothing to pick from')
    return picked
  }

  id(): string {
    return (++this.#ids).toString(36).padStart(8, '0')
  }

  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve)
    })
  }

  /** Over the network and back. */
  trip(): Promise<void> {
    return this.wait(1 + Math.floor(this.random() * 20))
  }
}
