import { type BayeuxClient, type BayeuxMessage, HttpConnection, openBayeuxClient } from '@ringdown/server/testing'
import type { Crowd, Target } from '../protocol.ts'
import { type CwaHears, CwaPoller, cwaTongue } from './cwa.ts'
import { type Agent, type Lane, type Tongue, tongues } from './tongue.ts'

/** Logins and connects under way at once. */
const AT_ONCE = 32

/** Runs `work` for each item, so many at a time. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T, worker: number) => Promise<void>) {
  let next = 0
  const worker = async (_: unknown, number: number) => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item, number)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
}

/** Told of what clients hear. */
export interface Hears {
  onEvent: (message: BayeuxMessage, agent: number) => void
  /** UC AJAX: a text, or that an agent's own was accepted; with the bytes of the event. */
  onText?: (text: string, agent: number, bytes: number) => void
  /** UC AJAX: a poll was answered with so many bytes. */
  onPoll?: (bytes: number) => void
}

/** All agents of one target: logged in, connected, in sessions. */
export class Gathering {
  readonly target: Target
  readonly agents = new Map<number, Agent>()
  readonly lanes: Lane[] = []
  readonly #clients: BayeuxClient[] = []
  readonly #hears: Hears
  faults = 0
  /** Why the first client broke. */
  fault = ''

  constructor(target: Target, hears: Hears) {
    this.target = target
    this.#hears = hears
  }

  /** Adds people to those who are there. */
  async add(crowd: Crowd): Promise<void> {
    const tongue = this.#tongueOf(crowd)
    const numbers = Array.from({ length: crowd.count }, (_, i) => crowd.from + i)
    const connections = new Map<string, HttpConnection>()
    const connectionTo = (port: number, worker: number) => {
      const key = `${port} ${worker}`
      const connection = connections.get(key) ?? new HttpConnection(port)
      connections.set(key, connection)
      return connection
    }
    await each(numbers, AT_ONCE, async (number, worker) => {
      const port = this.portOf(number)
      const agent = await tongue.login(connectionTo(port, worker), number, port)
      this.agents.set(number, agent)
      if (crowd.clients === 'all' || (crowd.clients === 'callees' && number % 2 === 1))
        await this.#connect(agent, crowd)
    })
    const callers = crowd.sessions ? numbers.filter((number) => number % 2 === 0) : []
    await each(callers, AT_ONCE, async (number, worker) => {
      const [caller, callee] = [this.agents.get(number), this.agents.get(number + 1)]
      if (!caller || !callee) throw new Error('a crowd with sessions has an even number of agents')
      this.lanes.push(...(await tongue.lanes(connectionTo(caller.port, worker), caller, callee, crowd)))
    })
    for (const connection of connections.values()) connection.close()
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }

  /** Pairs are split over the nodes, so that texts have to cross between them. */
  portOf(agent: number): number {
    const port = this.target.ports[agent % this.target.ports.length]
    if (port === undefined) throw new Error('a target has at least one port')
    return port
  }

  #tongueOf({ transport }: Crowd): Tongue {
    return transport === 'uc' ? cwaTongue : tongues[this.target.subject]
  }

  async #connect(agent: Agent, { transport, ack, waits = true }: Crowd): Promise<void> {
    const onFault = (reason: string) => {
      this.faults++
      if (this.fault === '') this.fault = reason
    }
    if (transport === 'uc') {
      const { onText, onPoll } = this.#hears
      const hears: CwaHears = {
        onText: (text, bytes) => onText?.(text, agent.index, bytes),
        onPoll: (bytes) => onPoll?.(bytes),
        onFault,
      }
      this.#clients.push(new CwaPoller(agent, waits, hears))
      return
    }
    const tongue = tongues[this.target.subject]
    const client = await openBayeuxClient(transport, tongue.channel(agent.index), {
      port: agent.port,
      path: tongue.bayeuxPath,
      headers: agent.headers,
      ack,
      onEvent: (message) => this.#hears.onEvent(message, agent.index),
      onFault,
    })
    this.#clients.push(client)
  }
}
