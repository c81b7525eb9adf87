import { type Column, type Row, rowOf } from '../report/result.ts'
import { labelsOf, runEach, type Scenario, type Setting } from './scenario.ts'
import { repeated } from './texts.ts'

const columns: Column[] = [
  { figure: 'textsPerSecond', title: 'texts/s', digits: 0 },
  { figure: 'serverUsPerText', title: 'µs/text', digits: 1 },
  { figure: 'storeUsPerText', title: 'redis µs/text', digits: 1 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'answerP50', title: 'answer p50 ms', digits: 2 },
  { figure: 'answerP99', title: 'answer p99 ms', digits: 2 },
  { figure: 'rss', title: 'RSS MB', digits: 0 },
  { figure: 'heap', title: 'heap MB', digits: 0 },
  { figure: 'heapPer', title: 'heap kB/session', digits: 1 },
  { figure: 'openMs', title: 'ms/session to open', digits: 2 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
]

export const growth: Scenario = {
  name: 'growth',
  summary: 'all of it again while the number of live sessions grows from 100 to 10 000',
  async run(context) {
    const { pace } = context
    const sizes = pace.quick ? [100, 1000] : [100, 1000, 3000, 10_000]
    const agents = (sizes.at(-1) ?? 0) * 2
    const settings = (['embedded', 'redis everysec'] as const).map(
      (store): Setting => ({ subject: 'ringdown', transport: 'ws', ack: true, agents, store }),
    )
    const rows = await runEach(context, settings, async (setting, subject, generator) => {
      const rows: Row[] = []
      const [probe] = subject.probes
      if (!probe) throw new Error('a server has a probe')
      const base = await probe.call('memory', null)
      let open = 0
      for (const size of sizes) {
        const login = await generator.call('gather', {
          transport: 'ws',
          ack: true,
          from: open * 2,
          count: (size - open) * 2,
          clients: 'callees',
          sessions: true,
          textLength: 40,
          fanOut: 2,
        })
        const memory = await probe.call('memory', null)
        const load = { posters: 32, seconds: pace.seconds }
        const windows = await repeated(context, (warmUp) => generator.call('closedLoop', { ...load, warmUp }))
        const row = rowOf(`${setting.store} ${size} sessions`, { ...labelsOf(setting), sessions: size }, windows, {
          rss: memory.rss / 2 ** 20,
          heap: memory.heapUsed / 2 ** 20,
          heapPer: (memory.heapUsed - base.heapUsed) / 1024 / size,
          openMs: login.ms / (size - open),
        })
        row.figures.storeUsPerText = row.figures.storeUs ?? 0
        context.say(
          `  ${size} sessions: ${row.figures.textsPerSecond?.toFixed(0)} texts/s, ${row.figures.serverUsPerText?.toFixed(1)} µs`,
        )
        rows.push(row)
        open = size
      }
      return rows
    })
    const chart = (title: string, figure: string) =>
      ({ kind: 'line', title, figure, x: 'sessions', series: 'store' }) as const
    return {
      scenario: 'growth',
      title: 'Growth: 100 to 10 000 live sessions',
      columns,
      charts: [
        chart('Texts per second', 'textsPerSecond'),
        chart('CPU µs of the server for each text', 'serverUsPerText'),
        chart('From POST to the answer, p50 ms (login, decide, commit)', 'answerP50'),
        chart('JavaScript heap, MB', 'heap'),
      ],
      rows,
      method: `Texts go round all live sessions, 32 writers. Of each pair only the called agent’s CometD client is connected (20 000 clients do not fit into the file limit), so a text is one delivery and one event kept for later. "Answer" holds the commit. Medians of ${pace.repeat} windows of ${pace.seconds} s.`,
    }
  },
}
