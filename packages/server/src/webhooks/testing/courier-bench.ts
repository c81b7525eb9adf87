import { webhookFeed } from '@ringdown/signalling'
import { demoDirectory, ManualClock, type MemoryStore, memoryStore } from '@ringdown/signalling/testing'
import { createLog } from '../../log.ts'
import { networksOf } from '../address-rules.ts'
import { Courier } from '../courier.ts'
import { eventTypeNames } from '../event-types.ts'
import { readRecord } from '../ownership.ts'
import type { Answer } from '../sender.ts'
import type { Outcome } from '../settle.ts'
import type { Webhook } from '../webhook.ts'

/** A delivery as the target got it. */
export interface Got {
  id: string
  type: string
  session: string | undefined
  messageID: string | undefined
  node: string
  at: number
  data: Record<string, unknown>
}

const ok: Answer = { status: 200 }

/** Couriers of one webhook on several nodes of one memory, and a target that answers as the test says. */
export function courierBench(more: Partial<Webhook> = {}, feedLimit = 1_000) {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit, clock })
  const got: Got[] = []
  const outcomes: Record<Outcome, number> = { delivered: 0, failed: 0, givenUp: 0, missed: 0 }
  const bench = {
    ...{ clock, store, got, outcomes },
    /** How the target answers. */
    answer: (_delivery: Got): Answer | Promise<Answer> => ok,
    courier(node: string, on: MemoryStore = store) {
      const send = async (_headers: Readonly<Record<string, string>>, body: string): Promise<Answer> => {
        const { id, type, sessionId, data } = JSON.parse(body)
        const delivery = { id, type, session: sessionId, messageID: data.messageId, node, at: clock.now(), data }
        got.push(delivery)
        return bench.answer(delivery)
      }
      return new Courier({
        ...{ centre: 'acme', webhook: webhook(more), store: on, clock, node, random: () => 0.5 },
        sender: { send, close: () => undefined },
        directory: () => directory,
        log: createLog('silent', 'test'),
        onOutcome: (outcome, count = 1) => {
          outcomes[outcome] += count
        },
      })
    },
    record: async () => (await readRecord(store, 'crm'))?.value,
    /** Lets time pass, and everything that has to happen in it. */
    async pass(ms: number, step = 50): Promise<void> {
      await settle()
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left))
        await settle()
      }
    },
    end: async () => (await store.feedEnd(webhookFeed)).offset,
  }
  return bench
}

const directory = demoDirectory()

function webhook(more: Partial<Webhook>): Webhook {
  return {
    ...{
      name: 'crm',
      url: new URL('https://hooks.example/'),
      keys: [Buffer.alloc(32)],
      texts: true,
      timeoutMs: 15_000,
    },
    ...{ events: new Set(eventTypeNames), dns: new Set<string>(), agents: new Set<string>(), parallel: 4 },
    ...{ allowed: networksOf([]), retry: { firstMs: 5_000, maxMs: 14_400_000, forMs: 86_400_000 } },
    ...more,
  }
}

/** Everything that only waits for promises happens. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}
