import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { HttpConnection, seeded } from '@ringdown/server/testing'
import type { Ledger } from './ledger.ts'
import type { Lane } from './tongue.ts'

/** A text not seen for so long is given up, milliseconds. */
const LOST_AFTER_MS = 5000

/** What keeps sending until told to stop. */
export interface Load {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

/** The text that carries a number: `#17#xxxx`, of the length asked for, longer if the number needs it. */
export function textOf(number: number, length: number): string {
  return `#${number}#`.padEnd(length, 'x')
}

function sweeping(ledger: Ledger): () => void {
  const timer = setInterval(() => ledger.sweep(performance.now() - LOST_AFTER_MS), 1000)
  return () => clearInterval(timer)
}

/** Sends one text over a connection and reports how the server took it. */
async function post(ledger: Ledger, connection: HttpConnection, lane: Lane, number: number, length: number) {
  try {
    const reply = await connection.send(lane.request(textOf(number, length), number))
    const accepts = lane.accepts ?? ((body) => body.includes('"statusCode":0'))
    if (reply.status === 200 && accepts(reply.body)) ledger.accepted(number)
    else ledger.refused(number, `HTTP ${reply.status} ${reply.body.slice(0, 200)}`)
  } catch (error) {
    ledger.refused(number, error instanceof Error ? error.message : String(error))
  }
}

/**
 * `posters` people who each send a text, wait until it was accepted and seen by all, and send the next, in another session; or, where
 * clients hear of texts at times of their own, only until it was accepted.
 */
export function closedLoop(
  ledger: Ledger,
  lanes: readonly Lane[],
  posters: number,
  length: number,
  until: 'seen' | 'accepted' = 'seen',
): Load {
  const stopSweeping = sweeping(ledger)
  let running = true
  let next = 0
  const poster = async () => {
    const connections = new Map<number, HttpConnection>()
    while (running) {
      const lane = lanes[next++ % lanes.length]
      if (!lane) return
      const connection = connections.get(lane.port) ?? new HttpConnection(lane.port)
      connections.set(lane.port, connection)
      await new Promise<void>((seen) => {
        let waiting = until === 'seen' ? 2 : 1
        const done = () => {
          if (--waiting === 0) seen()
        }
        const onSeen = until === 'seen' ? done : () => {}
        const number = ledger.begin(performance.now(), lane.sender, lane.expected, onSeen)
        post(ledger, connection, lane, number, length).then(done, done)
      })
    }
    for (const connection of connections.values()) connection.close()
  }
  const all = Promise.all(Array.from({ length: posters }, poster))
  return {
    async stop() {
      running = false
      await all
      stopSweeping()
    },
  }
}

/** Texts at random moments, `rate` a second on average, over as many connections as it takes; none waits for another's answer. */
export function openLoop(ledger: Ledger, lanes: readonly Lane[], rate: number, length: number): Load {
  const stopSweeping = sweeping(ledger)
  const random = seeded(1)
  const idle = new Map<number, HttpConnection[]>()
  const underWay = new Set<Promise<void>>()
  let running = true
  let due = performance.now()
  let next = 0
  const send = (lane: Lane, intended: number) => {
    const free = idle.get(lane.port) ?? []
    idle.set(lane.port, free)
    const connection = free.pop() ?? new HttpConnection(lane.port)
    const number = ledger.begin(intended, lane.sender, lane.expected, () => {})
    const sent = post(ledger, connection, lane, number, length).then(() => {
      free.push(connection)
      underWay.delete(sent)
    })
    underWay.add(sent)
  }
  const turn = () => {
    while (running && due <= performance.now()) {
      const lane = lanes[next++ % lanes.length]
      if (lane) send(lane, due)
      due += (-Math.log(1 - random()) / rate) * 1000
    }
    // A timer fires up to a millisecond late, as long as a text takes in all: so it only covers the longer waits.
    if (!running) return
    if (due - performance.now() > 2) setTimeout(turn, 1)
    else setImmediate(turn)
  }
  turn()
  return {
    async stop() {
      running = false
      await Promise.all(underWay)
      await sleep(200)
      stopSweeping()
      for (const free of idle.values()) for (const connection of free) connection.close()
    },
  }
}
