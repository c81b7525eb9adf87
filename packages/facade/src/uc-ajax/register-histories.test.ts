import { TServerError } from '@ringdown/signalling'
import { seededRandom } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { type CwaBench, type CwaClient, type CwaNode, cwaBench } from '../testing/cwa-bench.ts'

const seeds = Array.from({ length: 40 }, (_, i) => i + 1)
const sessionTimeoutMs = 120_000
const numbers = { anna: '7001', ben: '7002' } as const
type Name = keyof typeof numbers

/** Sign-ins, goodbyes and clients that vanish, at two nodes, while single steps of the store fail: before they are done, or behind. */
class History {
  readonly bench: CwaBench
  readonly #luck: () => number
  readonly #clients: readonly CwaClient[]
  /** Clients with a session, as far as they know. */
  readonly #alive = new Set<CwaClient>()
  #failing = 0

  constructor(seed: number) {
    const source = seededRandom(seed)
    this.#luck = () => source() / 2 ** 32
    this.bench = cwaBench({ sessionTimeoutMs }, { seed })
    this.#clients = ['anna', 'anna', 'ben', 'ben'].map((name) => this.bench.client(name))
    for (const { store } of [this.bench.a, this.bench.b]) this.#breakNowAndThen(store)
  }

  #breakNowAndThen(store: CwaNode['store']): void {
    const failing =
      <A extends unknown[], R>(step: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        if (this.#luck() < this.#failing) throw new TServerError('TERR_TIMEOUT')
        const result = await step.apply(store, given)
        if (this.#luck() < this.#failing) throw new TServerError('TERR_TIMEOUT')
        return result
      }
    const { commit, keep, forget, count, kept, read } = store
    Object.assign(store, {
      commit: failing(commit),
      keep: failing(keep),
      forget: failing(forget),
      count: failing(count),
      kept: failing(kept),
      read: failing(read),
    })
  }

  async run(): Promise<void> {
    for (let i = 0; i < 40; i++) {
      this.#failing = this.#luck() < 0.5 ? 0.08 : 0
      await Promise.all(this.#clients.map((client) => this.#luck() < 0.6 && this.#act(client)))
      await this.bench.pass(this.#luck() * 20_000)
    }
    this.#failing = 0
  }

  async #act(client: CwaClient): Promise<void> {
    client.node = this.#luck() < 0.5 ? this.bench.a : this.bench.b
    try {
      if (this.#alive.has(client)) await this.#goOn(client)
      else if (this.#luck() < 0.7) this.#alive.add(await client.signIn())
    } catch (error) {
      if (!(error instanceof TServerError)) throw error
    }
  }

  async #goOn(client: CwaClient): Promise<void> {
    const luck = this.#luck()
    if (luck < 0.3) this.#alive.delete(client)
    if (luck < 0.2) await client.ask({ request: 'terminateSession' })
    else if (luck < 0.5) await client.invite(client.person.userName === 'anna' ? 'sip:ben@demo' : 'sip:anna@demo', 'x')
    else if (luck < 0.7) await client.handle('acceptImSession')
    else if (!(await client.poll())) this.#alive.delete(client)
  }

  /** Time goes by until what was left behind is over; who lives goes on polling. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      for (const client of this.#alive) if (!(await client.poll())) this.#alive.delete(client)
      await this.bench.pass(20_000)
    }
  }

  vanish(): void {
    this.#alive.clear()
  }

  /** Whether somebody has a session, and who has their device. */
  async standing(name: Name): Promise<{ lives: boolean; loggedIn: boolean; taken: boolean }> {
    const [record] = await this.bench.a.centre.tserver.logins([numbers[name] as never])
    const lives = [...this.#alive].some(({ person }) => person.userName === name)
    return { lives, loggedIn: Boolean(record?.login), taken: Boolean(record?.registered) }
  }
}

test('[UC-69, UC-80] random histories: who has a session is logged in, and nobody else', async () => {
  const seen = new Set<boolean>()
  for (const seed of seeds) {
    const history = new History(seed)
    await history.run()
    await history.settle()
    for (const name of ['anna', 'ben'] as const) {
      const { lives, ...is } = await history.standing(name)
      expect({ seed, name, ...is }).toEqual({ seed, name, loggedIn: lives, taken: lives })
      seen.add(lives)
    }
    history.vanish()
    await history.settle()
    for (const name of ['anna', 'ben'] as const)
      expect({ seed, name, ...(await history.standing(name)) }).toMatchObject({ lives: false, loggedIn: false })
    await history.bench.stop()
  }
  expect(seen.size).toBe(2)
}, 60_000)
