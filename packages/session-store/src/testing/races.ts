import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { FeedEntry, PersonID, SessionStore } from '@ringdown/signalling'
import { seededRandom } from '@ringdown/signalling/testing'
import { type callUUID, person } from './samples.ts'

/** How another process opens the same store: a module with `open(options)`, options as JSON. */
export interface RaceStore {
  module: URL
  options: unknown
}
export type OpenForRace = (options: unknown) => Promise<SessionStore>

export interface RaceOptions {
  store: RaceStore
  processes: number
  /** How many times all processes go for one pair of agents at the same moment. */
  pairs: number
  /** How many agents there are; even. */
  agents: number
  seed: number
}

/** One process's try for two agents. */
export interface Attempt {
  round: number
  a: number
  b: number
}
export type ToRacer =
  | { attempts: Attempt[] }
  | { release: true }
  | { storm: { tries: number; agents: number; seed: number } }
export type FromRacer =
  | { ready: true }
  /** Which attempts were won, by round. */
  | { won: number[] }
  | { released: number }
  | { stormed: { won: number; lost: number } }
  | { fault: string }

/** What came out; everything a store may not do is in `faults`. */
export interface RaceReport {
  rounds: number
  /** Rounds by how many winners they had: `[0, rounds, 0, …]` is right. */
  winners: number[]
  /** Calls made in the storm after the rounds, and tries that lost. */
  storm: { won: number; lost: number }
  faults: string[]
}

/** How many of a child's calls may have been made: its call numbers are apart from the others'. */
export const callsPerRacer = 1_000_000

/**
 * Lets several processes go for the same agents: first round by round, where each pair is free and exactly one process must
 * win it, then all at random without any order. Looks at claims, records and feeds afterwards.
 */
export async function runRaces(store: SessionStore, options: RaceOptions): Promise<RaceReport> {
  const { processes, pairs, agents, seed } = options
  const racers = await Promise.all(Array.from({ length: processes }, (_, i) => startRacer(options.store, i)))
  try {
    const winners: number[] = Array(processes + 1).fill(0)
    const random = seededRandom(seed)
    let rounds = 0
    while (rounds < pairs) {
      const attempts = drawPairs(random, agents, rounds).slice(0, pairs - rounds)
      rounds += attempts.length
      for (const count of await race(racers, attempts)) winners[count] = (winners[count] ?? 0) + 1
    }
    const storm = await storming(racers, agents, seed)
    return { rounds, winners, storm, faults: await faultsOf(store, agents) }
  } finally {
    for (const racer of racers) racer.disconnect()
    await Promise.all(racers.map((racer) => (racer.exitCode === null ? once(racer, 'exit') : undefined)))
  }
}

/** All racers try the same pairs, half of them the other way round; answers the number of winners of each. */
async function race(racers: ChildProcess[], attempts: Attempt[]): Promise<number[]> {
  const replies = await Promise.all(
    racers.map((racer, i) => {
      const turned = i % 2 ? attempts.map(({ round, a, b }) => ({ round, a: b, b: a })) : attempts
      return ask(racer, { attempts: turned })
    }),
  )
  await Promise.all(racers.map((racer) => ask(racer, { release: true })))
  return attempts.map(({ round }) => replies.filter((reply) => 'won' in reply && reply.won.includes(round)).length)
}

async function storming(racers: ChildProcess[], agents: number, seed: number): Promise<RaceReport['storm']> {
  const replies = await Promise.all(
    racers.map((racer, i) => ask(racer, { storm: { tries: 500, agents, seed: seed + i + 1 } })),
  )
  const results = replies.flatMap((reply) => ('stormed' in reply ? [reply.stormed] : []))
  return {
    won: results.reduce((sum, { won }) => sum + won, 0),
    lost: results.reduce((sum, { lost }) => sum + lost, 0),
  }
}

/** All agents in pairs, drawn anew each time. */
function drawPairs(random: () => number, agents: number, round: number): Attempt[] {
  const order = Array.from({ length: agents }, (_, i) => i + 1)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random() % (i + 1)
    const swapped = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = swapped
  }
  return Array.from({ length: agents / 2 }, (_, i) => ({
    round: round + i,
    a: order[2 * i] ?? 0,
    b: order[2 * i + 1] ?? 0,
  }))
}

async function startRacer({ module, options }: RaceStore, index: number): Promise<ChildProcess> {
  const racer = fork(
    new URL('./race-child.ts', import.meta.url),
    [module.href, JSON.stringify(options), String(index)],
    {
      execArgv: [],
    },
  )
  await reply(racer)
  return racer
}

function ask(racer: ChildProcess, message: ToRacer): Promise<FromRacer> {
  const answer = reply(racer)
  racer.send(message)
  return answer
}

function reply(racer: ChildProcess): Promise<FromRacer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a racer has ended'))
    racer.once('exit', ended)
    racer.once('message', (message: FromRacer) => {
      racer.off('exit', ended)
      if ('fault' in message) reject(new Error(message.fault))
      else resolve(message)
    })
  })
}

/** What is wrong when all calls have been released: claims left, living calls, feeds with holes or with two calls at once. */
async function faultsOf(store: SessionStore, agents: number): Promise<string[]> {
  const people = Array.from({ length: agents }, (_, i) => person(i + 1))
  const { claims } = await store.read({ records: [], claims: people })
  const faults = claims.flatMap((claim, i) =>
    claim === undefined ? [] : [`agent ${i + 1} is still claimed by ${claim}`],
  )
  const { dialing, talking } = await store.countCalls()
  if (dialing + talking > 0) faults.push(`${dialing + talking} calls still live`)

  const parties = new Map<string, number>()
  for (const [i, agent] of people.entries()) {
    const entries = await wholeFeed(store, agent)
    faults.push(...feedFaults(entries).map((fault) => `feed of agent ${i + 1}: ${fault}`))
    for (const { event } of entries) {
      if (!('callUUID' in event)) continue
      parties.set(event.callUUID, (parties.get(event.callUUID) ?? 0) + 1)
    }
  }
  // Made and released, at two agents each.
  for (const [call, times] of parties) if (times !== 4) faults.push(`${call} shows ${times} times in the feeds`)
  const records = [...parties.keys()]
    .slice(0, 200)
    .map((id) => ({ kind: 'call', id: id as ReturnType<typeof callUUID> }) as const)
  for (const [i, record] of (await store.read({ records, claims: [] })).records.entries()) {
    if (record?.version !== 2) faults.push(`${records[i]?.id} is at version ${record?.version}`)
  }
  return faults
}

/** A feed must count 1, 2, 3 … and show one call after another: begun, then ended. */
function feedFaults(entries: readonly FeedEntry[]): string[] {
  const faults: string[] = []
  let current: string | undefined
  for (const [i, { offset, event }] of entries.entries()) {
    if (offset !== i + 1) faults.push(`offset ${offset} where ${i + 1} was due`)
    if (!('callUUID' in event)) continue
    if (current === undefined) current = event.callUUID
    else if (current === event.callUUID) current = undefined
    else faults.push(`${event.callUUID} at offset ${offset} while in ${current}`)
  }
  if (current !== undefined) faults.push(`${current} has not ended`)
  return faults
}

async function wholeFeed(store: SessionStore, agent: PersonID): Promise<FeedEntry[]> {
  const entries: FeedEntry[] = []
  for (;;) {
    const page = await store.readFeed(agent, entries.at(-1)?.offset ?? 0, 1000)
    if (page.entries.length === 0) return entries
    entries.push(...page.entries)
  }
}
