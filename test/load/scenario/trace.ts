import { type Pairing, pairings } from '../legs/protocol.ts'
import { enter, type Stage } from '../legs/stage.ts'
import type { Window } from '../protocol.ts'
import { type Column, type Row, rowOf } from '../report/result.ts'
import type { Context, Scenario } from './scenario.ts'

const PAIRS = 32
/** Texts until the ring of the engine that traces is full, and each further one makes others give way. */
const FILLING = 12_000
/** Windows of each engine; the dearer and the cheaper ones take turns. */
const WINDOWS = 5
/** Of a window's usual length. */
const SHORTER = 0.5

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 1 },
  { figure: 'ratio', title: '× off', digits: 3 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'heap', title: 'heap MB', digits: 1 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
]

const measured: readonly Pairing[] = pairings.filter((pairing) => pairing !== 'MESSAGE → MESSAGE')
const nameOf = (pairing: Pairing, on: boolean) => `${pairing} ${on ? 'on' : 'off'}`

async function compare({ pace, say, stopped }: Context, pairing: Pairing): Promise<Row[]> {
  const stages: Stage[] = []
  try {
    for (const trace of [true, false]) {
      const stage = await enter({ pairing, store: 'embedded', trace }, PAIRS)
      stages.push(stage)
      await stage.calls.call('send', { texts: pace.quick ? FILLING / 4 : FILLING, atOnce: 1 })
    }
    const windows: [on: Window[], off: Window[]] = [[], []]
    for (let i = 0; i < (pace.quick ? 2 : WINDOWS) && !stopped.aborted; i++)
      for (const [at, stage] of stages.entries())
        windows[at]?.push(await stage.calls.call('closedLoop', { warmUp: 0.5, seconds: pace.seconds * SHORTER }))
    const rows = await Promise.all(
      stages.map(async ({ engine }, at) => {
        const row = rowOf(
          nameOf(pairing, at === 0),
          { subject: 'ringdown', pairing, trace: at === 0 ? 'on' : 'off' },
          windows[at] ?? [],
        )
        row.figures.heap = (await engine.probe.call('memory', null)).heapUsed / 2 ** 20
        return row
      }),
    )
    const [on, off] = rows.map(({ figures }) => figures.serverUsPerText ?? 0)
    if (rows[0] && on && off) rows[0].figures.ratio = on / off
    say(
      `  ${pairing}: ${on?.toFixed(1)} µs a text with the trace, ${off?.toFixed(1)} without, × ${((on ?? 0) / (off || 1)).toFixed(3)}`,
    )
    return rows
  } finally {
    for (const stage of stages) await stage.stop()
  }
}

export const trace: Scenario = {
  name: 'trace',
  summary: 'what it costs to keep what passes for the lab console',
  async run(context) {
    const rows: Row[] = []
    for (const pairing of measured) {
      if (context.stopped.aborted || !(context.wanted(nameOf(pairing, true)) || context.wanted(nameOf(pairing, false))))
        continue
      try {
        rows.push(...(await compare(context, pairing)))
      } catch (error) {
        const why = (error instanceof Error ? error.message : String(error)).slice(0, 600)
        context.say(`  ${pairing} failed: ${why}`)
        rows.push({ name: pairing, labels: { subject: 'ringdown' }, figures: {}, runs: [], notes: [why] })
      }
    }
    return {
      scenario: 'trace',
      title: 'The trace of sessions, on and off',
      columns,
      charts: [{ kind: 'bars', title: 'CPU of the engine for each text, µs', figure: 'serverUsPerText' }],
      rows,
      method: `${PAIRS} pairs, embedded store, closed loop, two engines on the same core that are measured in turn. Before the first window each has got ${FILLING} texts, so the trace's 32 MiB are full and whatever comes makes something give way. × off: CPU for a text divided by that of the engine that keeps nothing. Heap is after garbage collection; the ring is in it, but for bytes of sockets, which are not.`,
    }
  },
}
