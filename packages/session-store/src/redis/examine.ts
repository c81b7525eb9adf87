import { Command, Redis } from 'ioredis'
import { connect, type RedisConnection } from './connection.ts'
import { bare, isRefusedLogin } from './errors.ts'
import { storeKeys } from './keys.ts'
import { loadScript } from './script.ts'

const script = loadScript(new URL('./examine.lua', import.meta.url))

/** What a Redis tells of itself to who asks before it is used. Nothing of it is judged here. */
export interface RedisExamination {
  /** INFO, by field. */
  info: Readonly<Record<string, string | undefined>>
  /** CONFIG GET of what durability depends on; undefined: it may not be asked. */
  settings: Readonly<Record<string, string | undefined>> | undefined
  /** Commands of the store that the user may not say. */
  refused: readonly string[]
  /** Why scripts do not run; undefined: they do. */
  scripts: string | undefined
  /** Milliseconds from a PING to its answer. */
  roundTrips: readonly number[]
  /** By how much its clock is ahead of ours, milliseconds. */
  clockOffset: number
  /** CLUSTER INFO, by field, of a node of a cluster. */
  cluster: Readonly<Record<string, string | undefined>> | undefined
  /** How many sentinels watch the master; undefined: none are configured. */
  sentinels: number | undefined
}

export interface ExamineOptions {
  connection: RedisConnection
  /** Whose keys are tried. */
  centre: string
  deadlineMs: number
  /** Milliseconds since 1970. */
  now: () => number
}

const settings = [
  'appendonly',
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'save',
  'maxmemory',
  'maxmemory-policy',
  'min-replicas-to-write',
]
const pings = 9

/** Every command the store's scripts say, as it can be said to a string without harm: what fits no string changes nothing. The last removes it. */
export const scriptCommands: readonly string[] = (
  'set $ 1 PX 10000|get $|hset $ a 1|hget $ a|hgetall $|hmget $ a|hdel $ a|hincrby $ a 1|incr $|info server|exists $|' +
  'pexpire $ 10000|pttl $|time|xadd $ * a 1|xrange $ - +|xrevrange $ - +|xinfo STREAM $|xlen $|xdel $ 1-1|xtrim $ MAXLEN 1000|xsetid $ 1-1|' +
  'zadd $ 1 a|zcard $|zscore $ a|zrange $ 0 1|zrangebyscore $ 0 1|zrem $ a|zremrangebyscore $ 0 1|zcount $ 0 1|spublish $ 1|del $'
).split('|')

/** Commands the store says without a script, beside those above. */
export const plainCommands: readonly string[] = [
  'ping',
  'evalsha',
  'eval',
  'ssubscribe',
  'waitaof',
  'scan',
  'bgrewriteaof',
  'config',
]

/**
 * Looks at a Redis as the store would use it, by one connection and one key of its own that is removed. Rejects within the deadline where
 * it cannot be reached or does not let us in.
 */
export async function examineRedis({ connection, centre, deadlineMs, now }: ExamineOptions): Promise<RedisExamination> {
  const { epoch } = storeKeys(centre)
  const key = `${epoch.slice(0, epoch.lastIndexOf(':'))}:doctor`
  const redis = connect(connection, key, 'ringdown-doctor')
  let last: unknown = new Error('timeout')
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(bare(last)), deadlineMs)
  const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()))
  redis.on('error', (error) => {
    last = error
    // It would be tried again, in vain.
    if (isRefusedLogin(error)) late.reject(bare(error))
  })
  try {
    return await Promise.race([ready.then(() => ask(redis, key, connection, now)), late.promise])
  } catch (error) {
    throw bare(error)
  } finally {
    clearTimeout(timer)
    redis.disconnect()
  }
}

async function ask(
  redis: Redis,
  key: string,
  connection: RedisConnection,
  now: () => number,
): Promise<RedisExamination> {
  const send: Send = async (name, ...args) => redis.sendCommand(new Command(name, args, { replyEncoding: 'utf8' }))
  const info = fields(String(await send('info')))
  const roundTrips: number[] = []
  for (let i = 0; i < pings; i++) {
    const begun = performance.now()
    await send('ping')
    roundTrips.push(performance.now() - begun)
  }
  const before = now()
  const [seconds = '0', micros = '0'] = (await send('time')) as string[]
  const clockOffset = Number(seconds) * 1_000 + Number(micros) / 1_000 - (before + now()) / 2
  const inCluster = 'cluster' in connection || info.cluster_enabled === '1'
  const told = await send('config', 'GET', ...settings).catch(() => undefined)
  const { refused, scripts } = await tryAll(send, key)
  return {
    info,
    settings: told === undefined ? undefined : pairs(told as string[]),
    refused,
    scripts,
    roundTrips,
    clockOffset,
    cluster: inCluster ? fields(String(await send('cluster', 'info').catch(() => ''))) : undefined,
    sentinels: 'sentinels' in connection ? await countSentinels(connection) : undefined,
  }
}

type Send = (name: string, ...args: string[]) => Promise<unknown>

async function tryAll(send: Send, key: string): Promise<Pick<RedisExamination, 'refused' | 'scripts'>> {
  const refused = new Set<string>()
  // COMPAT Redis 7.0 says it of scripts in words without a code.
  const mayNot = (error: unknown) => /NOPERM|ACL failure|user executing the script can't/.test(bare(error).message)
  const plain = async (name: string, ...args: string[]) => {
    await send(name, ...args).catch((error: unknown) => {
      if (mayNot(error)) refused.add(name)
    })
  }
  await plain('evalsha', script.sha, '1', key)
  await plain('scan', '0', 'COUNT', '1')
  await plain('waitaof', '0', '0', '1')
  let scripts: string | undefined
  const inScript = async (line: string) => {
    const words = line.split(' ').map((word) => (word === '$' ? key : word))
    try {
      const said = String(await send('eval', script.source, '1', key, ...words))
      if (mayNot(new Error(said))) refused.add(words[0] ?? '')
    } catch (error) {
      if (mayNot(error)) refused.add('eval')
      scripts ??= bare(error).message
    }
  }
  for (const line of scriptCommands) await inScript(line)
  await plain('ssubscribe', key)
  return { refused: [...refused].sort(), scripts }
}

/** `field:value` lines. */
function fields(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':') && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

function pairs(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])))
}

/** All that know of each other, by the first that answers. */
async function countSentinels(
  connection: Extract<RedisConnection, { sentinels: unknown }>,
): Promise<number | undefined> {
  for (const { host, port } of connection.sentinels) {
    const sentinel = new Redis({
      host,
      port,
      lazyConnect: true,
      connectTimeout: 1_000,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      ...(connection.sentinelPassword !== undefined && { password: connection.sentinelPassword }),
      ...(connection.tls && { tls: connection.tls }),
    })
    sentinel.on('error', () => undefined)
    try {
      await sentinel.connect()
      const others = (await sentinel.call('SENTINEL', 'SENTINELS', connection.name)) as unknown[]
      return others.length + 1
    } catch {
      // The next one may answer.
    } finally {
      sentinel.disconnect()
    }
  }
  return undefined
}
