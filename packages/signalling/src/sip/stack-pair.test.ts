import { afterEach, describe, expect, test } from 'vitest'
import { type MemoryBench, MemoryBenches } from '../testing/memory-bench.ts'
import { seededRandom } from '../testing/seeded-ids.ts'
import { TestDialogUser, TestSipUser } from '../testing/sip-port-harness.ts'
import type { SipDialog } from './ports.ts'

const opened: MemoryBench[] = []
afterEach(async () => {
  for (const bench of opened.splice(0)) await bench.close()
})

/** Two of our stacks; the second one rings and accepts. */
async function pair(sessionTimer: { interval: number; minSE: number } | null = null) {
  const benches = new MemoryBenches()
  const users = [new TestSipUser(), new TestSipUser()] as const
  const caller = await benches.open({ user: users[0], sessionTimer })
  const callee = await benches.open({ user: users[1], sessionTimer })
  opened.push(caller, callee)
  const accepted: Promise<{ dialog: SipDialog } | Error>[] = []
  users[1].onEachInvite = (invite) => {
    invite.ring()
    accepted.push(invite.accept(Buffer.from('answer')).catch((error) => error))
  }
  const at = callee.port.listening[0]?.address
  const call = async (advance: () => Promise<void>) => {
    const outgoing = caller.port.invite({
      to: { uri: `sip:7002@${at}` },
      from: '<sip:7001@example.com>',
      body: Buffer.from('offer'),
    })
    const ours = await during(outgoing.answered, advance)
    const theirs = await during(accepted.shift() ?? Promise.reject(new Error('not asked')), advance)
    return { ours, theirs }
  }
  return { benches, caller, callee, call }
}

/** Lets time pass until the promise is settled. */
async function during<T>(promise: Promise<T>, advance: () => Promise<void>): Promise<T> {
  let settled = false
  const done = promise.finally(() => {
    settled = true
  })
  for (let turns = 0; !settled; turns++) {
    if (turns > 500) throw new Error('nothing came of it')
    await advance()
  }
  return done
}

function withUser(dialog: SipDialog): TestDialogUser {
  const user = new TestDialogUser()
  dialog.user = user
  return user
}

describe('two stacks', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => [seed + 1]))(
    '[SD-27] a fifth of the datagrams is lost, seed %i: every call comes to the same end on both sides',
    async (seed) => {
      const { benches, caller, callee, call } = await pair()
      const random = seededRandom(seed)
      benches.network.passing = () => random() % 5 !== 0
      const advance = () => caller.advance(500)
      let established = 0
      for (let calls = 0; calls < 5; calls++) {
        const { ours, theirs } = await call(advance)
        if ('refused' in ours || theirs instanceof Error) {
          // 64·T1 can go by without a datagram that arrives; but then both sides have no call.
          continue
        }
        established++
        const [user, peer] = [withUser(ours.dialog), withUser(theirs.dialog)]
        const sent = ['one', 'two', 'three']
        for (const text of sent) {
          const answer = await during(ours.dialog.request('MESSAGE', { body: Buffer.from(text) }), advance)
          expect([200, 408, 481]).toContain(answer.status)
        }
        expect(new Set(peer.requests).size).toBe(peer.requests.length)
        const offered = await during(theirs.dialog.offer(Buffer.from('again')), advance)
        if ('sdp' in offered) expect(user.offers.length).toBe(1)
        await during(ours.dialog.bye(), advance)
        await caller.advance(2_000)
      }
      expect(established).toBeGreaterThanOrEqual(4)
      benches.network.passing = undefined
      await caller.advance(120_000)
      expect([caller.port.counts, callee.port.counts]).toEqual(new Array(2).fill({ dialogs: 0, server: 0, client: 0 }))
      expect(benches.clock.pending).toBe(0)
      expect([...caller.errors, ...callee.errors]).toEqual([])
    },
  )

  test('[SD-19] offers that cross are both answered in the end', async () => {
    const { caller, call } = await pair()
    const advance = () => caller.advance(100)
    const { ours, theirs } = await call(advance)
    if ('refused' in ours || theirs instanceof Error) throw new Error('no call')
    const [user, peer] = [withUser(ours.dialog), withUser(theirs.dialog)]
    const both = Promise.all([ours.dialog.offer(Buffer.from('from us')), theirs.dialog.offer(Buffer.from('from them'))])
    for (const outcome of await during(both, advance)) expect(outcome).toHaveProperty('sdp')
    expect([user.offers, peer.offers]).toEqual([['from them'], ['from us']])
  })

  test('[SD-20] a session of eight hours is refreshed by one side, and ends when that side is gone', async () => {
    const { benches, caller, callee, call } = await pair({ interval: 1800, minSE: 90 })
    const advance = () => caller.advance(100)
    const { ours, theirs } = await call(advance)
    if ('refused' in ours || theirs instanceof Error) throw new Error('no call')
    const [user, peer] = [withUser(ours.dialog), withUser(theirs.dialog)]
    expect([ours.dialog.state()?.session, theirs.dialog.state()?.session]).toEqual([
      { interval: 1800, refresher: 'remote' },
      { interval: 1800, refresher: 'local' },
    ])
    for (let hours = 0; hours < 8; hours++) await turn(benches, caller, 3_600_000)
    expect([user.ends, peer.ends]).toEqual([[], []])
    benches.network.passing = () => false
    for (let half = 0; half < 2; half++) await turn(benches, caller, 1_800_000)
    expect([user.ends, peer.ends]).toEqual([[{ by: 'timer', reason: undefined }], [{ by: 'lost', reason: undefined }]])
    await caller.advance(40_000)
    expect([caller.port.counts.dialogs, callee.port.counts.dialogs]).toEqual([0, 0])
  })
})

/** Long times in steps of 10 s: nothing of a session timer is finer. */
async function turn({ clock }: MemoryBenches, bench: MemoryBench, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10_000) {
    clock.advance(10_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await bench.settle()
}
