/** One process of a race: `race-child.ts <module> <options> <index>`; does what its parent says until it disconnects. */
import type { SessionStore } from '@ringdown/signalling'
import { seededRandom } from '@ringdown/signalling/testing'
import { callsPerRacer, type FromRacer, type OpenForRace, type ToRacer } from './races.ts'
import { makeCall, releaseCall } from './samples.ts'

const [module = '', options = '{}', index = '0'] = process.argv.slice(2)

interface Held {
  call: number
  a: number
  b: number
}

class Racer {
  readonly #store: SessionStore
  #next = Number(index) * callsPerRacer
  #held: Held[] = []

  constructor(store: SessionStore) {
    this.#store = store
  }

  async answer(message: ToRacer): Promise<FromRacer> {
    if ('attempts' in message) {
      const won = await Promise.all(
        message.attempts.map(async ({ round, a, b }) => ((await this.#try(a, b)) ? [round] : [])),
      )
      return { won: won.flat() }
    }
    if ('release' in message) return { released: await this.#release() }
    const { tries, agents, seed } = message.storm
    return { stormed: await this.#storm(tries, agents, seededRandom(seed)) }
  }

  async #try(a: number, b: number): Promise<boolean> {
    const call = this.#next++
    const { outcome } = await this.#store.commit(makeCall(call, a, b))
    if (outcome === 'committed') this.#held.push({ call, a, b })
    return outcome === 'committed'
  }

  async #release(): Promise<number> {
    const held = this.#held
    this.#held = []
    for (const { outcome } of await Promise.all(
      held.map(({ call, a, b }) => this.#store.commit(releaseCall(call, a, b))),
    )) {
      if (outcome !== 'committed') throw new Error(`a held call could not be released: ${outcome}`)
    }
    return held.length
  }

  // Several tries are under way all the time, and what is won is let go a little later.
  async #storm(tries: number, agents: number, random: () => number): Promise<{ won: number; lost: number }> {
    let won = 0
    let left = tries
    const one = async () => {
      while (left-- > 0) {
        const a = 1 + (random() % agents)
        const b = 1 + ((a - 1 + 1 + (random() % (agents - 1))) % agents)
        if (await this.#try(a, b)) won++
        if (random() % 3 === 0) await this.#release()
      }
    }
    await Promise.all([one(), one(), one(), one(), one(), one()])
    await this.#release()
    return { won, lost: tries - won }
  }
}

const { open } = (await import(module)) as { open: OpenForRace }
const store = await open(JSON.parse(options))
const racer = new Racer(store)
// A parent that has given up is gone.
const tell = (message: FromRacer) => process.connected && process.send?.(message)

process.on('message', (message: ToRacer) => {
  racer.answer(message).then(tell, (error: unknown) => tell({ fault: String(error) }))
})
process.on('disconnect', () => {
  store.close().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
tell({ ready: true })
