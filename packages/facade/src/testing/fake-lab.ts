import { type CallUUID, TServerError } from '@ringdown/signalling'
import type { Lab, Ladder, LoadRun } from '../lab/ports.ts'
import type { Centre } from '../login.ts'

/** A server that knows little: one ladder, one load run at a time. `asked` is what it was asked for. */
export function fakeLab(): Lab & { asked: string[] } {
  const asked: string[] = []
  const runs = new Map<Centre, LoadRun>()
  const ladder = (callUUID: CallUUID, texts: boolean): Ladder => ({
    callUUID,
    lanes: [
      { id: 'anna', label: 'anna', kind: 'client' },
      { id: 'engine', label: 'Ringdown', kind: 'engine' },
    ],
    entries: [
      {
        id: 'n1:1',
        at: 1_000.25,
        node: 'n1',
        kind: 'rest',
        from: 'anna',
        to: 'engine',
        title: 'POST SendMessage → 200',
        content: texts ? 'hush' : '****',
      },
    ],
    discarded: {},
    silent: [],
  })
  return {
    asked,
    async nodes({ id }) {
      return [{ name: `n1-${id}`, here: true, started: 1, leaseUntil: 2, version: '1.0.0', legs: 3, clients: 4 }]
    },
    async registrations({ id }, after, limit) {
      asked.push(`registrations ${id} ${after} ${limit}`)
      return { items: [], next: '8001' }
    },
    flows(after, limit) {
      if (after === 'shared') return undefined
      const address = { local: '192.0.2.1:5060', remote: '192.0.2.9:5060' }
      return { items: [{ id: `f-${limit}`, transport: 'udp', ...address, opened: 5 }] }
    },
    trace: {
      async ladder(centre, callUUID, texts) {
        asked.push(`ladder ${centre.id} ${texts}`)
        return ladder(callUUID, texts)
      },
      async file(centre, callUUID, format, texts) {
        asked.push(`${format} ${centre.id} ${texts}`)
        return new TextEncoder().encode(`${format} of ${callUUID}`)
      },
      state: () => ({ entries: 1, bytes: 2, limit: 3, discarded: { overwritten: 4 } }),
    },
    lockOuts: { list: () => [], lift: async () => false },
    history: {
      read: ({ id }, after) => {
        asked.push(`history ${id} ${after}`)
        return []
      },
    },
    loadRuns: {
      async start(centre, wanted, by) {
        if (runs.has(centre)) throw new TServerError('TERR_RESOURCE_SEIZED', 'A load run goes on')
        const latency = { p50: null, p99: null, max: null }
        const counts = { progress: 0, accepted: 0, delivered: 0, lost: 0, latency }
        const run: LoadRun = { id: 'r1', wanted, by, started: 1_000, state: 'preparing', ...counts }
        runs.set(centre, run)
        return run
      },
      list: (centre) => [...runs].flatMap(([of, run]) => (of === centre ? [run] : [])),
      async stop(centre, id) {
        if (runs.get(centre)?.id !== id) throw new TServerError('TERR_INV_CONNID', `There is no load run ${id}`)
        runs.delete(centre)
      },
    },
  }
}
