import { type Column, rowOf } from '../report/result.ts'
import { stores } from '../subject/ringdown.ts'
import { labelsOf, nameOf, runEach, type Scenario, type Setting } from './scenario.ts'
import { gatherAll, peersAt, repeated } from './texts.ts'

/** Texts a second. */
const RATE = 1000

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p90', title: 'p90 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'p999', title: 'p99.9 ms', digits: 2 },
  { figure: 'max', title: 'max ms', digits: 1 },
  { figure: 'echoP50', title: 'echo p50', digits: 2 },
  { figure: 'echoP99', title: 'echo p99', digits: 2 },
  { figure: 'answerP50', title: 'answer p50', digits: 2 },
  { figure: 'answerP99', title: 'answer p99', digits: 2 },
  { figure: 'lateP99', title: 'sent late p99', digits: 2 },
  { figure: 'serverUs', title: 'µs/delivery', digits: 1 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
]

export const openLoop: Scenario = {
  name: 'open-loop',
  summary: `latency at ${RATE} texts a second, sent at random moments whether or not the server keeps up`,
  async run(context) {
    const { pace } = context
    const agents = 100
    const settings: Setting[] = [
      ...peersAt(agents).filter(({ fanOut }) => fanOut === 2),
      ...stores.flatMap((store) =>
        (['ws', 'lp'] as const).flatMap((transport) =>
          [false, true].map((ack): Setting => ({ subject: 'ringdown', transport, ack, agents, store })),
        ),
      ),
    ]
    const rows = await runEach(context, settings, async (setting, _subject, generator) => {
      await gatherAll(generator, setting)
      // At this rate the compiler would take half a minute to find out what is worth its while.
      await generator.call('closedLoop', { posters: 32, warmUp: 0, seconds: pace.warmUp * 2 })
      const load = { rate: RATE, warmUp: 1, seconds: pace.seconds * 2 }
      const windows = await repeated(context, () => generator.call('openLoop', load))
      const row = rowOf(nameOf(setting), labelsOf(setting), windows)
      const { p50 = 0, p99 = 0 } = row.figures
      context.say(`  p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`)
      return row
    })
    return {
      scenario: 'open-loop',
      title: `Texts: latency at ${RATE} texts a second, open loop`,
      columns,
      charts: [{ kind: 'latency', title: 'From POST to the peer’s client, ms' }],
      rows,
      method: `Texts leave at random (Poisson) moments, on average ${RATE} a second, over 100 agents; every time is measured from the moment the text should have left. Medians of ${pace.repeat} windows of ${pace.seconds * 2} s, on a server warmed up by a closed loop.`,
    }
  },
}
