import { describe, expect, test } from 'vitest'
import {
  type FakeNetwork,
  fakeFlowPair,
  ManualClock,
  seededRandom,
  seededTokens,
  testParts,
} from '../../testing/index.ts'
import type { Flow, TransportName } from '../transport/flow.ts'
import { createTransactionLayer } from './layer.ts'
import type { ClientTransaction, ServerTransaction, TransactionUser } from './ports.ts'

/** One request: what each side saw of it. */
interface Story {
  readonly method: string
  readonly cancelled: boolean
  /** What the asked side saw and said. */
  seen: number
  answered: number
  ends: number
  /** What the asking side was told: final statuses, failures. 2xx to INVITE may come again and count once. */
  readonly outcomes: (number | string)[]
}

const silent: TransactionUser = {
  onRequest: () => {},
  onAck: () => {},
  onStrayResponse: () => {},
  onFlowClosed: () => {},
}

/** Two layers with a network between them, and so many requests from one to the other within ten seconds. */
function play(seed: number, network: FakeNetwork, transport: TransportName, count: number) {
  const random = seededRandom(seed)
  const below = (limit: number) => random() % limit
  const clock = new ManualClock()
  const [asking, asked] = fakeFlowPair({ clock, transport, network, random })
  const stories = new Map<string, Story>()
  /** 2xx the asked side repeats, as a dialog would, until the ACK is there. */
  const repeating = new Map<string, () => void>()
  const storyOf = (message: { callID: string }) => {
    const story = stories.get(message.callID)
    if (!story) throw new Error('a request nobody has sent')
    return story
  }

  const asker = createTransactionLayer({ clock, tokens: seededTokens(seed), user: silent })
  const answerer = createTransactionLayer({
    clock,
    tokens: seededTokens(seed + 1),
    user: {
      ...silent,
      onRequest: (transaction) => {
        const story = storyOf(transaction.request)
        story.seen++
        if (transaction.request.method === 'INVITE') ring(transaction, story)
        else clock.after(below(2_000), () => respond(transaction, story, [200, 202, 404, 486][below(4)] ?? 200))
      },
      onAck: (ack) => repeating.delete(ack.callID),
    },
  })
  for (const [flow, layer] of [
    [asking, asker],
    [asked, answerer],
  ] as const)
    flow.user = {
      onMessage: (message, on) => layer.receive(message, on),
      onFault: (fault) => {
        throw new Error(fault.why)
      },
      onClosed: (on) => layer.flowClosed(on),
    }

  function respond(transaction: ServerTransaction, story: Story, status: number) {
    if (story.answered !== 0) return
    story.answered = status
    transaction.onEnd = () => story.ends++
    transaction.respond({ status })
    if (transaction.request.method !== 'INVITE' || status >= 300) return
    const { callID } = transaction.request
    const again = (interval: number, left: number) => {
      if (!repeating.has(callID) || left <= 0) return
      transaction.respond({ status })
      clock.after(interval, () => again(Math.min(interval * 2, 4_000), left - interval))
    }
    repeating.set(callID, () => {})
    clock.after(500, () => again(1_000, 31_500))
  }

  function ring(transaction: ServerTransaction, story: Story) {
    transaction.onCancel = () => respond(transaction, story, 487)
    clock.after(below(1_000), () => transaction.respond({ status: 180 }))
    clock.after(1_000 + below(3_000), () => respond(transaction, story, [200, 200, 486, 603][below(4)] ?? 200))
  }

  function ask(index: number) {
    const method = below(2) ? 'INVITE' : 'MESSAGE'
    const callID = `call-${index}`
    const story: Story = {
      method,
      cancelled: method === 'INVITE' && below(4) === 0,
      seen: 0,
      answered: 0,
      ends: 0,
      outcomes: [],
    }
    stories.set(callID, story)
    const transaction: ClientTransaction = asker.request(testParts(method, {}, callID), asking, {
      onResponse: ({ status }, flow) => {
        if (status < 200) return
        const is2xx = method === 'INVITE' && status < 300
        if (!is2xx || !story.outcomes.includes(status)) story.outcomes.push(status)
        if (is2xx) acknowledge(callID, flow)
      },
      onFailed: (why) => void story.outcomes.push(why),
    })
    if (story.cancelled) clock.after(below(1_500), () => transaction.cancel())
  }

  function acknowledge(callID: string, flow: Flow) {
    asker.sendStateless(testParts('ACK', {}, callID), flow)
  }

  for (let index = 0; index < count; index++) clock.after(below(10_000), () => ask(index))
  return { clock, stories, asker, answerer, asking }
}

const networks: [name: string, network: FakeNetwork, transport: TransportName][] = [
  ['a good network', { delayMs: [1, 20] }, 'udp'],
  ['5 % lost', { lost: 50, repeated: 10, delayMs: [1, 100] }, 'udp'],
  ['20 % lost, 20 % repeated, overtaking each other', { lost: 200, repeated: 200, delayMs: [1, 1_500] }, 'udp'],
  ['half of it lost', { lost: 500, repeated: 100, delayMs: [1, 300] }, 'udp'],
  ['a connection', { delayMs: [5, 5] }, 'tcp'],
]

describe.each(networks)('two layers, %s', (_, network, transport) => {
  test.each([1, 2, 3, 4, 5, 6])(
    '[SX-24] every request is seen once and has one outcome, the same on both sides, and nothing is left (seed %i)',
    (seed) => {
      const { clock, stories, asker, answerer } = play(seed, network, transport, 60)
      clock.advance(10_000 + 4 * 32_000)
      for (const [callID, story] of stories) {
        const { outcomes, seen, answered, ends } = story
        expect(outcomes, callID).toHaveLength(1)
        expect(seen, callID).toBeLessThanOrEqual(1)
        const [outcome] = outcomes
        if (outcome === 'timeout') expect(network.lost ?? 0, callID).toBeGreaterThan(100)
        else {
          expect(outcome, callID).toBe(answered)
          expect(seen, callID).toBe(1)
        }
        if (outcome === 487) expect(story.cancelled, callID).toBe(true)
        if (story.method === 'INVITE' && answered >= 300) expect(ends, callID).toBe(1)
      }
      expect(stories.size).toBe(60)
      expect(asker.counts).toEqual({ server: 0, client: 0 })
      expect(answerer.counts).toEqual({ server: 0, client: 0 })
      expect(clock.pending).toBe(0)
    },
  )
})

test('[SX-24] a connection that closes at any time gives every request its one outcome', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { clock, stories, asker, answerer, asking } = play(seed, { delayMs: [5, 5] }, 'tcp', 40)
    clock.advance(seed * 1_000 + 3)
    asking.close()
    clock.advance(4 * 32_000)
    for (const [callID, story] of stories) {
      expect(story.outcomes, callID).toHaveLength(1)
      expect(story.seen, callID).toBeLessThanOrEqual(1)
    }
    expect(asker.counts).toEqual({ server: 0, client: 0 })
    expect(answerer.counts).toEqual({ server: 0, client: 0 })
    expect(clock.pending).toBe(0)
  }
})
