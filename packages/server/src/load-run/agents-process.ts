import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromAgents, LoadOrder, ToAgents } from './protocol.ts'

/** The process in which the agents of a run live. */
export interface AgentsProcess {
  /** Asks for an end after the texts that are under way. */
  stop(): void
  kill(): void
  /** How it ended, in words, with the end of what it said on its standard error. */
  ended: Promise<{ how: string; said: string }>
}

export type StartAgents = (order: LoadOrder, onReport: (report: FromAgents) => void) => AgentsProcess

const program = fileURLToPath(new URL('./agents.ts', import.meta.url))
const longestWords = 2_000

/** Starts the process. The order goes over IPC: arguments and environment can be read by others. SPEC LR-3. */
export const startAgents: StartAgents = (order, onReport) => {
  const child = fork(program, [], {
    env: {},
    execArgv: ['--max-old-space-size=256'],
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
    stop: () => send({ stop: true }),
    kill: () => {
      child.kill('SIGKILL')
    },
    ended: ended.promise,
  }
}
