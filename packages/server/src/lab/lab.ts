import type { Centre, Lab, LabNode, LoadRuns, LockOuts, TraceReader } from '@ringdown/facade'
import type { Clock, SessionStore } from '@ringdown/signalling'
import type { SipOpener } from '../legs/open-sip.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { History } from './history.ts'
import { NodeList } from './node-list.ts'
import { registrationPage } from './registrations.ts'

export interface LabDeps {
  node: string
  version: string
  clock: Clock
  log: Log
  /** By contact centre. */
  stores: ReadonlyMap<string, SessionStore>
  metrics: Pick<Metrics, 'totals' | 'clients'>
  /** SIP legs this node holds of a centre. */
  legs: (centre: string) => number
  /** Absent where SIP is off. */
  flows: SipOpener['flows'] | undefined
  trace: TraceReader
  loadRuns: LoadRuns
  lockOuts: LockOuts
}

/** What the lab console shows of this node; it is to be started and closed. */
export interface OpenLab extends Lab {
  /** A text of the centre was accepted here. */
  text(centre: string): void
  start(): Promise<void>
  close(): Promise<void>
}

export function createLab(deps: LabDeps): OpenLab {
  const { node, version, clock, log, stores, metrics, trace, loadRuns, lockOuts } = deps
  const holds = (centre: string): Pick<LabNode, 'legs' | 'clients'> => ({
    legs: deps.legs(centre),
    clients: metrics.clients(),
  })
  const onError = (err: unknown) => log.warn({ err }, 'this node could not say for the lab that it lives')
  const nodes = new NodeList({ node, version, stores, clock, holds, random: Math.random, onError })
  const history = new History({
    clock,
    totals: metrics.totals,
    sessions: new Map([...stores].map(([id, store]) => [id, () => store.countCalls()])),
    usage: () => {
      const { user, system } = process.cpuUsage()
      return { cpuMicros: user + system, memory: process.memoryUsage.rss() }
    },
    onError: (err) => log.warn({ err }, 'a sample of the metrics could not be taken'),
  })
  return {
    nodes: ({ id }) => nodes.list(id),
    registrations: (centre: Centre, after, limit) => registrationPage(centre, clock, after, limit),
    // SPEC SV-65
    flows: (after, limit) => (stores.size > 1 ? undefined : (deps.flows?.(after, limit) ?? { items: [] })),
    trace,
    history,
    loadRuns,
    lockOuts,
    text: (centre) => history.text(centre),
    async start() {
      await Promise.all([nodes.start(), history.start()])
    },
    async close() {
      history.close()
      await nodes.close()
    },
  }
}
