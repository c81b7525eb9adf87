import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { formatMistake } from '../../config/load-config.ts'
import { kinds } from '../../load/agents/load-agent.ts'
import type { Limits, Plan } from '../../load/plan/plan.ts'
import { durationHint, readDuration } from '../../load/plan/plan-schema.ts'
import { type PlanOverrides, readPlan } from '../../load/plan/read-plan.ts'
import type { CommandLine } from '../command.ts'
import { CommandError, type Io, UsageError } from '../io.ts'

/** Options that make a plan of their own. */
const simple = ['agents', 'from', 'to', 'rate', 'for'] as const

/** The plan of the file, or that of the options. Throws UsageError, and CommandError with every mistake of the file. */
export function planOf(line: CommandLine, io: Io): Plan {
  const [file] = line.operands
  const odd = simple.find((option) => line.text(option) !== undefined)
  if (file !== undefined && odd !== undefined)
    throw new UsageError(`--${odd} is for runs without a plan; ${file} says it itself`)
  const over = overrides(line)
  const readFile = (path: string) => readFileSync(path, 'utf8')
  const around = { env: io.env, readFile }
  if (file !== undefined) {
    const read = readPlan(text(file), file, around, over)
    if ('plan' in read) return read.plan
    throw new CommandError(read.mistakes.map((mistake) => formatMistake(file, mistake)).join('\n'))
  }
  if (over.as === undefined)
    throw new UsageError(
      'load: who makes the agents? Name an administrator with --as, or write a plan with agents that exist',
    )
  const read = readPlan(stringify(simplePlan(line)), 'options', around, over)
  if ('plan' in read) return read.plan
  throw new UsageError(read.mistakes.map(({ message }) => message).join('; '))
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CommandError(`${file} cannot be read (${reason})`, { cause: error })
  }
}

function simplePlan(line: CommandLine): object {
  const agents = line.number('agents', 2, 20_000) ?? 20
  if (agents % 2 === 1) throw new UsageError(`--agents must be an even number, for they talk in pairs, not '${agents}'`)
  const from = kind(line, 'from') ?? 'cometd'
  const to = kind(line, 'to') ?? from
  const rate = line.text('rate') ?? '10'
  if (!/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(rate))
    throw new UsageError(`--rate must be a number such as 50 or 0.5, not '${rate}'`)
  duration(line, 'for')
  const steps = [{ rate, for: line.text('for') ?? '30s' }]
  if (from === to)
    return { groups: [{ name: 'agents', kind: from, agents }], talks: [{ from: 'agents', to: 'agents', steps }] }
  return {
    groups: [
      { name: 'callers', kind: from, agents: agents / 2 },
      { name: 'called', kind: to, agents: agents / 2 },
    ],
    talks: [{ from: 'callers', to: 'called', steps }],
  }
}

function kind(line: CommandLine, option: 'from' | 'to'): string | undefined {
  const name = line.text(option)
  if (name !== undefined && !kinds.some((one) => one === name))
    throw new UsageError(`--${option} must be one of ${kinds.join(', ')}, not '${name}'`)
  return name
}

function duration(line: CommandLine, option: string): number | undefined {
  const written = line.text(option)
  if (written === undefined) return undefined
  const ms = readDuration(written)
  if (ms === undefined) throw new UsageError(`--${option} must be ${durationHint}, not '${written}'`)
  return ms
}

function overrides(line: CommandLine): PlanOverrides {
  const [address, as, sip] = [line.text('address'), line.text('as'), line.text('sip')]
  if (address !== undefined && !/^https?:\/\/[^\s/?#]+\/?$/.test(address))
    throw new UsageError(`--address must be like https://im.example, without a path, not '${address}'`)
  if (sip !== undefined && !/^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):[0-9]{1,5}$/.test(sip))
    throw new UsageError(`--sip must be a host and a port such as 127.0.0.1:5060, not '${sip}'`)
  const [seed, processes] = [line.number('seed', 0, 2_147_483_647), line.number('processes', 1, 64)]
  const maxFailures = line.number('max-failures', 0, 1_000_000_000)
  const limits: Limits = {}
  for (const name of ['p50', 'p90', 'p99', 'max'] as const) {
    const ms = duration(line, name)
    if (ms !== undefined) limits[name] = ms
  }
  return {
    ...(address !== undefined && { address }),
    ...(as !== undefined && { as }),
    ...(sip !== undefined && { sip }),
    ...(seed !== undefined && { seed }),
    ...(processes !== undefined && { processes }),
    ...(maxFailures !== undefined && { maxFailures }),
    limits,
  }
}
