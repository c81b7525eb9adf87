import type { Centre, LoadRun, LoadRuns, LoadWanted } from '@ringdown/facade'
import { type Clock, type ObjectBundle, TServerError } from '@ringdown/signalling'
import type { Log } from '../log.ts'
import type { AgentsProcess, StartAgents } from './agents-process.ts'
import { clearRun, storedRuns, writeRun } from './clear.ts'
import { bundleOf, loadObjects, namesOf } from './objects.ts'
import type { FromAgents, LoadAgent, LoadTally } from './protocol.ts'
import { RunLock } from './run-lock.ts'

export interface LoadRunsDeps {
  /** The lock is in the first one's store. */
  centres: readonly [Centre, ...Centre[]]
  /** This node's name. */
  node: string
  clock: Clock
  log: Log
  /** Where this node is reached from this machine, and the certificate it shows there, PEM. */
  target: () => { address: string; certificate?: string }
  startAgents: StartAgents
  /** Why this server cannot have one; a few words. */
  unable?: string
  /** So many random bytes, in hex. */
  random: (bytes: number) => string
  /** Of a password nobody can guess: it need not be dear. */
  hashPassword: (password: string) => Promise<string>
}

/** What a run may be at most. The store keeps its texts as long as any others, so they are bounded too. SPEC LR-1. */
export const loadBounds = { pairs: 200, textsPerSecond: 2_000, seconds: 600, texts: 200_000 }
/** Runs of the past that are shown. */
const remembered = 20
/** For all agents to sign in and begin their sessions. */
const preparingMs = (pairs: number): number => 20_000 + pairs * 500
/** For the texts under way when the last one is sent; then the process is ended. */
const finishMs = 25_000
/** For this node to see the objects it has written. */
const followMs = 10_000
/** When to look again for what was left behind. */
const lookAgainMs = 10_000

interface Current {
  run: LoadRun
  centre: Centre
  bundle: ObjectBundle
  agents: readonly LoadAgent[]
  process?: AgentsProcess
  refusals: Pick<LoadTally, 'refused' | 'refusal'>
  /** Somebody has asked for an end. */
  stopped: boolean
  /** Ends the process, with a sentence why. */
  fail: (problem: string) => void
  over: Promise<void>
}

/** Load runs of this node, and what other nodes and former processes left of theirs. */
export class LoadRunsOfNode implements LoadRuns {
  readonly #deps: LoadRunsDeps
  readonly #lock: RunLock
  readonly #past: Pick<Current, 'run' | 'centre'>[] = []
  readonly #unwatch: (() => void)[] = []
  #current: Current | undefined
  #starting = false
  #closed = false
  #cancelLook: () => void = () => undefined
  #looking: Promise<void> | undefined

  constructor(deps: LoadRunsDeps) {
    this.#deps = deps
    const [{ store }] = deps.centres
    this.#lock = new RunLock({ store, node: deps.node, clock: deps.clock })
  }

  /** Removes what runs have left behind whose node has died, now and whenever objects appear. SPEC LR-7. */
  open(): void {
    for (const { store } of this.#deps.centres) this.#unwatch.push(store.onObjects(() => this.#lookIn(lookAgainMs)))
    this.#lookIn(0)
  }

  /** Ends a run at once and removes its objects; the stores have to be there until it resolves. */
  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#unwatch) stop()
    this.#cancelLook()
    const current = this.#current
    if (current) {
      current.stopped = true
      current.process?.kill()
      await current.over
    }
    await this.#looking
  }

  /** Also rejects with TERR_BAD_PARAM where more is wanted than a run may be, and as the store does. */
  async start(centre: Centre, wanted: LoadWanted, by: string): Promise<LoadRun> {
    const tooMuch = tooMuchOf(wanted)
    if (tooMuch !== undefined) throw new TServerError('TERR_BAD_PARAM', tooMuch)
    if (this.#busy()) throw new TServerError('TERR_RESOURCE_SEIZED', 'a load run is going on')
    const unable = this.#closed ? 'this node is stopping' : this.#deps.unable
    if (unable !== undefined) throw new TServerError('TERR_UNSUP_OPER', unable)
    this.#starting = true
    try {
      const id = this.#deps.random(4)
      const holder = await this.#lock.take(id, () => this.#lostLock())
      if (holder) throw new TServerError('TERR_RESOURCE_SEIZED', `a load run is going on at ${holder.node}`)
      try {
        const current = await this.#prepare(centre, id, wanted, by)
        this.#current = current
        current.over = this.#carryOut(current)
        return { ...current.run }
      } catch (error) {
        await this.#lock.release()
        throw error
      }
    } finally {
      this.#starting = false
    }
  }

  list(centre: Centre): readonly LoadRun[] {
    const runs = this.#current ? [this.#current, ...this.#past] : this.#past
    return runs.filter((one) => one.centre.id === centre.id).map(({ run }) => ({ ...run }))
  }

  /** Resolves when the run is over and its objects are gone. */
  async stop(centre: Centre, id: string): Promise<void> {
    const current = this.#current
    if (current?.run.id !== id || current.centre.id !== centre.id)
      throw new TServerError('TERR_INV_CONNID', `no load run ${id} is going on`)
    current.stopped = true
    // Nothing is under way yet that would be worth waiting for.
    if (current.run.state === 'preparing') current.process?.kill()
    else current.process?.stop()
    await current.over
  }

  #busy(): boolean {
    return this.#starting || this.#current !== undefined
  }

  /** Writes the objects. */
  async #prepare(centre: Centre, id: string, wanted: LoadWanted, by: string): Promise<Current> {
    const { random, hashPassword, clock } = this.#deps
    const names = namesOf(id, wanted.pairs * 2)
    const agents = names.map((name) => ({ ...name, password: random(16) }))
    const persons = await Promise.all(
      agents.map(async ({ userName, dn, password }) => ({ userName, dn, passwordHash: await hashPassword(password) })),
    )
    const bundle = loadObjects(centre.id, id, persons)
    await writeRun(centre, bundleOf(id), bundle)
    const run: LoadRun = {
      id,
      wanted,
      by,
      started: clock.now(),
      state: 'preparing',
      progress: 0,
      accepted: 0,
      delivered: 0,
      lost: 0,
      latency: { p50: null, p99: null, max: null },
    }
    const nobody = () => undefined
    return {
      run,
      centre,
      bundle,
      agents,
      refusals: { refused: 0 },
      stopped: false,
      fail: nobody,
      over: Promise.resolve(),
    }
  }

  /** From the objects to their removal; never rejects. */
  async #carryOut(current: Current): Promise<void> {
    const { run, centre, bundle } = current
    const { log } = this.#deps
    log.info({ centre: centre.id, run: run.id, by: run.by, wanted: run.wanted }, 'load run')
    const problems: string[] = []
    try {
      await this.#followed(current)
      if (!current.stopped) await this.#agents(current)
    } catch (error) {
      problems.push(sentenceOf(error))
    }
    run.state = 'clearing'
    try {
      await clearRun(centre, bundleOf(run.id), bundle)
    } catch (err) {
      log.error({ centre: centre.id, run: run.id, err }, 'objects of a load run could not be removed')
      problems.push(`${sentenceOf(err)} Its agents are still in the configuration; this is tried again.`)
      this.#lookIn(lookAgainMs)
    }
    await this.#lock.release()
    const { refused, refusal } = current.refusals
    if (refused > 0) problems.push(`${refused} texts were refused, the first with: ${refusal}.`)
    run.state = problems.length > 0 ? 'failed' : current.stopped ? 'stopped' : 'done'
    if (problems.length > 0) run.problem = problems.join(' ')
    log.info({ centre: centre.id, run: run.id, state: run.state, problem: run.problem }, 'load run is over')
    this.#current = undefined
    this.#past.unshift({ run, centre })
    this.#past.splice(remembered)
  }

  /** Waits until this node has the objects: nobody could log in before. */
  async #followed(current: Current): Promise<void> {
    const { clock } = this.#deps
    const { centre, agents } = current
    const last = agents.at(-1)?.userName ?? ''
    for (const until = clock.now() + followMs; !centre.directory().personsByUserName.has(last); ) {
      if (current.stopped) return
      if (clock.now() >= until) throw new Error('This node has not seen the agents it has put into the configuration.')
      await new Promise<void>((resolve) => clock.after(20, resolve))
    }
  }

  /** Starts the process and follows what it tells until it has ended. Rejects with a sentence when it did not end well. */
  async #agents(current: Current): Promise<void> {
    const { startAgents, target, clock, log } = this.#deps
    const { run, agents } = current
    const problem: { first?: string } = {}
    let over = false
    let cancel: () => void = () => undefined
    current.fail = (why) => {
      problem.first ??= why
      current.process?.kill()
    }
    const within = (ms: number, why: string) => {
      cancel()
      cancel = clock.after(ms, () => current.fail(why))
    }
    const process = startAgents({ run: run.id, ...target(), ...run.wanted, agents }, (report) => {
      if (report.report === 'failed') problem.first ??= report.problem
      else note(current, report)
      if (report.report === 'over') over = true
      else if (report.report === 'progress' && report.phase === 'running' && run.state === 'preparing') {
        run.state = 'running'
        within(run.wanted.seconds * 1000 + finishMs, 'The agents did not come to an end in time.')
      }
    })
    current.process = process
    within(preparingMs(run.wanted.pairs), 'The agents did not get into their sessions in time.')
    const { how, said } = await process.ended
    cancel()
    if (said !== '') log.warn({ run: run.id, said }, 'the agents of a load run complained')
    if (problem.first !== undefined) throw new Error(problem.first)
    if (!over && !current.stopped) throw new Error(`The process of the agents ended before its time: ${how}.`)
  }

  #lostLock(): void {
    this.#current?.fail('The store did not answer for so long that another node may begin a run.')
  }

  #lookIn(ms: number): void {
    if (this.#closed) return
    this.#cancelLook()
    this.#cancelLook = this.#deps.clock.after(ms, () => {
      this.#looking = this.#look()
    })
  }

  /** Removes what nobody's living run needs; looks again as long as there is something of others. */
  async #look(): Promise<void> {
    const { centres, log } = this.#deps
    let again = false
    for (const centre of centres) {
      try {
        for (const { run, bundle } of await storedRuns(centre)) {
          // Asked for each: while one is cleared another may begin.
          const ours = this.#busy() || this.#closed
          if (ours || (await this.#lock.holder())?.run === run) {
            again = true
            continue
          }
          await clearRun(centre, bundleOf(run), bundle)
          log.info({ centre: centre.id, run }, 'removed what a load run had left behind')
        }
      } catch (err) {
        log.warn({ centre: centre.id, err }, 'what a load run has left behind could not be removed yet')
        again = true
      }
    }
    if (again) this.#lookIn(lookAgainMs)
  }
}

function note({ run, refusals, stopped }: Current, report: Extract<FromAgents, { tally: LoadTally }>): void {
  const { accepted, delivered, lost, latency, refused, refusal } = report.tally
  Object.assign(run, { accepted, delivered, lost, latency })
  refusals.refused = refused
  if (refusal !== undefined) refusals.refusal = refusal
  if (report.report === 'progress') run.progress = Math.min(1, report.elapsedMs / (run.wanted.seconds * 1000))
  else if (!stopped) run.progress = 1
}

function tooMuchOf({ pairs, textsPerSecond, seconds }: LoadWanted): string | undefined {
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
  if (!within(pairs, loadBounds.pairs)) return `a load run has 1 to ${loadBounds.pairs} pairs of agents`
  if (!within(textsPerSecond, loadBounds.textsPerSecond))
    return `a load run sends 1 to ${loadBounds.textsPerSecond} texts a second`
  if (!within(seconds, loadBounds.seconds)) return `a load run takes 1 to ${loadBounds.seconds} seconds`
  if (textsPerSecond * seconds > loadBounds.texts)
    return `a load run sends ${loadBounds.texts} texts at most; ${textsPerSecond} a second for ${seconds} s are ${textsPerSecond * seconds}`
  return undefined
}

/** A sentence of ours as it is; what a store or the core says, as the end of one. */
function sentenceOf(error: unknown): string {
  if (error instanceof TServerError) return `The engine refused: ${error.message}.`
  return error instanceof Error ? error.message : String(error)
}
