import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defaultDirectory } from '../open-stores.ts'
import type { Check } from './check.ts'
import { bound, bytesText, type Finding } from './finding.ts'
import { codeOf, type System } from './system.ts'

/** A disk that syncs in so many milliseconds keeps up; a commit of many texts at a time takes one. */
const goodSyncMs = 10
const badSyncMs = 100
const tries = 9
/** A text in the log, the feeds of both parties and the write-ahead log, bytes; and how many an agent writes in a day of retention. */
const perText = 2_048
const textsPerDay = 1_000
const dayMs = 86_400_000
const spare = 256 * 1024 * 1024

/** What one look at a directory tells. */
export interface DiskFacts {
  /** Why nothing can be written. */
  failure?: string
  /** Bytes that can be written. */
  free: number
  /** Milliseconds, in the middle of some. */
  syncMs: number
}

/** The directory of the embedded store: whether it takes writes, how fast, how long. SPEC DR-8. */
export const embedded = (look: (directory: string) => DiskFacts = lookAtDisk): Check => ({
  name: 'embedded store',
  look: ({ config, scale, system }) => {
    if (config.store.redis) return []
    const directory = resolve(config.store.embedded?.directory ?? defaultDirectory)
    const there = nearest(directory)
    const { failure, free, syncMs } = look(there)
    const found: Finding[] = []
    const add = (severity: Finding['severity'], what: string, lift: string, more: Partial<Finding> = {}) =>
      found.push({ check: 'embedded store', severity, what, lift, ...more })
    if (failure !== undefined) {
      add(
        'problem',
        `Nothing can be written to ${there} (${failure}).`,
        `Make ${directory} a directory of the user the server runs as.`,
      )
      return found
    }
    const type = fileSystemOf(system, there)
    if (type !== undefined && isNetwork(type))
      add(
        'problem',
        `${there} is on a network file system (${type}): SQLite's locks and syncs cannot be relied on there.`,
        'Put store.embedded.directory on a local disk, or use store.redis.',
      )
    else if (type === 'tmpfs' || type === 'ramfs')
      add(
        'limit',
        `${there} is in memory (${type}): every session is gone when the machine stops.`,
        'Put store.embedded.directory on a disk.',
      )
    const sync = `A write is on the disk after ${syncMs.toFixed(1)} ms (fsync, in the middle of ${tries}).`
    if (syncMs > badSyncMs)
      add('limit', `${sync} Every text waits for one.`, 'Take a faster disk, or Redis with replicas.', {
        measured: syncMs,
        needed: badSyncMs,
      })
    else
      add(
        syncMs > goodSyncMs ? 'note' : 'ok',
        sync,
        'A disk with a write cache that survives power loss syncs in less than a millisecond.',
        { measured: syncMs, needed: goodSyncMs },
      )
    const days = Math.max(...config.contactCentres.map(({ objects }) => objects.options?.retentionMs ?? dayMs)) / dayMs
    const each = perText * textsPerDay * days
    found.push(
      bound({
        check: 'embedded store',
        at: (free - spare) / each,
        agents: scale.agents,
        what: `${bytesText(free)} are free at ${there}; an agent who writes ${textsPerDay} texts a day fills ${bytesText(each)} in the ${Number(days.toFixed(1))} days they are kept.`,
        lift: 'Make room, or lower options.retentionMs of the contact centres.',
        measured: free,
        needed: Math.ceil(spare + each * scale.agents),
      }),
    )
    return found
  },
})

/** The directory, or the first one above it that is there. */
function nearest(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : nearest(dirname(directory))
}

/** In a directory of its own, so that nothing that is there is touched. */
export function lookAtDisk(directory: string): DiskFacts {
  let own: string | undefined
  try {
    own = mkdtempSync(join(directory, '.ringdown-doctor-'))
    const { bavail, bsize } = statfsSync(own)
    return { free: bavail * bsize, syncMs: middleOf(syncTimes(join(own, 'sync'))) }
  } catch (error) {
    return { failure: codeOf(error), free: 0, syncMs: 0 }
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true })
  }
}

function syncTimes(path: string): number[] {
  const file = openSync(path, 'wx', 0o600)
  const page = Buffer.alloc(4_096, 1)
  try {
    return Array.from({ length: tries }, () => {
      const begun = performance.now()
      writeSync(file, page)
      fsyncSync(file)
      return performance.now() - begun
    })
  } finally {
    closeSync(file)
  }
}

const middleOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** proc(5), /proc/mounts: of the mounts above a path the longest. */
export function fileSystemOf({ readText }: Pick<System, 'readText'>, path: string): string | undefined {
  let best: { at: string; type: string } | undefined
  for (const line of (readText('/proc/mounts') ?? '').split('\n')) {
    const [, mount, type] = line.split(' ')
    if (mount === undefined || type === undefined) continue
    const at = mount.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
    const isAbove = at === '/' || path === at || path.startsWith(`${at}/`)
    if (isAbove && at.length >= (best?.at.length ?? 0)) best = { at, type }
  }
  return best?.type
}

const isNetwork = (type: string): boolean =>
  /^(nfs\d?|cifs|smb\w*|9p|fuse\.(sshfs|glusterfs|s3fs|rclone)|ceph|glusterfs|afs|lustre|virtiofs)$/.test(type)
