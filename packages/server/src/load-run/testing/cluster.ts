import type { Centre } from '@ringdown/facade'
import { createTServer, type DirectoryObjects } from '@ringdown/signalling'
import { demoObjects, ManualClock, memoryStore, seededIds } from '@ringdown/signalling/testing'
import { openCentreDirectory } from '../../centre-directory.ts'
import { createLog } from '../../log.ts'
import type { StartAgents } from '../agents-process.ts'
import { LoadRunsOfNode } from '../load-runs.ts'
import type { FromAgents, LoadOrder } from '../protocol.ts'

/** A process of agents that does what a test says. */
export interface FakeAgents {
  order: LoadOrder
  told: string[]
  report: (report: FromAgents) => void
  end: (how: string, said?: string) => void
}

/** Lets what was started go on until it waits for a clock. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Nodes over one store in memory, with agents that a test plays. */
export function cluster(objects: DirectoryObjects = demoObjects()) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 100, clock })
  const lines: string[] = []
  const log = createLog('info', 'n', { write: (line) => lines.push(line) })
  let ids = 0

  async function centreOf(name: string, file = objects): Promise<Centre> {
    const own = store.connect(name)
    const directory = await openCentreDirectory(file, own, log)
    const tserver = createTServer({ store: own, directory: directory.now, clock, ids: seededIds(++ids), node: name })
    return { id: file.id, directory: directory.now, store: own, tserver }
  }

  async function node(name: string, unable?: string) {
    const centre = await centreOf(name)
    const processes: FakeAgents[] = []
    const startAgents: StartAgents = (order, report) => {
      const ended = Promise.withResolvers<{ how: string; said: string }>()
      const told: string[] = []
      const end = (how: string, said = '') => ended.resolve({ how, said })
      processes.push({ order, told, report, end })
      return {
        stop: () => {
          told.push('stop')
        },
        kill: () => {
          told.push('kill')
          end('SIGKILL')
        },
        ended: ended.promise,
      }
    }
    const runs = new LoadRunsOfNode({
      centres: [centre],
      node: name,
      clock,
      log,
      target: () => ({ address: 'http://127.0.0.1:8080' }),
      startAgents,
      ...(unable !== undefined && { unable }),
      random: (bytes) => (++ids).toString(16).padStart(bytes * 2, '0'),
      hashPassword: async (password) => `$scrypt$${password}`,
    })
    runs.open()
    return { centre, runs, processes }
  }

  return {
    clock,
    store,
    lines,
    node,
    centreOf,
    /** Time as it passes where there is work to be done in between. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(Math.min(left, 500))
        await settle()
      }
    },
  }
}
