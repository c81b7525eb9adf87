import { AgentClient, type AgentClientOptions, type Fetch, WebServices } from '@ringdown/client'
import { afterEach, vi } from 'vitest'
import { Engine, type Person, until } from '../faults/engine.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'

/** What is waited for at most, milliseconds; far more than it takes. */
export const patience = 30_000
// Servers are started and killed here: on a machine with other work a test of seconds takes a minute.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

/** An agent's client, with what it told. */
export interface Played {
  client: AgentClient
  /** Words of the texts of all sessions, in the order they were told. */
  texts: string[]
  states: string[]
  /** State and gap as they were told. */
  gaps: object[]
  missing: number[]
}

export const numbered = (who: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${who} ${from + i}`)

const ends: (() => Promise<unknown>)[] = []
/** Everything ends with its test, the latest first. */
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

export async function engineOf(...args: Parameters<typeof Engine.create>): Promise<Engine> {
  const engine = await Engine.create(...args)
  ends.push(() => engine.stop())
  return engine
}

/** What stands between clients and the node that `target` names. */
export async function proxyOf(target: () => { host: string; port: number }): Promise<FaultProxy> {
  const proxy = await FaultProxy.start('127.0.0.1', target)
  ends.push(() => proxy.stop())
  return proxy
}

/** Lets nobody through until it is so. */
export async function offlineUntil(proxy: FaultProxy, isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + patience; !isSo(); await proxy.offline(100))
    if (performance.now() > end) throw new Error('offline for too long')
}

export function play(address: string, person: Person, options: Partial<AgentClientOptions> = {}): Played {
  const { userName, password } = person
  const client = new AgentClient({ address, userName, password, ...options })
  ends.push(() => client.close())
  const played: Played = { client, texts: [], states: [], gaps: [], missing: [] }
  client.on('text', ({ text }) => played.texts.push(text.message))
  client.on('state', ({ state, gap }) => {
    played.states.push(state)
    if (gap) played.gaps.push(gap)
  })
  client.on('missing', ({ first }) => played.missing.push(first))
  return played
}

/** Two agents of an engine at these addresses, in a session with each other. */
export async function conversation(
  engine: Engine,
  [annaAt, benAt]: readonly [string, string],
  options: Partial<AgentClientOptions> = {},
) {
  const [first, second] = engine.persons
  if (!first || !second) throw new Error('two agents are needed')
  const [anna, ben] = [play(annaAt, first, options), play(benAt, second, options)]
  await Promise.all([anna.client.start(), ben.client.start()])
  const { id } = await anna.client.begin(second.dn)
  await until(() => ben.client.session?.state === 'Talking', patience, 'ben is not talking')
  return { anna, ben, id, first, second }
}

/** The transcript as the server has it. */
export async function transcriptOf(address: string, { userName, password }: Person, id: string): Promise<string[]> {
  const services = new WebServices({ address, userName, password, fetch: fetch as Fetch })
  return (await services.transcript(id)).map(({ message }) => message)
}

/** Waits until each has been told what the server has, and no more. */
export async function inStep(
  address: string,
  person: Person,
  id: string,
  ...played: readonly Played[]
): Promise<string[]> {
  const whole = await transcriptOf(address, person, id)
  await until(() => played.every(({ texts }) => texts.length >= whole.length), patience, 'not every text was told')
  return whole
}
