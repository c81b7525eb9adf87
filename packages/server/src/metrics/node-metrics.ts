import type { Trouble } from '../health.ts'
import { type LogLines, logLevels } from '../log.ts'
import { definitions } from './definitions.ts'
import type { Instruments } from './instruments.ts'

/** What a node knows of itself, asked at each scrape. */
export interface NodeSources {
  version: string
  store: 'embedded' | 'redis'
  trouble: () => readonly Trouble[]
  /** Whether the store of each contact centre takes writes, by its id. */
  healthy: ReadonlyMap<string, () => boolean>
  /** Notices of the stores since the start, by their text. */
  notices: ReadonlyMap<string, number>
  lines: LogLines
}

/** Notices of the Redis store, as it words them. */
const noticeNames: Readonly<Record<string, string>> = {
  'the store takes writes': 'writable',
  'the store takes no writes': 'notWritable',
  'the store may have lost writes and begins a new epoch': 'newEpoch',
  'hints from other nodes are interrupted': 'hintsInterrupted',
}

const kinds = definitions.ringdown_trouble.labels.kind
const names = definitions.ringdown_store_notices_total.labels.notice

/** Adds what a node says of itself. */
export function addNodeMetrics(instruments: Instruments, sources: NodeSources): void {
  const { version, store, trouble, healthy, notices, lines } = sources
  instruments.gauge('ringdown_build_info').set({ version, node: process.version, store }, 1)
  instruments.gauge('ringdown_ready', (gauge) => gauge.set(trouble().length === 0 ? 1 : 0))
  instruments.gauge('ringdown_trouble', (gauge) => {
    const now = trouble()
    for (const kind of kinds) gauge.set({ kind }, now.includes(kind) ? 1 : 0)
  })
  instruments.gauge('ringdown_store_healthy', (gauge) => {
    for (const [centre, isHealthy] of healthy) gauge.set({ centre }, isHealthy() ? 1 : 0)
  })
  instruments.counter('ringdown_store_notices_total', (counter) => {
    counter.reset()
    // All of them from the start: a rate needs the zero before the first.
    for (const notice of names) counter.inc({ notice }, 0)
    for (const [text, count] of notices) counter.inc({ notice: noticeNames[text] ?? 'other' }, count)
  })
  instruments.counter('ringdown_log_lines_total', (counter) => {
    counter.reset()
    for (const level of logLevels) counter.inc({ level }, lines[level])
  })
}
