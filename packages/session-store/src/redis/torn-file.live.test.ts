import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionStore } from '@ringdown/signalling'
import { afterEach, expect, test, vi } from 'vitest'
import { callUUID, nothing, person, putCall, sampleText, sendText } from '../testing/samples.ts'
import { infoField } from './append-file.ts'
import { storeKeys } from './keys.ts'
import { type Opened, openOn, refusal } from './testing/open.ts'
import { RedisServer, type RedisServerOptions } from './testing/redis-server.ts'

const soon = { timeout: 10_000, interval: 10 }
const keys = storeKeys('centre')
const stores: SessionStore[] = []
const servers: RedisServer[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start({ appendfsync: 'always', ...options })
  servers.push(server)
  return server
}

async function open(server: RedisServer, options: Parameters<typeof openOn>[1] = {}): Promise<Opened> {
  const opened = await openOn(server, options)
  stores.push(opened.store)
  return opened
}

/** A store whose call 1 has the text m1 in its log. */
async function openWithText(server: RedisServer): Promise<Opened> {
  const opened = await open(server)
  await opened.store.commit({ ...nothing, ...putCall(1, 0) })
  await opened.store.commit(sendText(1, 1, sampleText('m1')))
  return opened
}

/** Makes a rewrite last a second or two. */
const slowly = ['--rdb-key-save-delay', '200000']
const isRewriting = (server: RedisServer) =>
  vi.waitFor(async () => expect(await info(server, 'aof_rewrite_in_progress')).toBe('1'), soon)
const isHealthy = (store: SessionStore) => vi.waitFor(() => expect(store.healthy()).toBe(true), soon)

async function info(server: RedisServer, field: string): Promise<string> {
  return infoField(await server.admin.info(), field)
}

async function texts(store: SessionStore): Promise<string[]> {
  return (await store.readLog(callUUID(1), 0, 100)).map(({ text }) => text.messageID)
}

/** What kill -9 in the middle of a write leaves: the beginning of a commit that nobody was told of, with a text at this position. */
async function tear(server: RedisServer, position: number): Promise<void> {
  const dir = join(server.dir, 'appendonlydir')
  const files = (await readdir(dir)).filter((name) => name.endsWith('.incr.aof'))
  const text = JSON.stringify(sampleText('stale'))
  const begun = say('MULTI') + say('XADD', keys.log(callUUID(1)), `0-${position}`, 't', text) + say('SET', 'x', 'y')
  expect(files).toHaveLength(1)
  await appendFile(join(dir, String(files[0])), begun.slice(0, -6))
}

function say(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

test('[ST-R1] [ST-R15] what a write cut in half leaves in the file swallows nothing that is accepted later', async () => {
  const server = await start()
  const { store } = await openWithText(server)
  const { epoch } = await store.feedEnd(person(1))
  await server.kill()
  await tear(server, 2)
  await server.run()
  await isHealthy(store)
  expect(await store.commit(sendText(1, 1, sampleText('m2')))).toMatchObject({ outcome: 'committed', log: 2 })
  await server.kill()
  await server.run()
  await isHealthy(store)
  expect(await texts(store)).toEqual(['m1', 'm2'])
  expect((await store.feedEnd(person(1))).epoch).toBe(epoch)
})

test('[ST-R15] until the new file is complete nothing is taken; killed in between, Redis starts the second time, with everything', async () => {
  const server = await start()
  const { store, notices } = await openWithText(server)
  const { epoch } = await store.feedEnd(person(1))
  await server.kill()
  await tear(server, 2)
  await server.run([], slowly)
  await isRewriting(server)
  expect(store.healthy()).toBe(false)
  expect((await refusal(store.commit(sendText(1, 1, sampleText('m2'))))).reason).toBe('TERR_NO_SWITCH')
  await vi.waitFor(() => expect(notices).toContainEqual(expect.stringContaining('rewrites its append-only file')), soon)
  await server.kill()
  // The cut is no longer in the last file: Redis mends it as it should have at first, but will not start upon that.
  await expect(server.run()).rejects.toThrow('did not start')
  await server.run([], slowly)
  await isRewriting(server)
  await isHealthy(store)
  expect(await info(server, 'aof_rewrite_in_progress')).toBe('0')
  expect(await store.commit(sendText(1, 1, sampleText('m2')))).toMatchObject({ outcome: 'committed', log: 2 })
  await server.kill()
  await server.run()
  await isHealthy(store)
  expect(await texts(store)).toEqual(['m1', 'm2'])
  expect((await store.feedEnd(person(1))).epoch).toBe(epoch)
})

test('[ST-R15] a process that is still loading is not taken for one without a file', async () => {
  const server = await start()
  const { store, notices } = await openWithText(server)
  for (let i = 2; i < 20; i++) await store.commit(sendText(1, 1, sampleText(`m${i}`, 'x'.repeat(4000))))
  await server.kill()
  await server.run()
  await isHealthy(store)
  notices.length = 0
  await server.kill()
  await server.run([], ['--key-load-delay', '100000', '--loading-process-events-interval-bytes', '1024'])
  await isHealthy(store)
  expect(notices).toContainEqual(expect.stringContaining('Redis is loading'))
  expect(await info(server, 'aof_rewrites')).toBe('1')
})

test('[ST-R15] several nodes and contact centres at once begin one file', async () => {
  const server = await start()
  const opened = await Promise.all([
    open(server),
    open(server, { node: 'n2' }),
    open(server, { centre: 'other' }),
    open(server, { centre: 'other', node: 'n2' }),
  ])
  await Promise.all(opened.map(({ store }) => isHealthy(store)))
  await server.kill()
  await server.run([], slowly)
  await Promise.all(opened.map(({ store }) => isHealthy(store)))
  expect(await info(server, 'aof_rewrites')).toBe('1')
})

test('[ST-R15] a process that has begun its file is not asked again, by new connections and new nodes neither', async () => {
  const server = await start()
  const { store } = await openWithText(server)
  expect(await info(server, 'aof_rewrites')).toBe('1')
  await server.admin.config('RESETSTAT')
  await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await vi.waitFor(() => expect(store.healthy()).toBe(false), soon)
  await isHealthy(store)
  await isHealthy((await open(server, { node: 'n2' })).store)
  expect(await info(server, 'aof_rewrites')).toBe('0')
})

test.each<[string, RedisServerOptions]>([
  ['without a file', { appendfsync: 'off' }],
  ['that loads whole files only', { config: ['--aof-load-truncated', 'no'] }],
])('[ST-R15] a Redis %s is asked for nothing', async (_which, options) => {
  const server = await start(options)
  const { store } = await openWithText(server)
  await server.kill()
  await server.run()
  await isHealthy(store)
  expect(await info(server, 'aof_rewrites')).toBe('0')
  expect(await server.admin.hget(keys.memory, 'durable')).toBe(options.appendfsync === 'off' ? '0' : '1')
})

test.each([
  ['by the ACL', ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-bgrewriteaof']],
  ['for its name', ['--rename-command', 'BGREWRITEAOF', 'OURS']],
])('[ST-R2] [ST-R15] refused %s: told once, and the next restart is a new epoch', async (_why, config) => {
  const server = await start({ config })
  const { store, notices } = await openWithText(server)
  const told = () => notices.filter((notice) => notice.includes('+bgrewriteaof')).length
  const { epoch } = await store.feedEnd(person(1))
  await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await vi.waitFor(() => expect(store.healthy()).toBe(false), soon)
  await isHealthy(store)
  expect(told()).toBe(1)
  await server.kill()
  await server.run()
  await isHealthy(store)
  const later = (await store.feedEnd(person(1))).epoch
  expect(later).not.toBe(epoch)
  // Another process, another time to look at the log.
  expect(told()).toBe(2)
  // Somebody who may do it does: this process loses nothing.
  await server.admin.call('ACL', 'SETUSER', 'default', '+@all')
  await server.admin.call(config[0] === '--user' ? 'BGREWRITEAOF' : 'OURS')
  await vi.waitFor(async () => expect(await server.admin.hget(keys.memory, 'durable')).toBe('1'), soon)
  await server.kill()
  await server.run()
  await isHealthy(store)
  expect((await store.feedEnd(person(1))).epoch).toBe(later)
})

test('[ST-R2] [ST-R15] a rewrite that fails: told, writes are taken, and the next restart is a new epoch', async () => {
  const server = await start()
  const { store, notices } = await openWithText(server)
  const { epoch } = await store.feedEnd(person(1))
  await server.kill()
  await server.run([], slowly)
  await isRewriting(server)
  const pid = await info(server, 'process_id')
  const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
  process.kill(Number(child), 'SIGKILL')
  await isHealthy(store)
  expect(notices).toContainEqual(expect.stringMatching(/\+bgrewriteaof.*the rewrite has failed/))
  expect((await store.feedEnd(person(1))).epoch).toBe(epoch)
  expect(await server.admin.hget(keys.memory, 'durable')).toBe('0')
  await server.kill()
  await server.run()
  await isHealthy(store)
  expect((await store.feedEnd(person(1))).epoch).not.toBe(epoch)
  expect(await texts(store)).toEqual(['m1'])
})
