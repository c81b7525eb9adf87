import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { freePorts, isTaken } from '../interop/support/ports.ts'
import { run } from './support/package.ts'
import { type Centre, password, Stores, Writing } from './support/stores.ts'

const stores = new Stores()
const sales: Centre = { id: 'sales', people: ['anna', 'ben'] }
const service: Centre = { id: 'service', people: ['cleo', 'dan'] }
const ports: number[] = []
let address = ''

/** Nodes as the cluster sees them from one that lives: role, port, health. */
async function nodes(from: number): Promise<{ port: number; isMaster: boolean; line: string }[]> {
  const said = await stores.ask(from, 'cluster', 'nodes')
  return said.split('\n').map((line) => {
    return { port: Number(/127[.]0[.]0[.]1:(\d+)@/.exec(line)?.[1]), isMaster: /\bmaster\b/.test(line), line }
  })
}

/** The master that holds a contact centre. */
async function masterOf({ id }: Centre, from: number): Promise<number> {
  const slot = Number(await stores.ask(from, 'cluster', 'keyslot', `rd:{${id}}:epoch`))
  const found = (await nodes(from)).find(({ line }) =>
    [...line.matchAll(/ (\d+)(?:-(\d+))?(?= |$)/g)].some(
      ([, first, last = first]) =>
        !line.includes('fail') && Number(first) <= slot && slot <= Number(last) && /connected.* \d+-/.test(line),
    ),
  )
  return found?.port ?? 0
}

beforeAll(async () => {
  // A node's bus is at its port + 10000, which has to be free too.
  for (const port of await freePorts(30))
    if (ports.length < 6 && port < 55_000 && !(await isTaken(port + 10_000))) ports.push(port)
  expect(ports).toHaveLength(6)
  for (const port of ports) await stores.server('cluster', port)
  const addresses = ports.map((port) => `127.0.0.1:${port}`)
  const env = { ...process.env, REDISCLI_AUTH: password }
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'], { env })
  for (const port of ports) {
    const stands = async () => {
      const all = await nodes(port)
      const is_ok = (await stores.ask(port, 'cluster', 'info')).includes('cluster_state:ok')
      return is_ok && all.filter(({ line }) => /\bslave\b/.test(line)).length === 3
    }
    await until(stands, 40_000, 'the cluster does not stand')
  }
  const follows = async (port: number) => {
    const said = await stores.ask(port, 'info', 'replication')
    return said.includes('role:master') ? said.includes('state=online') : said.includes('master_link_status:up')
  }
  for (const port of ports) await until(() => follows(port), 40_000, 'a replica does not follow')
  const some = ports.slice(0, 3).map((port) => ({ host: '127.0.0.1', port }))
  address = await stores.engine({ cluster: some }, [sales, service])
}, 120_000)
afterAll(() => stores.stop())

test('[DE-16] two contact centres on different masters; one master dies, its replica takes over, and both go on', async () => {
  const [first = 0] = ports
  const dying = await masterOf(sales, first)
  expect(dying).not.toBe(await masterOf(service, first))
  const writings = [new Writing(address, sales), new Writing(address, service)]
  for (const writing of writings) {
    await writing.begin()
    await writing.writes(10)
  }
  await until(async () => (await stores.ask(dying, 'wait', '1', '5000')) === '1', 30_000, 'the replica is behind')

  stores.kill(dying)
  for (const writing of writings.reverse()) await writing.writes(10)
  for (const writing of writings) await writing.isWhole()
  const [alive = 0] = ports.filter((port) => port !== dying)
  const promoted = await masterOf(sales, alive)
  expect([0, dying]).not.toContain(promoted)
}, 180_000)
