import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentsProcess, startAgents } from './agents-process.ts'
import { httpTarget } from './http-pool.ts'
import { logOutAll, MadeObjects } from './objects/made-objects.ts'
import { lengthOf, type Plan, type PlanGroup } from './plan/plan.ts'
import type { AgentOrder, FromAgents, LoadOrder } from './protocol.ts'
import { Tracker } from './result/tracker.ts'
import { shares } from './share.ts'
import { Refused } from './web-services.ts'

/** For all agents of a process to log in and get into their sessions, milliseconds. */
const openingMs = (agents: number): number => 60_000 + agents * 500
/** For the texts under way, and for logging out. */
const finishMs = (agents: number): number => 30_000 + agents * 100
/** How long removing is tried, where the engine does not answer. */
const removeMs = 20_000
const betweenMs = 1_000

/** How far a run is. */
export type Stage =
  | { stage: 'making' | 'opening' | 'removing'; done: number; of: number }
  | { stage: 'running' | 'finishing'; elapsedMs: number }

export interface LoadRunnerDeps {
  plan: Plan
  /** Six hex digits. */
  run: string
  /** Of `plan.as`. */
  password?: string
  onStage: (stage: Stage) => void
}

/** How a run ended. */
export interface Ran {
  /** Milliseconds since 1970; absent where no text was due yet. */
  began?: number
  ms: number
  ended: 'done' | 'stopped' | 'failed'
  /** Why it failed, a sentence. */
  problem?: string
  /** Why objects of the run are still there, a clause. */
  left?: string
}

/** One run of a plan, from making its agents until they are gone. SPEC LD-8 to LD-12. */
export class LoadRunner {
  readonly tracker: Tracker
  readonly #deps: LoadRunnerDeps
  readonly #agents = new Map<PlanGroup, AgentOrder[]>()
  #processes: AgentsProcess[] = []
  #began: number | undefined
  #phase: 'making' | 'opening' | 'running' = 'making'
  #stops = 0
  /** When the last text was due, or somebody wanted an end. */
  #until: number | undefined
  #problem: string | undefined

  constructor(deps: LoadRunnerDeps) {
    this.#deps = deps
    this.tracker = new Tracker(deps.plan)
  }

  /** Ends it orderly; asked again, at once. */
  stop(): void {
    this.#stops++
    this.#until ??= performance.now()
    const orderly = this.#phase === 'running' && this.#stops === 1
    for (const process of this.#processes) orderly ? process.stop() : process.kill()
  }

  /** Rejects with a sentence where nothing was begun. What goes wrong later is part of the outcome. */
  async run(): Promise<Ran> {
    const objects = await this.#administrator()
    try {
      await this.#make(objects)
      if (this.#stops === 0) await this.#drive()
    } catch (error) {
      this.#problem ??= sentenceOf(error)
    }
    this.tracker.finish()
    const { plan } = this.#deps
    const until = this.#until ?? performance.now()
    const ms = this.#began === undefined ? 0 : Math.max(0, Math.min(lengthOf(plan), until - this.#began))
    const left = objects && (await this.#remove(objects))
    return {
      ...(this.#began !== undefined && { began: performance.timeOrigin + this.#began }),
      ms,
      ended: this.#problem !== undefined ? 'failed' : this.#stops > 0 ? 'stopped' : 'done',
      ...(this.#problem !== undefined && { problem: this.#problem }),
      ...(left !== undefined && { left }),
    }
  }

  async #administrator(): Promise<MadeObjects | undefined> {
    const { plan, run, password = '' } = this.#deps
    if (plan.as === undefined || plan.groups.every(({ made }) => made === 0)) return undefined
    return asAdministrator(plan, run, plan.as, password)
  }

  async #make(objects: MadeObjects | undefined): Promise<void> {
    const { plan, onStage } = this.#deps
    const of = plan.groups.reduce((sum, { made }) => sum + made, 0)
    let done = 0
    for (const group of plan.groups) {
      const { kind, transport, people } = group
      const existing = people.map(({ userName, password, number }) => ({
        ...{ kind, transport, userName, number, password: password.reveal() },
      }))
      this.#agents.set(group, existing)
      if (!objects || group.made === 0) continue
      const made = await objects.make(
        group,
        () => onStage({ stage: 'making', done: ++done, of }),
        () => this.#stops > 0,
      )
      this.#agents.set(group, made)
    }
  }

  async #drive(): Promise<void> {
    const { plan, run, onStage } = this.#deps
    this.#phase = 'opening'
    const orders = shares(plan, run, this.#agents)
    this.tracker.expect(orders.length)
    const opened = orders.map(() => ({ done: 0, of: 0 }))
    const agents = [...this.#agents.values()].reduce((sum, { length }) => sum + length, 0)
    const ready = new Set<number>()
    let cancel = this.#within(openingMs(agents), 'The agents did not get into their sessions in time.')
    const onReport = (process: number, report: FromAgents) => {
      switch (report.report) {
        case 'opening':
          opened[process] = report
          onStage({ stage: 'opening', ...sumOf(opened) })
          return
        case 'ready':
          if (ready.add(process).size < orders.length || this.#stops > 0) return
          cancel()
          this.#phase = 'running'
          this.#began = performance.now()
          cancel = this.#within(
            lengthOf(plan) + plan.lostAfterMs + finishMs(agents),
            'The agents did not come to an end in time.',
          )
          for (const each of this.#processes) each.begin()
          return
        case 'second':
          this.tracker.add(process, report.second)
          onStage({ stage: report.phase, elapsedMs: report.second.atMs })
          return
        case 'failed':
          this.#fail(report.problem)
          return
        case 'over':
          over.add(process)
      }
    }
    const over = new Set<number>()
    this.#processes = orders.map((order, i) => startAgents(order, (report) => onReport(i, report)))
    await Promise.all(
      this.#processes.map(async ({ ended }, i) => {
        const { how, said } = await ended
        if (!over.has(i) && this.#stops === 0 && this.#problem === undefined)
          this.#fail(`A process of agents ended before its time: ${how}${said === '' ? '' : `, ${said.trim()}`}.`)
      }),
    )
    cancel()
    // Whose process was ended has not logged out.
    if (over.size < orders.length) await this.#logOut(orders)
  }

  async #logOut(orders: readonly LoadOrder[]): Promise<void> {
    const agents = orders.flatMap(({ talks, idle }) => [...talks.flatMap(({ pairs }) => pairs.flat()), ...idle])
    await logOutAll(this.#target, agents).catch(() => undefined)
  }

  #fail(problem: string): void {
    this.#problem ??= problem
    this.#until ??= performance.now()
    for (const process of this.#processes) process.kill()
  }

  #within(ms: number, problem: string): () => void {
    const timer = setTimeout(() => this.#fail(problem), ms)
    return () => clearTimeout(timer)
  }

  /** Why something is left, or undefined. An engine that is about to come back is waited for. */
  async #remove(objects: MadeObjects): Promise<string | undefined> {
    const stopsBefore = this.#stops
    this.#deps.onStage({ stage: 'removing', done: 0, of: 1 })
    for (const until = performance.now() + removeMs; ; await sleep(betweenMs))
      try {
        await objects.remove()
        objects.close()
        return undefined
      } catch (error) {
        const given = performance.now() > until || this.#stops > stopsBefore || error instanceof Refused
        if (!given) continue
        objects.close()
        return clauseOf(error)
      }
  }

  get #target() {
    return httpTarget(this.#deps.plan.address, this.#deps.plan.ca)
  }
}

/** An administrator who can make and remove objects. Rejects with a sentence that says what to do. SPEC LD-13. */
export async function asAdministrator(
  { address, ca }: Pick<Plan, 'address' | 'ca'>,
  run: string,
  userName: string,
  password: string,
): Promise<MadeObjects> {
  const objects = new MadeObjects(httpTarget(address, ca), run)
  try {
    await objects.logIn(userName, password)
    return objects
  } catch (error) {
    objects.close()
    if (error instanceof Refused && error.status === 401)
      throw new Error(`The engine does not let ${userName} in: the user name or the password is wrong.`, {
        cause: error,
      })
    throw new Error(`There is no engine at ${address}: ${clauseOf(error)}.`, { cause: error })
  }
}

const sumOf = (parts: readonly { done: number; of: number }[]) => ({
  done: parts.reduce((sum, { done }) => sum + done, 0),
  of: parts.reduce((sum, { of }) => sum + of, 0),
})

function clauseOf(error: unknown): string {
  // A host with several addresses fails with all of their errors, and no words of its own.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return (first instanceof Error ? first.message : String(first)).replace(/\.$/, '')
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Refused)) return error instanceof Error ? error.message : String(error)
  if (error.status === 403 || error.status === 401)
    return `The engine refused to make the agents: ${error.message}. It takes an administrator.`
  return `The engine refused to make the agents: ${error.message}.`
}
