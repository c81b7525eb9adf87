import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SessionStore } from '@ringdown/signalling'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  agentEvent,
  callUUID,
  makeCall,
  nothing,
  person,
  releaseCall,
  sampleText,
  sendText,
} from '../testing/samples.ts'
import { sessionStoreContract } from '../testing/session-store.contract.ts'
import { infoField } from './append-file.ts'
import { storeKeys } from './keys.ts'
import { openRedisStore } from './redis-store.ts'
import type { Address } from './slot-connector.ts'
import { watch } from './testing/open.ts'
import { freePort, RedisServer } from './testing/redis-server.ts'

const run = promisify(execFile)
const appendOne = { ...nothing, feeds: [{ person: person(1), event: agentEvent(1, 1) }] }
const soon = { timeout: 20_000, interval: 20 }
const address = ({ port }: RedisServer): Address => ({ host: '127.0.0.1', port })

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

describe('Redis Cluster of three masters', () => {
  let masters: RedisServer[] = []
  let centres = 0
  beforeAll(async () => {
    const config = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
    masters = await Promise.all([1, 2, 3].map(() => RedisServer.start({ config, appendfsync: 'everysec' })))
    const nodes = masters.map(({ port }) => `127.0.0.1:${port}`)
    await run('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'])
    for (const { admin } of masters) {
      await vi.waitFor(async () => expect(await admin.cluster('INFO')).toContain('cluster_state:ok'), soon)
    }
  })
  afterAll(() => Promise.all(masters.map((master) => master.stop())))

  const open = (centre: string, node: string, feedLimit = 1000) =>
    openRedisStore({ connection: { cluster: masters.map(address) }, centre, node, feedLimit })

  sessionStoreContract('in Redis Cluster', {
    open: async ({ feedLimit }) => {
      const centre = `contract ${centres++}`
      const [a, b] = [await open(centre, 'n1', feedLimit), await open(centre, 'n2', feedLimit)]
      return {
        a,
        b,
        names: { a: 'n1', b: 'n2' },
        pass: async (ms) => {
          await delay(ms)
        },
        close: async () => {
          await a.close()
          await b.close()
        },
      }
    },
  })

  test('[ST-R15] the master that holds the contact centre begins its file anew', async () => {
    for (const master of masters) {
      const store = await open(await centreOn(master), 'n1')
      stops.push(() => store.close())
      await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
      expect(Number(infoField(await master.admin.info(), 'aof_rewrites'))).toBeGreaterThan(0)
    }
  })

  /** A centre whose keys this master holds. */
  async function centreOn(master: RedisServer): Promise<string> {
    for (let i = 0; ; i++) {
      const found = await master.admin.call('EXISTS', storeKeys(`centre ${i}`).epoch).catch(() => undefined)
      if (found !== undefined) return `centre ${i}`
    }
  }

  test('[ST-R11] contact centres lie on different masters and know nothing of each other', async () => {
    const nodes: SessionStore[] = []
    for (const master of masters) {
      const store = await open(await centreOn(master), 'n1')
      nodes.push(store)
      stops.push(() => store.close())
    }
    const seen = nodes.map((node) => watch(node, 1))
    for (const [i, node] of nodes.entries()) {
      for (let n = 0; n <= i; n++) await node.commit(appendOne)
    }
    const ends = await Promise.all(nodes.map((node) => node.feedEnd(person(1))))
    expect(ends.map(({ offset }) => offset)).toEqual([1, 2, 3])
    expect(new Set(ends.map(({ epoch }) => epoch)).size).toBe(3)
    expect(seen.map(({ entries }) => entries.length)).toEqual([1, 2, 3])
    for (const master of masters) expect(await master.admin.dbsize()).toBeGreaterThan(0)
  })

  test('[ST-R11] a slot that moves is followed, with its hints', async () => {
    const [from, to] = masters as [RedisServer, RedisServer]
    const centre = await centreOn(from)
    const [a, b] = [await open(centre, 'n1'), await open(centre, 'n2')]
    stops.push(async () => {
      await Promise.all([a.close(), b.close()])
    })
    const seen = watch(b, 1)
    await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
    await a.commit(appendOne)
    await moveSlot(await from.admin.cluster('KEYSLOT', storeKeys(centre).epoch), from, to, masters)
    await vi.waitFor(async () => expect((await a.commit(appendOne)).outcome).toBe('committed'), soon)
    const { offset } = await vi.waitFor(() => b.feedEnd(person(1)), soon)
    await vi.waitFor(async () => {
      await a.commit(appendOne)
      expect(seen.entries.at(-1)?.offset).toBeGreaterThan(offset)
    }, soon)
  })
})

/** What `redis-cli --cluster reshard` does, for one slot. */
async function moveSlot(slot: number, from: RedisServer, to: RedisServer, all: RedisServer[]): Promise<void> {
  const [fromID, toID] = [await from.admin.cluster('MYID'), await to.admin.cluster('MYID')]
  await to.admin.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromID))
  await from.admin.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toID))
  for (;;) {
    const keys = (await from.admin.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
    if (keys.length === 0) break
    await from.admin.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys)
  }
  for (const { admin } of [to, from, ...all]) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(toID))
}

test('[ST-R11] [ST-R2] Sentinel: when the master dies the store goes to the new one, in a new epoch', async () => {
  const master = await RedisServer.start({ appendfsync: 'always' })
  stops.push(() => master.stop())
  const replica = await RedisServer.start({
    appendfsync: 'always',
    config: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  })
  stops.push(() => replica.stop())
  const sentinel = await RedisServer.prepare()
  await writeFile(
    join(sentinel.dir, 'sentinel.conf'),
    [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 3000',
    ].join('\n'),
  )
  await sentinel.run([join(sentinel.dir, 'sentinel.conf'), '--sentinel'])
  stops.push(() => sentinel.stop())
  await vi.waitFor(async () => {
    expect(await master.admin.info('replication')).toMatch(/slave0:.*state=online/)
    expect(await sentinel.admin.info('sentinel')).toContain('slaves=1')
  }, soon)

  const store = await openRedisStore({
    connection: { sentinels: [address(sentinel)], name: 'main' },
    centre: 'centre',
    node: 'n1',
  })
  stops.push(() => store.close())
  await store.commit(appendOne)
  const { epoch } = await store.feedEnd(person(1))
  const seen = watch(store, 1)
  await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
  await master.kill()
  await vi.waitFor(() => expect(store.healthy()).toBe(false), { timeout: 1000, interval: 10 })
  await vi.waitFor(() => expect(store.healthy()).toBe(true), soon)
  expect(await replica.admin.info('replication')).toContain('role:master')
  // Replication does not wait: the old master may have accepted what the new one never saw.
  expect((await store.feedEnd(person(1))).epoch).not.toBe(epoch)
  expect((await store.commit(appendOne)).outcome).toBe('committed')
  await vi.waitFor(() => expect(seen.doubts).toBeGreaterThan(1), soon)
})

// As SPEC.md lists them for whoever runs Redis.
const permissions = [
  ['+eval', '+evalsha', '+get', '+set', '+del', '+incr', '+hget', '+hmget', '+hset', '+hdel', '+hlen', '+hgetall'],
  ['+hincrby', '+zadd', '+zrem', '+zcard', '+zrange', '+zrangebyscore', '+zremrangebyscore', '+xadd', '+xtrim'],
  ['+xrange', '+xrevrange', '+pexpire', '+persist', '+pttl', '+time', '+info', '+config|get', '+ping', '+spublish'],
  ['+ssubscribe', '+sunsubscribe', '+bgrewriteaof', '+xinfo|stream', '+scan'],
].flat()

test('[ST-R11] TLS, user name and password, and no more rights than the store needs', async () => {
  const server = await RedisServer.prepare({ appendfsync: 'always' })
  const notices: string[] = []
  stops.push(() => server.stop())
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(server.dir, name)) as [string, string]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject])
  const tlsPort = await freePort()
  await server.run(
    ['--tls-port', String(tlsPort), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert],
    ['--tls-auth-clients', 'no', '--user', 'ringdown', 'on', '>secret', '~rd:*', '&rd:*', ...permissions],
  )
  const store = await openRedisStore({
    connection: {
      url: `rediss://127.0.0.1:${tlsPort}`,
      tls: { ca: await readFile(cert) },
      username: 'ringdown',
      password: 'secret',
    },
    centre: 'centre',
    node: 'n1',
    onNotice: (text) => notices.push(text),
  })
  stops.push(() => store.close())
  const seen = watch(store, 1)
  await vi.waitFor(() => expect(seen.doubts).toBe(1), soon)
  await store.commit(makeCall(1, 1, 2))
  await store.commit({
    ...sendText(1, 1, sampleText('m1'), true),
    timers: { set: [{ id: 't', due: 1, timer: { timer: 'noAnswer', callUUID: callUUID(1) } }], cancel: ['u'] },
  })
  await store.commit(releaseCall(1, 1, 2, 60_000))
  expect((await store.readFeed(person(1), 0, 10)).entries).toHaveLength(3)
  expect(await store.readLog(callUUID(1), 0, 10)).toHaveLength(1)
  expect(await store.claimTimers(1, 10, 10)).toHaveLength(1)
  expect(await store.listCalls('1:x', 10)).toEqual({ calls: [] })
  expect(await store.putObject({ kind: 'dn', id: '1', value: 1 }, 0)).toBe(true)
  expect(await store.putObject({ kind: 'dn', id: '1', value: null }, 1)).toBe(true)
  expect((await store.readObjects()).objects).toEqual([])
  await store.keep('ticket', 'x', 'y', 1000)
  expect(await store.kept('ticket', 'x')).toBe('y')
  await store.forget('ticket', 'x')
  expect(await store.count('attempts', 'x', 1000)).toBe(1)
  await store.signal('*', 'hello')
  seen.stop()
  expect(seen.entries).toHaveLength(3)
  expect(notices).toEqual(['the store takes no writes', 'the store takes writes'])
})
