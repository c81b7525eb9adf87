import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import type { RedisConnection } from './connection.ts'
import { examineRedis } from './examine.ts'
import { openRedisStore } from './redis-store.ts'
import { freePort, RedisServer } from './testing/redis-server.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
async function start(...options: Parameters<typeof RedisServer.start>): Promise<RedisServer> {
  const server = await RedisServer.start(...options)
  stops.push(() => server.stop())
  return server
}
const examine = (connection: RedisConnection) =>
  examineRedis({ connection, centre: 'acme', deadlineMs: 20_000, now: () => Date.now() })
const soon = { timeout: 30_000, interval: 50 }

test('a Redis tells of itself; nothing is left in it, and a store on it goes on', async () => {
  const server = await start({ appendfsync: 'always' })
  const store = await openRedisStore({ connection: { url: server.url }, centre: 'acme', node: 'n1' })
  stops.push(() => store.close())
  const keys = async () => (await server.admin.keys('*')).filter((key) => !key.endsWith(':nodes')).sort()
  const before = await keys()
  const found = await examine({ url: server.url })
  expect(found).toMatchObject({ refused: [], scripts: undefined, cluster: undefined, sentinels: undefined })
  expect(found.info).toMatchObject({ role: 'master', aof_enabled: '1' })
  expect(found.settings).toMatchObject({ appendonly: 'yes', appendfsync: 'always' })
  expect(Math.abs(found.clockOffset)).toBeLessThan(60_000)
  expect(await keys()).toEqual(before)
  expect(await store.readFeed('0'.repeat(32) as never, 0, 1)).toMatchObject({ entries: [] })
})

test('what a user may not say is found, in scripts and out of them', async () => {
  const server = await start()
  await server.admin.call(
    'ACL',
    'SETUSER',
    'shy',
    'on',
    '>secret',
    '~*',
    '&*',
    '+@all',
    '-xadd',
    '-spublish',
    '-config',
    '-ssubscribe',
  )
  const found = await examine({ url: server.url, username: 'shy', password: 'secret' })
  expect(found.refused).toEqual(['spublish', 'ssubscribe', 'xadd'])
  expect(found.settings).toBeUndefined()
  await server.admin.call('ACL', 'SETUSER', 'mute', 'on', '>secret', '~*', '&*', '+@all', '-@scripting')
  const mute = await examine({ url: server.url, username: 'mute', password: 'secret' })
  expect([mute.refused, mute.scripts]).toEqual([['eval', 'evalsha'], expect.stringContaining('NOPERM')])
  await server.admin.call('ACL', 'SETUSER', 'elsewhere', 'on', '>secret', '~other:*', '&*', '+@all')
  expect((await examine({ url: server.url, username: 'elsewhere', password: 'secret' })).scripts).toContain('NOPERM')
  await expect(examine({ url: server.url, username: 'shy', password: 'wrong' })).rejects.toThrow(/WRONGPASS|NOAUTH/)
})

test('a server that is away is told in time', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`
  await expect(examineRedis({ connection: { url }, centre: 'acme', deadlineMs: 300, now: () => 0 })).rejects.toThrow(
    'ECONNREFUSED',
  )
})

test('a node of a cluster, and the state of the cluster', async () => {
  const server = await start({ config: ['--cluster-enabled', 'yes'] })
  const cluster = [{ host: '127.0.0.1', port: server.port }]
  await server.admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  await vi.waitFor(async () => expect(await server.admin.cluster('INFO')).toContain('cluster_state:ok'), soon)
  expect(await examine({ cluster })).toMatchObject({ refused: [], cluster: { cluster_state: 'ok' } })
})

test('a master that sentinels watch, and how many do', async () => {
  const master = await start()
  const [port, other] = [await freePort(), await freePort()]
  for (const each of [port, other]) {
    const file = join(master.dir, `sentinel-${each}.conf`)
    await writeFile(
      file,
      `port ${each}\nbind 127.0.0.1\ndir ${master.dir}\nsentinel monitor main 127.0.0.1 ${master.port} 2\n`,
    )
    const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
    stops.push(async () => {
      const gone = new Promise((resolve) => sentinel.once('exit', resolve))
      sentinel.kill('SIGKILL')
      await gone
    })
  }
  const knows = async () => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), 'sentinel', 'master', 'main'])
    expect(stdout).toMatch(/num-other-sentinels\n1\n/)
  }
  await vi.waitFor(knows, soon)
  const connection = { sentinels: [{ host: '127.0.0.1', port }], name: 'main' }
  expect(await examine(connection)).toMatchObject({ sentinels: 2, info: { role: 'master' } })
})
