import { once } from 'node:events'
import { type RunningGenerator, startGenerator } from '../generator/remote.ts'
import type { Hearing, Subject } from '../protocol.ts'
import type { Row, Section } from '../report/result.ts'
import { startPeer } from '../subject/peer.ts'
import { type Store, startRingdown } from '../subject/ringdown.ts'
import type { RunningSubject } from '../subject/subject.ts'

/** How long and how often things are measured. */
export interface Pace {
  quick: boolean
  /** Seconds of load before the first measured window of a server, and of each window. */
  warmUp: number
  seconds: number
  /** Windows of each setting; the report shows their medians. */
  repeat: number
}

/** What a scenario gets from the command line. */
export interface Context {
  pace: Pace
  /** Whether a setting of this name was asked for. */
  wanted: (name: string) => boolean
  /** One line of progress. */
  say: (line: string) => void
  /** Where CPU profiles go; undefined: take none. */
  profiles: string | undefined
  stopped: AbortSignal
}

export interface Scenario {
  name: string
  summary: string
  run: (context: Context) => Promise<Section>
}

/** One server in one setting. */
export interface Setting {
  subject: Subject
  transport: Hearing
  ack: boolean
  agents: number
  /** Ours only. */
  store?: Store
  nodes?: number
  /** UC AJAX only: how long the server holds a poll, milliseconds. */
  holdMs?: number
  /** Peers only: subscribers that each POST reaches. Ours always has two, the peer and the sender. */
  fanOut?: number
}

export function nameOf({ subject, transport, ack, agents, store, nodes, fanOut }: Setting): string {
  return [
    subject,
    store,
    transport,
    ack ? 'ack' : '',
    nodes ? `${nodes} ${nodes === 1 ? 'node' : 'nodes'}` : '',
    fanOut === undefined ? '' : `1→${fanOut}`,
    `${agents}`,
  ]
    .filter((part) => part)
    .join(' ')
}

export function labelsOf(setting: Setting): Row['labels'] {
  return {
    subject: setting.subject,
    transport: setting.transport,
    ack: setting.ack ? 'ack' : 'no ack',
    agents: setting.agents,
    store: setting.store ?? 'none',
    nodes: setting.nodes ?? 1,
    fanOut: setting.fanOut ?? 2,
  }
}

export const start = ({
  subject,
  agents,
  store = 'embedded',
  nodes = 1,
  holdMs = 0,
}: Setting): Promise<RunningSubject> =>
  subject === 'ringdown' ? startRingdown({ agents, store, nodes, holdMs }) : startPeer(subject)

/** The settings asked for, each run with a fresh server and a fresh generator; what fails becomes a row that says so. */
export async function runEach<S extends Setting>(
  context: Context,
  settings: readonly S[],
  run: (setting: S, subject: RunningSubject, generator: RunningGenerator) => Promise<Row | Row[]>,
  name: (setting: S) => string = nameOf,
): Promise<Row[]> {
  const rows: Row[] = []
  const wanted = settings.filter((setting) => context.wanted(name(setting)))
  for (const [i, setting] of wanted.entries()) {
    if (context.stopped.aborted) break
    context.say(`${i + 1}/${wanted.length} ${name(setting)}`)
    try {
      rows.push(...[await withServer(setting, context.stopped, (...both) => run(setting, ...both))].flat())
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      context.say(`  failed: ${why}`)
      rows.push({ name: name(setting), labels: labelsOf(setting), figures: {}, runs: [], notes: [why.slice(0, 600)] })
    }
  }
  return rows
}

async function withServer<T>(
  setting: Setting,
  stopped: AbortSignal,
  run: (subject: RunningSubject, generator: RunningGenerator) => Promise<T>,
): Promise<T> {
  const subject = await start(setting)
  const generator = startGenerator()
  try {
    await generator.call('aim', subject.target)
    return await Promise.race([
      run(subject, generator),
      once(stopped, 'abort').then(() => {
        throw new Error('interrupted')
      }),
    ])
  } catch (error) {
    const why = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error)
    throw new Error(`${why}\nthe server said: ${subject.output().slice(-2000)}`, { cause: error })
  } finally {
    await generator.stop()
    await subject.stop()
  }
}
