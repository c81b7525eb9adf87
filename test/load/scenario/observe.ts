import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { enter, type Stage } from '../legs/stage.ts'
import type { Window } from '../protocol.ts'
import { type Column, type Row, rowOf } from '../report/result.ts'
import type { Context, Scenario } from './scenario.ts'

const PAIRS = 32
/** Texts before the first window: code is warm, and the ring of an engine that traces is full. */
const FILLING = 12_000
const WINDOWS = 5
/** Of a window's usual length. */
const SHORTER = 0.5
const pairing = 'MESSAGE → agent'

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 1 },
  { figure: 'ratio', title: '× off', digits: 3 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'dropped', title: 'dropped', digits: 0 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
]

/** Collectors in this process that take everything and look at nothing. */
async function openCollectors() {
  const hep = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
  hep.on('message', () => undefined)
  hep.bind(0, '127.0.0.1')
  const otlp = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  }).listen(0, '127.0.0.1')
  await Promise.all([once(hep, 'listening'), once(otlp, 'listening')])
  return {
    hepPort: hep.address().port,
    otlpUrl: `http://127.0.0.1:${(otlp.address() as AddressInfo).port}/v1/traces`,
    close: () => {
      hep.close()
      otlp.close()
      otlp.closeAllConnections()
    },
  }
}

type Collectors = Awaited<ReturnType<typeof openCollectors>>
interface Looks {
  trace: boolean
  settings: object
}
const unseen: Looks = { trace: false, settings: { monitoring: { count: false } } }

/** Who looks on, by the name of the row. */
const variants: readonly [name: string, looks: (to: Collectors) => Looks][] = [
  ['metrics', () => ({ trace: false, settings: {} })],
  ['trace', () => ({ ...unseen, trace: true })],
  ['metrics and trace', () => ({ trace: true, settings: {} })],
  ['HEP3', ({ hepPort }) => withOption({ hep: { host: '127.0.0.1', port: hepPort } })],
  ['OpenTelemetry 10 %', ({ otlpUrl }) => withOption({ otel: { url: otlpUrl, percent: 10 } })],
  ['OpenTelemetry 100 %', ({ otlpUrl }) => withOption({ otel: { url: otlpUrl, percent: 100 } })],
]

function withOption(option: object): Looks {
  return { ...unseen, settings: { ...unseen.settings, ...option } }
}

/** What was not handed to a collector, since the engine began. */
async function droppedBy({ engine }: Stage): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${engine.http}/metrics`)).text()
  const drops = [...page.matchAll(/^ringdown_(?:hep|otel)_drops_total\{[^}]*\} (\d+)$/gm)]
  return drops.reduce((sum, [, count]) => sum + Number(count), 0)
}

async function compare({ pace, say, stopped }: Context, name: string, looks: Looks): Promise<Row[]> {
  const stages: Stage[] = []
  try {
    for (const each of [looks, unseen]) {
      const stage = await enter({ pairing, store: 'embedded', ...each }, PAIRS)
      stages.push(stage)
      await stage.calls.call('send', { texts: pace.quick ? FILLING / 4 : FILLING, atOnce: 1 })
    }
    const windows: [on: Window[], off: Window[]] = [[], []]
    for (let i = 0; i < (pace.quick ? 2 : WINDOWS) && !stopped.aborted; i++)
      for (const [at, stage] of stages.entries())
        windows[at]?.push(await stage.calls.call('closedLoop', { warmUp: 0.5, seconds: pace.seconds * SHORTER }))
    const rows = stages.map((_, at) =>
      rowOf(
        at === 0 ? name : `${name}: off`,
        { subject: 'ringdown', pairing, looks: at === 0 ? name : 'off' },
        windows[at] ?? [],
      ),
    )
    const [on, off] = rows.map(({ figures }) => figures.serverUsPerText ?? 0)
    const [row] = rows
    const [stage] = stages
    if (row && stage && on && off) {
      row.figures.ratio = on / off
      row.figures.dropped = await droppedBy(stage)
    }
    say(`  ${name}: ${on?.toFixed(1)} µs a text, ${off?.toFixed(1)} without, × ${((on ?? 0) / (off || 1)).toFixed(3)}`)
    return rows
  } finally {
    for (const stage of stages) await stage.stop()
  }
}

export const observe: Scenario = {
  name: 'observe',
  summary: 'what it costs to be looked at: metrics, trace, HEP3, OpenTelemetry',
  async run(context) {
    const rows: Row[] = []
    const collectors = await openCollectors()
    try {
      for (const [name, looks] of variants) {
        if (context.stopped.aborted || !context.wanted(name)) continue
        try {
          rows.push(...(await compare(context, name, looks(collectors))))
        } catch (error) {
          const why = (error instanceof Error ? error.message : String(error)).slice(0, 600)
          context.say(`  ${name} failed: ${why}`)
          rows.push({ name, labels: { subject: 'ringdown' }, figures: {}, runs: [], notes: [why] })
        }
      }
    } finally {
      collectors.close()
    }
    return {
      scenario: 'observe',
      title: 'Who looks on, and what it costs',
      columns,
      charts: [{ kind: 'bars', title: 'CPU of the engine for each text, µs', figure: 'serverUsPerText' }],
      rows,
      method: `${PAIRS} pairs of a SIP endpoint (MESSAGE over UDP) and an agent on CometD, embedded store, closed loop; for each row two engines on the same core that are measured in turn, one with what the row names and one with metrics and trace off. × off: CPU for a text divided by that of the other. Collectors are on this machine, take everything and look at nothing. dropped: what was not handed over, of all texts since the engine began.`,
    }
  },
}
