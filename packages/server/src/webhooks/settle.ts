import type { Clock } from '@ringdown/signalling'
import type { Log } from '../log.ts'
import { longestPauseMs, longestRetryAfterMs, nextAttempt } from './backoff.ts'
import type { DeliveryQueue, Item } from './delivery-queue.ts'
import type { Lease } from './lease.ts'
import { givenUpLimit } from './ranges.ts'
import type { Answer } from './sender.ts'
import type { Webhook } from './webhook.ts'

/** How an attempt ended, for metrics; `missed` counts entries of the feed that were trimmed before they could be delivered. */
export type Outcome = 'delivered' | 'failed' | 'givenUp' | 'missed'

export interface SettleDeps {
  centre: string
  webhook: Webhook
  clock: Clock
  /** From [0, 1). */
  random: () => number
  queue: DeliveryQueue
  lease: Lease
  log: Log
  onOutcome: (outcome: Outcome, count?: number) => void
}

/** So many failures one after the other mean that the target is away; the next success that it is back. */
const awayAfter = 3

/** What becomes of a delivery after an attempt, and of the target's patience. SPEC WH-21, WH-22, WH-25 to WH-27. */
export class Settler {
  readonly #deps: SettleDeps
  #failures = 0
  #pausedUntil = 0

  constructor(deps: SettleDeps) {
    this.#deps = deps
  }

  /** Until when nothing is sent to the target, milliseconds since 1970. */
  get pausedUntil(): number {
    return this.#pausedUntil
  }

  /** An attempt at a delivery, begun at `started`, was answered. */
  settle(item: Item, id: string, answer: Answer, started: number): void {
    const { clock, queue, lease, onOutcome } = this.#deps
    if (!lease.record || ('failure' in answer && answer.failure === 'closed')) return
    const now = clock.now()
    lease.change({ last: { at: now, answer: wordOf(answer) } })
    if ('status' in answer && answer.status >= 200 && answer.status < 300) {
      queue.remove(item)
      lease.count('delivered')
      onOutcome('delivered')
      if (this.#failures >= awayAfter) queue.wake(now)
      this.#failures = 0
      return
    }
    this.#failures++
    lease.count('failedAttempts')
    onOutcome('failed')
    if ('status' in answer && answer.status === 410) this.#goneAt(now)
    else this.#again(item, id, answer, started)
  }

  /** No wait is longer than one that is begun now: a clock may have been ahead when it was begun. */
  bound(now: number): void {
    this.#deps.queue.notAfter(now + longestPauseMs(this.#deps.webhook.retry))
    this.#pausedUntil = Math.min(this.#pausedUntil, now + longestRetryAfterMs)
  }

  #goneAt(now: number): void {
    const { log, centre, webhook, lease } = this.#deps
    lease.change({ gone: now })
    log.warn(
      { centre, webhook: webhook.name },
      'the target of a webhook is gone (410): nothing is sent until a restart or reload',
    )
  }

  #again(item: Item, id: string, answer: Answer, started: number): void {
    const { clock, random, webhook } = this.#deps
    const now = clock.now()
    item.attempts++
    item.early = item.early === 'now' ? 'done' : 'no'
    if (item.since === 0) item.since = started
    const { attempts, since } = item
    const retryAfterMs = 'status' in answer ? answer.retryAfterMs : undefined
    const asked = { attempts, since, now, random: random(), ...(retryAfterMs !== undefined && { retryAfterMs }) }
    const next = nextAttempt(webhook.retry, asked)
    if (retryAfterMs !== undefined && 'status' in answer && (answer.status === 429 || answer.status === 503))
      this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(retryAfterMs, longestRetryAfterMs))
    if (next === undefined) this.#giveUp(item, id, answer)
    else item.next = next
  }

  #giveUp(item: Item, id: string, answer: Answer): void {
    const { log, centre, webhook, queue, lease, onOutcome } = this.#deps
    const { attempts, what, offset } = item
    log.warn(
      { centre, webhook: webhook.name, delivery: id, attempts, answer: wordOf(answer) },
      'a delivery of a webhook was given up',
    )
    queue.remove(item)
    lease.count('givenUp')
    onOutcome('givenUp')
    if (!lease.record || !('entry' in what)) return
    const others = lease.record.givenUp.filter((one) => one !== offset)
    lease.change({ givenUp: [...others, offset].slice(-givenUpLimit) })
  }
}

function wordOf(answer: Answer): string {
  return 'status' in answer ? String(answer.status) : answer.failure
}
