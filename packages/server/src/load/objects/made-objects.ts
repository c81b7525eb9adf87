import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { logIn } from '../agents/log-in.ts'
import { each } from '../each.ts'
import { HttpPool, type HttpTarget } from '../http-pool.ts'
import { isSip, type PlanGroup } from '../plan/plan.ts'
import type { AgentOrder } from '../protocol.ts'
import { Refused, WebServices } from '../web-services.ts'

/** Classes of `/platform/configuration`, in the order they are made; what refers to others comes after them. */
const classes = [
  { plural: 'switches', key: 'name' },
  { plural: 'dns', key: 'number' },
  { plural: 'places', key: 'name' },
  { plural: 'agent-logins', key: 'loginCode' },
  { plural: 'persons', key: 'userName' },
] as const
type ConfigClass = (typeof classes)[number]

/** Requests at a time: passwords are hashed beside each other, changes of the configuration follow each other anyway. */
const atOnce = 4
const passes = 3
const betweenMs = 300

const root = '/platform/configuration'
/** Every name of a run begins with it, and belongs to nobody else. SPEC LD-9. */
export const prefixOf = (run: string): string => `load-${run}`
/** A name as a run gives it. */
const nameForm = /^load-[0-9a-f]{6}(-\d+)?$/

/** The configuration objects of one run, over the public configuration API. SPEC LD-8 to LD-10. */
export class MadeObjects {
  readonly #run: string
  readonly #rest: WebServices
  readonly #pool: HttpPool
  #number = 0
  #begun = false

  constructor(target: HttpTarget, run: string) {
    this.#run = run
    this.#pool = new HttpPool(target, atOnce)
    this.#rest = new WebServices(this.#pool)
  }

  /** Logs the administrator in. Rejects with Refused, or as connections do. */
  async logIn(userName: string, password: string): Promise<void> {
    await logIn(this.#rest, userName, password)
  }

  /** Makes the agents of a group. Rejects with the engine's refusal; what was made then is still to be removed. */
  async make(
    { kind, transport, made }: Pick<PlanGroup, 'kind' | 'transport' | 'made'>,
    onMade: () => void,
    stopped: () => boolean,
  ): Promise<AgentOrder[]> {
    const name = prefixOf(this.#run)
    if (!this.#begun) {
      this.#begun = true
      await this.#post('switches', { name })
    }
    const agents = Array.from({ length: made }, () => {
      const own = `${name}-${++this.#number}`
      return {
        kind,
        transport,
        userName: isSip(kind) ? '' : own,
        number: own,
        password: randomBytes(18).toString('hex'),
      }
    })
    await each(agents, atOnce, async (agent) => {
      if (stopped()) return
      await (isSip(kind) ? this.#phone(agent, kind === 'msrp' ? 'msrp' : 'message') : this.#person(agent))
      onMade()
    })
    return agents
  }

  /**
   * Removes every object of the run that is there, and nothing else; how many there were. Rejects with a clause that names what is left.
   * A request whose outcome nobody knows may have made one, so it looks rather than remembers.
   */
  async remove(): Promise<number> {
    let removed = 0
    let problem = ''
    for (let pass = 1; pass <= passes; pass++) {
      const left = await this.#found()
      if (left.length === 0) return removed
      problem = ''
      for (const { of, dbid, name } of left)
        try {
          await this.#rest.ask('DELETE', `${root}/${of.plural}/${dbid}`)
          removed++
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          // Gone meanwhile: another command removes the same run.
          if (error.status !== 404) problem ||= `${name}: ${error.message}`
        }
      if (pass < passes) await sleep(betweenMs)
    }
    const left = await this.#found()
    if (left.length > 0) throw new Error(`${left.length} objects are left, ${problem || left[0]?.name}`)
    return removed
  }

  close(): void {
    this.#pool.close()
  }

  async #person({ userName, number, password }: AgentOrder): Promise<void> {
    const owner = prefixOf(this.#run)
    await this.#post('dns', { number, switch: owner, userProperties: annex({ 'sip-signaling-chat': 'none' }) })
    await this.#post('places', { name: number, DNs: [number] })
    await this.#post('agent-logins', { loginCode: number, switch: owner })
    const person = { userName, firstName: 'Load', lastName: number, place: number, agentLogins: [number], password }
    await this.#post('persons', person)
  }

  async #phone({ number, password }: AgentOrder, chat: 'msrp' | 'message'): Promise<void> {
    const userProperties = annex({ 'sip-signaling-chat': chat, password })
    await this.#post('dns', { number, switch: prefixOf(this.#run), userProperties })
  }

  async #post(plural: ConfigClass['plural'], object: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#rest.ask('POST', `${root}/${plural}`, object)
  }

  /** Objects of this run, last things first: nothing refers to what comes first. */
  async #found(): Promise<{ of: ConfigClass; dbid: string; name: string }[]> {
    const found: { of: ConfigClass; dbid: string; name: string }[] = []
    for (const of of classes.toReversed()) {
      const answer = await this.#rest.ask<Record<string, unknown>>('GET', `${root}/${of.plural}`)
      for (const object of answer[of.plural] as Record<string, string>[]) {
        const { DBID: dbid, [of.key]: name } = object
        if (dbid !== undefined && name !== undefined && this.#isOurs(name)) found.push({ of, dbid, name })
      }
    }
    return found
  }

  #isOurs(name: string): boolean {
    const prefix = prefixOf(this.#run)
    return nameForm.test(name) && (name === prefix || name.startsWith(`${prefix}-`))
  }
}

const annex = (options: Readonly<Record<string, string>>) => ({ TServer: { multimedia: 'true', ...options } })

/** Logs agents out whose process could not: a removed agent would be logged in for ever. */
export async function logOutAll(target: HttpTarget, agents: readonly AgentOrder[]): Promise<void> {
  const pool = new HttpPool(target, atOnce)
  try {
    await each(
      agents.filter(({ kind }) => !isSip(kind)),
      atOnce,
      async ({ userName, password }) => {
        const rest = new WebServices(pool)
        // Who never was logged in is refused, and that is what was wanted.
        await rest
          .login(userName, password)
          .then(() => rest.ask('POST', '/me', { operationName: 'EndContactCenterSession' }))
          .catch(() => undefined)
      },
    )
  } finally {
    pool.close()
  }
}
