/**
 * Many random runs of every fault case: `node test/faults/campaign.ts --runs 200 [--case words] [--pairs 8] [--seed 1] [--trace folder]`.
 * A run is one pair of agents with its own seed; pairs of a batch run at once. Prints a table, and every violation with its seed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Batch, type Case, cases, openSite } from './cases.ts'
import { cwaCases } from './cwa-cases.ts'
import { sipCases } from './sip-cases.ts'
import { nameOfKind } from './talker.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string', default: '' },
    trace: { type: 'string' },
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const runs = Number(values.runs)
const pairs = Number(values.pairs)
const firstSeed = Number(values.seed)

/** All batches of one case, one after the other. */
async function campaign(one: Case): Promise<Batch[]> {
  const site = await openSite(one, pairs)
  try {
    const batches: Batch[] = []
    for (let done = 0; done < runs; done += pairs) {
      const batch = await one.run(site, firstSeed + done)
      batches.push(batch)
      if (values.trace !== undefined) trace(one, batch, values.trace)
      for (const { seed, pairing, kinds, violations } of batch.runs)
        for (const { rule, what } of violations)
          console.log(
            `${rule} seed ${seed} (${[...(pairing ? [pairing] : []), ...kinds.map(nameOfKind)].join(', ')}): ${what}`,
          )
    }
    return batches
  } finally {
    await site.stop()
  }
}

/** Writes down what is known of the runs that did not go well. */
function trace({ name, store }: Case, { runs }: Batch, folder: string): void {
  const file = (seed: number) => join(folder, `${name} ${store} ${seed}.json`.replace(/[^\w.]+/g, '-'))
  mkdirSync(folder, { recursive: true })
  const plain = (_: string, value: unknown) => (value instanceof Map || value instanceof Set ? [...value] : value)
  for (const run of runs)
    if (run.violations.length + run.figures.unknown > 0) writeFileSync(file(run.seed), JSON.stringify(run, plain, 1))
}

function row(one: Case, batches: readonly Batch[]) {
  const all = batches.flatMap((batch) => batch.runs)
  const sum = (of: (run: (typeof all)[number]) => number) => all.reduce((total, run) => total + of(run), 0)
  const broken = (...rules: string[]) => sum((run) => run.violations.filter((v) => rules.includes(v.rule)).length)
  const resumed = batches.flatMap((batch) => batch.resumed.map(({ ms }) => ms)).sort((a, b) => a - b)
  const ms = (part: number) => Math.round(resumed[Math.ceil(part * resumed.length) - 1] ?? 0)
  return {
    case: one.name,
    store: one.store,
    runs: all.length,
    clients: sum((run) => run.connects.length),
    texts: sum((run) => run.figures.accepted),
    unanswered: sum((run) => run.figures.unknown),
    delivered: sum((run) => run.figures.delivered),
    again: sum((run) => run.figures.duplicates),
    lost: broken('G1'),
    'out of order': broken('G3'),
    'other broken promises': broken('G2', 'G4', 'G5', 'G6', 'G7'),
    gaps: sum((run) => run.figures.gaps),
    handshakes: sum((run) => run.handshakes),
    'resumed ms p50/p99/max': resumed.length === 0 ? '' : `${ms(0.5)} / ${ms(0.99)} / ${ms(1)}`,
  }
}

const rows = []
let bad = false
for (const one of [...cases, ...cwaCases, ...sipCases].filter(({ name, store }) =>
  `${name} ${store}`.includes(values.case),
)) {
  const started = performance.now()
  const made = row(one, await campaign(one))
  console.log(`${one.name}, ${one.store}: ${made.runs} runs in ${Math.round((performance.now() - started) / 1000)} s`)
  rows.push(made)
  const { tolerates = [] } = one
  bad ||= made.lost + made['out of order'] + made['other broken promises'] > 0
  bad ||= made.gaps > 0 && !tolerates.includes('gaps')
  bad ||= made.unanswered > 0 && !tolerates.includes('unanswered')
}
console.table(rows)
// The WebSocket and keep-alive agents of the clients would hold the process.
process.exit(bad ? 1 : 0)
