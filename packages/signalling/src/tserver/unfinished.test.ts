import { describe, expect, test } from 'vitest'
import { type SipBench, sipBench } from '../testing/index.ts'
import type { DNumber, MessageID } from './ids.ts'
import { unfinishedTimerID } from './sip-leg.ts'

/** Anna is logged in. */
async function open(
  setUp: Parameters<typeof sipBench>[0],
): Promise<SipBench & { anna: ReturnType<SipBench['agent']> }> {
  const made = sipBench(setUp)
  const anna = made.agent('anna')
  await anna.logIn()
  return { ...made, anna }
}

describe('[BR-18] an owner that dies after the end of a call', () => {
  const turn = async (clock: SipBench['clock'], seconds: number) => {
    for (let s = 0; s < seconds; s++) {
      clock.advance(1_000)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    }
  }

  test('leaves its texts to whoever looks, who is asked again until it has done it', async () => {
    const asked: string[] = []
    const { anna, endpoint, clock, tserver } = await open({
      onUnfinished: async (callUUID, dn) => {
        asked.push(`${callUUID} ${dn}`)
        if (asked.length === 1) throw new Error('not now')
      },
    })
    const call = await anna.call('8001')
    await endpoint('8001').input(call, { input: 'answered', mode: 'session' })
    await anna.say(call, 'last words')
    await anna.release(call)
    tserver.start()
    await turn(clock, 19)
    expect(asked).toEqual([])
    await turn(clock, 20)
    await tserver.stop()
    expect(asked).toEqual([`${call} 8001`, `${call} 8001`])
  })

  test('is not asked for where it has cancelled the timer, nor where nothing could be said', async () => {
    const asked: string[] = []
    const { anna, endpoint, clock, tserver, store } = await open({
      onUnfinished: async (callUUID) => void asked.push(callUUID),
    })
    const refused = await anna.call('8001')
    await endpoint('8001').input(refused, { input: 'refused', status: 486, reason: 'Busy Here' })
    const call = await anna.call('8001')
    await endpoint('8001').input(call, { input: 'answered', mode: 'session' })
    await anna.release(call)
    const cancel = [unfinishedTimerID(call, '8001' as DNumber)]
    await store.commit({ expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel } })
    tserver.start()
    await turn(clock, 30)
    await tserver.stop()
    expect(asked).toEqual([])
  })

  test('has its texts reported by another node, which has no say before the end', async () => {
    const { anna, endpoint, other } = await open({})
    const call = await anna.call('8001')
    await endpoint('8001').input(call, { input: 'answered', mode: 'session' })
    const { text } = await anna.say(call, 'last words')
    const report = {
      input: 'report',
      callUUID: call,
      dn: '8001' as DNumber,
      node: 'n2',
      messageID: text?.messageID as MessageID,
      outcome: 'failed',
      status: 487,
      reason: 'the session has ended',
    } as const
    await expect(other.tserver.input(report)).rejects.toMatchObject({ reason: 'TERR_INV_CONNID' })
    await anna.release(call)
    await other.tserver.input(report)
    expect((await anna.feed()).at(-1)?.event).toMatchObject({
      event: 'EventReturnReceipt',
      extensions: { receipt: { outcome: 'failed', status: 487 } },
    })
  })
})
