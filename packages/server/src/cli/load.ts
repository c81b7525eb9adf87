import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { kinds } from '../load/agents/load-agent.ts'
import { asAdministrator, LoadRunner, type Stage } from '../load/load-runner.ts'
import type { Plan } from '../load/plan/plan.ts'
import { resultOf, thisMachine } from '../load/result/build-result.ts'
import { htmlOf } from '../load/result/html.ts'
import type { LoadResult } from '../load/result/result.ts'
import { serverVersion } from '../load/server-version.ts'
import { type Canvas, Painter } from '../load/show/painter.ts'
import { lineOf, screenOf } from '../load/show/progress.ts'
import { summaryOf } from '../load/show/summary.ts'
import type { Command, CommandLine } from './command.ts'
import { CommandError, type Io, UsageError } from './io.ts'
import { planOf } from './load/plan-of.ts'
import { readPassword } from './load/read-password.ts'

const drawMs = 200
/** How often a log gets a line. */
const lineMs = 5_000
const runForm = /^(?:load-)?([0-9a-f]{6})$/

export const loadCommand: Command = {
  name: 'load',
  operands: { text: '[plan.yaml]', most: 1 },
  what: 'put load on an engine: agents of four kinds that talk to each other',
  more: `Without a plan, --agents of one kind talk in pairs. LOAD.md tells what a plan can say and what the numbers mean.
Ctrl-C ends the run and prints the result; what the run has made is removed. Exit code 0: nothing was lost,
duplicated or out of order, and failures and times were within the limits.`,
  options: {
    address: { value: 'url', what: 'where the engine serves HTTP (default: http://127.0.0.1:8080)' },
    as: { value: 'user', what: 'administrator who makes the agents' },
    'password-file': {
      value: 'file',
      what: 'their password, - for standard input (default: $RINGDOWN_PASSWORD, else it is asked for)',
    },
    agents: { value: 'number', what: 'without a plan: how many agents talk, in pairs (default: 20)' },
    from: { value: 'kind', what: `without a plan: kind of those who begin: ${kinds.join(', ')} (default: cometd)` },
    to: { value: 'kind', what: 'without a plan: kind of those who are called (default: that of --from)' },
    rate: { value: 'number', what: 'without a plan: texts a second (default: 10)' },
    for: { value: 'time', what: 'without a plan: how long, such as 30s or 5m (default: 30s)' },
    sip: { value: 'host:port', what: 'where the engine speaks SIP (default: the host of --address, port 5060)' },
    seed: { value: 'number', what: 'of everything that is random' },
    processes: { value: 'number', what: 'processes of agents' },
    'max-failures': { value: 'number', what: 'failures that may be' },
    p50: { value: 'time', what: 'fail where half of the texts take longer' },
    p90: { value: 'time', what: 'fail where more than 10 % of the texts take longer' },
    p99: { value: 'time', what: 'fail where more than 1 % of the texts take longer' },
    max: { value: 'time', what: 'fail where any text takes longer' },
    json: { value: 'file', what: 'write the result as JSON, - for standard output' },
    html: { value: 'file', what: 'write the result as a page with charts' },
    quiet: { what: 'say nothing while it runs' },
    remove: { value: 'run', what: 'only remove what a run of that id has left behind' },
  },
  run: (line, io) => {
    const remove = line.text('remove')
    return remove === undefined ? load(line, io) : removeRun(remove, line, io)
  },
}

async function load(line: CommandLine, io: Io): Promise<number> {
  const plan = planOf(line, io)
  const password = plan.as === undefined ? undefined : await readPassword(line, io, plan.as)
  const run = randomBytes(3).toString('hex')
  const machine = thisMachine()
  const now = Date.now()
  let stage: Stage = { stage: 'making', done: 0, of: 0 }
  const runner = new LoadRunner({
    ...{ plan, run, onStage: (is: Stage) => (stage = is) },
    ...(password !== undefined && { password }),
  })
  io.onSignal('SIGINT', () => runner.stop())
  io.onSignal('SIGTERM', () => runner.stop())
  const server = await serverVersion(plan).catch(() => null)
  const stopShowing = show(line.flag('quiet'), io, () => ({ stage, plan, run, tracker: runner.tracker }))
  const ran = await runner
    .run()
    .catch((error: Error) => {
      throw new CommandError(error.message, { cause: error })
    })
    .finally(stopShowing)
  const result = resultOf({ plan, run, ran, tracker: runner.tracker, server, machine, now })
  tell(result, line, io)
  if (ran.left !== undefined)
    io.err(`What run ${run} had made could not be removed: ${ran.left}. When that is mended: ${removal(plan, run)}`)
  return result.passed ? 0 : 1
}

const removal = ({ address, as = '' }: Plan, run: string): string =>
  `ringdown load --remove ${run} --as ${as} --address ${address}`

/** Shows what goes on until it is called again. */
function show(quiet: boolean, io: Io, seen: () => Parameters<typeof screenOf>[0]): () => void {
  if (quiet) return () => undefined
  return io.canvas ? paint(io.canvas, seen) : log(io, seen)
}

function paint(canvas: Canvas, seen: () => Parameters<typeof screenOf>[0]): () => void {
  const painter = new Painter(canvas)
  const timer = setInterval(() => painter.draw(screenOf(seen(), canvas.columns())), drawMs)
  return () => {
    clearInterval(timer)
    painter.clear()
  }
}

function log(io: Io, seen: () => Parameters<typeof screenOf>[0]): () => void {
  const { run, plan } = seen()
  io.err(`load ${run} at ${plan.address}`)
  const timer = setInterval(() => io.err(lineOf(seen())), lineMs)
  return () => clearInterval(timer)
}

function tell(result: LoadResult, line: CommandLine, io: Io): void {
  const [json, html] = [line.text('json'), line.text('html')]
  if (json === '-') io.out(JSON.stringify(result))
  else for (const each of summaryOf(result)) io.out(each)
  if (json !== undefined && json !== '-') write(json, `${JSON.stringify(result, null, 1)}\n`)
  if (html !== undefined) write(html, htmlOf(result))
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CommandError(`${file} cannot be written (${reason})`, { cause: error })
  }
}

/** Removes what a run has made whose command could not. SPEC LD-10. */
async function removeRun(written: string, line: CommandLine, io: Io): Promise<number> {
  const run = runForm.exec(written)?.[1]
  if (run === undefined) throw new UsageError(`--remove wants the id of a run, six hex digits, not '${written}'`)
  const as = line.text('as')
  if (as === undefined) throw new UsageError('--remove needs --as: an administrator')
  const address = (line.text('address') ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
  const password = await readPassword(line, io, as)
  try {
    const objects = await asAdministrator({ address }, run, as, password)
    const removed = await objects.remove().finally(() => objects.close())
    io.out(removed === 0 ? `there is nothing of run ${run}` : `${removed} objects of run ${run} are removed`)
    return 0
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
