import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readUse } from '../proc.ts'
import { cores, type PinnedChild, startPinned } from '../subject/child.ts'
import { freeUdpPort, isUdpTaken } from './udp-port.ts'
import { callee } from './users.ts'

/** The calling scenarios of this folder. */
export type Caller = 'message' | 'call' | 'register' | 'bind'
/** Those for the other end of a relay. */
export type Taker = 'take-message' | 'take-call'

export interface Calls {
  readonly port: number
  /** How many. */
  readonly count: number
  /** New ones in a second; absent: as fast as they are answered, `inFlight` at once. */
  readonly rate?: number
  readonly inFlight: number
  /** For how long a call is held, milliseconds. */
  readonly holdMs?: number
  /** Who registers: an injection file. */
  readonly users?: string
  /** Where the callee is, for `bind`. */
  readonly calleePort?: number
  /** For SIPp's files. */
  readonly folder: string
}

/** What SIPp counted. Times in whole milliseconds, which is what its clock knows, from the first request to the answer that counts. */
export interface Counted {
  readonly succeeded: number
  readonly failed: number
  /** Requests SIPp sent again. */
  readonly retransmissions: number
  readonly seconds: number
  /** SIPp's own CPU, microseconds, but for its last tenth of a second. */
  readonly cpuUs: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** What SIPp said of what went wrong. */
  readonly errors: string
}

/** More than any server here does: with it, SIPp begins a call whenever fewer than `inFlight` are under way. */
const unbound = 200_000
/** A lost answer takes 32 s until SIPp gives up. */
const patienceSeconds = 40
/** The two programs, on one core, are woken late; their sockets have to hold what comes meanwhile. */
const buffers = ['-buff_size', '4194304']

const fileOf = (scenario: string) => fileURLToPath(new URL(`scenarios/${scenario}.xml`, import.meta.url))
let runs = 0

/** Plays the calling side so many times. Rejects only where SIPp cannot be started. */
export async function play(scenario: Caller, calls: Calls): Promise<Counted> {
  const { port, count, rate, inFlight, holdMs, users, calleePort, folder } = calls
  const own = await freeUdpPort()
  const name = join(folder, `${scenario}-${runs++}`)
  const expected = rate === undefined ? 60 : count / rate
  const args = [
    ...[`127.0.0.1:${port}`, '-sf', fileOf(scenario), '-s', callee, '-i', '127.0.0.1', '-p', String(own)],
    ...['-t', 'u1', '-nostdin', '-m', String(count), '-l', String(inFlight), ...buffers],
    ...['-r', String(rate ?? unbound), '-max_sched_loops', '100000', '-timer_resol', '1', '-deadcall_wait', '0'],
    ...(holdMs === undefined ? [] : ['-d', String(holdMs)]),
    ...(users === undefined ? [] : ['-inf', users]),
    ...(calleePort === undefined ? [] : ['-key', 'callee_port', String(calleePort)]),
    ...['-trace_stat', '-stf', `${name}.csv`, '-fd', '1', '-trace_rtt', '-rtt_freq', '100'],
    ...['-trace_err', '-error_file', `${name}.errors`],
    ...['-timeout', `${Math.ceil(expected + (holdMs ?? 0) / 1000 + patienceSeconds)}s`, '-timeout_error'],
  ]
  const child = startPinned(cores.generator, 'sipp', args, { cwd: folder })
  const cpuUs = await cpuUntilEnd(child)
  const last = lastRow(readIfThere(`${name}.csv`))
  const total = (column: string) => Number(last.get(`${column}(C)`) ?? 0)
  const times = readIfThere(join(folder, `${scenario}_${child.pid}_rtt.csv`))
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(';')[1] ?? [])
    .map(Number)
    .filter((ms) => !Number.isNaN(ms))
    .sort((a, b) => a - b)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0
  return {
    succeeded: total('SuccessfulCall'),
    failed: total('FailedCall'),
    retransmissions: total('Retransmissions'),
    seconds: momentOf(last.get('CurrentTime')) - momentOf(last.get('StartTime')),
    cpuUs,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    errors: (readIfThere(`${name}.errors`) || (last.size === 0 ? child.output() : '')).slice(0, 600),
  }
}

/** The called side of a relay. */
export interface Taking {
  readonly port: number
  /** Its CPU so far, microseconds. */
  cpuUs(): number
  /** Ends it; how many messages it sent again. */
  stop(): Promise<{ retransmissions: number }>
}

/** Goes on answering until it is stopped. */
export async function take(scenario: Taker, folder: string): Promise<Taking> {
  const port = await freeUdpPort()
  const statistics = join(folder, `${scenario}-${runs++}.csv`)
  const args = [
    ...['-sf', fileOf(scenario), '-i', '127.0.0.1', '-p', String(port), '-t', 'u1', '-nostdin', ...buffers],
    ...['-max_sched_loops', '100000', '-deadcall_wait', '0', '-trace_stat', '-stf', statistics, '-fd', '1'],
  ]
  const child = startPinned(cores.generator, 'sipp', args, { cwd: folder })
  for (let i = 0; i < 100 && !isUdpTaken(port); i++) await sleep(50)
  return {
    port,
    cpuUs: () => readUse(child.pid).cpuUs,
    async stop() {
      // SIGUSR1: as `q`, it writes its statistics first.
      child.process.kill('SIGUSR1')
      await Promise.race([ended(child), sleep(2_000)])
      await child.stop()
      return { retransmissions: Number(lastRow(readIfThere(statistics)).get('Retransmissions(C)') ?? 0) }
    },
  }
}

/** Waits for the end; the CPU it was last seen to have used. */
async function cpuUntilEnd(child: PinnedChild): Promise<number> {
  let cpuUs = 0
  const look = () => {
    try {
      cpuUs = readUse(child.pid).cpuUs
    } catch {
      // It has just ended.
    }
  }
  const looking = setInterval(look, 100)
  await ended(child)
  clearInterval(looking)
  return cpuUs
}

async function ended({ process: child }: PinnedChild): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve))
}

/** The last row of SIPp's CSV, by the names in its first. */
export function lastRow(csv: string): Map<string, string> {
  const rows = csv.split('\n').filter((row) => row !== '')
  const names = rows[0]?.split(';') ?? []
  const values = rows.length > 1 ? (rows.at(-1)?.split(';') ?? []) : []
  return new Map(values.map((value, i) => [names[i] ?? '', value]))
}

/** The last part of `date<tab>time<tab>seconds since 1970`. */
function momentOf(text = ''): number {
  return Number(text.split('\t')[2] ?? 0)
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
