import { makeNodeName, startServer } from '../compose.ts'
import { createLog } from '../log.ts'
import { type Command, configOption } from './command.ts'
import { CommandError, type Io } from './io.ts'
import { programName } from './program-name.ts'
import { type ConfigSource, configFile, type Overrides, readConfig, readDemoConfig } from './read-config.ts'

interface ServeOptions extends Overrides {
  config?: string
}

export const serveCommand: Command = {
  name: 'serve',
  operands: { text: '[file]', most: 1 },
  what: 'serve the contact centres of the configuration; a demo one where there is no file',
  more: 'SIGHUP reads the file again, SIGTERM and SIGINT drain and end.',
  options: {
    ...configOption,
    host: { value: 'address', what: 'listen here instead of http.host' },
    port: { value: 'number', what: 'listen here instead of http.port' },
  },
  run: (line, io) => {
    const [config, host, port] = [line.config(line.operands[0]), line.text('host'), line.number('port', 0, 65_535)]
    const overrides = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) }
    return serve({ ...(config !== undefined && { config }), ...overrides }, io)
  },
}

/** Serves until SIGTERM or SIGINT. Resolves with the exit code. */
async function serve(options: ServeOptions, io: Io): Promise<number> {
  const file = configFile(options.config, io)
  const source = file === undefined ? readDemoConfig(options) : readConfig(file, io, options)
  const { config, load, format } = source

  const node = config.node ?? makeNodeName()
  const log = createLog(config.log.level, node)
  for (const warning of source.warnings) log.warn({ warning }, 'configuration warning')
  // Before anything listens: whoever starts us may stop us as soon as it sees the port.
  const signals = hearSignals(io)
  const server = await startServer({ config, node, log, load, format }).catch((error: unknown) => {
    throw new CommandError(whyNotStarted(error, config), { cause: error })
  })
  for (const line of welcome(server.address, source)) io.err(line)
  signals.onReload(() => {
    server.reload().catch((err: unknown) => log.error({ err }, 'reload failed'))
  })
  await signals.stop
  const stopped = server.stop().then(
    () => 0,
    (err: unknown) => {
      log.error({ err }, 'stopping failed')
      return 1
    },
  )
  // Whoever asks twice is in a hurry.
  return Promise.race([stopped, signals.stopNow.then(() => 130)])
}

/** What the process is told by signals, from now on. */
function hearSignals(io: Io) {
  const stop = Promise.withResolvers<void>()
  const stopNow = Promise.withResolvers<void>()
  let asked = false
  let reload: (() => void) | undefined
  let missed = false
  const onStop = () => {
    if (asked) stopNow.resolve()
    asked = true
    stop.resolve()
  }
  io.onSignal('SIGTERM', onStop)
  io.onSignal('SIGINT', onStop)
  io.onSignal('SIGHUP', () => {
    missed = reload === undefined
    reload?.()
  })
  return {
    stop: stop.promise,
    stopNow: stopNow.promise,
    /** Also for what was asked before there was anything to reload. */
    onReload: (run: () => void) => {
      reload = run
      if (missed) run()
    },
  }
}

function whyNotStarted(error: unknown, config: ConfigSource['config']): string {
  const { host, port } = config.http
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'EADDRINUSE') return `${host}:${port} is in use: set http.port, or start with --port`
    if (error.code === 'EACCES') return `${host}:${port} may not be listened on: ports below 1024 need a privilege`
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
      return `${host} is not an address of this machine: set http.host`
  }
  if (error instanceof Error && 'problems' in error && Array.isArray(error.problems))
    return [error.message, ...error.problems.map(({ message }) => `  ${message}`)].join('\n')
  return `the server could not start: ${error instanceof Error ? error.message : String(error)}`
}

function welcome(address: string, { demo, config }: ConfigSource): readonly string[] {
  if (!demo)
    return [`Ringdown serves ${config.contactCentres.map(({ objects }) => objects.id).join(', ')} at ${address}`]
  const width = Math.max(...Object.keys(demo).map((user) => user.length))
  return [
    '',
    `Ringdown serves the demo contact centre at ${address}, to this machine only.`,
    '',
    ...Object.entries(demo).map(([user, password]) => `  ${user.padEnd(width)}  ${password}`),
    '',
    `Chat in the browser:               open ${address} twice, the second time in a private window`,
    `Two agents chat in your terminal:  ${programName} demo`,
    `Who anna is:                       curl -u anna:${demo.anna} ${address}/api/v2/me`,
    `The API:                           ${address}/api/v2/openapi.json`,
    `A contact centre of your own:      ${programName} init, then ${programName} check-config`,
    '',
  ]
}
