import { fileURLToPath } from 'node:url'
import { type OrderedProcess, startOrdered } from '../load/order-process.ts'
import type { FromAgents, LoadOrder, ToAgents } from './protocol.ts'

/** The process in which the agents of a run live. */
export interface AgentsProcess extends Pick<OrderedProcess<ToAgents>, 'kill' | 'ended'> {
  /** Asks for an end after the texts that are under way. */
  stop(): void
}

export type StartAgents = (order: LoadOrder, onReport: (report: FromAgents) => void) => AgentsProcess

const program = fileURLToPath(new URL('./agents.ts', import.meta.url))

/** Starts the process. */
export const startAgents: StartAgents = (order, onReport) => {
  const flags = ['--max-old-space-size=256']
  const { send, kill, ended } = startOrdered<ToAgents, FromAgents>(program, flags, { order }, onReport)
  return { stop: () => send({ stop: true }), kill, ended }
}
