import { lineLimit } from '@ringdown/client'
import { describe, expect, test } from 'vitest'
import { anna, change, lost, notice, now, refused, session, TestPage, text } from '../testing/page.ts'
import type { Effect, Input } from './desktop.ts'
import { lineOf } from './link.ts'
import { foundIn, nameOf } from './people.ts'
import { isHeld, placesToShow } from './places.ts'
import { ringing, unread } from './sessions.ts'

const names = (effects: readonly Effect[]) => effects.map(({ effect }) => effect)
const shown = (page: TestPage) => page.state.view.sessions.get('S')

describe('signing in', () => {
  test('[DT-18] nobody signed in is asked to', () => {
    const page = new TestPage()
    expect(page.take({ input: 'opened' })).toEqual([{ effect: 'whoAmI' }])
    page.take(refused({ effect: 'whoAmI' }, 401, 20))
    expect([page.state.stage, page.state.problem]).toEqual(['signIn', null])
  })

  test('[DT-18] a server that does not answer is asked again, and the page says so', () => {
    const page = new TestPage()
    page.take({ input: 'opened' }, lost({ effect: 'whoAmI' }))
    expect([page.state.stage, page.state.problem?.kind]).toEqual(['opening', 'noAnswer'])
    expect(page.asked('wait')).toMatchObject([{ name: 'open' }])
    expect(page.take({ input: 'waited', name: 'open' })).toEqual([{ effect: 'whoAmI' }])
  })

  test('[DT-18] one click is one request, and the password stays nowhere', () => {
    const page = new TestPage()
    const signIn = { input: 'signIn', userName: 'anna', password: 'secret' } as const
    page.take(signIn, signIn)
    expect(page.asked('signIn')).toHaveLength(1)
    expect(JSON.stringify({ ...page.state, busy: [...page.state.busy] })).not.toContain('secret')
    page.take(refused({ effect: 'signIn', userName: 'anna', password: '' }, 401, 20))
    expect([page.state.problem?.kind, page.state.busy.size]).toEqual(['wrongPassword', 0])
  })

  test('[DT-18] who is at a place comes to the desk, who is at none chooses one', () => {
    const page = new TestPage()
    page.take({ input: 'iAm', user: anna('LoggedOut') })
    expect([page.state.stage, names(page.effects)]).toEqual(['place', ['load', 'tellTabs', 'readPlaces']])
    page.take({ input: 'takePlace', place: 'P1', devicePath: '/devices/d1' })
    expect(page.asked('takePlace')).toEqual([{ effect: 'takePlace', place: 'P1', devicePath: '/devices/d1' }])
    page.take({ input: 'placeTaken', user: anna() })
    expect([page.state.stage, names(page.effects), page.state.busy.size]).toEqual([
      'desk',
      ['listen', 'readContacts'],
      0,
    ])
  })

  test('[DT-18] the agent’s own place is offered first, and one with somebody else is known', () => {
    const page = new TestPage()
    page.take({ input: 'iAm', user: anna('LoggedOut') })
    const place = (name: string, heldBy: string | null) => {
      const device = {
        phoneNumber: name,
        type: 'Extension',
        imAccess: 'api',
        path: `/devices/${name}`,
        heldBy,
      } as const
      return { name, devices: [device] }
    }
    expect(placesToShow(page.state)).toBe(null)
    page.take({ input: 'placesRead', places: [place('a', 'ben'), place('d1', 'anna'), place('e', null)] })
    const shown = placesToShow(page.state) ?? []
    expect(shown.map(({ name }) => name)).toEqual(['d1', 'a', 'e'])
    expect(shown.flatMap(({ devices }) => devices.map((one) => isHeld(page.state, one)))).toEqual([false, true, false])
  })

  test('[DT-18] a place that is taken is said where it is chosen', () => {
    const page = new TestPage()
    page.take({ input: 'iAm', user: anna('LoggedOut') }, { input: 'takePlace', place: 'P1' })
    page.take(refused({ effect: 'takePlace', place: 'P1' }, 409, 19))
    expect([page.state.stage, page.state.problem?.kind]).toEqual(['place', 'placeTaken'])
  })

  test('[DT-12] places and contacts that could not be read are asked for again', () => {
    const page = new TestPage()
    page.take({ input: 'iAm', user: anna('LoggedOut') }, refused({ effect: 'readPlaces', search: '' }, 503, 4))
    expect([page.state.problem?.kind, page.asked('wait').map(({ name }) => name)]).toEqual(['unavailable', ['places']])
    expect(page.take({ input: 'waited', name: 'places' })).toEqual([{ effect: 'readPlaces', search: '' }])
    page.take({ input: 'placesRead', places: [] })
    expect(page.state.problem).toBe(null)

    const desk = TestPage.atDesk()
    desk.take(refused({ effect: 'readContacts', search: '' }, 503, 4))
    expect(desk.asked('wait').map(({ name }) => name)).toEqual(['contacts'])
  })

  test('[DT-18] another person sees nothing of the one before', () => {
    const page = TestPage.talking()
    page.take({ input: 'write', id: 'S', text: 'private' })
    page.take({ input: 'notLetIn' }, refused({ effect: 'whoAmI' }, 401, 20))
    page.take({ input: 'iAm', user: anna('NotReady', 'ben') })
    expect([page.state.view.sessions.size, page.state.drafts.size, page.state.shown]).toEqual([0, 0, null])
    expect(page.asked('load')).toHaveLength(1)
  })

  test('[DT-18] what one person asked for is not answered to the next', () => {
    const page = TestPage.talking()
    const { login } = page.state
    const late: readonly Input[] = [
      { input: 'historyRead', sessions: [], login },
      { input: 'sessionsRead', sessions: [session('Talking')], asked: [], login },
      { input: 'transcriptRead', id: 'S', messages: [], login },
      { ...refused({ effect: 'complete', id: 'S' }, 401, 20), login },
    ]
    page.take({ input: 'done', effect: { effect: 'signOut' }, login })
    page.take(...late)
    expect([page.state.history.list, page.state.view.sessions.size, page.state.toasts]).toEqual([null, 0, []])
    page.take({ input: 'iAm', user: anna('NotReady', 'ben'), login: page.state.login }, ...late)
    expect([page.state.stage, page.state.history.list, page.state.view.sessions.size]).toEqual(['desk', null, 0])
    // Somebody who signs in where a login had ended is another one, too.
    page.take({ input: 'notLetIn' }, refused({ effect: 'whoAmI' }, 401, 20))
    const bens = page.state.login
    page.take({ input: 'iAm', user: anna('NotReady', 'cleo'), login: bens })
    expect(page.take({ input: 'historyRead', sessions: [], login: bens })).toEqual([])
    expect(page.state.history.list).toBe(null)
  })

  test('[DT-27] behind a break it may be somebody else’s page: nothing is shown before the server has said whose', () => {
    const page = TestPage.talking()
    page.take({ input: 'write', id: 'S', text: 'x' }, { input: 'offline' }, { input: 'broken' })
    page.take({ input: 'send', id: 'S', messageId: 'm1', now }, { input: 'reached' }, { input: 'subscribed' })
    expect(page.effects.at(-1)).toEqual({ effect: 'whoAmI', check: 2 })
    page.take({ input: 'connected' }, text('bens', 1), change(session('Alerting', { id: 'bens' })), {
      ...{ input: 'devicesChanged', devices: anna('LoggedOut').devices },
    })
    page.take({ input: 'waited', name: 'retry' }, { input: 'waited', name: 'catchUp' })
    expect([page.effects, shown(page)?.lines, page.state.view.sessions.size, page.state.stage]).toEqual([
      ...[[], [], 1, 'desk'],
    ])
    page.take({ input: 'iAm', user: anna('NotReady', 'ben'), check: 2 })
    expect([page.state.stage, page.state.me, page.state.problem?.kind]).toEqual(['signIn', null, 'someoneElse'])
    expect([page.state.view.sessions.size, page.state.outbox, page.state.held]).toEqual([0, [], null])
    expect(names(page.effects)).toEqual(['hangUp', 'phoneOff'])
  })

  test('[DT-27] where it is still the same one, what came meanwhile is taken, and what waited is sent', () => {
    const page = TestPage.talking()
    page.take({ input: 'broken' }, { input: 'subscribed' })
    page.take({ input: 'write', id: 'S', text: 'x' }, { input: 'send', id: 'S', messageId: 'm1', now }, text('a', 1))
    // It was asked before the last break.
    page.take({ input: 'subscribed' }, { input: 'connected' }, { input: 'iAm', user: anna(), check: 2 })
    expect([shown(page)?.lines, page.asked('send')]).toEqual([[], []])
    page.take({ input: 'iAm', user: anna(), check: 3 })
    expect(shown(page)?.lines.map(({ messageId }) => messageId)).toEqual(['a'])
    expect([page.asked('send').length, page.asked('readSessions').length]).toEqual([1, 1])
    expect(page.take(text('b', 2))).not.toEqual([])
  })

  test('[DT-27] whose page it is, is asked until it is known', () => {
    const page = TestPage.talking()
    page.take({ input: 'subscribed' }, lost({ effect: 'whoAmI', check: 2 }))
    expect(page.asked('wait').map(({ name }) => name)).toEqual(['confirm', 'probe'])
    expect(page.take({ input: 'waited', name: 'confirm' })).toEqual([{ effect: 'whoAmI', check: 3 }])
    page.confirmed()
    expect(page.take({ input: 'waited', name: 'confirm' })).toEqual([])
    page.take({ input: 'subscribed' }, refused({ effect: 'whoAmI', check: 4 }, 401, 20))
    expect([page.state.stage, page.state.held, page.state.problem?.kind]).toEqual(['signIn', null, 'expired'])
  })

  test('[DT-27] who has left their place meanwhile is led back to the places', () => {
    const page = TestPage.talking()
    page.take({ input: 'subscribed' }, { input: 'iAm', user: anna('LoggedOut'), check: 2 })
    expect([page.state.stage, page.state.held, names(page.asked('hangUp'))]).toEqual(['place', null, ['hangUp']])
  })

  test('[DT-27] another tab in which somebody else signs in ends this one’s page at once', () => {
    const who = { centre: 'demo', userName: 'ben' }
    const [desk, place, over] = [TestPage.talking(), new TestPage(), TestPage.talking()]
    place.take({ input: 'iAm', user: anna('LoggedOut') })
    over.take({ input: 'notLetIn' }, refused({ effect: 'whoAmI' }, 401, 20))
    for (const page of [desk, place, over]) {
      page.take({ input: 'signedInElsewhere', who })
      expect([page.state.stage, page.state.me, page.state.view.sessions.size]).toEqual(['signIn', null, 0])
    }
    expect(new TestPage().take({ input: 'signedInElsewhere', who })).toEqual([])
    place.take({ input: 'iAm', user: anna('LoggedOut') }, { input: 'placeTaken', user: anna('NotReady', 'ben') })
    expect([place.state.stage, place.state.me]).toEqual(['signIn', null])
  })

  test('[DT-27] another tab in which the same one signs in opens this one’s page again', () => {
    const page = TestPage.talking()
    const who = { centre: 'demo', userName: 'anna' }
    expect(page.take({ input: 'signedInElsewhere', who })).toEqual([])
    page.take({ input: 'notLetIn' }, refused({ effect: 'whoAmI' }, 401, 20))
    expect(page.take({ input: 'signedInElsewhere', who })).toEqual([{ effect: 'whoAmI' }])
    page.take({ input: 'iAm', user: anna() })
    expect([page.state.stage, page.asked('tellTabs')]).toEqual(['desk', [{ effect: 'tellTabs', who }]])
  })

  test('[DT-18] what another tab still keeps for who has left is not taken over', () => {
    const page = TestPage.talking()
    page.take({ input: 'done', effect: { effect: 'signOut' } })
    page.take({ input: 'savedElsewhere', key: 'draft/S', value: 'private' })
    expect(page.state.drafts.size).toBe(0)
  })

  test('[DT-18] signing out leaves nothing on the page', () => {
    const page = TestPage.talking()
    page.take({ input: 'signOut' })
    page.take({ input: 'done', effect: { effect: 'signOut' } })
    expect([page.state.stage, page.state.me, page.state.view.sessions.size]).toEqual(['signIn', null, 0])
    expect(names(page.effects)).toEqual(['save', 'save', 'hangUp', 'phoneOff'])
  })

  test('[DT-20] signing out in one tab is signing out in all', () => {
    const [one, other] = [TestPage.talking(), TestPage.talking()]
    for (const effect of one.take({ input: 'done', effect: { effect: 'signOut' } }))
      if (effect.effect === 'save') other.take({ input: 'savedElsewhere', key: effect.key, value: effect.value })
    expect([other.state.stage, other.state.view.sessions.size]).toEqual(['signIn', 0])
  })

  test('[DT-18] being logged out elsewhere leads back to the places', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'devicesChanged', devices: anna('LoggedOut').devices })
    expect([page.state.stage, names(page.effects)]).toEqual(['place', ['hangUp', 'readPlaces']])
  })

  test('[DT-19] a login that has ended is renewed, and everything is still there', () => {
    const page = TestPage.talking()
    page.take({ input: 'write', id: 'S', text: 'half a' })
    const send = { effect: 'send', id: 'S', messageId: 'm1', text: 'x' } as const
    page.take({ input: 'write', id: 'S', text: 'x' }, { input: 'send', id: 'S', messageId: 'm1', now })
    page.take({ input: 'write', id: 'S', text: 'next' }, refused(send, 401, 20))
    expect([page.state.stage, page.state.problem?.kind]).toEqual(['signIn', 'expired'])
    expect(page.asked('hangUp')).toHaveLength(1)

    page.take({ input: 'iAm', user: anna() })
    expect([page.state.stage, page.state.drafts.get('S'), page.asked('load')]).toEqual(['desk', 'next', []])
    page.confirmed({ input: 'subscribed' }, { input: 'connected' })
    expect(page.asked('send')).toEqual([send])
    expect(page.asked('readSessions').length).toBeGreaterThan(0)
  })

  test('[DT-19] a stream that lets nobody in asks who is signed in', () => {
    expect(TestPage.atDesk().take({ input: 'notLetIn' })).toEqual([{ effect: 'whoAmI' }])
  })

  test('an agent’s state is what the server says it is', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'setState', state: 'Ready' })
    expect([page.state.agentState, page.state.busy.has('setState')]).toEqual(['NotReady', true])
    page.take({ input: 'done', effect: { effect: 'setState', state: 'Ready' } })
    expect([page.state.agentState, page.state.busy.size]).toEqual(['Ready', 0])
    const [device] = anna().devices
    const userState = { state: 'NotReady', workMode: 'AfterCallWork' } as const
    page.take({ input: 'devicesChanged', devices: device ? [{ ...device, userState }] : [] })
    expect(page.state.agentState).toBe('AfterCallWork')
  })
})

describe('the way to the server', () => {
  test('[DT-13] at the start the sessions are read once', () => {
    const page = new TestPage()
    page.confirmed({ input: 'iAm', user: anna() }, { input: 'subscribed' }, { input: 'connected' })
    expect(page.asked('readSessions')).toHaveLength(1)
  })

  test('[DT-13] of a session with more texts than are shown only those behind them are read again', () => {
    const page = TestPage.talking()
    const many = Array.from({ length: lineLimit + 1 }, (_, i) => text(`m${i + 1}`, i + 1))
    page.take(...many, { input: 'broken' })
    page.confirmed({ input: 'connected' })
    page.take({ input: 'sessionsRead', sessions: [session('Talking')], asked: ['S'] })
    expect(page.asked('readTranscript')).toEqual([{ effect: 'readTranscript', id: 'S', after: lineLimit + 1 }])
  })

  test('[DT-13] after a break they are read again, from where their texts are whole', () => {
    const page = TestPage.talking()
    page.take(text('a', 1), text('b', 2), text('d', 4), { input: 'broken' })
    expect(lineOf(page.state.link)).toBe('reconnecting')
    page.confirmed({ input: 'connected' })
    expect([lineOf(page.state.link), names(page.asked('readSessions'))]).toEqual(['catchingUp', ['readSessions']])
    page.take({ input: 'sessionsRead', sessions: [session('Talking')], asked: ['S'] })
    expect(page.asked('readTranscript')).toEqual([{ effect: 'readTranscript', id: 'S', after: 2 }])
    expect(lineOf(page.state.link)).toBe('resynchronised')
    page.take({ input: 'waited', name: 'linkNews' })
    expect(lineOf(page.state.link)).toBe('live')
  })

  test('[DT-13] a request without an answer is a break, and the server is asked until it answers', () => {
    const page = TestPage.talking()
    page.take(lost({ effect: 'complete', id: 'S' }))
    expect(lineOf(page.state.link)).toBe('reconnecting')
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'probe', ms: 2_000 }])
    expect(page.take({ input: 'waited', name: 'probe' })).toEqual([{ effect: 'probe' }])
    page.take(lost({ effect: 'probe' }))
    expect(page.asked('wait').length).toBeGreaterThan(0)
    page.confirmed({ input: 'done', effect: { effect: 'probe' } })
    expect(page.asked('readSessions')).toHaveLength(1)
  })

  test('[DT-13] what could not be read is asked for again', () => {
    const page = TestPage.atDesk()
    page.confirmed({ input: 'subscribed' })
    page.take(refused({ effect: 'readSessions' }, 503, 4))
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'catchUp', ms: 3_000 }])
    expect(page.take({ input: 'waited', name: 'catchUp' })).toEqual([{ effect: 'readSessions' }])
  })

  test('[DT-13] a gap is said until all is there again', () => {
    const page = TestPage.talking()
    const data = { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e:1', to: 'e:9' }
    page.take({ input: 'notification', data, now })
    expect([lineOf(page.state.link), names(page.effects)]).toEqual(['gap', ['readSessions']])
    page.take(
      { input: 'sessionsRead', sessions: [session('Talking')], asked: ['S'] },
      { input: 'transcriptRead', id: 'S', messages: [] },
    )
    expect([lineOf(page.state.link), shown(page)?.incomplete]).toEqual(['refilled', false])
    page.take({ input: 'sessionsRead', sessions: [session('Talking')], asked: ['S'] })
    expect(lineOf(page.state.link)).toBe('refilled')
  })

  test('[DT-17] what is malformed is told once, and the sessions are read again', () => {
    const page = TestPage.talking()
    const wrong = { input: 'notification', data: { messageType: 'IMLogUpdateMessage' }, now } as const
    page.take(wrong, wrong)
    expect(page.state.toasts.map(({ problem }) => problem.kind)).toEqual(['malformed'])
    expect(page.asked('readSessions').length).toBeGreaterThan(0)
  })
})

describe('sessions', () => {
  test('[DT-7] one that has ended unnoticed is asked how, and one that has just begun is not ended', () => {
    const page = TestPage.talking()
    page.take(change(session('Talking', { id: 'new' })))
    page.take({ input: 'sessionsRead', sessions: [], asked: ['S'] })
    expect(page.asked('readSession')).toEqual([{ effect: 'readSession', id: 'S' }])
    page.take({ input: 'sessionRead', session: session('Completed', { endReason: 'idle', endedBy: null }) })
    expect(shown(page)?.end).toEqual({ by: null, reason: 'idle' })
    expect(page.state.view.sessions.get('new')?.state).toBe('Talking')
  })

  test('[DT-7] one that is not kept any more has ended too', () => {
    const page = TestPage.talking()
    page.take(
      { input: 'sessionsRead', sessions: [], asked: ['S'] },
      refused({ effect: 'readSession', id: 'S' }, 404, 6),
    )
    expect(shown(page)?.state).toBe('Completed')
  })

  test('one that begins is shown, and what was asked for is there', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'start', number: '7002', userData: { Subject: 'x' } })
    expect(page.state.calling).toBe('7002')
    expect(page.asked('start')).toEqual([{ effect: 'start', number: '7002', userData: { Subject: 'x' } }])
    page.take({ input: 'done', effect: { effect: 'start', number: '7002', userData: {} } })
    page.take(change(session('Initiating')))
    expect([page.state.calling, page.state.shown]).toEqual([null, 'S'])
  })

  test('one whose text comes before anything else is asked for, and shown', () => {
    const page = TestPage.atDesk()
    page.take(text('a', 1))
    expect(page.asked('readSession')).toEqual([{ effect: 'readSession', id: 'S' }])
    page.take({ input: 'sessionRead', session: session('Talking') })
    expect([page.state.shown, shown(page)?.peer]).toEqual(['S', '7002'])
  })

  test('one that is gone on with after a reload is shown, whatever came first', () => {
    const page = TestPage.atDesk()
    const kept = JSON.stringify({ messageId: 'm1', sessionId: 'S', text: 'x', written: now })
    page.take({ input: 'savedElsewhere', key: 'outbox/m1', value: kept }, { input: 'waited', name: 'adopt' })
    page.take({ input: 'sent', id: 'S', messageId: 'm1', answer: { statusCode: 0, position: 1 }, now })
    page.take({ input: 'sessionsRead', sessions: [session('Talking')], asked: [] })
    expect([page.state.shown, shown(page)?.state]).toEqual(['S', 'Talking'])
  })

  test('[DT-12] a second one is refused with the reason that holds', () => {
    const idle = TestPage.atDesk()
    const start = { effect: 'start', number: '7003', userData: {} } as const
    idle.take(refused(start, 400, 2, 'Invalid state'))
    const busy = TestPage.talking()
    busy.take(refused(start, 400, 2, 'Invalid state'))
    expect([idle, busy].map((page) => page.state.toasts[0]?.problem.kind)).toEqual(['peerBusy', 'selfBusy'])
    expect(busy.state.calling).toBe(null)
  })

  test('what was told can be dismissed', () => {
    const page = TestPage.talking()
    page.take(refused({ effect: 'complete', id: 'S' }, 403, 5))
    const [toast] = page.state.toasts
    page.take({ input: 'dismiss', id: toast?.id ?? 0 })
    expect(page.state.toasts).toEqual([])
  })

  test('user data are attached and deleted one at a time', () => {
    const page = TestPage.talking()
    const attach = { input: 'attach', id: 'S', key: 'a', value: '1' } as const
    page.take(attach, attach, { input: 'deleteKey', id: 'S', key: 'a' })
    expect(page.effects).toEqual([{ effect: 'attach', id: 'S', userData: { a: '1' } }])
    page.take(
      { input: 'done', effect: { effect: 'attach', id: 'S', userData: {} } },
      { input: 'deleteKey', id: 'S', key: 'a' },
    )
    expect(page.effects).toEqual([{ effect: 'deleteKey', id: 'S', key: 'a' }])
  })
})

describe('texts', () => {
  const receipts = (page: TestPage) => Object.fromEntries(shown(page)?.receipts ?? [])

  test('[DT-14] show the best that is known of them, and failed is final', () => {
    const page = TestPage.talking()
    const news = (notificationType: string, messageId: string) => notice({ notificationType, messageId })
    page.take(
      news('Displayed', 'a'),
      news('Delivered', 'a'),
      news('Delivered', 'b'),
      news('Failed', 'c'),
      news('Displayed', 'c'),
    )
    expect(receipts(page)).toEqual({ a: 'displayed', b: 'delivered', c: 'failed' })
  })

  test('[DT-15] the peer writes until the text comes, they say so, or their time is over', () => {
    const page = TestPage.talking()
    const composing = (on: boolean, refreshSeconds?: number) =>
      notice({ notificationType: 'Composing', composing: on, ...(refreshSeconds && { refreshSeconds }) })
    page.take(composing(true, 60))
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'composing/S/1', ms: 60_000 }])
    page.take(composing(true))
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'composing/S/2', ms: 120_000 }])
    page.take({ input: 'waited', name: 'composing/S/1' })
    expect(shown(page)?.composing).toBe(2)
    page.take({ input: 'waited', name: 'composing/S/2' })
    expect(shown(page)?.composing).toBe(null)
    page.take(composing(true), text('mine', 1, { from: '7001' }))
    expect(shown(page)?.composing).not.toBe(null)
    page.take(text('a', 2))
    expect(shown(page)?.composing).toBe(null)
    page.take(composing(true), composing(false))
    expect(shown(page)?.composing).toBe(null)
    page.take(composing(true), change(session('Completed')))
    expect(shown(page)?.composing).toBe(null)
  })

  test('[DT-21] under the agent’s eyes are seen, and their sender is told once', () => {
    const page = TestPage.talking()
    page.take(text('a', 1), text('mine', 2, { from: '7001' }), text('a', 1))
    expect(page.asked('tellDisplayed')).toEqual([{ effect: 'tellDisplayed', id: 'S', messageId: 'a' }])
    expect(page.asked('save')).toEqual([{ effect: 'save', key: 'seen/S', value: '1' }])
  })

  test('[DT-21] elsewhere they are counted until the agent looks', () => {
    const page = TestPage.talking()
    page.take({ input: 'visible', visible: false }, text('a', 1), text('b', 2))
    const view = shown(page)
    expect([page.asked('tellDisplayed'), view && unread(page.state, view)]).toEqual([[], 2])
    page.take({ input: 'visible', visible: true })
    expect(page.asked('tellDisplayed').map(({ messageId }) => messageId)).toEqual(['b'])
    page.take({ input: 'done', effect: { effect: 'tellDisplayed', id: 'S', messageId: 'b' } })
    expect(page.asked('tellDisplayed').map(({ messageId }) => messageId)).toEqual(['a'])
    page.take({ input: 'done', effect: { effect: 'tellDisplayed', id: 'S', messageId: 'a' } })
    expect(page.asked('tellDisplayed')).toEqual([])
    expect(view && unread(page.state, view)).toBe(0)
    page.take({ input: 'openPage', page: 'history' }, text('c', 3))
    expect(page.asked('tellDisplayed')).toEqual([])
  })

  test('[DT-21] of a long break are told one at a time, the latest first, and no more than twenty', () => {
    const page = TestPage.talking()
    const messages = Array.from({ length: 500 }, (_, i) => {
      return { messageId: `m${i + 1}`, message: 'x', from: '7002', timestamp: '', position: i + 1 }
    })
    page.take({ input: 'transcriptRead', id: 'S', messages })
    const asked: string[] = []
    for (let now = page.asked('tellDisplayed'); now[0]; now = page.asked('tellDisplayed')) {
      expect(now).toHaveLength(1)
      asked.push(now[0].messageId)
      page.take({ input: 'done', effect: now[0] })
    }
    expect([asked.length, asked[0], asked.at(-1)]).toEqual([20, 'm500', 'm481'])
  })

  test('[DT-13] [DT-21] one that is not answered is no break, and the others are left', () => {
    const page = TestPage.talking()
    page.take(text('a', 1), text('b', 2), lost({ effect: 'tellDisplayed', id: 'S', messageId: 'a' }))
    expect([lineOf(page.state.link), page.state.toldSeen]).toEqual(['live', []])
    page.take(lost({ effect: 'tellComposing', id: 'S', composing: true }), lost({ effect: 'readName', number: '1' }))
    expect([lineOf(page.state.link), page.effects]).toEqual(['live', []])
    page.take(text('c', 3))
    expect(page.asked('tellDisplayed').map(({ messageId }) => messageId)).toEqual(['c'])
    page.take(refused({ effect: 'tellDisplayed', id: 'S', messageId: 'c' }, 401, 20))
    expect([page.state.stage, page.state.toldSeen]).toEqual(['signIn', []])
  })

  test('[DT-21] of a session that is over are seen without a word', () => {
    const page = TestPage.talking()
    page.take({ input: 'visible', visible: false }, text('a', 1), change(session('Completed')))
    page.take({ input: 'visible', visible: true })
    expect([page.asked('tellDisplayed'), page.state.seen.get('S')]).toEqual([[], 1])
  })

  test('[DT-22] sound where the agent does not look, when they are new and not their own', () => {
    const page = TestPage.talking()
    page.take(text('a', 1))
    expect(page.asked('alert')).toEqual([])
    page.take({ input: 'visible', visible: false }, text('b', 2), text('b', 2), text('mine', 3, { from: '7001' }))
    expect(page.asked('alert')).toEqual([{ effect: 'alert', what: 'text', sessionId: 'S', peer: '7002' }])
    page.take(text('old', 4, { timestamp: new Date(now - 61_000).toISOString() }))
    expect(page.asked('alert')).toEqual([])
  })
})

describe('a session that comes in', () => {
  const asking = session('Alerting', { capabilities: ['Accept', 'Reject', 'Complete'] })

  test('[DT-22] sounds, and rings until it is answered', () => {
    const page = TestPage.atDesk()
    page.take(change(asking))
    expect(page.asked('alert')).toEqual([{ effect: 'alert', what: 'session', sessionId: 'S', peer: '7002' }])
    expect(ringing(page.state)?.id).toBe('S')
    page.take({ input: 'answer', id: 'S', accept: true })
    expect(page.asked('answer')).toEqual([{ effect: 'answer', id: 'S', accept: true }])
    page.take(change(session('Talking')))
    expect(ringing(page.state)).toBeUndefined()
  })

  test('[DT-22] that the engine answers sounds and does not ring', () => {
    const page = TestPage.atDesk()
    page.take(change(session('Alerting')))
    expect([page.asked('alert').length, ringing(page.state)]).toEqual([1, undefined])
  })
})

describe('people', () => {
  const ben = {
    userName: 'ben',
    firstName: 'Ben',
    lastName: 'Clarke',
    phoneNumber: '7002',
    userState: { state: 'Ready' },
    inSession: false,
  } as const

  test('[DT-23] are read again every 15 s while somebody can look', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'contactsRead', search: '', contacts: [ben], more: false })
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'contacts', ms: 15_000 }])
    expect(names(page.take({ input: 'waited', name: 'contacts' }))).toEqual(['readContacts'])
    page.take({ input: 'visible', visible: false })
    expect(page.take({ input: 'waited', name: 'contacts' })).toEqual([])
    expect(names(page.take({ input: 'visible', visible: true }))).toEqual(['readContacts'])
  })

  test('[DT-23] an answer to what is not searched for any more changes nothing', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'searchContacts', search: 'be' })
    page.take({ input: 'contactsRead', search: 'b', contacts: [ben], more: false })
    expect(page.state.contacts.list).toBe(null)
  })

  test('[DT-23] have their names shown for their numbers, asked for where they are not known', () => {
    const page = TestPage.atDesk()
    page.take(change(session('Initiating')))
    expect(page.asked('readName')).toEqual([{ effect: 'readName', number: '7002' }])
    expect(nameOf(page.state, '7002')).toBe('7002')
    page.take({ input: 'namesRead', contacts: [ben] })
    expect(nameOf(page.state, '7002')).toBe('Ben Clarke')
  })

  test('[DT-23] past sessions are found by name, data and any word in them', () => {
    const page = TestPage.atDesk()
    page.take({ input: 'namesRead', contacts: [ben] }, { input: 'openPage', page: 'history' })
    expect(names(page.effects)).toEqual(['readHistory'])
    const past = (id: string, more: object) => ({
      ...session('Completed', { id, ...more }),
      began: new Date(now).toISOString(),
      ended: new Date(now).toISOString(),
    })
    const other = { digits: '7009', phoneNumber: '7009', formattedPhoneNumber: '7009', e164Number: '7009' }
    page.take({
      input: 'historyRead',
      sessions: [past('one', { userData: { Subject: 'Order 66' } }), past('two', { participants: [other] })],
    })
    const found = (search: string) => {
      page.take({ input: 'searchHistory', search })
      return foundIn(page.state).map(({ id }) => id)
    }
    expect([found(''), found('clarke'), found('order'), found('7009'), found('refund')]).toEqual([
      ['one', 'two'],
      ['one'],
      ['one'],
      ['two'],
      [],
    ])
    page.take({ input: 'waited', name: 'searchTexts' })
    expect(page.effects.map((effect) => ('id' in effect ? effect.id : ''))).toEqual(['one', 'two'])
    const line = { message: 'about the Refund', messageId: 'a', from: '7009', timestamp: '' }
    page.take({ input: 'endedRead', id: 'two', messages: [line] })
    expect(foundIn(page.state).map(({ id }) => id)).toEqual(['two'])
  })
})
