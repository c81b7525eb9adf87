import { setTimeout as sleep } from 'node:timers/promises'
import { Ledger } from './ledger.ts'
import { type Listener, listen } from './listener.ts'
import { Pace } from './pace.ts'
import type { FromAgents, LoadAgent, LoadOrder } from './protocol.ts'
import { Rest, refusalIn } from './rest.ts'

/** Agents that sign in, and pairs that begin, at a time. */
const atOnce = 8
/** A text that is not seen for so long after it was accepted is lost, milliseconds. */
const lostMs = 10_000
/** For what is under way when the last text was sent, milliseconds. */
const finishMs = 15_000
/** Texts under way at most; a server so far behind is not given more. */
const underWay = 10_000
const reportMs = 500
const tickMs = 1

/** One way of a session: who says something to whom. */
interface Lane {
  path: string
  headers: Readonly<Record<string, string>>
  /** The receiver's number. */
  to: number
}

/** The whole load of one run, from signing in until no text is under way any more. */
export class Crowd {
  readonly #order: LoadOrder
  readonly #report: (report: FromAgents) => void
  readonly #rest: Rest
  readonly #ledger = new Ledger()
  readonly #listeners: Listener[] = []
  readonly #failure = Promise.withResolvers<never>()
  #stopped = false

  constructor(order: LoadOrder, report: (report: FromAgents) => void) {
    this.#order = order
    this.#report = report
    this.#rest = new Rest(order.address, order.certificate)
    // Whoever waits for it hears of it; before, nobody does.
    this.#failure.promise.catch(() => undefined)
  }

  /** No further texts. */
  stop(): void {
    this.#stopped = true
  }

  /** Rejects with a sentence in its message. */
  async run(): Promise<void> {
    let began: number | undefined
    const tell = () => {
      this.#ledger.sweep(performance.now() - lostMs)
      const elapsedMs = began === undefined ? 0 : performance.now() - began
      const phase = began === undefined ? 'preparing' : 'running'
      this.#report({ report: 'progress', phase, elapsedMs, tally: this.#ledger.tally() })
    }
    const reporting = setInterval(tell, reportMs)
    try {
      const lanes = await Promise.race([this.#prepare(), this.#failure.promise])
      began = performance.now()
      tell()
      await Promise.race([this.#talk(lanes, began), this.#failure.promise])
      this.#report({ report: 'over', tally: this.#ledger.tally() })
    } finally {
      clearInterval(reporting)
      for (const listener of this.#listeners) listener.close()
      this.#rest.close()
    }
  }

  async #prepare(): Promise<readonly Lane[]> {
    const { agents } = this.#order
    const headers = await each(agents, (agent, number) => this.#signIn(agent, number))
    const callers = agents.flatMap((_, i) => (i % 2 === 0 ? [i] : []))
    const lanes = await each(callers, async (caller) => {
      const [from, to, callee] = [headers[caller], headers[caller + 1], agents[caller + 1]]
      if (!from || !to || !callee) throw new Error('A load run needs agents in pairs.')
      const path = `/me/im-sessions/${await this.#call(from, callee.dn)}`
      return [
        { path, headers: from, to: caller + 1 },
        { path, headers: to, to: caller },
      ]
    })
    return lanes.flat()
  }

  async #signIn({ userName, password }: LoadAgent, number: number): Promise<Readonly<Record<string, string>>> {
    const basic = `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`
    const me = await this.#ask('GET', '/me', { authorization: basic })
    const cookie = me.headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ') ?? ''
    const token = me.headers['x-csrf-token']
    const headers = { cookie, ...(typeof token === 'string' && { 'x-csrf-token': token }) }
    await this.#ask('POST', '/me', headers, { operationName: 'StartContactCenterSession' })
    const { address, certificate, run } = this.#order
    const tag = `#${run}:`
    const listener = await listen({
      address,
      certificate,
      headers,
      onText: (text) => {
        if (text.startsWith(tag))
          this.#ledger.seen(Number.parseInt(text.slice(tag.length), 10), number, performance.now())
      },
      onFault: (why) => this.#failure.reject(new Error(`A client lost its connection: ${why}.`)),
    })
    this.#listeners.push(listener)
    return headers
  }

  /** Calls a number; answers the session's id once it is answered. */
  async #call(headers: Readonly<Record<string, string>>, dn: string): Promise<string> {
    const operation = { operationName: 'InitiateIMSession', destination: { phoneNumber: dn } }
    await this.#ask('POST', '/me/im-sessions', headers, operation)
    for (let tries = 0; tries < 200; tries++) {
      const { body } = await this.#ask('GET', '/me/im-sessions?fields=*', headers)
      const [session] = (JSON.parse(body) as { imSessions: readonly { id: string; state: string }[] }).imSessions
      if (session?.state === 'Talking') return session.id
      await sleep(25)
    }
    throw new Error(`The session with ${dn} was not answered.`)
  }

  /** SPEC LR-5: an open loop. Nobody waits for an answer before the next text. */
  async #talk(lanes: readonly Lane[], began: number): Promise<void> {
    const pace = new Pace(this.#order, began)
    for (let next = 0; next < pace.total && !this.#stopped; await sleep(tickMs)) {
      for (const due = pace.dueBy(performance.now()); next < due && !this.#stopped; next++) {
        const lane = lanes[next % lanes.length]
        if (lane) void this.#say(lane, pace.dueAt(next))
      }
    }
    const until = performance.now() + finishMs
    while (this.#ledger.waiting > 0 && performance.now() < until) await sleep(10)
    this.#ledger.giveUp()
  }

  async #say({ path, headers, to }: Lane, due: number): Promise<void> {
    const late = this.#ledger.waiting >= underWay
    const number = this.#ledger.begin(due, to)
    if (late) return this.#ledger.refused(number, `${underWay} texts were under way, so no more were sent`)
    const text = `#${this.#order.run}:${number} A text of a load run, as long as people write.`
    try {
      const refusal = refusalIn(await this.#rest.send('POST', path, headers, { operationName: 'SendMessage', text }))
      if (refusal === undefined) this.#ledger.accepted(number, performance.now())
      else this.#ledger.refused(number, refusal)
    } catch (error) {
      this.#ledger.refused(number, (error as Error).message)
    }
  }

  async #ask(method: 'GET' | 'POST', path: string, headers: Readonly<Record<string, string>>, body?: unknown) {
    const what = (body as { operationName?: string } | undefined)?.operationName ?? `${method} ${path}`
    const answer = await this.#rest.send(method, path, headers, body).catch((error: Error) => {
      throw new Error(`${what} failed: ${error.message}.`)
    })
    const refusal = refusalIn(answer)
    if (refusal !== undefined) throw new Error(`${what} was refused: ${refusal}.`)
    return answer
  }
}

/** The outcome of `work` for each item, in their order; a few at a time. The first failure ends it. */
async function each<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const queue = items.entries()
  let failed = false
  const worker = async () => {
    for (const [i, item] of queue) {
      if (failed) return
      results[i] = await work(item, i)
    }
  }
  const workers = Array.from({ length: atOnce }, worker)
  try {
    await Promise.all(workers)
  } catch (error) {
    failed = true
    await Promise.allSettled(workers)
    throw error
  }
  return results
}
