import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transport } from '@ringdown/server/testing'
import type { RunningGenerator } from '../generator/remote.ts'
import { readBusy } from '../proc.ts'
import type { Subject, Window } from '../protocol.ts'
import { addRatios, type Column, type Row, rowOf } from '../report/result.ts'
import { stores } from '../subject/ringdown.ts'
import type { RunningSubject } from '../subject/subject.ts'
import { type Context, labelsOf, nameOf, runEach, type Scenario, type Setting } from './scenario.ts'

/** Characters of a text. */
const TEXT = 40
/** Makes an event of a peer about as long as ours, which also carries id, sender, time and position. */
const PEER_TEXT = 240
/** People who write at the same time. */
const POSTERS = 32

/** The servers we compare ourselves with, at one size; 1→0 is what a bare POST costs on this machine. */
export function peersAt(agents: number): Setting[] {
  const peer = (subject: Subject, transport: Transport, fanOut: number): Setting => ({
    subject,
    transport,
    ack: false,
    agents,
    fanOut,
  })
  return [
    peer('cometd-nodejs-server', 'lp', 0),
    ...[1, 2].flatMap((fanOut) => [
      peer('faye', 'ws', fanOut),
      peer('faye', 'lp', fanOut),
      peer('cometd-nodejs-server', 'lp', fanOut),
    ]),
  ]
}

/** Our engine in every combination of transport, ack and store, at one size. */
export function oursAt(agents: number): Setting[] {
  return stores.flatMap((store) =>
    (['ws', 'lp'] as const).flatMap((transport) =>
      [false, true].map((ack): Setting => ({ subject: 'ringdown', transport, ack, agents, store })),
    ),
  )
}

/** Logs in the agents of a setting, connects them all, and opens a session for each pair. */
export function gatherAll(generator: RunningGenerator, setting: Setting) {
  return generator.call('gather', {
    transport: setting.transport,
    ack: setting.ack,
    from: 0,
    count: setting.agents,
    clients: 'all',
    sessions: true,
    textLength: setting.subject === 'ringdown' ? TEXT : PEER_TEXT,
    fanOut: setting.fanOut ?? 2,
  })
}

/** Takes a CPU profile of the server's first process while `run` runs; does nothing where no profiles were asked for. */
export async function profiled(
  context: Context,
  name: string,
  { probes }: RunningSubject,
  run: () => Promise<unknown>,
) {
  const [probe] = probes
  if (!probe || context.profiles === undefined) return
  const file = join(context.profiles, `${name.replaceAll(/[^\w.]+/g, '-')}.cpuprofile`)
  await probe.call('startProfile', null)
  await run()
  await probe.call('stopProfile', file)
  context.say(`  profile: ${file}`)
}

export const textColumns: Column[] = [
  { figure: 'deliveriesPerSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'serverUs', title: 'µs/delivery', digits: 1 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 1 },
  { figure: 'storeUs', title: 'redis µs', digits: 1 },
  { figure: 'perCoreSecond', title: 'deliveries/core-s', digits: 0 },
  { figure: 'xFaye1', title: '× faye 1→1', digits: 2 },
  { figure: 'xFaye2', title: '1→2', digits: 2 },
  { figure: 'xCometd1', title: '× cometd 1→1', digits: 2 },
  { figure: 'xCometd2', title: '1→2', digits: 2 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'echoP50', title: 'echo p50', digits: 2 },
  { figure: 'answerP50', title: 'answer p50', digits: 2 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'eventBytes', title: 'event B', digits: 0 },
]

/** Part of one core that other processes may take before a window counts as disturbed. */
const DISTURBED = 0.1
/** How long a setting waits for its neighbours to be quiet, seconds, and how long they have to be. */
const PATIENCE = 40
const LOOK = 0.4
/** Seconds of load before a window of a server that is warm already. */
const REFILL = 0.5

/** Waits until the machine is quiet, or no time is left; answers the seconds it took. */
async function waitForQuiet(left: number): Promise<number> {
  const began = performance.now()
  const waited = () => (performance.now() - began) / 1000
  do {
    const before = readBusy()
    await sleep(LOOK * 1000)
    if ((readBusy() - before) / LOOK / 1e6 < DISTURBED * 2) break
  } while (waited() < left)
  return waited()
}

/** Windows of one server, one after the other. Disturbed ones are measured again, at most twice as many; the quietest are kept. */
export async function repeated(
  { pace, stopped }: Context,
  run: (warmUp: number) => Promise<Window>,
): Promise<Window[]> {
  const { repeat, quick } = pace
  const disturbance = (window: Window) => window.othersUs / window.seconds / 1e6
  const windows: Window[] = []
  const most = quick ? repeat : repeat * 3
  let patience = quick ? 0 : PATIENCE
  while (!stopped.aborted && windows.length < most) {
    if (windows.filter((window) => disturbance(window) < DISTURBED).length >= repeat) break
    if (patience > 0) patience -= await waitForQuiet(patience)
    // The first one gives the compiler time, the others only fill the pipes.
    windows.push(await run(windows.length === 0 ? pace.warmUp : REFILL))
  }
  return windows.toSorted((a, b) => disturbance(a) - disturbance(b)).slice(0, repeat)
}

export const texts: Scenario = {
  name: 'texts',
  summary: 'texts per second, CPU per delivery and latency, closed loop, beside faye and cometd-nodejs-server',
  async run(context) {
    const { pace } = context
    const sizes = pace.quick ? [100] : [100, 1000, 2000]
    const settings = sizes.flatMap((agents) => [...peersAt(agents), ...oursAt(agents)])
    const rows: Row[] = await runEach(context, settings, async (setting, subject, generator) => {
      const login = await gatherAll(generator, setting)
      const load = { posters: POSTERS, seconds: pace.seconds }
      const windows = await repeated(context, (warmUp) => generator.call('closedLoop', { ...load, warmUp }))
      await profiled(context, `texts-${nameOf(setting)}`, subject, () =>
        generator.call('closedLoop', { ...load, warmUp: 0 }),
      )
      const row = rowOf(nameOf(setting), labelsOf(setting), windows, {
        loginUs: login.cpuUs / setting.agents,
        loginsPerSecond: (setting.agents / login.ms) * 1000,
      })
      const { deliveriesPerSecond = 0, serverUs = 0, p50 = 0, p99 = 0 } = row.figures
      context.say(
        `  ${deliveriesPerSecond.toFixed(0)} deliveries/s, ${serverUs.toFixed(1)} µs each, p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`,
      )
      for (const note of row.notes) context.say(`  ! ${note}`)
      return row
    })
    addRatios(rows, ['agents', 'transport'])
    return {
      scenario: 'texts',
      title: 'Texts: POST to delivery, closed loop',
      columns: textColumns,
      charts: [
        { kind: 'bars', title: 'Deliveries per second of the server’s CPU time', figure: 'perCoreSecond' },
        { kind: 'latency', title: 'From POST to the peer’s client, ms' },
      ],
      rows,
      method: `${POSTERS} writers, each sends its next text when the last one was seen by all. Ours: a text is authenticated, committed to the store and delivered twice, to the peer and back to the sender. Peers: POST → publish to one subscriber (1→1) or two (1→2), no store, no login (1→0: the POST alone, which is node:http and JSON.parse); × compares deliveries per core-second; 1→2 has, like ours, one POST for two deliveries. Medians of ${pace.repeat} windows of ${pace.seconds} s, the first after ${pace.warmUp} s of warm-up.`,
    }
  },
}
