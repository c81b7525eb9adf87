import { describe, expect, test } from 'vitest'
import { FakeFlow, readRequest, testParts } from '../../testing/index.ts'
import type { SipRequest } from '../message/message.ts'
import { clientUser, world } from './testing/world.ts'

const parts = testParts('INVITE', {
  headers: [
    ['Route', '<sip:edge.example.com;lr>'],
    ['Contact', '<sip:7001@192.0.2.1>'],
  ],
})

/** An INVITE of ours on its way. */
function invited(options: Parameters<typeof world>[0] = {}) {
  const all = world(options)
  const user = clientUser()
  const transaction = all.layer.request(parts, all.flow, user)
  return { ...all, told: user.told, transaction, invite: all.sentRequest() }
}

describe('an INVITE of ours', () => {
  test('[SX-11] is repeated at T1, doubling, until timer B says that nobody answers', () => {
    const { sentWithin, told, isEmpty } = invited()
    expect(sentWithin(33_000)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500])
    expect(told).toEqual(['timeout'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-11] over a reliable flow it is sent once, and timer B holds', () => {
    const { sentWithin, told, isEmpty } = invited({ flow: new FakeFlow('ws') })
    expect(sentWithin(31_900)).toEqual([])
    expect(told).toEqual([])
    expect(sentWithin(200)).toEqual([])
    expect(told).toEqual(['timeout'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-11] a provisional answer ends the repetition and timer B; each is passed on', () => {
    const { answer, invite, sentWithin, told, layer, clock } = invited()
    answer(invite, 100)
    answer(invite, 180)
    answer(invite, 180)
    expect(sentWithin(600_000)).toEqual([])
    expect(told).toEqual([100, 180, 180])
    expect(layer.counts.client).toBe(1)
    expect(clock.pending).toBe(0)
  })

  test('[SX-12] a refusal is passed on once and acknowledged each time it comes, until timer D', () => {
    const { answer, invite, flow, told, sent, clock, layer, isEmpty } = invited()
    answer(invite, 486, { toTag: 'theirs' })
    const ack = readRequest(flow.sent.splice(0)[0] ?? '')
    expect(ack.method).toBe('ACK')
    expect(ack.uri).toBe(invite.uri)
    expect(ack.headers('via')).toEqual(invite.headers('via'))
    expect(ack.header('from')).toBe(invite.header('from'))
    expect(ack.to.tag).toBe('theirs')
    expect(ack.callID).toBe(invite.callID)
    expect(ack.cseq).toEqual({ number: 1, method: 'ACK' })
    expect(ack.headers('route')).toEqual(['<sip:edge.example.com;lr>'])
    expect(ack.headers('contact')).toEqual([])
    expect(ack.header('max-forwards')).toBe('70')
    expect(ack.body).toHaveLength(0)
    answer(invite, 486, { toTag: 'theirs' })
    expect(sent()).toEqual(['ACK'])
    expect(told).toEqual([486])
    clock.advance(31_900)
    expect(layer.counts.client).toBe(1)
    clock.advance(200)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-12] over a reliable flow a refusal ends it at once', () => {
    const { answer, invite, told, sent, clock, isEmpty } = invited({ flow: new FakeFlow('tcp') })
    answer(invite, 603)
    expect(sent()).toEqual(['ACK'])
    expect(told).toEqual([603])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-13] every 2xx is passed on, repeated ones and those of other branches, and none is acknowledged here', () => {
    for (const transport of ['udp', 'tcp'] as const) {
      const { answer, invite, told, sent, strays, clock, isEmpty } = invited({ flow: new FakeFlow(transport) })
      answer(invite, 180)
      answer(invite, 200, { toTag: 'first' })
      answer(invite, 200, { toTag: 'first' })
      answer(invite, 202, { toTag: 'second' })
      answer(invite, 486, { toTag: 'third' })
      expect(told).toEqual([180, 200, 200, 202])
      expect(sent()).toEqual([])
      clock.advance(32_050)
      expect(isEmpty()).toBe(true)
      answer(invite, 200, { toTag: 'first' })
      expect(strays.map((stray) => stray.to.tag)).toEqual(['first'])
    }
  })

  test('[SX-14] a CANCEL waits for a provisional answer and is sent once', () => {
    const { answer, invite, transaction, flow, told, sent } = invited()
    transaction.cancel([['Reason', 'SIP;cause=200']])
    expect(sent()).toEqual([])
    answer(invite, 100)
    const cancel = readRequest(flow.sent.splice(0)[0] ?? '')
    expect(cancel.method).toBe('CANCEL')
    expect(cancel.uri).toBe(invite.uri)
    expect(cancel.headers('via')).toEqual(invite.headers('via'))
    for (const name of ['from', 'to', 'call-id', 'route'] as const)
      expect(cancel.headers(name)).toEqual(invite.headers(name))
    expect(cancel.cseq).toEqual({ number: 1, method: 'CANCEL' })
    expect(cancel.header('reason')).toBe('SIP;cause=200')
    transaction.cancel()
    answer(invite, 180)
    answer(cancel, 200)
    answer(invite, 487)
    expect(sent()).toEqual(['ACK'])
    expect(told).toEqual([100, 180, 487])
  })

  test('[SX-14] a CANCEL after a provisional answer is sent at once, and repeated until it is answered', () => {
    const { answer, invite, transaction, sent, sentWithin } = invited()
    answer(invite, 180)
    transaction.cancel()
    expect(sent()).toEqual(['CANCEL'])
    expect(sentWithin(2_000)).toEqual([500, 1_500])
  })

  test('[SX-14] where the final answer was faster nothing is cancelled', () => {
    const { answer, invite, transaction, sent, told } = invited()
    transaction.cancel()
    answer(invite, 200)
    transaction.cancel()
    expect(sent()).toEqual([])
    expect(told).toEqual([200])
  })

  test('[SX-14] a peer that answers the CANCEL and not the INVITE is given up after 64*T1', () => {
    const { answer, invite, transaction, sentRequest, told, clock, isEmpty } = invited()
    answer(invite, 180)
    clock.advance(100_000)
    transaction.cancel()
    answer(sentRequest(), 200)
    clock.advance(31_900)
    expect(told).toEqual([180])
    clock.advance(200)
    expect(told).toEqual([180, 'timeout'])
    expect(isEmpty()).toBe(true)
  })

  test('[SX-15] fails when its flow closes, before and after a provisional answer', () => {
    for (const statuses of [[], [180]]) {
      const { answer, invite, flow, told, clock, closed, isEmpty } = invited({ flow: new FakeFlow('tcp') })
      for (const status of statuses) answer(invite, status)
      flow.close()
      expect(told).toEqual([...statuses, 'transport'])
      expect(closed).toEqual([flow.id])
      clock.advance(50)
      expect(isEmpty()).toBe(true)
    }
  })

  test('[SX-15] who is told that it failed has the transaction already', () => {
    const { layer, flow, clock, isEmpty } = world({ flow: new FakeFlow('tcp') })
    flow.close()
    const user = clientUser()
    layer.request(parts, flow, user)
    expect(user.told).toEqual([])
    clock.advance(50)
    expect(user.told).toEqual(['transport'])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })

  test('[SX-15] a flow that closes under the ACK of a refusal takes nothing from the answer', () => {
    const { answer, invite, flow, told, clock, isEmpty } = invited()
    const refuse = (request: SipRequest) => answer(request, 486)
    flow.send = () => {
      flow.open = false
      return false
    }
    refuse(invite)
    expect(told).toEqual([486])
    clock.advance(50)
    expect(isEmpty()).toBe(true)
  })
})
