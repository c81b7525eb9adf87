import { describe, expect, test } from 'vitest'
import { FakeFlow } from '../../testing/index.ts'
import { world } from './testing/world.ts'

const invite = { method: 'INVITE', headers: [['Contact', '<sip:bob@192.0.2.2>']] } as const

describe('an INVITE we answer', () => {
  test('[SX-3] reaches the user once; a repetition is answered with the last response, and by silence before there is one', () => {
    const { receive, requests, sent, drops } = world()
    receive(invite)
    receive(invite)
    expect(requests).toHaveLength(1)
    expect(sent()).toEqual([])
    requests[0]?.respond({ status: 180 })
    receive(invite)
    expect(sent()).toEqual(['180', '180'])
    requests[0]?.respond({ status: 183 })
    receive(invite)
    expect(sent()).toEqual(['183', '183'])
    expect(drops).toEqual(['repeated', 'repeated', 'repeated'])
  })

  test('[SX-4] gets 100 after 200 ms, without a tag, where nothing was answered by then', () => {
    const { receive, flow, sentWithin, clock } = world()
    receive({ ...invite, headers: [...invite.headers, ['Timestamp', '54']] })
    const [at] = sentWithin(10_000)
    expect(at).toBe(200)
    const [trying] = flow.take()
    expect(trying).toMatch(/^SIP\/2\.0 100 Trying\r\n/)
    expect(trying).toContain('\r\nTo: <sip:7001@example.com>\r\n')
    expect(trying).toContain('\r\nTimestamp: 54\r\n')
    receive(invite)
    expect(flow.take()).toEqual([trying])
    expect(clock.pending).toBe(0)
  })

  test.each([180, 200, 486])('[SX-4] gets no 100 after a %i', (status) => {
    const { receive, requests, sent, clock } = world({ flow: new FakeFlow('tcp') })
    receive(invite)
    requests[0]?.respond({ status })
    clock.advance(10_000)
    expect(sent()).toEqual([String(status)])
  })

  test('[SX-5] a refusal is repeated at T1, doubling to T2, until timer H', () => {
    const { receive, requests, sentWithin, clock, sent, isEmpty } = world()
    const ends: boolean[] = []
    receive(invite)
    const transaction = requests[0]
    if (transaction) transaction.onEnd = (acknowledged) => ends.push(acknowledged)
    transaction?.respond({ status: 486 })
    sent()
    const expected = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    expect(sentWithin(31_990)).toEqual(expected)
    expect(ends).toEqual([])
    clock.advance(60)
    expect(ends).toEqual([false])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-5] an ACK ends the repetition; it and a late INVITE are absorbed until timer I', () => {
    const { receive, requests, sentWithin, sent, acks, clock, layer, isEmpty } = world()
    const ends: boolean[] = []
    receive(invite)
    const transaction = requests[0]
    if (transaction) transaction.onEnd = (acknowledged) => ends.push(acknowledged)
    transaction?.respond({ status: 486 })
    clock.advance(600)
    expect(sent()).toEqual(['486', '486'])
    receive({ method: 'ACK', to: '<sip:7001@example.com>;tag=whatever' })
    receive({ method: 'ACK', to: '<sip:7001@example.com>;tag=whatever' })
    receive(invite)
    expect(sentWithin(4_900)).toEqual([])
    expect(ends).toEqual([true])
    expect(acks).toEqual([])
    expect(layer.counts.server).toBe(1)
    clock.advance(200)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-5] over a reliable flow a refusal is sent once, and the ACK ends the transaction at once', () => {
    const { receive, requests, sentWithin, sent, isEmpty, clock } = world({ flow: new FakeFlow('tls') })
    receive(invite)
    requests[0]?.respond({ status: 603 })
    expect(sentWithin(31_000)).toEqual([])
    expect(sent()).toEqual(['603'])
    receive({ method: 'ACK' })
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-23] refused INVITEs whose ACKs do not come hold nobody up, and the oldest goes first', () => {
    const { receive, requests, sent, layer } = world({ limits: { server: 1, answeredBytes: 6_000 } })
    const ends: [number, boolean][] = []
    for (let call = 0; call < 10; call++) {
      receive({ ...invite, branch: `z9hG4bK-${call}`, callID: `call-${call}` })
      const transaction = requests[call]
      if (transaction) transaction.onEnd = (acknowledged) => ends.push([call, acknowledged])
      transaction?.respond({ status: 401 })
    }
    expect(sent()).toEqual(Array.from({ length: 10 }, () => '401'))
    expect(layer.counts.server).toBeLessThan(10)
    expect(ends).toEqual(Array.from({ length: 10 - layer.counts.server }, (_, call) => [call, false]))
  })

  test('[SX-6] a 2xx is repeated by its dialog alone; a repeated INVITE is absorbed until timer L', () => {
    for (const transport of ['udp', 'tcp'] as const) {
      const { receive, requests, sentWithin, sent, clock, layer, isEmpty } = world({ flow: new FakeFlow(transport) })
      receive(invite)
      requests[0]?.respond({ status: 200 })
      receive(invite)
      expect(sent()).toEqual(['200'])
      expect(sentWithin(1_000)).toEqual([])
      requests[0]?.respond({ status: 200 })
      requests[0]?.respond({ status: 486 })
      requests[0]?.respond({ status: 180 })
      expect(sent()).toEqual(['200'])
      clock.advance(30_900)
      receive(invite)
      expect(requests).toHaveLength(1)
      expect(layer.counts.server).toBe(1)
      clock.advance(200)
      expect(isEmpty()).toBe(true)
    }
  })

  test('[SX-6] the ACK of a 2xx goes to the user, also where it has the branch of the INVITE', () => {
    const { receive, requests, acks } = world()
    receive(invite)
    requests[0]?.respond({ status: 200 })
    receive({ method: 'ACK', branch: 'z9hG4bK-another' })
    receive({ method: 'ACK' })
    expect(acks.map((ack) => ack.via.branch)).toEqual(['z9hG4bK-another', 'z9hG4bK-first'])
  })

  test('[SX-6] an ACK before the answer, and one nobody knows, are not answered', () => {
    const { receive, sent, acks } = world()
    receive(invite)
    receive({ method: 'ACK' })
    expect(acks).toEqual([])
    receive({ method: 'ACK', branch: 'z9hG4bK-unknown' })
    expect(acks).toHaveLength(1)
    expect(sent()).toEqual([])
  })

  test('[SX-7] a CANCEL is answered 200 with the tag of the INVITE, and told; the INVITE is the user’s to answer', () => {
    const { receive, requests, flow, sent } = world()
    let cancelled = 0
    receive(invite)
    const transaction = requests[0]
    if (transaction) transaction.onCancel = () => cancelled++
    receive({ method: 'CANCEL' })
    const [answer] = flow.take()
    expect(answer).toMatch(/^SIP\/2\.0 200 /)
    expect(answer).toContain(`;tag=${transaction?.toTag}\r\n`)
    expect(answer).toContain('CSeq: 1 CANCEL')
    expect(cancelled).toBe(1)
    receive({ method: 'CANCEL' })
    expect(flow.take()).toEqual([answer])
    expect(cancelled).toBe(1)
    transaction?.respond({ status: 487 })
    expect(sent()).toEqual(['487'])
    expect(requests).toHaveLength(1)
  })

  test('[SX-7] a CANCEL after the final answer is answered 200 and changes nothing; one of no INVITE gets 481', () => {
    const { receive, requests, sent } = world()
    let cancelled = 0
    receive(invite)
    const transaction = requests[0]
    if (transaction) transaction.onCancel = () => cancelled++
    transaction?.respond({ status: 200 })
    receive({ method: 'CANCEL' })
    receive({ method: 'CANCEL', branch: 'z9hG4bK-unknown' })
    expect(sent()).toEqual(['200', '200', '481'])
    expect(cancelled).toBe(0)
    expect(requests).toHaveLength(1)
  })

  test('[SX-7] CANCELs of nothing we know leave nothing behind, and a repeated one the same answer', () => {
    const { receive, flow, layer } = world()
    for (let count = 0; count < 100; count++) receive({ method: 'CANCEL', branch: `z9hG4bK-${count >> 1}` })
    expect(layer.counts.server).toBe(0)
    expect(new Set(flow.take()).size).toBe(50)
  })
})
