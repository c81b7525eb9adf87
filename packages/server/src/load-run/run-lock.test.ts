import { ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { describe, expect, test, vi } from 'vitest'
import { lockMs, RunLock } from './run-lock.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const clock = new ManualClock()
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock })
  const lockOf = (node: string) => new RunLock({ store: store.connect(node), node, clock })
  /** Time as it passes for timers that wait for the store. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(1_000)
      await settle()
    }
  }
  return { clock, store, lockOf, pass }
}
const nobody = () => undefined

describe('RunLock', () => {
  test('[LR-4] one node has it as long as it lives, and the others are told who', async () => {
    const { lockOf, pass } = setUp()
    const [one, two] = [lockOf('n1'), lockOf('n2')]
    expect(await one.take('a', nobody)).toBeUndefined()
    await pass(3 * lockMs)
    expect(await two.take('b', nobody)).toEqual({ run: 'a', node: 'n1' })
    await one.release()
    expect(await two.take('b', nobody)).toBeUndefined()
    expect(await one.holder()).toEqual({ run: 'b', node: 'n2' })
  })

  test('[LR-4] of two that ask at once one gets it', async () => {
    const { lockOf } = setUp()
    const outcomes = await Promise.all(['n1', 'n2', 'n3'].map((node) => lockOf(node).take(node, nobody)))
    expect(outcomes.filter((held) => held === undefined)).toHaveLength(1)
  })

  test('[LR-4] a node that dies keeps it for 15 seconds, and not from its own next process', async () => {
    const { lockOf } = setUp()
    await lockOf('n1').take('a', nobody)
    expect(await lockOf('n1').holder()).toBeUndefined()
    expect(await lockOf('n2').take('b', nobody)).toMatchObject({ run: 'a' })
  })

  test('[LR-4] what is not renewed runs out', async () => {
    const { clock, lockOf, store } = setUp()
    await lockOf('n1').take('a', nobody)
    store.outage('TERR_NO_SWITCH')
    clock.advance(lockMs + 1)
    await settle()
    store.outage(undefined)
    expect(await lockOf('n2').take('b', nobody)).toBeUndefined()
  })

  test('[LR-4] a node that cannot renew it in time has lost it, before another can have it', async () => {
    const { store, lockOf, pass } = setUp()
    const one = lockOf('n1')
    const onLost = vi.fn()
    await one.take('a', onLost)
    store.outage('TERR_NO_SWITCH')
    await pass(lockMs - 1_000)
    expect(onLost).toHaveBeenCalledOnce()
    store.outage(undefined)
    expect(await lockOf('n2').take('b', nobody)).toMatchObject({ run: 'a' })
  })

  test('[LR-4] a short silence of the store costs nothing', async () => {
    const { store, lockOf, pass } = setUp()
    const one = lockOf('n1')
    const onLost = vi.fn()
    await one.take('a', onLost)
    store.outage('TERR_NO_SWITCH')
    await pass(6_000)
    store.outage(undefined)
    await pass(2 * lockMs)
    expect(onLost).not.toHaveBeenCalled()
    expect(await lockOf('n2').holder()).toEqual({ run: 'a', node: 'n1' })
  })
})
