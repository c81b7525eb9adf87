import { type Column, rowOf } from '../report/result.ts'
import { stores } from '../subject/ringdown.ts'
import { labelsOf, nameOf, runEach, type Scenario, type Setting } from './scenario.ts'
import { profiled, repeated } from './texts.ts'

const POSTERS = 32

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'sessions/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/session', digits: 0 },
  { figure: 'storeUsPerText', title: 'redis µs', digits: 0 },
  { figure: 'answerP50', title: 'answer p50 ms', digits: 2 },
  { figure: 'answerP99', title: 'answer p99', digits: 2 },
  { figure: 'p50', title: 'both Talking p50', digits: 2 },
  { figure: 'p99', title: 'both Talking p99', digits: 2 },
  { figure: 'echoP50', title: 'both Completed p50', digits: 2 },
  { figure: 'echoP99', title: 'both Completed p99', digits: 2 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'generatorBusy', title: 'gen. %', digits: 0 },
]

export const sessions: Scenario = {
  name: 'sessions',
  summary: 'sessions initiated, Talking at both agents, completed and Completed at both, per second',
  async run(context) {
    const { pace } = context
    const agents = 200
    const settings = stores.flatMap((store) =>
      (['ws', 'lp'] as const).map(
        (transport): Setting => ({ subject: 'ringdown', transport, ack: true, agents, store }),
      ),
    )
    const rows = await runEach(context, settings, async (setting, subject, generator) => {
      await generator.call('gather', {
        transport: setting.transport,
        ack: setting.ack,
        from: 0,
        count: agents,
        clients: 'all',
        sessions: false,
        textLength: 40,
        fanOut: 2,
      })
      const load = { posters: POSTERS, seconds: pace.seconds }
      const windows = await repeated(context, (warmUp) => generator.call('sessionLoop', { ...load, warmUp }))
      await profiled(context, `sessions-${nameOf(setting)}`, subject, () =>
        generator.call('sessionLoop', { ...load, warmUp: 0 }),
      )
      const row = rowOf(nameOf(setting), labelsOf(setting), windows)
      row.figures.storeUsPerText = (row.figures.storeUs ?? 0) * 4
      context.say(
        `  ${row.figures.textsPerSecond?.toFixed(0)} sessions/s, ${row.figures.serverUsPerText?.toFixed(0)} µs each`,
      )
      for (const note of row.notes) context.say(`  ! ${note}`)
      return row
    })
    return {
      scenario: 'sessions',
      title: 'Sessions: initiated and completed',
      columns,
      charts: [{ kind: 'bars', title: 'Sessions per second', figure: 'textsPerSecond' }],
      rows,
      method: `${POSTERS} pairs of ${agents} agents at a time: InitiateIMSession, until both clients heard Talking; Complete, until both heard Completed; the next pair. Each session is two requests and six notifications. Medians of ${pace.repeat} windows of ${pace.seconds} s.`,
    }
  },
}
