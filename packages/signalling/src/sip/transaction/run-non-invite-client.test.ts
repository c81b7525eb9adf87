import { describe, expect, test } from 'vitest'
import { FakeFlow, testParts } from '../../testing/index.ts'
import { clientUser, world } from './testing/world.ts'

const parts = testParts('MESSAGE', { body: Buffer.from('hello') })

/** A MESSAGE of ours on its way. */
function asked(options: Parameters<typeof world>[0] = {}) {
  const all = world(options)
  const user = clientUser()
  const transaction = all.layer.request(parts, all.flow, user)
  return { ...all, told: user.told, transaction, request: all.sentRequest() }
}

describe('any other request of ours', () => {
  test('[SX-16] is repeated at T1, doubling to T2, until timer F says that nobody answers', () => {
    const { sentWithin, told, isEmpty } = asked()
    const expected = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    expect(sentWithin(33_000)).toEqual(expected)
    expect(told).toEqual(['timeout'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-16] a provisional answer makes timer E T2; timer F goes on', () => {
    const { answer, request, sentWithin, told, clock, isEmpty } = asked()
    clock.advance(100)
    answer(request, 100)
    expect(sentWithin(13_000)).toEqual([400, 4_400, 8_400, 12_400])
    expect(told).toEqual([100])
    clock.advance(20_000)
    expect(told).toEqual([100, 'timeout'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-16] the final answer is passed on once; repetitions are absorbed until timer K', () => {
    const { answer, request, sentWithin, told, layer, strays, clock, isEmpty } = asked()
    answer(request, 202)
    answer(request, 202)
    answer(request, 500)
    expect(sentWithin(4_900)).toEqual([])
    expect(told).toEqual([202])
    expect(layer.counts.client).toBe(1)
    clock.advance(200)
    expect(isEmpty()).toBe(true)
    expect(strays).toEqual([])
  })

  test('[SX-16] over a reliable flow it is sent once, and the final answer ends it', () => {
    const { answer, request, sentWithin, told, clock, isEmpty } = asked({ flow: new FakeFlow('tls') })
    expect(sentWithin(31_900)).toEqual([])
    answer(request, 404)
    expect(told).toEqual([404])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-14] is never cancelled', () => {
    const { answer, request, transaction, sent } = asked()
    transaction.cancel()
    answer(request, 100)
    transaction.cancel()
    expect(sent()).toEqual([])
  })

  test('[SX-15] fails when its flow closes; others go on', () => {
    const { layer, flow, told, clock } = asked({ flow: new FakeFlow('tcp') })
    const other = new FakeFlow('tcp')
    const others = clientUser()
    layer.request(parts, other, others)
    flow.close()
    expect(told).toEqual(['transport'])
    clock.advance(1_000)
    expect(others.told).toEqual([])
    expect(layer.counts.client).toBe(1)
  })

  test('[SX-15] what a UDP flow does not take is as good as lost on the way: it is sent again', () => {
    const { layer, flow, sent, clock } = world()
    const user = clientUser()
    const { send } = flow
    flow.send = () => false
    layer.request(parts, flow, user)
    flow.send = send
    clock.advance(500)
    expect(sent()).toEqual(['MESSAGE'])
    expect(user.told).toEqual([])
  })

  test('[SX-15] a flow that closes while it sends, and a user who tries again over it, end in one failure each', () => {
    const { layer, flow, clock, isEmpty } = world({ flow: new FakeFlow('tcp') })
    const told: string[] = []
    let tries = 0
    const user = {
      onResponse: () => {},
      onFailed: (why: string) => {
        told.push(why)
        if (tries++ < 3) layer.request(parts, flow, user)
      },
    }
    flow.onSend = () => flow.close()
    layer.request(parts, flow, user)
    expect(told).toEqual([])
    clock.advance(1_000)
    expect(told).toEqual(['transport', 'transport', 'transport', 'transport'])
    expect(isEmpty()).toBe(true)
  })
})
