import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromAgents, LoadOrder, ToAgents } from './protocol.ts'

/** A process in which agents of a run live, so that drawing and counting do not disturb what is measured. */
export interface AgentsProcess {
  begin(): void
  /** Asks for an end after the texts that are under way. */
  stop(): void
  kill(): void
  /** How it ended, in words, with the end of what it said on its standard error. */
  ended: Promise<{ how: string; said: string }>
}

const program = fileURLToPath(new URL('./load-agents.ts', import.meta.url))
const longestWords = 2_000

/** Starts one. The order goes over IPC: arguments and environment can be read by others. SPEC LD-12. */
export function startAgents(order: LoadOrder, onReport: (report: FromAgents) => void): AgentsProcess {
  const child = fork(program, [], {
    env: {},
    execArgv: ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const ended = Promise.withResolvers<{ how: string; said: string }>()
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (words: string) => {
    said = (said + words).slice(-longestWords)
  })
  const send = (message: ToAgents) => {
    // A process that is gone has said so by its end.
    if (child.connected) child.send(message, () => undefined)
  }
  child.on('message', (report) => onReport(report as FromAgents))
  child.on('error', (error) => ended.resolve({ how: error.message, said }))
  child.on('close', (code, signal) => ended.resolve({ how: signal ?? `exit code ${code}`, said }))
  send({ order })
  return {
    begin: () => send({ begin: true }),
    stop: () => send({ stop: true }),
    kill: () => {
      child.kill('SIGKILL')
    },
    ended: ended.promise,
  }
}
