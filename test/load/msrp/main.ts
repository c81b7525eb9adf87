/** Messages per second over MSRP, and what each costs the process between two ends; see the README beside the load test. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createMsrpStack, type MsrpSession, type MsrpStack, type OpenSession } from '@ringdown/msrp'
import { realClock } from '@ringdown/msrp/testing'
import { readUse } from '../proc.ts'
import { cores, type PinnedChild, pinned, startPinned } from '../subject/child.ts'
import { type KamailioRelay, startKamailio } from './kamailio.ts'
import type { Ask, Told } from './subject.ts'

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
const sizes = [100, 2_000, 20_000]
/** Of all messages of this run: the same id again would be a repetition. */
let ids = 0

/** One end of a session that counts what it is given. */
interface End {
  session: MsrpSession
  received: number
  /** Called for each message. */
  onMessage: () => void
}

async function end(stack: MsrpStack, relay?: OpenSession['relay']): Promise<End> {
  const made: Omit<End, 'session'> = { received: 0, onMessage: () => {} }
  const session = await stack.open({
    transport: 'tcp',
    maxSize: 10_000_000,
    user: {
      onMessage: async () => {
        whole.received++
        whole.onMessage()
        return 'accepted'
      },
      onReport: () => {},
      onFailed: (why) => {
        throw new Error(`a session failed: ${why}`)
      },
    },
    ...(relay && { relay }),
  })
  const whole: End = Object.assign(made, { session })
  return whole
}

/** Where messages go in and come out, and what the process between costs. */
interface Subject {
  readonly name: string
  readonly ends: readonly { from: End; to: End | undefined }[]
  cpuUs(): number
  stop(): Promise<void>
}

const newStack = () =>
  createMsrpStack({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }], clock: realClock })

function asker(child: PinnedChild): (ask: Ask) => Promise<Told> {
  const waiting: ((told: Told) => void)[] = []
  child.process.on('message', (told: Told) => waiting.shift()?.(told))
  return (ask) =>
    new Promise((resolve) => {
      waiting.push(resolve)
      child.process.send(ask)
    })
}

/** Our stack in a process of its own, which takes messages (`end`) or passes them on to a second session (`bridge`). */
async function ours(name: 'end' | 'bridge'): Promise<Subject> {
  const script = new URL('subject.ts', import.meta.url).pathname
  const child = startPinned(cores.server, process.execPath, ['--max-semi-space-size=64', script], { ipc: true })
  process.once('exit', () => child.process.kill()) // also where the test fails
  await new Promise((ready) => child.process.once('message', ready))
  const ask = asker(child)
  const stack = await newStack()
  const others: MsrpStack[] = []
  const ends: { from: End; to: End | undefined }[] = []
  const leg = async () => {
    const opened = await ask({ ask: 'open' })
    if (opened.told !== 'opened') throw new Error('no session')
    // A stack of its own has a connection of its own.
    const at = values.apart ? await newStack() : stack
    if (at !== stack) others.push(at)
    const mine = await end(at)
    await ask({ ask: 'start', index: opened.index, path: mine.session.path })
    await mine.session.start({ path: opened.path, role: 'active' })
    return { mine, index: opened.index }
  }
  for (let i = 0; i < sessions; i++) {
    const from = await leg()
    const to = name === 'bridge' ? await leg() : undefined
    if (to) await ask({ ask: 'join', from: from.index, to: to.index })
    ends.push({ from: from.mine, to: to?.mine })
  }
  const stop = async () => {
    await Promise.all([stack, ...others].map((one) => one.close()))
    await child.stop()
  }
  return { name: `ringdown ${name}`, ends, cpuUs: () => readUse(child.pid).cpuUs, stop }
}

/** Kamailio's msrp module as relay of both ends. */
async function kamailio(folder: string): Promise<Subject> {
  const server: KamailioRelay = await startKamailio(folder)
  const stack = await newStack()
  const ends: { from: End; to: End | undefined }[] = []
  for (let i = 0; i < sessions; i++) {
    const [from, to] = [await end(stack, server.relay), await end(stack, server.relay)]
    await to.session.start({ path: from.session.path, role: 'passive' })
    await from.session.start({ path: to.session.path, role: 'active' })
    ends.push({ from, to })
  }
  const stop = async () => {
    await stack.close()
    await server.stop()
  }
  return { name: 'kamailio relay', ends, cpuUs: server.cpuUs, stop }
}

/** Closed loop: each session has so many messages on their way, the next goes when one has arrived (or is answered, where none comes out). */
async function measure(subject: Subject, size: number): Promise<string> {
  const body = Buffer.alloc(size, 'a text of some length, ')
  let sent = 0
  let arrived = 0
  let going = true
  const send = (from: End, to: End | undefined) => {
    sent++
    const messageID = `m${(ids++).toString(36).padStart(10, '0')}`
    void from.session.send({ messageID, contentType: 'text/plain', body }).then((outcome) => {
      if (!outcome.sent) throw new Error(`${outcome.status} ${outcome.comment}`)
      if (!to) next()
    })
    function next() {
      arrived++
      if (going) send(from, to)
    }
    if (to) to.onMessage = next
  }
  for (const { from, to } of subject.ends) for (let i = 0; i < inFlight; i++) send(from, to)
  const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))
  await sleep(1_000) // until the code is compiled
  const before = { arrived, cpu: subject.cpuUs(), at: performance.now() }
  await sleep(seconds * 1_000)
  const count = arrived - before.arrived
  const cpu = subject.cpuUs() - before.cpu
  const rate = (count * 1_000) / (performance.now() - before.at)
  going = false
  for (let last = -1; last !== arrived; await sleep(200)) last = arrived
  const lost = sent - arrived
  const frames = Math.ceil(size / 2048)
  const cells = [size, frames, Math.round(rate), (cpu / count).toFixed(1), (cpu / count / frames).toFixed(1), lost]
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
  ['end', () => ours('end')],
  ['bridge', () => ours('bridge')],
  ...(has('kamailio') ? [['kamailio', () => kamailio(folder)] as [string, () => Promise<Subject>]] : []),
]
console.log(
  `${sessions} sessions, ${inFlight} messages each under way, ${seconds} s each, ${values.apart ? 'a connection for each end' : 'one connection for all ends of ours'}; ${pinned ? 'pinned' : 'not pinned'}`,
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
    for (const size of sizes) console.log(await measure(subject, size))
    await subject.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
