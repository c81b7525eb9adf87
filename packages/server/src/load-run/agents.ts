/** The process of the agents of a load run: begins with an order over IPC, and ends when it is done or nobody listens any more. */
import { Crowd } from './crowd.ts'
import type { FromAgents, ToAgents } from './protocol.ts'

let crowd: Crowd | undefined

const tell = (report: FromAgents, then: () => void = () => undefined) => {
  process.send?.(report, then)
}

process.on('message', (message: ToAgents) => {
  if ('stop' in message) {
    // Before there is anything to stop there is nothing to wait for.
    if (crowd) crowd.stop()
    else process.exit(0)
    return
  }
  crowd = new Crowd(message.order, (report) => tell(report))
  crowd.run().then(
    () => process.disconnect(),
    (error: Error) => tell({ report: 'failed', problem: error.message }, () => process.exit(1)),
  )
})

// The server has ended, or has been ended.
process.on('disconnect', () => process.exit(0))
