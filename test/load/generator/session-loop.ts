import { performance } from 'node:perf_hooks'
import type { BayeuxMessage } from '@ringdown/server/testing'
import { HttpConnection } from '@ringdown/server/testing'
import type { Tally } from './ledger.ts'
import type { Load } from './load.ts'
import { type Agent, check, complete, initiate } from './tongue.ts'

interface SessionEvent {
  notificationType?: string
  imSession?: { id: string; state: string }
}
/** An event not heard for so long is given up, milliseconds. */
const LOST_AFTER_MS = 5000

type State = 'Talking' | 'Completed'

/** Who waits to see which state. */
export class SessionWatch {
  readonly #waiting = new Map<string, (id: string) => void>()

  /** Resolves with the session's id when that agent's client hears of that state; with undefined if it does not. */
  wait(agent: number, state: State): Promise<string | undefined> {
    return new Promise((resolve) => {
      const giveUp = setTimeout(resolve, LOST_AFTER_MS, undefined)
      this.#waiting.set(`${agent} ${state}`, (id) => {
        clearTimeout(giveUp)
        resolve(id)
      })
    })
  }

  hear(message: BayeuxMessage, agent: number): void {
    const { imSession } = message.data as SessionEvent
    if (!imSession) return
    const key = `${agent} ${imSession.state}`
    this.#waiting.get(key)?.(imSession.id)
    this.#waiting.delete(key)
  }
}

/** Each poster takes a free pair of agents through a whole session: initiate, both Talking, complete, both Completed. */
export function sessionLoop(
  tally: () => Tally,
  watch: SessionWatch,
  agents: ReadonlyMap<number, Agent>,
  posters: number,
): Load {
  const pairs = [...agents.values()]
    .filter((agent) => agent.index % 2 === 0)
    .map((caller) => ({ caller, callee: agents.get(caller.index + 1) }))
  let running = true
  const both = (caller: Agent, callee: Agent, state: State) =>
    Promise.all([watch.wait(caller.index, state), watch.wait(callee.index, state)])

  const once = async (connection: HttpConnection, caller: Agent, callee: Agent) => {
    const began = performance.now()
    const talking = both(caller, callee, 'Talking')
    check(await connection.send(initiate(caller, callee)), 'InitiateIMSession')
    tally().post.record((performance.now() - began) * 1000)
    const [id, peerID] = await talking
    if (id === undefined || peerID === undefined) throw new Error('an agent did not hear of Talking')
    tally().peer.record((performance.now() - began) * 1000)
    const ending = performance.now()
    const completed = both(caller, callee, 'Completed')
    check(await connection.send(complete(caller, id)), 'Complete')
    if ((await completed).includes(undefined)) throw new Error('an agent did not hear of Completed')
    tally().echo.record((performance.now() - ending) * 1000)
    tally().texts++
    tally().deliveries += 4
  }
  const poster = async () => {
    const connections = new Map<number, HttpConnection>()
    while (running) {
      const pair = pairs.shift()
      if (!pair?.callee) return
      const connection = connections.get(pair.caller.port) ?? new HttpConnection(pair.caller.port)
      connections.set(pair.caller.port, connection)
      try {
        await once(connection, pair.caller, pair.callee)
        pairs.push(pair)
      } catch (error) {
        tally().refused++
        tally().refusal ||= error instanceof Error ? error.message : String(error)
      }
    }
    for (const connection of connections.values()) connection.close()
  }
  const all = Promise.all(Array.from({ length: posters }, poster))
  return {
    async stop() {
      running = false
      await all
    },
  }
}
