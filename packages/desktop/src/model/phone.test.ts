import { describe, expect, test } from 'vitest'
import { anna, change, lost, session, TestPage } from '../testing/page.ts'

/** Anna at a device with a SIP leg. */
function atSipDevice(): TestPage {
  const page = TestPage.atDesk()
  const [device] = anna().devices
  page.state = { ...page.state, devices: device ? [{ ...device, imAccess: 'sip' }] : [] }
  return page
}
const start = { input: 'startBySip', number: '7002', text: 'hi', messageId: 'm1' } as const

describe('[DT-26] the page as a phone', () => {
  test('is one where the device has a SIP leg, and nowhere else', () => {
    expect(TestPage.atDesk().take({ input: 'phoneOn', password: 'secret' })).toEqual([])
    const page = atSipDevice()
    expect(page.take({ input: 'phoneOn', password: 'secret' })).toEqual([
      { effect: 'phoneOn', number: '7001', password: 'secret' },
    ])
    expect(JSON.stringify(page.state.phone)).toBe('{"state":"connecting"}')
    page.take({ input: 'phoneNews', news: 'registered' })
    page.take({ input: 'phoneNews', news: 'lost' }, { input: 'phoneNews', news: 'registered' })
    expect(page.state.phone.state).toBe('registered')
    expect(page.take({ input: 'phoneOff' })).toEqual([{ effect: 'phoneOff' }])
    page.take({ input: 'phoneNews', news: 'registered' })
    expect(page.state.phone.state).toBe('off')
  })

  for (const news of ['refused', 'nowhere'] as const)
    test(`says ${news}, and stops trying`, () => {
      const page = atSipDevice()
      page.take({ input: 'phoneOn', password: 'x' })
      expect(page.take({ input: 'phoneNews', news })).toEqual([{ effect: 'phoneOff' }])
      expect(page.state.phone.state).toBe(news)
    })

  test('begins a session by a message, once, and reads it when the session is there', () => {
    const page = atSipDevice()
    page.take(start, start)
    expect(page.asked('startBySip')).toHaveLength(1)
    page.take({ input: 'startedBySip', status: 200, reason: 'OK' })
    expect([page.state.busy.size, page.state.calling]).toEqual([0, '7002'])
    page.take(change(session('Talking')))
    expect([page.asked('readTranscript'), page.state.calling]).toEqual([
      [{ effect: 'readTranscript', id: 'S', after: 0 }],
      null,
    ])
  })

  for (const [status, kind] of [
    [486, 'peerBusy'],
    [480, 'peerAway'],
    [404, 'noSuchNumber'],
    [503, 'refused'],
  ] as const)
    test(`a message that is answered by ${status} is told as '${kind}'`, () => {
      const page = atSipDevice()
      page.take(start, { input: 'startedBySip', status, reason: 'No' })
      expect([page.state.toasts[0]?.problem.kind, page.state.calling, page.state.busy.size]).toEqual([kind, null, 0])
    })

  test('a message without an answer is told too', () => {
    const page = atSipDevice()
    page.take(start)
    page.take(lost({ effect: 'startBySip', number: '7002', text: 'hi', messageId: 'm1' }))
    expect([page.state.toasts[0]?.problem.kind, page.state.calling]).toEqual(['noAnswer', null])
  })

  test('ends with the sign-in, and with the place', () => {
    const page = atSipDevice()
    page.take({ input: 'done', effect: { effect: 'leavePlace' } })
    expect(page.asked('phoneOff')).toHaveLength(1)
    page.take({ input: 'done', effect: { effect: 'signOut' } })
    expect(page.asked('phoneOff')).toHaveLength(1)
  })
})
