import type { RedisExamination } from '@ringdown/session-store'
import { expect, test } from 'vitest'
import { redis } from './redis.ts'
import { contextOf } from './testing/context.ts'

const good: RedisExamination = {
  info: {
    redis_version: '7.2.4',
    role: 'master',
    maxmemory_policy: 'noeviction',
    aof_enabled: '1',
    connected_slaves: '0',
    used_memory: '1000',
    maxmemory: '0',
    total_system_memory: '8000000000',
  },
  settings: {
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    save: '',
    'min-replicas-to-write': '0',
  },
  refused: [],
  scripts: undefined,
  roundTrips: [0.3, 0.2, 9, 0.2, 0.2],
  clockOffset: 3,
  cluster: undefined,
  sentinels: undefined,
}
interface Change extends Omit<Partial<RedisExamination>, 'info' | 'settings'> {
  info?: Record<string, string>
  settings?: Record<string, string> | undefined
}

async function look(change: Change, more = '') {
  const examination = {
    ...good,
    ...change,
    info: { ...good.info, ...change.info },
    settings:
      'settings' in change && change.settings === undefined ? undefined : { ...good.settings, ...change.settings },
  }
  const found = await redis(async () => examination).look(contextOf(`store: { redis: { url: redis://h${more} } }`))
  return found.filter(({ severity }) => severity !== 'ok').map(({ severity, what }) => `${severity}: ${what}`)
}

test('[DR-13] a Redis as it should be', async () => {
  const found = await redis(async () => good).look(contextOf('store: { redis: { url: redis://h } }'))
  expect(found.map(({ severity, what }) => `${severity}: ${what}`)).toEqual([
    'ok: Redis answers after 0.2 ms.',
    'ok: Redis 7.2.4 can be used.',
  ])
  expect(await redis(async () => good).look(contextOf(''))).toEqual([])
})

test.each<[string, Change, string, readonly string[]]>([
  ['old', { info: { redis_version: '6.2.14' } }, '', ['problem: This is Redis 6.2.14; 7.0 is needed.']],
  ['evicting', { info: { maxmemory_policy: 'allkeys-lru' } }, '', ['problem: Redis would throw sessions away']],
  ['replica', { info: { role: 'slave' } }, '', ['problem: This Redis is a slave']],
  ['memory only', { info: { aof_enabled: '0' } }, '', ['problem: Redis keeps everything in memory']],
  [
    'snapshots',
    { info: { aof_enabled: '0' }, settings: { save: '3600 1' } },
    '',
    ['problem: Redis writes a snapshot now and then (save 3600 1)'],
  ],
  ['everysec', { settings: { appendfsync: 'everysec' } }, '', ['note: appendfsync is everysec']],
  ['no sync', { settings: { appendfsync: 'no' } }, '', ['limit: appendfsync is no']],
  [
    'no sync while rewriting',
    { settings: { 'no-appendfsync-on-rewrite': 'yes' } },
    '',
    ['limit: no-appendfsync-on-rewrite is yes'],
  ],
  ['disk', { info: { aof_last_write_status: 'err' } }, '', ['problem: Redis could not write its append-only file']],
  ['no replicas', {}, ', waitReplicas: 1', ['problem: Every text waits for 1 replicas']],
  [
    'no WAITAOF',
    { info: { redis_version: '7.0.15', connected_slaves: '1' } },
    ', waitReplicas: 1',
    ['problem: waitReplicas needs WAITAOF'],
  ],
  ['unused replicas', { info: { connected_slaves: '2' } }, '', ['note: 2 replicas are connected, and no text waits']],
  ['min replicas', { settings: { 'min-replicas-to-write': '1' } }, '', ['problem: min-replicas-to-write is 1']],
  ['cluster', { cluster: { cluster_state: 'fail' } }, '', ['problem: The cluster is not whole']],
  ['sentinels', { sentinels: 2 }, '', ['limit: 2 sentinels watch']],
  ['full', { info: { used_memory: '97', maxmemory: '100' } }, '', ['problem: Redis uses 97 bytes of its maxmemory']],
  ['nearly full', { info: { used_memory: '90', maxmemory: '100' } }, '', ['limit: Redis uses 90 bytes']],
  ['machine', { info: { used_memory: '4000000000' } }, '', ['limit: Redis uses 3.7 GiB of the machine']],
  ['commands', { refused: ['spublish', 'xadd'] }, '', ['problem: The user of store.redis may not say spublish, xadd.']],
  ['scripts', { scripts: 'NOPERM' }, '', ['problem: Redis does not run our scripts (NOPERM).']],
  ['settings', { settings: undefined }, '', ['note: How often Redis syncs', 'note: CONFIG GET is not allowed']],
  ['far', { roundTrips: [20, 20, 20] }, '', ['note: Redis answers after 20.0 ms.']],
  ['too far', { roundTrips: [800, 800, 800] }, '', ['problem: Redis answers after 800.0 ms']],
  ['clocks', { clockOffset: -4_200 }, '', ['limit: The clock here and that of Redis are 4.2 s apart: ours is ahead.']],
])('[DR-13, DR-14] %s', async (_, change, more, expected) => {
  const found = await look(change, more)
  expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected)
})

test('[DR-13] one that cannot be reached, and one that does not let us in', async () => {
  const fail = async (message: string) => {
    const check = redis(async () => {
      throw new Error(message)
    })
    const [found] = await check.look(contextOf('store: { redis: { url: redis://h } }'))
    return `${found?.severity}: ${found?.what}`
  }
  expect(await fail('connect ECONNREFUSED 127.0.0.1:1')).toContain(
    'problem: Redis cannot be reached (connect ECONNREFUSED',
  )
  expect(await fail('WRONGPASS invalid username-password pair')).toContain(
    'problem: Redis does not let us in (WRONGPASS',
  )
})
