import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readBusy } from '../proc.ts'
import { type Column, type Figures, medians, type Row } from '../report/result.ts'
import { hasKamailio } from '../sip/kamailio.ts'
import {
  engineRegistrar,
  kamailio,
  ours,
  registeringUsers,
  type SipServer,
  type StartServer,
  usersFile,
} from '../sip/servers.ts'
import { type Caller, type Calls, type Counted, play, type Taker, type Taking, take } from '../sip/sipp.ts'
import { cores, startPinned } from '../subject/child.ts'
import type { Context, Scenario } from './scenario.ts'

/** Calls under way at once in a closed loop. */
const IN_FLIGHT = 64
/** The part of its rate each server is given in the open loop. */
const PART = 0.8
/** Of a window's usual length: there are twelve servers to measure. */
const SHORTER = 0.65
const SHORTEST = 0.5
/** Part of a core that others may take before a row says so. */
const DISTURBED = 0.15
/** Calls SIPp may have under way in an open loop: more than 20 s of them, so that it never waits. */
const OPEN_LIMIT = 400_000

/** The same work for several servers, measured in turn. */
interface Work {
  name: string
  caller: Caller
  taker?: Taker
  registers?: true
  servers: readonly { name: string; subject?: 'kamailio' | 'node'; start: StartServer }[]
}

const works: readonly Work[] = [
  {
    name: 'MESSAGE answered',
    caller: 'message',
    servers: [
      { name: 'ringdown stack', start: ours('answerer') },
      { name: 'bare socket', subject: 'node', start: ours('bare') },
      { name: 'kamailio tm', subject: 'kamailio', start: kamailio('answerer') },
    ],
  },
  {
    name: 'MESSAGE relayed',
    caller: 'message',
    taker: 'take-message',
    servers: [
      { name: 'ringdown forwarder', start: ours('forwarder') },
      { name: 'ringdown bridge', start: ours('bridge') },
      { name: 'kamailio relay', subject: 'kamailio', start: kamailio('relay') },
    ],
  },
  {
    name: 'call relayed',
    caller: 'call',
    taker: 'take-call',
    servers: [
      { name: 'ringdown forwarder', start: ours('forwarder') },
      { name: 'ringdown bridge', start: ours('bridge') },
      { name: 'kamailio relay', subject: 'kamailio', start: kamailio('relay') },
    ],
  },
  {
    name: 'REGISTER',
    caller: 'register',
    registers: true,
    servers: [
      { name: 'ringdown memory', start: ours('registrar', String(registeringUsers)) },
      { name: 'ringdown engine embedded', start: engineRegistrar },
      { name: 'kamailio usrloc', subject: 'kamailio', start: kamailio('registrar') },
    ],
  },
]

const columns: Column[] = [
  { figure: 'perSecond', title: '/s', digits: 0 },
  { figure: 'serverUs', title: 'µs CPU', digits: 1 },
  { figure: 'xCPU', title: '× kamailio CPU', digits: 2 },
  { figure: 'xRate', title: '× rate', digits: 2 },
  { figure: 'serverBusy', title: 'server %', digits: 0 },
  { figure: 'sippBusy', title: 'SIPp %', digits: 0 },
  { figure: 'othersBusy', title: 'others %', digits: 0 },
  { figure: 'p50', title: 'p50 ms', digits: 0 },
  { figure: 'p99', title: 'p99 ms', digits: 0 },
  { figure: 'openRate', title: '80 %: /s', digits: 0 },
  { figure: 'openUs', title: 'µs CPU', digits: 1 },
  { figure: 'openP50', title: 'p50', digits: 0 },
  { figure: 'openP99', title: 'p99', digits: 0 },
  { figure: 'openMax', title: 'max', digits: 0 },
  { figure: 'openResent', title: 'resent', digits: 0 },
  { figure: 'failed', title: 'failed', digits: 0 },
  { figure: 'bytes', title: 'B each', digits: 0 },
  { figure: 'freshBytes', title: 'B at first', digits: 0 },
]

/** A server of a row, with the other end of what it relays. */
interface Party {
  name: string
  subject: 'ringdown' | 'kamailio' | 'node'
  server: SipServer
  taking: Taking | undefined
  /** Calls a second, as measured last. */
  rate: number
  runs: Figures[]
  notes: Set<string>
}

/** One SIPp run and what it cost the server. */
interface Played extends Counted {
  cpuUs: number
  sippUs: number
  othersUs: number
}

async function measure(party: Party, caller: Caller, calls: Calls): Promise<Played> {
  const { server, taking, notes } = party
  const [before, busyBefore, takerBefore] = [server.cpuUs(), readBusy(), taking?.cpuUs() ?? 0]
  const counted = await play(caller, calls)
  const cpuUs = server.cpuUs() - before
  const sippUs = counted.cpuUs + (taking?.cpuUs() ?? 0) - takerBefore
  const othersUs = Math.max(0, readBusy() - busyBefore - cpuUs - sippUs)
  if (counted.failed > 0 || counted.succeeded < calls.count)
    notes.add(`${calls.count - counted.succeeded} of ${calls.count} did not succeed: ${counted.errors.slice(0, 300)}`)
  return { ...counted, cpuUs, sippUs, othersUs }
}

/** As many calls as fill so many seconds at the rate measured last. */
const countFor = (party: Party, seconds: number) => Math.max(50, Math.round(party.rate * seconds))

async function closedLoop(party: Party, work: Work, common: Omit<Calls, 'count' | 'port'>, seconds: number) {
  const count = countFor(party, seconds)
  const played = await measure(party, work.caller, { ...common, port: party.server.port, count })
  party.rate = played.succeeded / played.seconds || party.rate
  const share = (us: number) => us / played.seconds / 1e4
  const figures: Figures = {
    perSecond: party.rate,
    serverUs: played.cpuUs / played.succeeded,
    serverBusy: share(played.cpuUs),
    sippBusy: share(played.sippUs),
    othersBusy: share(played.othersUs),
    p50: played.p50,
    p99: played.p99,
    resent: played.retransmissions,
    failed: played.failed,
  }
  return figures
}

async function openLoop(
  party: Party,
  work: Work,
  common: Omit<Calls, 'count' | 'port'>,
  seconds: number,
): Promise<Figures> {
  const rate = Math.max(1, Math.round(party.rate * PART))
  const calls = { ...common, port: party.server.port, inFlight: OPEN_LIMIT, rate, count: Math.round(rate * seconds) }
  const played = await measure(party, work.caller, calls)
  const resent = played.retransmissions
  if (resent > 0) party.notes.add(`${resent} retransmissions of SIPp's at 80 %`)
  return {
    openRate: played.succeeded / played.seconds,
    openUs: played.cpuUs / played.succeeded,
    openP50: played.p50,
    openP99: played.p99,
    openMax: played.max,
    openResent: resent,
  }
}

/** A CPU profile of ours under full load, where one was asked for. */
async function profile(context: Context, work: Work, party: Party, common: Omit<Calls, 'count' | 'port'>) {
  const { probe } = party.server
  if (!probe || context.profiles === undefined) return
  const file = join(context.profiles, `sip-${work.name} ${party.name}.cpuprofile`.replaceAll(' ', '-'))
  await probe.call('startProfile', null)
  await closedLoop(party, work, common, context.pace.seconds)
  await probe.call('stopProfile', file)
  context.say(`  profile: ${file}`)
}

async function enter(work: Work, server: Work['servers'][number], folder: string): Promise<Party> {
  const running = await server.start(folder)
  const taking = work.taker && (await take(work.taker, folder))
  if (taking) await play('bind', { port: running.port, count: 1, inFlight: 1, calleePort: taking.port, folder })
  const { name, subject = 'ringdown' } = server
  return { name, subject, server: running, taking, rate: 1_000, runs: [], notes: new Set() }
}

async function runWork(context: Context, work: Work, folder: string): Promise<Row[]> {
  const { pace } = context
  const seconds = pace.seconds * (pace.quick ? SHORTEST : SHORTER)
  const wanted = work.servers.filter(({ name }) => context.wanted(`${work.name} ${name}`))
  if (wanted.length === 0) return []
  const parties: Party[] = []
  const common = { inFlight: IN_FLIGHT, folder, ...(work.registers && { users: usersFile(folder) }) }
  try {
    for (const server of wanted) parties.push(await enter(work, server, folder))
    for (const party of parties) {
      // Once to see how fast it is, once until the code is compiled and the memory touched.
      await closedLoop(party, work, common, pace.quick ? 0.3 : 1)
      await closedLoop(party, work, common, pace.quick ? 0.7 : 2)
    }
    // In turn: whatever the machine does meanwhile, all have their share of it.
    for (let round = 0; round < pace.repeat && !context.stopped.aborted; round++)
      for (const party of parties) party.runs.push(await closedLoop(party, work, common, seconds))
    const open = new Map<Party, Figures>()
    for (const party of parties) {
      if (context.stopped.aborted) break
      party.rate = medians(party.runs).perSecond ?? party.rate
      open.set(party, await openLoop(party, work, common, seconds))
    }
    for (const party of parties) await profile(context, work, party, common)
    return parties.map((party) => rowOf(context, work, party, open.get(party) ?? {}))
  } finally {
    for (const { server, taking } of parties) {
      await taking?.stop()
      await server.stop()
    }
  }
}

function rowOf(context: Context, work: Work, party: Party, open: Figures): Row {
  const name = `${work.name} ${party.name}`
  const figures = { ...medians(party.runs), ...open }
  const { perSecond = 0, serverUs = 0, openP99 = 0, openResent = 0 } = figures
  context.say(
    `  ${name}: ${perSecond.toFixed(0)}/s, ${serverUs.toFixed(1)} µs; at 80 %: p99 ${openP99.toFixed(0)} ms, ${openResent} resent`,
  )
  const output = party.server.output().trim()
  const notes = [...party.notes]
  const { othersBusy = 0 } = figures
  if (othersBusy > DISTURBED * 100) notes.push(`other processes used ${othersBusy.toFixed(0)} % of a core meanwhile`)
  if (party.subject === 'ringdown' && output !== '' && !output.startsWith('Ringdown serves'))
    notes.push(`the server said: ${output.slice(-300)}`)
  const labels = { subject: party.subject, work: work.name }
  return { name, labels, figures, runs: party.runs, notes }
}

/** CPU and rate of ours against Kamailio's, above 1 where ours is better. */
function compare(rows: readonly Row[]): void {
  for (const row of rows) {
    const peer = rows.find(({ labels }) => labels.work === row.labels.work && labels.subject === 'kamailio')
    if (!peer || row === peer) continue
    const [us, theirUs] = [row.figures.serverUs, peer.figures.serverUs]
    const [rate, theirRate] = [row.figures.perSecond, peer.figures.perSecond]
    if (us && theirUs) row.figures.xCPU = theirUs / us
    if (rate && theirRate) row.figures.xRate = rate / theirRate
  }
}

const memories = [
  { name: 'dialogs held', program: 'dialog-memory', quick: 5_000, full: 20_000 },
  { name: 'registrations held', program: 'registration-memory', quick: 5_000, full: 20_000 },
] as const

/** Bytes each of many takes, from the programs that count them without sockets and in simulated time. */
async function memoryRow(context: Context, { name, program, quick, full }: (typeof memories)[number]): Promise<Row> {
  const count = context.pace.quick ? quick : full
  const file = fileURLToPath(new URL(`../sip/${program}.ts`, import.meta.url))
  const child = startPinned(cores.server, process.execPath, [
    '--disable-warning=ExperimentalWarning',
    file,
    String(count),
  ])
  if (child.process.exitCode === null) await new Promise((resolve) => child.process.once('exit', resolve))
  await sleep(50)
  const said = child.output()
  const bytes = (line: RegExp) => Number(line.exec(said)?.[1] ?? Number.NaN)
  const figures = { bytes: bytes(/^40 s later: *(\d+)/m), freshBytes: bytes(/^right after .*: *(\d+)/m) }
  context.say(`  ${count} ${name}: ${figures.bytes} bytes each`)
  const notes = Number.isNaN(figures.bytes) ? [said.slice(-600)] : []
  return { name: `${count} ${name}`, labels: { subject: 'ringdown', work: name }, figures, runs: [figures], notes }
}

export const sip: Scenario = {
  name: 'sip',
  summary: 'the SIP stack beside Kamailio: MESSAGE, calls, REGISTER with digest; bytes per dialog and registration',
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-sip-load-'))
    const rows: Row[] = []
    const there = hasKamailio()
    if (!there) context.say('  Kamailio is not installed: ours alone')
    try {
      for (const work of works) {
        if (context.stopped.aborted) break
        const servers = work.servers.filter(({ subject }) => there || subject !== 'kamailio')
        rows.push(...(await runWork(context, { ...work, servers }, folder)))
      }
      for (const memory of memories)
        if (!context.stopped.aborted && context.wanted(memory.name)) rows.push(await memoryRow(context, memory))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    compare(rows)
    return {
      scenario: 'sip',
      title: 'SIP over UDP, SIPp at both ends, beside Kamailio with one worker',
      columns,
      charts: [{ kind: 'bars', title: 'CPU of the server for each, µs', figure: 'serverUs' }],
      rows,
      method: `SIPp on one core, both ends of a relay; the server on the other, over UDP on loopback. Closed loop with ${IN_FLIGHT} under way, medians of ${context.pace.repeat} windows of about ${(context.pace.seconds * SHORTER).toFixed(1)} s, the servers in turn; then as many seconds at 80 % of the rate each had. × is Kamailio's CPU divided by ours, and our rate divided by Kamailio's: above 1 ours is better. Kamailio: one worker, memory manager fm (-x fm -X fm), location in memory. Latency in whole milliseconds, as SIPp's clock has it.`,
    }
  },
}
