import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { AppendFile, BeginningFile } from './append-file.ts'

/** What INFO says of a process that has loaded a file, and what has become of it since. */
function info(changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    run_id: 'r1',
    aof_enabled: '1',
    aof_rewrite_in_progress: '0',
    aof_rewrite_scheduled: '0',
    aof_last_rewrite_time_sec: '-1',
    aof_last_bgrewrite_status: 'ok',
    ...changes,
  }
  return Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')
}
const ended = { aof_last_rewrite_time_sec: '0' }
const durable = ['appendonly', 'yes', 'appendfsync', 'always', 'no-appendfsync-on-rewrite', 'no']

/** A file whose server answers each command by `replies`, an error by rejecting. */
function fileOn(answers: Readonly<Record<string, unknown>> = {}) {
  const replies = new Map(Object.entries(answers))
  const sent: string[] = []
  const notices: string[] = []
  const at = { now: 0 }
  const file = new AppendFile({
    clock: { now: () => at.now, after: () => () => {} },
    onNotice: (text, { cause }) => notices.push(`${text}: ${cause}`),
    send: async (name) => {
      sent.push(name)
      const reply = replies.get(name)
      if (reply instanceof Error) throw reply
      return reply ?? []
    },
  })
  return { file, sent, notices, at, replies }
}

const replyError = (message: string) => new ReplyError(message) as Error

test('[ST-R15] a rewrite is asked for once and waited for', async () => {
  const { file, sent } = fileOn()
  await expect(file.begin(info())).rejects.toThrow(BeginningFile)
  await expect(file.begin(info({ aof_rewrite_scheduled: '1' }))).rejects.toThrow(BeginningFile)
  await expect(file.begin(info({ aof_rewrite_in_progress: '1' }))).rejects.toThrow(BeginningFile)
  await file.begin(info(ended))
  // A later one is no matter of ours, however it ends.
  await file.begin(info({ aof_rewrite_in_progress: '1', aof_last_bgrewrite_status: 'err' }))
  expect(sent.filter((name) => name === 'bgrewriteaof')).toHaveLength(1)
})

test('[ST-R15] one that is under way, or begins between two questions, is waited for as well', async () => {
  const { file, sent } = fileOn({
    bgrewriteaof: replyError('ERR Background append only file rewriting already in progress'),
  })
  await expect(file.begin(info({ aof_rewrite_in_progress: '1' }))).rejects.toThrow(BeginningFile)
  expect(sent).toEqual([])
  await expect(file.begin(info({ run_id: 'r2' }))).rejects.toThrow(BeginningFile)
  await file.begin(info({ run_id: 'r2', ...ended }))
})

test('[ST-R15] a process that is loading says that it has no file; it is asked again', async () => {
  const { file, sent } = fileOn()
  await expect(file.begin(info({ loading: '1', aof_enabled: '0' }))).rejects.toThrow('Redis is loading')
  await expect(file.begin(info())).rejects.toThrow(BeginningFile)
  expect(sent).toContain('bgrewriteaof')
})

test('[ST-R15] a server that cannot do it now is asked again', async () => {
  const { file, notices, replies } = fileOn({
    bgrewriteaof: replyError('LOADING Redis is loading the dataset in memory'),
  })
  await expect(file.begin(info())).rejects.toThrow('LOADING')
  replies.set('bgrewriteaof', 'OK')
  await expect(file.begin(info())).rejects.toThrow(BeginningFile)
  expect(notices).toEqual([])
})

test.each([
  ['loaded, again', {}, 0, 'the rewrite has failed'],
  ['scheduled for long', { aof_rewrite_scheduled: '1' }, 60_001, 'the rewrite has not ended in time'],
  ['in progress for long', { aof_rewrite_in_progress: '1' }, 60_001, 'the rewrite has not ended in time'],
])('[ST-R15] %s: writes are taken, and not called durable before it has ended', async (_what, then, ms, why) => {
  const { file, notices, at, replies } = fileOn({ config: durable, info: info(then) })
  await expect(file.begin(info())).rejects.toThrow(BeginningFile)
  at.now += ms
  await file.begin(info(then))
  await file.begin(info(then))
  expect(notices).toEqual([expect.stringContaining(why)])
  expect(await file.isDurable()).toBe(false)
  replies.set('info', info(ended))
  expect(await file.isDurable()).toBe(true)
})

test('[ST-R2] durable is what is synced before its answer; not, where the server does not tell', async () => {
  const { file, replies } = fileOn({ config: durable })
  await file.begin(info(ended))
  expect(await file.isDurable()).toBe(true)
  for (const unsafe of [
    ['yes', 'everysec', 'no'],
    ['yes', 'always', 'yes'],
    ['no', 'always', 'no'],
  ]) {
    replies.set(
      'config',
      durable.map((word, i) => unsafe[(i - 1) / 2] ?? word),
    )
    expect(await file.isDurable()).toBe(false)
  }
  replies.set('config', replyError('NOPERM this user has no permissions'))
  expect(await file.isDurable()).toBe(false)
  replies.set('config', new Error('connection lost'))
  await expect(file.isDurable()).rejects.toThrow('connection lost')
})
