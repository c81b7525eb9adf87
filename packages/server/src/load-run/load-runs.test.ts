import type { LoadRun } from '@ringdown/facade'
import type { DNumber, PersonID } from '@ringdown/signalling'
import { demoObjects } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { loadBounds } from './load-runs.ts'
import type { LoadTally } from './protocol.ts'
import { cluster, type FakeAgents, settle } from './testing/cluster.ts'

const wanted = { pairs: 2, textsPerSecond: 10, seconds: 4 }
const nothing: LoadTally = {
  accepted: 0,
  delivered: 0,
  lost: 0,
  refused: 0,
  latency: { p50: null, p99: null, max: null },
}
const some: LoadTally = { ...nothing, accepted: 40, delivered: 40, latency: { p50: 1, p99: 2, max: 3 } }

type Cluster = ReturnType<typeof cluster>
type Node = Awaited<ReturnType<Cluster['node']>>

/** A run of which the agents have been ordered. */
async function begin(all: Cluster, node: Node) {
  const { id } = await node.runs.start(node.centre, wanted, 'ada')
  await all.pass(500)
  const agents = node.processes.at(-1)
  if (!agents) throw new Error('no agents were started')
  return { id, agents, run: () => node.runs.list(node.centre).find((run) => run.id === id) as LoadRun }
}

function running({ report }: FakeAgents, elapsedMs = 1_000): void {
  report({ report: 'progress', phase: 'running', elapsedMs, tally: nothing })
}

/** The first pair logs in and talks, as the agents would make it by REST. */
async function talk({ centre }: Node, { order }: FakeAgents): Promise<readonly PersonID[]> {
  const persons = order.agents.map(({ userName }) => centre.directory().personsByUserName.get(userName)?.id as PersonID)
  for (const [i, person] of persons.entries()) {
    const thisDN = order.agents[i]?.dn as DNumber
    await centre.tserver.request({ request: 'TRegisterAddress', person, thisDN })
    await centre.tserver.request({ request: 'TAgentLogin', person, thisDN, place: thisDN })
  }
  const [person] = persons
  const [thisDN, otherDN] = order.agents.map(({ dn }) => dn as DNumber)
  if (!person || !thisDN || !otherDN) throw new Error('no pair')
  await centre.tserver.request({ request: 'TMakeCall', person, thisDN, otherDN })
  return persons
}

const stored = async ({ centre }: Node) => (await centre.store.readObjects()).objects

describe('a load run', () => {
  test('[LR-2] its objects come in one write, are named after it, and go when it is over', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const { revision } = await node.centre.store.readObjects()
    const { id, agents, run } = await begin(all, node)
    expect((await node.centre.store.readObjects()).revision).toBe(revision + 1)
    expect(await stored(node)).toMatchObject([{ kind: 'bundle', id: `load-${id}` }])
    const names = [1, 2, 3, 4].map((number) => `load-${id}-${number}`)
    const { personsByUserName, dns } = node.centre.directory()
    expect([...personsByUserName.keys()]).toEqual(['anna', 'ben', 'admin', ...names])
    expect([...dns.keys()]).toEqual(['7001', '7002', 'load-1', 'load-2', 'load-3', 'load-4'])
    expect(agents.order).toMatchObject({ ...wanted, run: id, address: 'http://127.0.0.1:8080' })
    expect(agents.order.agents.map(({ userName }) => userName)).toEqual(names)
    const passwords = agents.order.agents.map(({ password }) => password)
    expect(new Set(passwords).size).toBe(4)
    expect(personsByUserName.get(`load-${id}-2`)?.passwordHash).toBe(`$scrypt$${passwords[1]}`)

    expect(run()).toMatchObject({ state: 'preparing', progress: 0, by: 'ada', wanted })
    running(agents)
    expect(run()).toMatchObject({ state: 'running', progress: 0.25 })
    agents.report({ report: 'over', tally: some })
    agents.end('exit code 0')
    await settle()
    expect(run()).toMatchObject({ state: 'done', progress: 1, accepted: 40, delivered: 40, latency: { p99: 2 } })
    expect(run()).not.toHaveProperty('problem')
    expect(await stored(node)).toEqual([])
    expect(node.centre.directory().personsByUserName.size).toBe(3)
  })

  test('[LR-2] the next run has the same persons and DNs under other user names', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const seen: unknown[] = []
    for (let i = 0; i < 2; i++) {
      const { agents } = await begin(all, node)
      const { persons, dns } = node.centre.directory()
      seen.push([[...persons.keys()], [...dns.keys()]])
      agents.report({ report: 'over', tally: nothing })
      agents.end('exit code 0')
      await settle()
    }
    expect(seen[1]).toEqual(seen[0])
    const [one, two] = node.runs.list(node.centre)
    expect(one?.id).not.toBe(two?.id)
    expect(one?.started).toBeGreaterThan(two?.started ?? 0)
  })

  test('[LR-2] what is there already is not touched: a name that is taken refuses the run', async () => {
    const objects = demoObjects()
    for (const taken of [
      { ...objects, switches: [...objects.switches, { name: 'load' }] },
      { ...objects, dns: [...objects.dns, { number: 'load-3', switch: 'SIP_Switch' }] },
      { ...objects, persons: [...objects.persons, { userName: 'load-3' }] },
    ]) {
      const all = cluster(taken)
      const node = await all.node('n1')
      await expect(node.runs.start(node.centre, wanted, 'ada')).rejects.toMatchObject({ reason: 'TERR_UNSUP_OPER' })
      expect(await stored(node)).toEqual([])
      expect(node.runs.list(node.centre)).toEqual([])
    }
  })

  test('[LR-1] more than a run may be is refused with the bound', async () => {
    const node = await cluster().node('n1')
    const { pairs, textsPerSecond, seconds, texts } = loadBounds
    for (const [change, said] of [
      [{ pairs: 0 }, '1 to 200 pairs'],
      [{ pairs: pairs + 1 }, '1 to 200 pairs'],
      [{ textsPerSecond: textsPerSecond + 1 }, '1 to 2000 texts'],
      [{ textsPerSecond: 0.5 }, '1 to 2000 texts'],
      [{ seconds: seconds + 1 }, '1 to 600 seconds'],
      [{ seconds: Number.NaN }, '1 to 600 seconds'],
      [{ textsPerSecond: 1_000, seconds: texts / 1_000 + 1 }, '200000 texts at most'],
    ] as const) {
      const asked = node.runs.start(node.centre, { ...wanted, ...change }, 'ada')
      await expect(asked).rejects.toMatchObject({ reason: 'TERR_BAD_PARAM', message: expect.stringContaining(said) })
    }
    expect(node.processes).toEqual([])
  })

  test('[LR-1] a server that cannot have one says why', async () => {
    const node = await cluster().node('n1', 'there is a limit')
    const asked = node.runs.start(node.centre, wanted, 'ada')
    await expect(asked).rejects.toMatchObject({
      reason: 'TERR_UNSUP_OPER',
      message: expect.stringContaining('a limit'),
    })
  })

  test('[LR-4] one at a time, on all nodes', async () => {
    const all = cluster()
    const [one, two] = [await all.node('n1'), await all.node('n2')]
    const { agents } = await begin(all, one)
    const refused = { reason: 'TERR_RESOURCE_SEIZED' }
    await expect(one.runs.start(one.centre, wanted, 'ada')).rejects.toMatchObject(refused)
    await expect(two.runs.start(two.centre, wanted, 'ada')).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('n1'),
    })
    agents.end('SIGSEGV')
    await settle()
    await begin(all, two)
    expect(two.processes).toHaveLength(1)
  })

  test('[LR-6] however it ends, its sessions end, its agents are logged out and its objects go', async () => {
    for (const [how, outcome] of [
      [
        (agents: FakeAgents) => agents.end('SIGSEGV'),
        { state: 'failed', problem: 'The process of the agents ended before its time: SIGSEGV.' },
      ],
      [
        (agents: FakeAgents) => {
          agents.report({ report: 'failed', problem: 'GET /me was refused: HTTP 503.' })
          agents.end('exit code 1')
        },
        { state: 'failed', problem: 'GET /me was refused: HTTP 503.' },
      ],
      [
        (agents: FakeAgents) => {
          agents.report({ report: 'over', tally: { ...some, refused: 2, refusal: 'HTTP 503' } })
          agents.end('exit code 0')
        },
        { state: 'failed', accepted: 40, problem: '2 texts were refused, the first with: HTTP 503.' },
      ],
    ] as const) {
      const all = cluster()
      const node = await all.node('n1')
      const { agents, run } = await begin(all, node)
      const persons = await talk(node, agents)
      running(agents)
      how(agents)
      await settle()
      expect(run()).toMatchObject(outcome)
      expect(await stored(node)).toEqual([])
      expect(await node.centre.store.countCalls()).toEqual({ dialing: 0, talking: 0 })
      for (const person of persons) expect(await node.centre.tserver.agent(person)).toEqual({ place: null, dns: [] })
    }
  })

  test('[LR-6] a stop waits for the texts under way, and not for agents who sign in', async () => {
    for (const [state, told, progress] of [
      ['preparing', ['kill'], 0],
      ['running', ['stop'], 0.25],
    ] as const) {
      const all = cluster()
      const node = await all.node('n1')
      const { id, agents, run } = await begin(all, node)
      if (state === 'running') running(agents)
      const stopped = node.runs.stop(node.centre, id)
      expect(agents.told).toEqual(told)
      agents.report({ report: 'over', tally: some })
      agents.end('exit code 0')
      await stopped
      expect(run()).toMatchObject({ state: 'stopped', accepted: 40, progress })
      expect(await stored(node)).toEqual([])
      await expect(node.runs.stop(node.centre, id)).rejects.toMatchObject({ reason: 'TERR_INV_CONNID' })
    }
  })

  test('[LR-6] agents who do not come to an end, or to a beginning, are ended', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const first = await begin(all, node)
    await all.pass(22_000)
    expect(first.run()).toMatchObject({
      state: 'failed',
      problem: 'The agents did not get into their sessions in time.',
    })
    const second = await begin(all, node)
    running(second.agents)
    await all.pass(28_000)
    expect(second.run().state).toBe('running')
    await all.pass(2_000)
    expect(second.run()).toMatchObject({ state: 'failed', problem: 'The agents did not come to an end in time.' })
    expect([first.agents.told, second.agents.told]).toEqual([['kill'], ['kill']])
  })

  test('[LR-6] what somebody has laid over its objects goes with them', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const { agents } = await begin(all, node)
    const { store } = node.centre
    for (const [kind, id, value] of [
      ['dn', 'load-2', { number: 'load-2', type: 'ACD Position', switch: 'load' }],
      ['place', 'load-1', { removed: true }],
      ['dn', '7003', { number: '7003', switch: 'SIP_Switch' }],
    ] as const)
      await store.putObject({ kind, id, value }, (await store.readObjects()).revision)
    agents.end('SIGKILL')
    await settle()
    expect(await stored(node)).toMatchObject([{ kind: 'dn', id: '7003' }])
  })

  test('[LR-6] an object of somebody else that needs one of its objects is told, and waited for', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const { agents, run } = await begin(all, node)
    const { store } = node.centre
    const dn = { kind: 'dn', id: '7003', value: { number: '7003', switch: 'load' } }
    await store.putObject(dn, (await store.readObjects()).revision)
    agents.end('SIGKILL')
    await settle()
    expect(run()).toMatchObject({ state: 'failed', problem: expect.stringContaining("there is no switch 'load'") })
    expect(await stored(node)).toHaveLength(2)
    await store.putObject({ ...dn, value: null }, (await store.readObjects()).revision)
    await all.pass(11_000)
    expect(await stored(node)).toEqual([])
  })

  test('[LR-6] a server that stops ends it first', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const { agents, run } = await begin(all, node)
    running(agents)
    await node.runs.close()
    expect(agents.told).toEqual(['kill'])
    expect(run()).toMatchObject({ state: 'stopped' })
    expect(await stored(node)).toEqual([])
    await expect(node.runs.start(node.centre, wanted, 'ada')).rejects.toMatchObject({ reason: 'TERR_UNSUP_OPER' })
    expect(all.clock.pending).toBe(0)
  })
})

describe('what is left behind', () => {
  test('[LR-7] another node removes it when the lock of the dead one has run out, not before', async () => {
    const all = cluster()
    const [one, two] = [await all.node('n1'), await all.node('n2')]
    const { id, agents } = await begin(all, one)
    const persons = await talk(one, agents)
    running(agents)
    await all.pass(12_000)
    expect(await stored(two)).toMatchObject([{ id: `load-${id}` }])
    // The node is gone: nothing of it reaches the store any more.
    await one.centre.store.close()
    await all.pass(10_000)
    expect(await stored(two)).toMatchObject([{ id: `load-${id}` }])
    await all.pass(15_000)
    expect(await stored(two)).toEqual([])
    expect(await two.centre.store.countCalls()).toEqual({ dialing: 0, talking: 0 })
    for (const person of persons) expect((await two.centre.tserver.agent(person)).dns).toEqual([])
    expect(two.centre.directory().personsByUserName.size).toBe(3)
  })

  test('[LR-7] the same node removes it as soon as it is back', async () => {
    const all = cluster()
    const before = await all.node('n1')
    await begin(all, before)
    await before.centre.store.close()
    const after = await all.node('n1')
    expect(await stored(after)).toHaveLength(1)
    all.clock.advance(0)
    await settle()
    expect(await stored(after)).toEqual([])
  })

  test('[LR-7] a store that does not answer is asked again', async () => {
    const all = cluster()
    const node = await all.node('n1')
    const { agents, run } = await begin(all, node)
    all.store.outage('TERR_NO_SWITCH')
    agents.end('SIGKILL')
    await settle()
    expect(run()).toMatchObject({ state: 'failed', problem: expect.stringContaining('this is tried again') })
    await all.pass(25_000)
    all.store.outage(undefined)
    expect(await stored(node)).toHaveLength(1)
    await all.pass(11_000)
    expect(await stored(node)).toEqual([])
  })
})
