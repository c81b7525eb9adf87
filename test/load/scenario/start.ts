import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openEmbeddedStore, openRedisStore } from '@ringdown/session-store'
import { makeCall, releaseCall, sampleText, sendText, systemClock } from '@ringdown/session-store/testing'
import type { SessionStore } from '@ringdown/signalling'
import type { Column, Row } from '../report/result.ts'
import { cores, freePort, startPinned, waitFor } from '../subject/child.ts'
import { type RunningRedis, startRedis } from '../subject/redis.ts'
import { configurationOf } from '../subject/ringdown.ts'
import type { Context, Scenario } from './scenario.ts'

const program = fileURLToPath(new URL('../../../packages/server/src/main.ts', import.meta.url))
const SESSIONS = 100_000
/** Pairs of agents that had the ended sessions, one after the other. */
const PAIRS = 1000
const TEXTS = 4
const DAY = 86_400_000
const feedLimit = 10_000

const kinds = ['empty', 'ended', 'living'] as const
type Kind = (typeof kinds)[number]
interface Setting {
  store: 'embedded' | 'redis'
  kind: Kind
}

const columns: Column[] = [
  { figure: 'sessions', title: 'sessions', digits: 0 },
  { figure: 'megabytes', title: 'store MB', digits: 0 },
  { figure: 'ready', title: 's to ready', digits: 2 },
  { figure: 'again', title: 's again', digits: 2 },
  { figure: 'resident', title: 'resident MB', digits: 0 },
]

/** One pair's sessions, one after the other: made, four texts, ended; or made and left. */
async function fill(store: SessionStore, kind: Kind, sessions: number, pair: number): Promise<void> {
  const [a, b] = [2 * pair, 2 * pair + 1]
  const now = Date.now()
  for (let n = pair; n < sessions; n += PAIRS) {
    const living = kind === 'living'
    // A living session has its two agents for itself.
    const [caller, called] = living ? [2 * n, 2 * n + 1] : [a, b]
    await store.commit(makeCall(n, caller, called, now))
    if (living) continue
    for (let i = 0; i < TEXTS; i++)
      await store.commit(sendText(n, 1, sampleText(`${n}-${i}`, undefined, now), false, a, b))
    await store.commit(releaseCall(n, a, b, DAY))
  }
}

async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true })
  const sizes = await Promise.all(names.map((name) => stat(join(dir, name)).then((file) => file.size)))
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20
}

/** Seconds until the node says it is ready, and what it then has in memory. */
async function startOnce(file: string, port: number, dir: string): Promise<{ seconds: number; resident: number }> {
  const began = performance.now()
  const flags = ['--max-semi-space-size=64', program, 'serve', '--config', file]
  const child = startPinned(cores.server, process.execPath, flags, { cwd: dir })
  try {
    await waitFor(child, async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status === 200, 120_000)
    const seconds = (performance.now() - began) / 1000
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const resident = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20
    return { seconds, resident }
  } finally {
    await child.stop()
  }
}

async function measure({ store, kind }: Setting, sessions: number): Promise<Row> {
  const dir = await mkdtemp(join(tmpdir(), 'ringdown-load-start-'))
  let redis: RunningRedis | undefined
  try {
    const data = join(dir, 'data')
    await mkdir(data)
    redis = store === 'redis' ? await startRedis('everysec') : undefined
    const opened = redis
      ? await openRedisStore({
          connection: { url: `redis://127.0.0.1:${redis.port}` },
          ...{ centre: 'load', node: 'filler', feedLimit, clock: systemClock },
        })
      : await openEmbeddedStore({ file: join(data, 'load.sqlite'), centre: 'load', feedLimit, clock: systemClock })
    const count = kind === 'empty' ? 0 : sessions
    await Promise.all(Array.from({ length: PAIRS }, (_, pair) => fill(opened, kind, count, pair)))
    await opened.close()
    const port = await freePort()
    const file = join(dir, 'ringdown.yaml')
    const where = redis ? `{ redis: { url: "redis://127.0.0.1:${redis.port}" } }` : '{ embedded: { directory: data } }'
    await writeFile(file, configurationOf(2 * 100, port, where))
    const first = await startOnce(file, port, dir)
    const second = await startOnce(file, port, dir)
    const megabytes = redis ? await redis.megabytes() : await sizeOf(data)
    const figures = {
      ...{ sessions: count, megabytes, ready: first.seconds },
      ...{ again: second.seconds, resident: second.resident },
    }
    return { name: `${store} ${kind}`, labels: { store, kind }, figures, runs: [figures], notes: [] }
  } finally {
    await redis?.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

export const startTime: Scenario = {
  name: 'start',
  summary: 'how long a node takes to be ready where 100 000 sessions are stored',
  async run({ pace, wanted, say, stopped }: Context) {
    const sessions = pace.quick ? SESSIONS / 20 : SESSIONS
    const rows: Row[] = []
    for (const store of ['embedded', 'redis'] as const)
      for (const kind of kinds) {
        const name = `${store} ${kind}`
        if (stopped.aborted || !wanted(name)) continue
        say(name)
        try {
          const row = await measure({ store, kind }, sessions)
          rows.push(row)
          say(`  ${row.figures.ready?.toFixed(2)} s to ready, ${row.figures.resident?.toFixed(0)} MB`)
        } catch (error) {
          const why = (error instanceof Error ? error.message : String(error)).slice(0, 600)
          say(`  failed: ${why}`)
          rows.push({ name, labels: { store, kind }, figures: {}, runs: [], notes: [why] })
        }
      }
    return {
      scenario: 'start',
      title: 'Start of a node over a full store',
      columns,
      charts: [{ kind: 'bars', title: 'Seconds until ready', figure: 'ready' }],
      rows,
      method: `From the start of the process until /health/ready says 200, asked every 50 ms; once after the store was filled, and once again. Ended sessions have ${TEXTS} texts each; living ones none. 200 agents are configured. Embedded: the size of the files; Redis (appendfsync everysec): its memory.`,
    }
  },
}
