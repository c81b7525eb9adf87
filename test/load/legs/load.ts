import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { seeded } from '@ringdown/server/testing'
import type { Ledger } from '../generator/ledger.ts'
import { type Load, textOf } from '../generator/load.ts'

/** Characters of a text. */
const LENGTH = 40
/** A text not seen for so long is given up, milliseconds. */
const LOST_AFTER_MS = 5_000

/** A way to send texts that one reader sees. */
export type SendText = (text: string) => Promise<string | undefined>

/** Sends one text; resolves when it was accepted and seen, or neither will be. */
function sendOne(ledger: Ledger, send: SendText, intended: number): Promise<void> {
  return new Promise((resolve) => {
    let waiting = 2
    const done = () => {
      if (--waiting === 0) resolve()
    }
    const number = ledger.begin(intended, -1, 1, done)
    send(textOf(number, LENGTH)).then(
      (refusal) => {
        if (refusal === undefined) ledger.accepted(number)
        else ledger.refused(number, refusal)
        done()
      },
      (error) => {
        ledger.refused(number, String(error))
        done()
      },
    )
  })
}

function sweeping(ledger: Ledger): () => void {
  const timer = setInterval(() => ledger.sweep(performance.now() - LOST_AFTER_MS), 1_000)
  return () => clearInterval(timer)
}

/** Each lane sends its next text when the last one is done, as long as `more` says so. */
export function closedLoop(ledger: Ledger, lanes: readonly SendText[], more: () => boolean = () => true) {
  const stopSweeping = sweeping(ledger)
  let running = true
  const all = Promise.all(
    lanes.map(async (send) => {
      while (running && more()) await sendOne(ledger, send, performance.now())
    }),
  ).finally(stopSweeping)
  return {
    ended: all,
    async stop() {
      running = false
      await all
    },
  } satisfies Load & { ended: Promise<unknown> }
}

/** Texts at random moments, `rate` a second on average; none waits for another. */
export function openLoop(ledger: Ledger, lanes: readonly SendText[], rate: number): Load {
  const stopSweeping = sweeping(ledger)
  const random = seeded(1)
  const underWay = new Set<Promise<void>>()
  let running = true
  let due = performance.now()
  let next = 0
  const turn = () => {
    while (running && due <= performance.now()) {
      const send = lanes[next++ % lanes.length]
      if (send) {
        const sent = sendOne(ledger, send, due).then(() => {
          underWay.delete(sent)
        })
        underWay.add(sent)
      }
      due += (-Math.log(1 - random()) / rate) * 1_000
    }
    if (!running) return
    // A timer fires up to a millisecond late: it only covers the longer waits.
    if (due - performance.now() > 2) setTimeout(turn, 1)
    else setImmediate(turn)
  }
  turn()
  return {
    async stop() {
      running = false
      await Promise.race([Promise.all(underWay), sleep(LOST_AFTER_MS + 1_500)])
      stopSweeping()
    },
  }
}
