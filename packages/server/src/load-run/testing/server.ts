/** A server of the configuration file named, which is told over IPC what to do with load runs and says ten times a second how they stand. */
import { readFileSync } from 'node:fs'
import type { LoadRun, LoadWanted } from '@ringdown/facade'
import { startServer } from '../../compose.ts'
import { formatMistake, loadConfig } from '../../config/load-config.ts'
import { createLog } from '../../log.ts'

export type ToServer = { start: LoadWanted } | { stop: true } | { end: true }

export interface FromServer {
  runs: readonly LoadRun[]
  /** Why the last start was refused. */
  refusal?: string
  /** Persons of load runs in the configuration of this node. */
  objects: number
  /** Living ones. */
  sessions: number
}

const path = process.argv[2] ?? ''
const load = () =>
  loadConfig(readFileSync(path, 'utf8'), {
    env: {},
    readFile: (file) => readFileSync(file, 'utf8'),
  })
const loaded = load()
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { config } = loaded
const server = await startServer({
  config,
  node: config.node ?? '',
  log: createLog(config.log.level, config.node ?? ''),
  load,
  format: (mistake) => formatMistake(path, mistake),
})
const [centre] = server.centres
if (!centre) throw new Error('no contact centre')
const { loadRuns } = server

let refusal: string | undefined
process.on('message', async (message: ToServer) => {
  if ('start' in message)
    await loadRuns.start(centre, message.start, 'root').catch((error: Error) => {
      refusal = error.message
    })
  else if ('stop' in message) await loadRuns.stop(centre, loadRuns.list(centre)[0]?.id ?? '')
  else {
    await server.stop()
    process.exit(0)
  }
})
process.on('disconnect', () => process.exit(1))

const tell = async () => {
  const { dialing, talking } = await centre.store.countCalls()
  const persons = [...centre.directory().personsByUserName.keys()]
  const report: FromServer = {
    runs: loadRuns.list(centre),
    ...(refusal !== undefined && { refusal }),
    objects: persons.filter((name) => name.startsWith('load-')).length,
    sessions: dialing + talking,
  }
  process.send?.(report)
}
setInterval(tell, 100)
