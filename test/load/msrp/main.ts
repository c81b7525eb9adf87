/** Messages per second over MSRP, and what each costs the process between two ends; see README.md beside this. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinned } from '../subject/child.ts'
import { kamailio, measure, ours, type Subject } from './bench.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '50' },
    'in-flight': { type: 'string', default: '4' },
    apart: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
})
const seconds = Number(values.seconds)
const sessions = Number(values.sessions)
const inFlight = Number(values['in-flight'])
const { apart } = values
const sizes = [100, 2_000, 20_000]

async function lineOf(subject: Subject, size: number): Promise<string> {
  const { chunks, perSecond, cpuUs, lost } = await measure(subject, { size, seconds, inFlight })
  const cells = [size, chunks, Math.round(perSecond), cpuUs.toFixed(1), (cpuUs / chunks).toFixed(1), lost]
  return [subject.name.padEnd(16), ...cells.map((cell) => String(cell).padStart(10))].join('')
}

function has(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ringdown-msrp-load-'))
const subjects: [string, () => Promise<Subject>][] = [
  ['end', () => ours('end', { sessions, apart })],
  ['bridge', () => ours('bridge', { sessions, apart })],
  ...(has('kamailio') ? [['kamailio', () => kamailio(folder, sessions)] as [string, () => Promise<Subject>]] : []),
]
console.log(
  `${sessions} sessions, ${inFlight} messages each under way, ${seconds} s each, ${apart ? 'a connection for each end' : 'one connection for all ends of ours'}; ${pinned ? 'pinned' : 'not pinned'}`,
)
console.log(
  ['                ', 'bytes', 'chunks', 'messages/s', 'µs/message', 'µs/chunk', 'lost']
    .map((cell, i) => (i === 0 ? cell : cell.padStart(10)))
    .join(''),
)
try {
  for (const [name, start] of subjects) {
    if (values.only && !values.only.includes(name)) continue
    const subject = await start()
    for (const size of sizes) console.log(await lineOf(subject, size))
    await subject.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
