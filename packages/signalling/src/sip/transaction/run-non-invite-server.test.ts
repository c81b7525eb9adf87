import { describe, expect, test } from 'vitest'
import { FakeFlow } from '../../testing/index.ts'
import { world } from './testing/world.ts'

describe('any other request we answer', () => {
  test('[SX-3] reaches the user once; repetitions are absorbed before the answer and get it again after', () => {
    const { receive, requests, sent } = world()
    receive({ body: 'hello' })
    receive({ body: 'hello' })
    expect(sent()).toEqual([])
    requests[0]?.respond({ status: 202, headers: [['X-Mark', '1']] })
    receive({ body: 'hello' })
    receive({ body: 'hello' })
    expect(sent()).toEqual(['202', '202', '202'])
    expect(requests).toHaveLength(1)
  })

  test('[SX-3] a second final answer is not sent', () => {
    const { receive, requests, sent } = world()
    receive()
    requests[0]?.respond({ status: 200 })
    requests[0]?.respond({ status: 500 })
    expect(sent()).toEqual(['200'])
  })

  test('[SX-8] the user’s provisional answers are not sent; 100 goes out when the client’s timer E has reached T2', () => {
    const { receive, requests, sentWithin, sent } = world()
    receive()
    requests[0]?.respond({ status: 100 })
    requests[0]?.respond({ status: 180 })
    expect(sent()).toEqual([])
    expect(sentWithin(10_000)).toEqual([3_500])
    receive()
    expect(sent()).toEqual(['100', '100'])
    requests[0]?.respond({ status: 200 })
    expect(sent()).toEqual(['200'])
  })

  test('[SX-8] 408 is never sent, and who is not answered in 64*T1 hears nothing but 100', () => {
    const { receive, requests, sent, clock, layer, isEmpty } = world()
    receive()
    requests[0]?.respond({ status: 408 })
    clock.advance(31_900)
    expect(layer.counts.server).toBe(1)
    clock.advance(200)
    expect(isEmpty()).toBe(true)
    requests[0]?.respond({ status: 200 })
    expect(sent()).toEqual(['100'])
  })

  test('[SX-8] a user who throws leaves no transaction behind', () => {
    const { receive, clock, sent, isEmpty } = world({
      user: {
        onRequest: () => {
          throw new Error('broken')
        },
        onAck: () => {},
        onStrayResponse: () => {},
        onFlowClosed: () => {},
      },
    })
    expect(() => receive()).toThrow('broken')
    clock.advance(32_050)
    expect(sent()).toEqual(['100'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-9] the answer is kept for 64*T1 over UDP', () => {
    const { receive, requests, sent, clock, isEmpty } = world()
    receive()
    clock.advance(1_000)
    requests[0]?.respond({ status: 200 })
    clock.advance(31_900)
    receive()
    expect(sent()).toEqual(['200', '200'])
    clock.advance(200)
    expect(isEmpty()).toBe(true)
    receive()
    expect(requests).toHaveLength(2)
  })

  test.each(['tcp', 'tls', 'ws', 'wss'] as const)('[SX-9] nothing is kept over %s', (transport) => {
    const { receive, requests, sent, clock, isEmpty } = world({ flow: new FakeFlow(transport) })
    receive()
    requests[0]?.respond({ status: 200 })
    expect(sent()).toEqual(['200'])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-9] a repetition gets the same bytes again, whether the answer is a status only or more', () => {
    for (const reply of [
      { status: 200 },
      { status: 401, headers: [['WWW-Authenticate', 'Digest realm="a", nonce="b"']] as const },
      { status: 404, reason: 'Gibt’s nicht' },
      { status: 200, body: Buffer.from([0, 1, 255, 13, 10]) },
    ]) {
      const { receive, requests, flow } = world()
      const text = {
        vias: ['SIP/2.0/UDP 10.1.1.1;rport;branch=z9hG4bK-1'],
        headers: [['Record-Route', '<sip:r;lr>']] as const,
      }
      receive(text)
      requests[0]?.respond(reply)
      receive(text)
      const [first, second, ...more] = flow.sent
      expect(more).toEqual([])
      expect(second).toEqual(first)
    }
  })

  test('[SX-10] a flow that is gone leaves its requests with the user; answers to them go nowhere', () => {
    const { receive, requests, flow, clock, closed, isEmpty } = world({ flow: new FakeFlow('tcp') })
    receive()
    flow.close()
    expect(closed).toEqual([flow.id])
    requests[0]?.respond({ status: 200 })
    expect(flow.take()).toEqual([])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })
})
