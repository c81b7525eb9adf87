import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Between, MsrpCalls } from '../msrp/generator.ts'
import { readBusy } from '../proc.ts'
import { type Column, type Figures, medians, type Row } from '../report/result.ts'
import { Remote } from '../rpc.ts'
import { hasKamailio } from '../sip/kamailio.ts'
import { cores, startPinned } from '../subject/child.ts'
import type { Context, Scenario } from './scenario.ts'

/** MSRP sessions, and messages each has under way. */
const SESSIONS = 50
const IN_FLIGHT = 4
/** Of a window's usual length: eight rows are measured twice. */
const SHORTER = 0.4
/** Part of a core that others may take before a row says so. */
const DISTURBED = 0.15
/** Bytes: a text, and one of ten chunks. */
const sizes = [100, 20_000] as const

const subjects: readonly { between: Between; name: string }[] = [
  { between: 'bridge', name: 'ringdown bridge' },
  { between: 'bridge apart', name: 'ringdown bridge apart' },
  { between: 'end', name: 'ringdown end' },
  { between: 'kamailio', name: 'kamailio relay' },
]

const columns: Column[] = [
  { figure: 'chunks', title: 'chunks', digits: 0 },
  { figure: 'perSecond', title: 'messages/s', digits: 0 },
  { figure: 'framesPerSecond', title: 'frames/s', digits: 0 },
  { figure: 'serverUs', title: 'µs/message', digits: 1 },
  { figure: 'usPerChunk', title: 'µs/chunk', digits: 1 },
  { figure: 'xCPU', title: '× kamailio CPU', digits: 2 },
  { figure: 'xRate', title: '× rate', digits: 2 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'lost', title: 'lost', digits: 0 },
]

const sizesOf = ({ pace }: Context): readonly number[] => (pace.quick ? sizes.slice(0, 1) : sizes)

/** Frames the process between reads or writes for each chunk: a SEND and its 200, on one side or on both. */
const framesOf = (between: Between) => (between === 'end' ? 2 : 4)

/** One subject with its ends in a process of their own. */
interface Stage {
  between: Between
  name: string
  calls: Remote<MsrpCalls>
  stop(): Promise<void>
}

async function enter({ between, name }: (typeof subjects)[number], folder: string): Promise<Stage> {
  const program = fileURLToPath(new URL('../msrp/generator.ts', import.meta.url))
  const flags = ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning']
  const child = startPinned(cores.generator, process.execPath, [...flags, program], { ipc: true })
  const calls = new Remote<MsrpCalls>(child.process)
  const stop = async () => {
    await calls.call('stop', null).catch(() => undefined)
    await child.stop()
  }
  try {
    await calls.call('start', { between, sessions: SESSIONS, folder })
  } catch (error) {
    await stop()
    throw new Error(`${name}: ${child.output().slice(-600)}`, { cause: error })
  }
  return { between, name, calls, stop }
}

async function window({ between, calls }: Stage, size: number, seconds: number, warmUp: number): Promise<Figures> {
  const busyBefore = readBusy()
  const measured = await calls.call('measure', { size, seconds, warmUp, inFlight: IN_FLIGHT })
  const busy = readBusy() - busyBefore
  const { chunks, messages, perSecond, cpuUs, p50, p99, lost, generatorUs } = measured
  // The CPU of the server is known for the window only; the rest of the time it did the same.
  const serverUs = cpuUs * messages * (measured.seconds / seconds)
  const share = (us: number) => us / measured.seconds / 1e4
  return {
    chunks,
    perSecond,
    framesPerSecond: perSecond * chunks * framesOf(between),
    serverUs: cpuUs,
    usPerChunk: cpuUs / chunks,
    p50,
    p99,
    serverBusy: (cpuUs * messages) / seconds / 1e4,
    generatorBusy: share(generatorUs),
    othersBusy: Math.max(0, share(busy - generatorUs - serverUs)),
    lost,
  }
}

async function runSize(context: Context, stages: readonly Stage[], size: number): Promise<Row[]> {
  const { pace } = context
  const runs = new Map<Stage, Figures[]>(stages.map((stage) => [stage, []]))
  const rounds = Math.min(2, pace.repeat)
  for (let round = 0; round < rounds && !context.stopped.aborted; round++)
    for (const stage of stages)
      runs.get(stage)?.push(await window(stage, size, pace.seconds * SHORTER, round === 0 ? 1.5 : 0.3))
  return stages.map((stage) => {
    const name = `${size} B ${stage.name}`
    const all = runs.get(stage) ?? []
    const figures = medians(all)
    const { perSecond = 0, serverUs = 0, lost = 0, othersBusy = 0 } = figures
    context.say(`  ${name}: ${perSecond.toFixed(0)} messages/s, ${serverUs.toFixed(1)} µs each`)
    const notes = lost > 0 ? [`${lost} messages were answered 200 and never came out`] : []
    if (othersBusy > DISTURBED * 100) notes.push(`other processes used ${othersBusy.toFixed(0)} % of a core meanwhile`)
    const subject = stage.between === 'kamailio' ? 'kamailio' : 'ringdown'
    return { name, labels: { subject, size }, figures, runs: all, notes }
  })
}

function compare(rows: readonly Row[]): void {
  for (const row of rows) {
    const peer = rows.find(({ labels }) => labels.size === row.labels.size && labels.subject === 'kamailio')
    if (!peer || peer === row || row.name.endsWith(' end')) continue
    const [us, theirUs] = [row.figures.serverUs, peer.figures.serverUs]
    const [rate, theirRate] = [row.figures.perSecond, peer.figures.perSecond]
    if (us && theirUs) row.figures.xCPU = theirUs / us
    if (rate && theirRate) row.figures.xRate = rate / theirRate
  }
}

export const msrp: Scenario = {
  name: 'msrp',
  summary: 'MSRP messages and frames passed on, beside Kamailio’s msrp module',
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-msrp-load-'))
    const there = hasKamailio()
    if (!there) context.say('  Kamailio is not installed: ours alone')
    const rows: Row[] = []
    const stages: Stage[] = []
    try {
      for (const subject of subjects)
        if (
          (there || subject.between !== 'kamailio') &&
          sizesOf(context).some((size) => context.wanted(`${size} B ${subject.name}`))
        )
          stages.push(await enter(subject, folder))
      for (const size of sizesOf(context)) {
        const wanted = stages.filter(({ name }) => context.wanted(`${size} B ${name}`))
        rows.push(...(await runSize(context, wanted, size)))
      }
    } finally {
      for (const stage of stages) await stage.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    compare(rows)
    return {
      scenario: 'msrp',
      title: 'MSRP over TCP, beside Kamailio’s msrp module',
      columns,
      charts: [{ kind: 'bars', title: 'CPU of the process between for each message, µs', figure: 'serverUs' }],
      rows,
      method: `${SESSIONS} sessions with ${IN_FLIGHT} messages each under way, closed loop; the ends are ours and run on the other core. "bridge" puts each message together and sends it on in a second session, as the engine does; Kamailio passes chunks on. Either side of both sees a SEND and its 200: four frames for each chunk. "bridge" has one connection for all ends, as MSRP asks for; "bridge apart" one for each, as Kamailio’s clients have. "end" only takes messages. Kamailio: one worker for TCP, memory manager fm. × as in the SIP table.`,
    }
  },
}
