import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { freePorts } from '../interop/support/ports.ts'
import { type Centre, Stores, Writing } from './support/stores.ts'

const stores = new Stores()
const centre: Centre = { id: 'acme', people: ['anna', 'ben'] }
let master = 0
let replicas: number[] = []
let address = ''

beforeAll(async () => {
  const [first = 0, second = 0, third = 0, ...sentinels] = await freePorts(6)
  master = first
  replicas = [second, third]
  await stores.server('replicated', master)
  for (const port of replicas) await stores.server('replicated', port, ['--replicaof', '127.0.0.1', String(master)])
  await until(() => hasReplicas(master, 2), 30_000, 'the replicas do not come')
  for (const port of sentinels) await stores.sentinel(port, master)
  const knowsAll = async (port: number) => /slaves=2,sentinels=3/.test(await stores.ask(port, 'info', 'sentinel'))
  for (const port of sentinels) await until(() => knowsAll(port), 30_000, 'a Sentinel does not know all others')
  const watched = sentinels.map((port) => ({ host: '127.0.0.1', port }))
  address = await stores.engine({ sentinels: watched, sentinelName: 'ringdown' }, [centre])
}, 120_000)
afterAll(() => stores.stop())

async function hasReplicas(port: number, count: number): Promise<boolean> {
  const said = await stores.ask(port, 'info', 'replication').catch(() => '')
  return said.includes('role:master') && [...said.matchAll(/state=online/g)].length >= count
}

test('[DE-15] the master dies in the middle of a session: another takes its place, and no replicated text is lost', async () => {
  const writing = new Writing(address, centre)
  await writing.begin()
  await writing.writes(10)
  // Redis 7.0 cannot make a commit wait for replicas, as `waitReplicas` does with 7.2 and Valkey; so the test does.
  await until(async () => (await stores.ask(master, 'wait', '2', '5000')) === '2', 30_000, 'the replicas are behind')

  stores.kill(master)
  await writing.writes(10)
  await writing.isWhole()
  const promoted = await Promise.all(replicas.map((port) => hasReplicas(port, 1)))
  expect(promoted.filter((is) => is)).toHaveLength(1)

  // The old master comes back as a replica of the new one.
  await stores.server('replicated', master)
  const isReplica = async () => (await stores.ask(master, 'info', 'replication')).includes('master_link_status:up')
  await until(isReplica, 40_000, 'the old master does not follow')
  await writing.writes(5)
  await writing.isWhole()
}, 180_000)

test('[DE-15] a master without replicas accepts nothing, so that what it accepts cannot be lost with it', async () => {
  const servers = [master, ...replicas]
  const roles = await Promise.all(servers.map((port) => hasReplicas(port, 0)))
  const [alone = 0] = servers.filter((_, i) => roles[i])
  const said = await stores.ask(alone, 'config', 'get', 'min-replicas-to-write')
  expect(said.split('\n')).toEqual(['min-replicas-to-write', '1'])
  for (const port of servers) if (port !== alone) stores.kill(port)
  const isRefused = async () => (await fetch(`${address}/health/ready`)).status === 503
  await until(isRefused, 40_000, 'the engine stays ready')
})
