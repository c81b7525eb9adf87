import { type Column, rowOf } from '../report/result.ts'
import { labelsOf, nameOf, runEach, type Scenario, type Setting } from './scenario.ts'
import { gatherAll, repeated } from './texts.ts'

const columns: Column[] = [
  { figure: 'deliveriesPerSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'serverUs', title: 'µs/delivery, all nodes', digits: 1 },
  { figure: 'storeUs', title: 'redis µs', digits: 1 },
  { figure: 'p50', title: 'p50 ms', digits: 2 },
  { figure: 'p99', title: 'p99 ms', digits: 2 },
  { figure: 'openP50', title: 'p50 at 1 000/s', digits: 2 },
  { figure: 'openP99', title: 'p99 at 1 000/s', digits: 2 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'serverBusy', title: 'servers %', digits: 0 },
]

export const twoNodes: Scenario = {
  name: 'two-nodes',
  summary: 'two processes over one Redis against one; every text crosses from node to node',
  async run(context) {
    const { pace } = context
    const settings = [1, 2].flatMap((nodes) =>
      (['ws', 'lp'] as const).map(
        (transport): Setting => ({
          subject: 'ringdown',
          transport,
          ack: true,
          agents: 100,
          store: 'redis everysec',
          nodes,
        }),
      ),
    )
    const rows = await runEach(context, settings, async (setting, _subject, generator) => {
      await gatherAll(generator, setting)
      const { warmUp, seconds } = pace
      const windows = await repeated(context, (warmUp) =>
        generator.call('closedLoop', { posters: 32, warmUp, seconds }),
      )
      const open = rowOf('', {}, [await generator.call('openLoop', { rate: 1000, warmUp, seconds: seconds * 2 })])
      const row = rowOf(nameOf(setting), labelsOf(setting), windows, {
        openP50: open.figures.p50 ?? 0,
        openP99: open.figures.p99 ?? 0,
      })
      context.say(
        `  ${row.figures.deliveriesPerSecond?.toFixed(0)} deliveries/s, ${row.figures.serverUs?.toFixed(1)} µs each`,
      )
      for (const note of row.notes) context.say(`  ! ${note}`)
      return row
    })
    return {
      scenario: 'two-nodes',
      title: 'Two nodes over one Redis',
      columns,
      charts: [{ kind: 'bars', title: 'CPU µs of all nodes for each delivery', figure: 'serverUs' }],
      rows,
      method:
        'The two agents of a session are on different nodes, so one of the two deliveries of a text always crosses. All nodes share the server’s core: the CPU time of a delivery tells what the second node costs; throughput is what one core gives.',
    }
  },
}
