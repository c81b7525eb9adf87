import { fileURLToPath } from 'node:url'
import { type OrderedProcess, startOrdered } from './order-process.ts'
import type { FromAgents, LoadOrder, ToAgents } from './protocol.ts'

/** A process in which agents of a run live, so that drawing and counting do not disturb what is measured. */
export interface AgentsProcess extends Pick<OrderedProcess<ToAgents>, 'kill' | 'ended'> {
  begin(): void
  /** Asks for an end after the texts that are under way. */
  stop(): void
}

const program = fileURLToPath(new URL('./load-agents.ts', import.meta.url))
const flags = ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning']

/** Starts one. */
export function startAgents(order: LoadOrder, onReport: (report: FromAgents) => void): AgentsProcess {
  const { send, kill, ended } = startOrdered<ToAgents, FromAgents>(program, flags, { order }, onReport)
  return { begin: () => send({ begin: true }), stop: () => send({ stop: true }), kill, ended }
}
