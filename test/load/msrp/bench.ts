/** What is measured over MSRP: ends, the process between them, and the load. Used by the script here and by `main.ts msrp`. */
import { createMsrpStack, type MsrpSession, type MsrpStack, type OpenSession } from '@ringdown/msrp'
import { realClock } from '@ringdown/msrp/testing'
import { Histogram } from '@ringdown/server/testing'
import { readUse } from '../proc.ts'
import { cores, type PinnedChild, startPinned } from '../subject/child.ts'
import { type KamailioRelay, startKamailio } from './kamailio.ts'
import type { Ask, Told } from './subject.ts'

/** Of all messages of this process: the same id again would be a repetition. */
let ids = 0

/** One end of a session that counts what it is given. */
export interface End {
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
export interface Subject {
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

/**
 * Our stack in a process of its own, which takes messages (`end`) or passes them on to a second session (`bridge`). `apart`: a connection for
 * each of our ends, as through a relay, instead of one for all.
 */
export async function ours(
  name: 'end' | 'bridge',
  { sessions, apart }: { sessions: number; apart: boolean },
): Promise<Subject> {
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
    const at = apart ? await newStack() : stack
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
export async function kamailio(folder: string, sessions: number): Promise<Subject> {
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

/** One measured window. */
export interface Measured {
  /** Chunks of each message. */
  chunks: number
  messages: number
  perSecond: number
  /** CPU of the process between for each message, microseconds. */
  cpuUs: number
  /** From `send` until it came out, or was answered where none comes out, milliseconds. */
  p50: number
  p99: number
  /** Messages that were answered 200 and never came out. */
  lost: number
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Waits until nothing is under way, or nothing has moved for two seconds: on a busy machine everybody stands still for a while. */
async function drained(isDone: () => boolean, progress: () => number): Promise<void> {
  for (let still = 0, last = progress(); !isDone() && still < 20; last = progress()) {
    await sleep(100)
    still = progress() === last ? still + 1 : 0
  }
}

/** Closed loop: each session has so many messages on their way, the next goes when one has arrived (or is answered, where none comes out). */
export async function measure(
  subject: Subject,
  { size, seconds, inFlight, warmUp = 1 }: { size: number; seconds: number; inFlight: number; warmUp?: number },
): Promise<Measured> {
  const body = Buffer.alloc(size, 'a text of some length, ')
  const times = new Histogram()
  let sent = 0
  let arrived = 0
  let going = true
  let measuring = false
  const loop = ({ from, to }: Subject['ends'][number]) => {
    /** When the messages under way were sent, the oldest first. */
    const under: number[] = []
    const next = () => {
      const began = under.shift()
      if (measuring && began !== undefined) times.record((performance.now() - began) * 1_000)
      arrived++
      if (going) send()
    }
    const send = () => {
      sent++
      under.push(performance.now())
      const messageID = `m${(ids++).toString(36).padStart(10, '0')}`
      void from.session.send({ messageID, contentType: 'text/plain', body }).then((outcome) => {
        if (!outcome.sent) throw new Error(`${outcome.status} ${outcome.comment}`)
        if (!to) next()
      })
    }
    if (to) to.onMessage = next
    for (let i = 0; i < inFlight; i++) send()
  }
  for (const pair of subject.ends) loop(pair)
  await sleep(warmUp * 1_000) // until the code is compiled
  measuring = true
  const before = { arrived, cpu: subject.cpuUs(), at: performance.now() }
  await sleep(seconds * 1_000)
  const messages = arrived - before.arrived
  const cpu = subject.cpuUs() - before.cpu
  const perSecond = (messages * 1_000) / (performance.now() - before.at)
  going = false
  await drained(
    () => arrived === sent,
    () => arrived,
  )
  return {
    chunks: Math.ceil(size / 2048),
    messages,
    perSecond,
    cpuUs: cpu / messages,
    p50: times.percentile(50) / 1_000,
    p99: times.percentile(99) / 1_000,
    lost: sent - arrived,
  }
}
