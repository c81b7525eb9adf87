import type { Change, SessionStore } from '@ringdown/signalling'
import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContractHarness } from './harness.ts'
import { agentEvent, callUUID, person, sampleCall, sampleText } from './samples.ts'

const few = fc.integer({ min: 1, max: 3 })
const claimed = fc.option(few, { nil: undefined })

/** Changes over so few calls, agents, ids and versions that they often meet. */
const someChange: fc.Arbitrary<Change> = fc
  .record({
    calls: fc.uniqueArray(fc.record({ n: few, version: fc.integer({ min: 0, max: 3 }), put: fc.boolean() }), {
      selector: ({ n }) => n,
      maxLength: 2,
    }),
    claims: fc.uniqueArray(fc.record({ n: few, from: claimed, to: claimed }), { selector: ({ n }) => n, maxLength: 2 }),
    feeds: fc.array(fc.record({ n: few, mark: fc.nat(1000) }), { maxLength: 3 }),
    log: fc.option(fc.record({ n: few, id: few, once: fc.boolean() }), { nil: undefined }),
    set: fc.array(fc.record({ n: few, due: fc.nat(100) }), { maxLength: 2 }),
    cancel: fc.array(few, { maxLength: 2 }),
    live: fc.option(few, { nil: undefined }),
  })
  .map(({ calls, claims, feeds, log, set, cancel, live }) => ({
    expect: calls.map(({ n, version }) => ({ kind: 'call', id: callUUID(n), version })),
    put: calls.flatMap(({ n, version, put }) =>
      put ? [{ kind: 'call', id: callUUID(n), value: sampleCall(n, version) }] : [],
    ),
    claims: claims.map(({ n, from, to }) => ({
      person: person(n),
      from: from === undefined ? undefined : callUUID(from),
      to: to === undefined ? undefined : callUUID(to),
    })),
    feeds: feeds.map(({ n, mark }) => ({ person: person(n), event: agentEvent(n, mark) })),
    ...(log && { log: { callUUID: callUUID(log.n), text: sampleText(`m${log.id}`), once: log.once } }),
    timers: {
      set: set.map(({ n, due }) => ({ id: `t${n}`, due, timer: { timer: 'noAnswer', callUUID: callUUID(n) } })),
      cancel: cancel.map((n) => `t${n}`),
    },
    // Whether it is living already is taken from the model when it is committed.
    ...(live && { live: { callUUID: callUUID(live), from: null, to: 'dialing', created: live } }),
  }))

/** ST-1, ST-2, ST-8, ST-9, ST-11: random histories have the outcomes, and leave the state, that the memory store has. */
export function modelContract(harness: ContractHarness): void {
  describe('against the memory store', () => {
    test('[ST-1] [ST-2] [ST-9] [ST-11] the same history has the same outcomes and leaves the same state', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(someChange, { minLength: 5, maxLength: 40 }), async (changes) => {
          const model = memoryStore({ epoch: 'model', feedLimit: 10_000, clock: new ManualClock() })
          const { a, b, close } = await harness.open({ feedLimit: 10_000 })
          try {
            const living = new Set<string>()
            for (const [i, drawn] of changes.entries()) {
              const change = settleLive(drawn, living)
              const outcome = await model.commit(change)
              expect(await (i % 3 ? a : b).commit(change)).toEqual(outcome)
              if (change.live && outcome.outcome === 'committed') living.add(change.live.callUUID)
            }
            expect(await state(b)).toEqual(await state(model))
          } finally {
            await close()
          }
        }),
        { numRuns: 15, seed: 20260101 },
      )
      // Each history gets stores of its own, and those take their time to open.
    }, 30_000)
  })
}

/** A call that lives already is marked as going from dialing to talking. */
function settleLive(change: Change, living: Set<string>): Change {
  if (!change.live || !living.has(change.live.callUUID)) return change
  return { ...change, live: { ...change.live, from: 'dialing', to: 'dialing' } }
}

async function state(store: SessionStore): Promise<unknown> {
  const three = [1, 2, 3]
  return {
    read: await store.read({
      records: three.map((n) => ({ kind: 'call', id: callUUID(n) })),
      claims: three.map(person),
    }),
    feeds: await Promise.all(three.map(async (n) => ({ ...(await store.readFeed(person(n), 0, 1000)), epoch: '' }))),
    logs: await Promise.all(three.map((n) => store.readLog(callUUID(n), 0, 1000))),
    calls: await store.listCalls(undefined, 10),
    count: await store.countCalls(),
    timers: (await store.claimTimers(1000, 100, 1)).map(({ id }) => id).sort(),
  }
}
