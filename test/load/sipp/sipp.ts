import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../faults/engine.ts'
import { freePort, isTaken } from '../../interop/support/ports.ts'
import { Program } from '../../interop/support/program.ts'

/** The scenarios of this folder. */
export type SippScenario =
  | 'register'
  | 'message'
  | 'invite'
  | 'cancel'
  | 'reinvite'
  | 'busy'
  | 'unknown'
  | 'repeated'
  | 'lost-ack'
  | 'lost-refusal'

export interface SippOptions {
  /** Where the engine speaks SIP. */
  readonly host: string
  readonly port: number
  /** The called number. */
  readonly to: string
  readonly calls: number
  /** New calls in a second; 10 unless named. */
  readonly rate?: number
  /** Calls at once at most. */
  readonly atOnce?: number
  /** `u1` is UDP, `t1` one TCP connection; UDP unless named. */
  readonly transport?: 'u1' | 't1'
  /** Per cent of its packets, both ways, that SIPp throws away. */
  readonly lost?: number
  /** For its files. */
  readonly folder: string
  /** Who calls, in turn, and their password. */
  readonly callers: readonly string[]
  readonly password: string
}

/** What SIPp counted. */
export interface SippResult {
  /** 0 where every call went as the scenario says. */
  readonly exitCode: number
  readonly succeeded: number
  readonly failed: number
  /** Messages the scenario does not have, and such that came after their call. */
  readonly unexpected: number
  /** By step, as `7_404_Retrans`. */
  readonly counts: ReadonlyMap<string, number>
  readonly retransmissions: number
  /** Calls in a second, over the whole run. */
  readonly rate: number
  /** Mean time from the first request to the answer that counts, ms. */
  readonly meanMs: number
  /** What SIPp said of errors. */
  readonly errors: string
}

const scenarioFile = (name: string) => fileURLToPath(new URL(`${name}.xml`, import.meta.url))

/** Plays the calling side of a scenario to its end. */
export async function sipp(scenario: SippScenario, options: SippOptions): Promise<SippResult> {
  const { host, port, to, calls, rate = 10, atOnce, transport = 'u1', lost, folder, callers, password } = options
  const injected = join(folder, 'callers.csv')
  const users = callers.map((number) => `${number};[authentication username=${number} password=${password}]`)
  writeFileSync(injected, `SEQUENTIAL\n${users.join('\n')}\n`)
  const statistics = join(folder, `${scenario}.csv`)
  const errors = join(folder, `${scenario}.errors`)
  const own = await freePort()
  const args = [
    ...[`${host}:${port}`, '-sf', scenarioFile(scenario), '-inf', injected, '-s', to],
    ...['-i', '127.0.0.1', '-p', String(own), '-t', transport, '-nostdin'],
    ...['-m', String(calls), '-r', String(rate), ...(atOnce === undefined ? [] : ['-l', String(atOnce)])],
    ...(scenario === 'repeated' ? ['-nr'] : []),
    ...(lost === undefined ? [] : ['-lost', String(lost)]),
    ...['-trace_stat', '-stf', statistics, '-trace_counts', '-fd', '1', '-trace_err', '-error_file', errors],
    ...['-timeout', `${60 + Math.ceil(calls / rate)}s`, '-timeout_error'],
  ]
  const program = new Program('sipp', args, { cwd: folder })
  try {
    const exitCode = await program.ended((90 + calls / rate) * 1000)
    return { exitCode, ...readStatistics(statistics, folder, scenario), errors: readIfThere(errors) }
  } finally {
    await program.stop()
  }
}

/** The called side: goes on answering until it is stopped. */
export async function answering(scenario: 'answer' | 'receive', number: string, port: number, folder: string) {
  const args = ['-sf', scenarioFile(scenario), '-s', number, '-i', '127.0.0.1', '-p', String(port), '-nostdin']
  const program = new Program('sipp', args, { cwd: folder })
  return program.readyWhen(() => until(() => isTaken(port), 5_000, `SIPp does not listen at ${port}: ${program.said}`))
}

function readStatistics(file: string, folder: string, scenario: string) {
  const last = lastRow(readFileSync(file, 'utf8'))
  const countsFile = readdirSync(folder).find((name) => name.startsWith(`${scenario}_`) && name.endsWith('_counts.csv'))
  const counted = countsFile === undefined ? new Map<string, string>() : lastRow(readIfThere(join(folder, countsFile)))
  const counts = new Map([...counted].map(([name, value]) => [name, Number(value)]))
  const total = (name: string) => Number(last.get(`${name}(C)`) ?? 0)
  const sum = (end: string) =>
    [...counts].filter(([name]) => name.endsWith(end)).reduce((all, [, value]) => all + value, 0)
  return {
    succeeded: total('SuccessfulCall'),
    failed: total('FailedCall'),
    unexpected: sum('_Unexp') + total('FailedUnexpectedMessage') + total('OutOfCallMsgs') + total('DeadCallMsgs'),
    counts,
    retransmissions: sum('_Retrans'),
    rate: total('CallRate'),
    meanMs: seconds(last.get('ResponseTime1(C)')) * 1000,
  }
}

/** The last row of SIPp's CSV, by the names in its first. */
function lastRow(csv: string): Map<string, string> {
  const rows = csv.split('\n').filter((row) => row !== '')
  const names = rows[0]?.split(';') ?? []
  const values = rows.at(-1)?.split(';') ?? []
  return new Map(names.map((name, i) => [name, values[i] ?? '']))
}

/** `hh:mm:ss:µs`, or without the last. */
function seconds(text = '0:0:0'): number {
  const [hours = 0, minutes = 0, whole = 0, micro = 0] = text.split(':').map(Number)
  return hours * 3600 + minutes * 60 + whole + micro / 1e6
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
