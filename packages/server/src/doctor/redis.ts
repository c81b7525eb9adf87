import { examineRedis, type RedisExamination } from '@ringdown/session-store'
import { connectionOf } from '../open-stores.ts'
import type { Check, Context } from './check.ts'
import { bytesText, type Finding } from './finding.ts'
import { codeOf } from './system.ts'

const deadlineMs = 6_000
const slowMs = 5
const offsetMs = 1_000

type Examine = (context: Context) => Promise<RedisExamination>

/** Redis: whether it can hold sessions, and what of them is left after it crashes. SPEC DR-13, DR-14. */
export const redis = (examine: Examine = examineOwn): Check => ({
  name: 'Redis',
  look: async (context) => {
    const wanted = context.config.store.redis
    if (!wanted) return []
    try {
      return judge(await examine(context), wanted)
    } catch (error) {
      const why = codeOf(error)
      const isLogin = /WRONGPASS|NOAUTH|NOPERM|invalid password/i.test(error instanceof Error ? error.message : why)
      return [
        {
          check: 'Redis',
          severity: 'problem',
          what: isLogin
            ? `Redis does not let us in (${error instanceof Error ? error.message : why}).`
            : `Redis cannot be reached (${why}).`,
          lift: isLogin
            ? 'Correct store.redis.username and password.'
            : 'See that it runs and listens for us, and that store.redis is right.',
        },
      ]
    }
  },
})

type Wanted = NonNullable<Context['config']['store']['redis']>

function judge(found: RedisExamination, wanted: Wanted): Finding[] {
  const findings = [
    ...fitness(found, wanted),
    ...durability(found),
    ...replication(found, wanted),
    ...room(found),
    ...rights(found),
    ...speed(found, wanted),
  ]
  const bad = findings.some(({ severity }) => severity === 'problem')
  const version =
    found.info.valkey_version === undefined
      ? `Redis ${found.info.redis_version}`
      : `Valkey ${found.info.valkey_version}`
  if (!bad) findings.push(finding('ok', `${version} can be used.`, undefined))
  return findings
}

const finding = (
  severity: Finding['severity'],
  what: string,
  lift: string | undefined,
  more: Partial<Finding> = {},
): Finding => ({
  check: 'Redis',
  severity,
  what,
  ...(lift !== undefined && { lift }),
  ...more,
})

/** What the store refuses to work with. */
function fitness({ info }: RedisExamination, { waitReplicas }: Wanted): Finding[] {
  const findings: Finding[] = []
  const { redis_version: version = '0', maxmemory_policy: policy, role } = info
  const number = Number(/^\d+\.\d+/.exec(version)?.[0] ?? 0)
  if (number < 7)
    findings.push(
      finding('problem', `This is Redis ${version}; 7.0 is needed.`, 'Install Redis 7.0 or newer, or Valkey 8.', {
        measured: number,
        needed: 7,
      }),
    )
  else if (waitReplicas > 0 && number < 7.2)
    findings.push(
      finding(
        'problem',
        `waitReplicas needs WAITAOF of Redis 7.2; this is ${version}.`,
        'Install Redis 7.2 or newer, or set store.redis.waitReplicas to 0.',
        { measured: number, needed: 7.2 },
      ),
    )
  if (policy !== undefined && policy !== 'noeviction')
    findings.push(
      finding(
        'problem',
        `Redis would throw sessions away when it is full: maxmemory-policy is ${policy}.`,
        'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.',
      ),
    )
  if (role !== undefined && role !== 'master')
    findings.push(
      finding(
        'problem',
        `This Redis is a ${role}, and takes no writes.`,
        'Name the master in store.redis, or the sentinels that know it.',
      ),
    )
  if (info.loading === '1')
    findings.push(finding('note', 'Redis is loading its data, and takes writes when it is done.', undefined))
  return findings
}

/** What "accepted" is worth when Redis or its machine stops. */
function durability({ info, settings }: RedisExamination): Finding[] {
  const onFile = info.aof_enabled === '1'
  if (!onFile) {
    const save = settings?.save ?? ''
    const what =
      save === ''
        ? 'Redis keeps everything in memory (appendonly no, no save): when it stops, every session is gone.'
        : `Redis writes a snapshot now and then (save ${save}): what was accepted since the last one is gone when it stops.`
    return [finding('problem', what, 'CONFIG SET appendonly yes and appendfsync always, and the same in redis.conf.')]
  }
  const findings: Finding[] = []
  if (info.aof_last_write_status === 'err' || info.aof_last_bgrewrite_status === 'err')
    findings.push(
      finding(
        'problem',
        'Redis could not write its append-only file the last time.',
        'Look at its log: most often the disk is full.',
      ),
    )
  if (!settings)
    return [
      ...findings,
      finding(
        'note',
        'How often Redis syncs its append-only file cannot be told: CONFIG GET is not allowed.',
        'Allow +config|get, or see that appendfsync is always.',
      ),
    ]
  const { appendfsync, 'no-appendfsync-on-rewrite': notOnRewrite } = settings
  if (appendfsync === 'everysec')
    findings.push(
      finding(
        'note',
        'appendfsync is everysec: a crash of the machine loses up to a second of accepted texts, and clients are told of a gap.',
        'CONFIG SET appendfsync always, where none may be lost.',
      ),
    )
  else if (appendfsync === 'no')
    findings.push(
      finding(
        'limit',
        'appendfsync is no: a crash of the machine loses what the system had not written yet, some 30 s.',
        'CONFIG SET appendfsync always, or everysec.',
      ),
    )
  if (appendfsync === 'always' && notOnRewrite === 'yes')
    findings.push(
      finding(
        'limit',
        'no-appendfsync-on-rewrite is yes: while Redis writes a new append-only file nothing is synced.',
        'CONFIG SET no-appendfsync-on-rewrite no.',
      ),
    )
  return findings
}

function replication({ info, settings, cluster, sentinels }: RedisExamination, { waitReplicas }: Wanted): Finding[] {
  const findings: Finding[] = []
  const replicas = Number(info.connected_slaves ?? 0)
  if (waitReplicas > replicas)
    findings.push(
      finding(
        'problem',
        `Every text waits for ${waitReplicas} replicas (waitReplicas), and ${replicas} are connected: nothing is accepted.`,
        'Connect replicas, or lower store.redis.waitReplicas.',
        { measured: replicas, needed: waitReplicas },
      ),
    )
  const least = Number(settings?.['min-replicas-to-write'] ?? 0)
  if (least > replicas)
    findings.push(
      finding(
        'problem',
        `min-replicas-to-write is ${least}, and ${replicas} replicas are connected: Redis refuses writes.`,
        'Connect replicas, or lower min-replicas-to-write.',
        { measured: replicas, needed: least },
      ),
    )
  if (replicas > 0 && waitReplicas === 0)
    findings.push(
      finding(
        'note',
        `${replicas} replicas are connected, and no text waits for them: a failover loses what had not reached them.`,
        'Set store.redis.waitReplicas to 1 (Redis 7.2).',
        { measured: 0, needed: 1 },
      ),
    )
  if (cluster && cluster.cluster_state !== 'ok')
    findings.push(
      finding(
        'problem',
        `The cluster is not whole: cluster_state is ${cluster.cluster_state}.`,
        'CLUSTER NODES tells which master is gone, redis-cli --cluster fix what can be done.',
      ),
    )
  if (sentinels !== undefined && sentinels < 3)
    findings.push(
      finding(
        'limit',
        `${sentinels} sentinels watch the master: with fewer than 3 the loss of one machine may leave no majority for a failover.`,
        'Run 3 sentinels on 3 machines.',
        { measured: sentinels, needed: 3 },
      ),
    )
  return findings
}

/** Redis that is full refuses writes, and so do we. */
function room({ info }: RedisExamination): Finding[] {
  const used = Number(info.used_memory ?? 0)
  const most = Number(info.maxmemory ?? 0)
  const machine = Number(info.total_system_memory ?? 0)
  if (most > 0 && used > 0.8 * most)
    return [
      finding(
        used > 0.95 * most ? 'problem' : 'limit',
        `Redis uses ${bytesText(used)} of its maxmemory ${bytesText(most)}; when it is full, nothing is accepted.`,
        'Raise maxmemory, or lower options.retentionMs of the contact centres.',
        { measured: used, needed: most },
      ),
    ]
  if (most === 0 && machine > 0 && used > 0.45 * machine)
    return [
      finding(
        'limit',
        `Redis uses ${bytesText(used)} of the machine's ${bytesText(machine)} without a maxmemory; a rewrite of its file may need as much again.`,
        'Give the machine more memory, or set maxmemory to half of it.',
        { measured: used, needed: machine },
      ),
    ]
  return []
}

function rights({ refused, scripts, settings }: RedisExamination): Finding[] {
  const findings: Finding[] = []
  if (scripts !== undefined)
    findings.push(
      finding(
        'problem',
        `Redis does not run our scripts (${scripts}).`,
        'Allow +eval and +evalsha for the user of store.redis, with +@scripting.',
      ),
    )
  if (refused.length > 0)
    findings.push(
      finding(
        'problem',
        `The user of store.redis may not say ${refused.join(', ')}.`,
        `ACL SETUSER … ${refused.map((command) => `+${command.replace(' ', '|')}`).join(' ')} ~rd:* &rd:*, and ACL SAVE.`,
        { measured: refused.length, needed: 0 },
      ),
    )
  if (!settings)
    findings.push(
      finding(
        'note',
        'CONFIG GET is not allowed: the store takes writes for less durable than they may be.',
        'Allow +config|get.',
      ),
    )
  return findings
}

function speed({ roundTrips, clockOffset }: RedisExamination, { deadlineMs: most }: Wanted): Finding[] {
  const middle = roundTrips.toSorted((a, b) => a - b)[roundTrips.length >> 1] ?? 0
  const said = `Redis answers after ${middle.toFixed(1)} ms`
  const findings = [
    middle > most / 4
      ? finding(
          'problem',
          `${said}; requests are refused after ${most} ms, and a commit takes several answers.`,
          'Put it nearer, or see what keeps it busy: redis-cli --latency, SLOWLOG GET.',
          { measured: middle, needed: most / 4 },
        )
      : finding(
          middle > slowMs ? 'note' : 'ok',
          `${said}.`,
          middle > slowMs ? 'Put it nearer: every text waits for it at least once.' : undefined,
          { measured: middle, needed: slowMs },
        ),
  ]
  if (Math.abs(clockOffset) > offsetMs)
    findings.push({
      check: 'clock',
      severity: 'limit',
      what: `The clock here and that of Redis are ${(Math.abs(clockOffset) / 1_000).toFixed(1)} s apart: ${clockOffset > 0 ? 'that of Redis is ahead' : 'ours is ahead'}.`,
      lift: 'Run chrony or systemd-timesyncd on both machines.',
      measured: Math.round(clockOffset),
      needed: offsetMs,
    })
  return findings
}

function examineOwn({ config, system }: Context): Promise<RedisExamination> {
  const { redis: wanted } = config.store
  const centre = config.contactCentres[0]?.objects.id
  if (!wanted || centre === undefined) throw new Error('a checked configuration names a Redis and a contact centre')
  return examineRedis({ connection: connectionOf(wanted), centre, deadlineMs, now: () => system.clock.now() })
}
