/** A process of agents: begins with an order over IPC, and ends when it is done or nobody listens any more. */
import { Driver } from './driver.ts'
import type { FromAgents, ToAgents } from './protocol.ts'

let driver: Driver | undefined

const tell = (report: FromAgents, then: () => void = () => undefined) => {
  process.send?.(report, then)
}

process.on('message', (message: ToAgents) => {
  if ('begin' in message) return driver?.begin()
  if ('stop' in message) {
    // Before there is anything to stop there is nothing to wait for.
    if (driver) driver.stop()
    else process.exit(0)
    return
  }
  driver = new Driver(message.order, (report) => tell(report))
  driver.run().then(
    () => process.disconnect(),
    (error: Error) => tell({ report: 'failed', problem: error.message }, () => process.disconnect()),
  )
})

// Ctrl-C of a terminal reaches everybody in it; the command says what is to be done.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
