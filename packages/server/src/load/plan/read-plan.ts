import { dirname, resolve } from 'node:path'
import type { Problem } from '@ringdown/signalling'
import { type Mistake, readYaml, type Surroundings } from '../../config/read-yaml.ts'
import { Secret } from '../../config/secret.ts'
import { httpTarget } from '../http-pool.ts'
import { isSip, type Limits, lengthOf, type Plan, type PlanGroup, type PlanTalk } from './plan.ts'
import { type PlanFile, PlanSchema, readDuration } from './plan-schema.ts'
import { readPeople } from './read-people.ts'

/** A plan, or everything that is wrong with it. */
export type ReadPlan = { plan: Plan } | { mistakes: readonly Mistake[] }

const longestMs = 24 * 3_600_000
/** Characters of a text that goes by MESSAGE: more does not fit a datagram. RFC 3428 §8. */
const messageLength = 1_000

/** What the command line says over the file. */
export interface PlanOverrides {
  address?: string
  as?: string
  sip?: string
  seed?: number
  processes?: number
  maxFailures?: number
  limits?: Limits
}

/** Reads a plan: text and surroundings in, result out. `file`: where it stands, for what it names. SPEC LD-2, LD-3. */
export function readPlan(text: string, file: string, around: Surroundings, over: PlanOverrides = {}): ReadPlan {
  const { value, mistakes, usable, place } = readYaml(text, PlanSchema, around)
  if (mistakes.length > 0 || !usable([])) return { mistakes }
  const problems: Problem[] = []
  const plan = resolvePlan(value as PlanFile, over, (path) => around.readFile(resolve(dirname(file), path)), problems)
  if (problems.length === 0) return { plan }
  return { mistakes: problems.map(place).sort((a, b) => a.line - b.line || a.column - b.column) }
}

type ReadFile = (path: string) => string

function resolvePlan(file: PlanFile, over: PlanOverrides, readFile: ReadFile, problems: Problem[]): Plan {
  const wrong = (path: Problem['path'], message: string) => problems.push({ path, message })
  const address = over.address ?? file.address
  const as = over.as ?? file.as
  const groups = file.groups.map((group, i) => readGroup(group, ['groups', i], readFile, wrong))
  for (const [i, { name, made }] of groups.entries()) {
    if (groups.findIndex((other) => other.name === name) !== i)
      wrong(['groups', i, 'name'], `group ${name} is there twice`)
    if (made > 0 && as === undefined)
      wrong(['groups', i, 'agents'], `group ${name}: agents are made by an administrator; name one with \`as\` or --as`)
  }
  const talks = readTalks(file.talks, groups, wrong)
  const ca = file.caFile === undefined ? undefined : readCa(file.caFile, readFile, wrong)
  const plan = {
    address: address.replace(/\/$/, ''),
    ...(ca !== undefined && { ca }),
    ...(as !== undefined && { as }),
    sip: sipTarget(over.sip ?? file.sip.address, file.sip, address),
    seed: over.seed ?? file.seed,
    groups,
    talks,
    lostAfterMs: readDuration(file.lostAfter) ?? 0,
    underWay: file.underWay,
    processes: over.processes ?? file.processes,
    maxFailures: over.maxFailures ?? file.maxFailures,
    limits: { ...limitsOf(file.limits), ...over.limits },
  }
  if (talks.length > 0 && lengthOf(plan) > longestMs) wrong(['talks'], 'a run takes a day at most')
  return plan
}

type Wrong = (path: Problem['path'], message: string) => void

function readGroup(
  { name, kind, transport, agents, people, file }: PlanFile['groups'][number],
  path: Problem['path'],
  readFile: ReadFile,
  wrong: Wrong,
): PlanGroup {
  const listed = people.map(({ userName, password, number }) => ({ userName, password, number }))
  if (file !== undefined)
    try {
      const read = readPeople(readFile(file))
      if ('problem' in read) wrong([...path, 'file'], `group ${name}: ${file}: ${read.problem}`)
      else listed.push(...read.people.map((one) => ({ ...one, password: new Secret(one.password) })))
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      wrong([...path, 'file'], `group ${name}: ${file} cannot be read (${reason})`)
    }
  const exist = people.length > 0 || file !== undefined
  if (exist && agents > 0)
    wrong([...path, 'agents'], `group ${name}: agents that are made and agents that exist need groups of their own`)
  if (!exist && agents === 0) wrong([...path, 'agents'], `group ${name} has no agents`)
  for (const [i, { userName, number }] of listed.entries())
    if (userName === '' && !isSip(kind)) wrong([...path, 'people', i], `group ${name}: DN ${number} has no userName`)
  return { name, kind, transport, made: exist ? 0 : agents, people: listed }
}

function readTalks(talks: PlanFile['talks'], groups: readonly PlanGroup[], wrong: Wrong): PlanTalk[] {
  const left = new Map(groups.map((group) => [group, group.made + group.people.length]))
  return talks.flatMap((talk, i) => {
    const [from, to] = (['from', 'to'] as const).map((end) => {
      const found = groups.find(({ name }) => name === talk[end])
      if (!found) wrong(['talks', i, end], `there is no group ${talk[end]}`)
      return found
    })
    if (!from || !to) return []
    const [a = 0, b = 0] = [left.get(from), left.get(to)]
    const room = from === to ? Math.floor(a / 2) : Math.min(a, b)
    const pairs = talk.pairs === 0 ? room : talk.pairs
    if (pairs === 0 || pairs > room)
      wrong(
        ['talks', i, 'pairs'],
        `${pairs || 'no'} pairs of ${from.name} with ${to.name}: the groups have agents left for ${room}, and an agent is in one pair`,
      )
    left.set(from, a - pairs)
    left.set(to, (left.get(to) ?? 0) - pairs)
    const bySip = from.kind === 'sip-message' || to.kind === 'sip-message'
    if (bySip && talk.textLength > messageLength)
      wrong(
        ['talks', i, 'textLength'],
        `texts of ${talk.textLength} characters do not fit a SIP MESSAGE; ${messageLength} do`,
      )
    if (talk.per === 'sessions' && talk.textsPerSession === 0)
      wrong(['talks', i, 'textsPerSession'], 'sessions that begin all the time need textsPerSession, so that they end')
    const steps = talk.steps.map(({ rate, to = rate, for: time }, j) => {
      const ms = readDuration(time) ?? 0
      if (ms === 0) wrong(['talks', i, 'steps', j, 'for'], 'a step that takes no time')
      return { from: Number(rate), to: Number(to), ms }
    })
    const { per, textsPerSession, textLength, arrivals, think } = talk
    const { distribution, mean, spread } = think
    const thinkTime = { distribution, mean: readDuration(mean) ?? 0, spread: readDuration(spread) ?? 0 }
    return [{ from, to, pairs, per, steps, textsPerSession, textLength, arrivals, think: thinkTime }]
  })
}

function sipTarget(written: string | undefined, { transport, domain }: PlanFile['sip'], address: string): Plan['sip'] {
  const { host: webHost } = httpTarget(address)
  const [, host = webHost, port = '5060'] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(written ?? '') ?? []
  return { host, port: Number(port), transport, domain: domain ?? (host.includes(':') ? `[${host}]` : host) }
}

function readCa(file: string, readFile: ReadFile, wrong: Wrong): string | undefined {
  try {
    return readFile(file)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    wrong(['caFile'], `caFile: ${file} cannot be read (${reason})`)
    return undefined
  }
}

function limitsOf(limits: PlanFile['limits']): Limits {
  const read = Object.entries(limits).map(([name, text]) => [name, readDuration(text ?? '')])
  return Object.fromEntries(read.filter(([, ms]) => ms !== undefined)) as Limits
}
