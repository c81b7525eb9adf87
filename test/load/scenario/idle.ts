import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningGenerator } from '../generator/remote.ts'
import type { Column, Row } from '../report/result.ts'
import type { RunningSubject } from '../subject/subject.ts'
import { type Context, labelsOf, nameOf, runEach, type Scenario, type Setting } from './scenario.ts'

const columns: Column[] = [
  { figure: 'rss', title: 'RSS MB', digits: 0 },
  { figure: 'rssPer', title: 'RSS kB/client', digits: 1 },
  { figure: 'heapPer', title: 'JS heap kB/client', digits: 1 },
  { figure: 'marginalPer', title: 'RSS kB, each further', digits: 1 },
  { figure: 'loginsPerSecond', title: 'logins/s', digits: 0 },
  { figure: 'loginUs', title: 'CPU µs/login', digits: 0 },
  { figure: 'idleBusy', title: 'idle server %', digits: 1 },
]

interface Memory {
  rss: number
  heapUsed: number
}

/** Memory of all processes of a server once the garbage is gone. */
export async function memoryOf(subject: RunningSubject): Promise<Memory> {
  const all = await Promise.all(subject.probes.map((probe) => probe.call('memory', null)))
  return {
    rss: all.reduce((sum, memory) => sum + memory.rss, 0),
    heapUsed: all.reduce((sum, memory) => sum + memory.heapUsed, 0),
  }
}

async function fill(
  context: Context,
  setting: Setting,
  subject: RunningSubject,
  generator: RunningGenerator,
  sizes: number[],
) {
  const rows: Row[] = []
  const base = await memoryOf(subject)
  let last = { count: 0, memory: base }
  for (const count of sizes) {
    const login = await generator.call('gather', {
      transport: setting.transport,
      ack: setting.ack,
      from: last.count,
      count: count - last.count,
      clients: 'all',
      sessions: false,
      textLength: 40,
      fanOut: 1,
    })
    await sleep(1000)
    const memory = await memoryOf(subject)
    const idle = await generator.call('idle', { seconds: context.pace.quick ? 1 : 3 })
    const kB = (more: number, less: number, clients: number) => (more - less) / 1024 / clients
    const figures = {
      rss: memory.rss / 2 ** 20,
      rssPer: kB(memory.rss, base.rss, count),
      heapPer: kB(memory.heapUsed, base.heapUsed, count),
      marginalPer: kB(memory.rss, last.memory.rss, count - last.count),
      loginsPerSecond: ((count - last.count) / login.ms) * 1000,
      loginUs: login.cpuUs / (count - last.count),
      idleBusy: (idle.cpu.server / idle.seconds / 1e6) * 100,
    }
    const here = { ...setting, agents: count }
    const notes = idle.faults > 0 ? [`${idle.faults} clients broke, first: ${idle.fault}`] : []
    rows.push({ name: nameOf(here), labels: labelsOf(here), figures, runs: [figures], notes })
    context.say(`  ${count}: ${figures.rssPer.toFixed(1)} kB a client (heap ${figures.heapPer.toFixed(1)})`)
    last = { count, memory }
  }
  return rows
}

export const idle: Scenario = {
  name: 'idle',
  summary: 'memory of a connected CometD client that hears nothing',
  async run(context) {
    const sizes = context.pace.quick ? [1000] : [2000, 10_000]
    const agents = sizes.at(-1) ?? 0
    const settings: Setting[] = [
      { subject: 'faye', transport: 'ws', ack: false, agents, fanOut: 1 },
      { subject: 'faye', transport: 'lp', ack: false, agents, fanOut: 1 },
      { subject: 'cometd-nodejs-server', transport: 'lp', ack: false, agents, fanOut: 1 },
      ...(['embedded', 'redis everysec'] as const).flatMap((store) =>
        (['ws', 'lp'] as const).map(
          (transport): Setting => ({ subject: 'ringdown', transport, ack: true, agents, store }),
        ),
      ),
    ]
    const rows = await runEach(context, settings, (setting, subject, generator) =>
      fill(context, setting, subject, generator, sizes),
    )
    return {
      scenario: 'idle',
      title: 'Idle CometD clients: memory',
      columns,
      charts: [
        { kind: 'bars', title: 'Resident memory for each client, kB', figure: 'rssPer' },
        { kind: 'bars', title: 'JavaScript heap for each client, kB', figure: 'heapPer' },
      ],
      rows,
      method:
        'Growth of the server’s memory since its start, after garbage collection, with each client connected, subscribed and held in /meta/connect. Ours also holds a login, an HTTP session and a logged-in agent for each. "Each further" is the growth from the smaller crowd to the larger, so without what the first client costs.',
    }
  },
}
