import { describe, expect, test } from 'vitest'
import { change, lost, now, refused, session, TestPage, text } from '../testing/page.ts'
import { newLink } from './link.ts'

/** Writes and sends a text; the effect that carries it, if one does. */
function say(page: TestPage, messageId: string, words = messageId) {
  page.take({ input: 'write', id: 'S', text: words }, { input: 'send', id: 'S', messageId, now })
  return page.asked('send')[0]
}
const waiting = (page: TestPage) => page.state.outbox.map(({ messageId, state }) => `${messageId} ${state}`)
const lines = (page: TestPage) => page.state.view.sessions.get('S')?.lines.map(({ messageId }) => messageId)
const sent = (messageId: string, position: number) =>
  ({ input: 'sent', id: 'S', messageId, answer: { statusCode: 0, messageId, position }, now }) as const

describe('a text', () => {
  test('[DT-16] is kept before it is sent, and forgotten when it is answered', () => {
    const page = TestPage.talking()
    expect(say(page, 'm1', ' hello \n')).toEqual({ effect: 'send', id: 'S', messageId: 'm1', text: ' hello' })
    expect(page.asked('save').map(({ key, value }) => [key, value !== null])).toEqual([
      ['draft/S', true],
      ['outbox/m1', true],
      ['draft/S', false],
    ])
    expect(page.state.drafts.get('S')).toBeUndefined()
    page.take(sent('m1', 1))
    expect(page.asked('save')).toEqual([{ effect: 'save', key: 'outbox/m1', value: null }])
    expect([waiting(page), lines(page)]).toEqual([[], ['m1']])
    page.take(text('m1', 1, { from: '7001' }))
    expect(lines(page)).toEqual(['m1'])
  })

  test('[DT-16] that got no answer is sent again under the same id, and those behind it wait', () => {
    const page = TestPage.talking()
    const first = say(page, 'm1')
    expect(say(page, 'm2')).toBeUndefined()
    expect(waiting(page)).toEqual(['m1 sending', 'm2 waiting'])
    page.take(lost(first as never))
    expect(waiting(page)).toEqual(['m1 waiting', 'm2 waiting'])
    expect(page.asked('send')).toEqual([])
    page.take({ input: 'waited', name: 'retry' })
    // Whoever asks first whether the server is there will send it.
    expect(page.asked('send')).toEqual([])
    page.confirmed({ input: 'done', effect: { effect: 'probe' } })
    expect(page.asked('send').map((one) => one.messageId)).toEqual(['m1'])
    page.take(sent('m1', 1))
    expect(page.asked('send').map((one) => one.messageId)).toEqual(['m2'])
  })

  for (const [what, http, code] of [
    ['a store that is away', 503, 4],
    ['a proxy', 502, -1],
    ['a page that is out of date', 403, 3],
  ] as const)
    test(`[DT-16] that ${what} kept back is tried again`, () => {
      const page = TestPage.talking()
      const effect = say(page, 'm1')
      page.take(refused(effect as never, http, code, 'Missing or invalid Csrf token'))
      expect(waiting(page)).toEqual(['m1 waiting'])
      expect(page.asked('wait').some(({ name }) => name === 'retry')).toBe(true)
    })

  test('[DT-16] that is refused for good stays, says why, and holds up no other', () => {
    const page = TestPage.talking()
    const effect = say(page, 'm1')
    say(page, 'm2')
    page.take(refused(effect as never, 413, 10))
    expect(waiting(page)).toEqual(['m1 refused', 'm2 sending'])
    expect(page.state.outbox[0]?.problem?.kind).toBe('tooLarge')
    page.take(sent('m2', 1), { input: 'sendAgain', messageId: 'm1' })
    expect(waiting(page)).toEqual(['m1 sending'])
    page.take(refused(effect as never, 400, 2), { input: 'discard', messageId: 'm1' })
    expect(waiting(page)).toEqual([])
    expect(page.asked('save').at(-1)).toEqual({ effect: 'save', key: 'outbox/m1', value: null })
  })

  test('[DT-16] is not sent without a network, and is when it is back', () => {
    const page = TestPage.talking()
    page.take({ input: 'offline' })
    expect(say(page, 'm1')).toBeUndefined()
    expect(waiting(page)).toEqual(['m1 waiting'])
    page.take({ input: 'online' })
    expect(page.asked('probe')).toHaveLength(1)
    page.confirmed({ input: 'done', effect: { effect: 'probe' } })
    expect(page.asked('send').map((one) => one.messageId)).toEqual(['m1'])
  })

  test('[DT-16] of nothing but white space is none', () => {
    const page = TestPage.talking()
    expect(say(page, 'm1', ' \n ')).toBeUndefined()
    expect(waiting(page)).toEqual([])
  })
})

test('[DT-16] a text of a session that is not kept any more is told, and not kept either', () => {
  const page = TestPage.atDesk()
  const kept = JSON.stringify({ messageId: 'm1', sessionId: 'gone', text: 'important', written: now })
  page.take({ input: 'savedElsewhere', key: 'outbox/m1', value: kept }, { input: 'waited', name: 'adopt' })
  const [effect] = page.asked('send')
  page.take(refused(effect as never, 404, 6))
  expect(page.state.toasts.map(({ problem }) => problem)).toEqual([{ kind: 'lostText', detail: 'important' }])
  expect([waiting(page), page.asked('save')]).toEqual([[], [{ effect: 'save', key: 'outbox/m1', value: null }]])
})

test('[DT-20] what was kept of sessions that are over is forgotten, and nothing else', () => {
  const page = new TestPage()
  page.state = { ...TestPage.atDesk().state }
  page.take({
    input: 'loaded',
    entries: [
      ['draft/S', 'half a'],
      ['draft/old', 'never sent'],
      ['seen/older', '7'],
    ],
  })
  page.take({ input: 'savedElsewhere', key: 'draft/young', value: 'just begun' })
  page.take({ input: 'sessionsRead', sessions: [session('Talking')], asked: [] })
  expect(
    page
      .asked('save')
      .filter(({ value }) => value === null)
      .map(({ key }) => key),
  ).toEqual([...['draft/old', 'seen/old', 'draft/older', 'seen/older']])
  expect([...page.state.drafts.keys(), ...page.state.seen.keys()]).toEqual(['S', 'young'])
  page.take({ input: 'sessionsRead', sessions: [], asked: [] })
  expect(page.asked('save')).toEqual([])
})

describe('two tabs', () => {
  const kept = JSON.stringify({ messageId: 'm9', sessionId: 'S', text: 'from there', written: now - 1 })

  test('[DT-20] a text written in the other one is sent by this one if it is still there after its turn', () => {
    const page = TestPage.talking()
    page.take({ input: 'savedElsewhere', key: 'outbox/m9', value: kept })
    expect(page.asked('send')).toEqual([])
    expect(page.asked('wait')).toEqual([{ effect: 'wait', name: 'adopt', ms: 4_000 }])
    page.take({ input: 'waited', name: 'adopt' })
    expect(page.asked('send')).toMatchObject([{ messageId: 'm9', text: 'from there' }])
  })

  test('[DT-20] and is left alone if the other one has sent it', () => {
    const page = TestPage.talking()
    page.take(
      { input: 'savedElsewhere', key: 'outbox/m9', value: kept },
      { input: 'savedElsewhere', key: 'outbox/m9', value: null },
      { input: 'waited', name: 'adopt' },
    )
    expect([page.asked('send'), waiting(page)]).toEqual([[], []])
  })

  test('[DT-16] a text that has arrived does not wait any more, whoever has sent it', () => {
    const page = TestPage.talking()
    page.take({ input: 'savedElsewhere', key: 'outbox/m9', value: kept }, text('m9', 1, { from: '7001' }))
    expect([waiting(page), lines(page)]).toEqual([[], ['m9']])
    page.take({ input: 'waited', name: 'adopt' })
    expect(page.asked('send')).toEqual([])

    say(page, 'm10')
    say(page, 'm11')
    const line = { messageId: 'm10', message: 'm10', from: '7001', timestamp: '', position: 2 }
    page.take({ input: 'transcriptRead', id: 'S', messages: [line] })
    expect(page.asked('send').map(({ messageId }) => messageId)).toEqual(['m11'])
    page.take(sent('m10', 2))
    expect([waiting(page), lines(page)]).toEqual([['m11 sending'], ['m9', 'm10']])
  })

  test('[DT-20] drafts and what was seen follow, and what is not ours is left alone', () => {
    const page = TestPage.talking()
    page.take(
      { input: 'savedElsewhere', key: 'draft/S', value: 'half a' },
      { input: 'savedElsewhere', key: 'seen/S', value: '3' },
      { input: 'savedElsewhere', key: 'seen/S', value: '2' },
      { input: 'savedElsewhere', key: 'outbox/x', value: '{"text":5}' },
      { input: 'savedElsewhere', key: 'outbox/y', value: 'no JSON' },
      { input: 'savedElsewhere', key: 'else', value: 'x' },
    )
    expect([page.state.drafts.get('S'), page.state.seen.get('S'), page.state.outbox]).toEqual(['half a', 3, []])
    page.take({ input: 'savedElsewhere', key: 'draft/S', value: null })
    expect(page.state.drafts.has('S')).toBe(false)
  })

  test('[DT-16] [DT-20] what was kept before a reload is sent after it, the oldest first', () => {
    const page = new TestPage()
    const earlier = kept.replace('m9', 'm8').replace(String(now - 1), String(now - 2))
    const fresh = TestPage.atDesk()
    page.state = { ...fresh.state, link: newLink }
    page.take({
      input: 'loaded',
      entries: [
        ['outbox/m9', kept],
        ['outbox/m8', earlier],
        ['draft/S', 'more'],
      ],
    })
    page.take({ input: 'connected' })
    expect(page.asked('send').map((one) => one.messageId)).toEqual(['m8'])
    expect(page.state.drafts.get('S')).toBe('more')
  })
})

describe('the peer is told', () => {
  const write = (words: string) => ({ input: 'write', id: 'S', text: words }) as const
  const told = (page: TestPage) => page.asked('tellComposing').map(({ composing }) => composing)

  test('[DT-15] once when writing begins, again after 50 s, and when it has stopped', () => {
    const page = TestPage.talking()
    page.take(write('h'), write('he'))
    expect(told(page)).toEqual([true])
    expect(page.asked('wait').map(({ name, ms }) => [name, ms])).toEqual([
      ['composing', 8_000],
      ['composingAgain', 50_000],
      ['composing', 8_000],
    ])
    page.take({ input: 'waited', name: 'composingAgain' })
    expect(told(page)).toEqual([true])
    page.take({ input: 'waited', name: 'composing' })
    expect(told(page)).toEqual([false])
    page.take({ input: 'waited', name: 'composingAgain' })
    expect(told(page)).toEqual([])
  })

  test('[DT-15] that it has stopped when all is deleted, and nothing when the text is sent', () => {
    const page = TestPage.talking()
    page.take(write('h'), write(''))
    expect(told(page)).toEqual([true, false])
    page.take(write('h'), { input: 'send', id: 'S', messageId: 'm1', now }, { input: 'waited', name: 'composing' })
    expect(told(page)).toEqual([true])
  })

  test('[DT-15] nothing while nobody has answered', () => {
    const page = TestPage.atDesk()
    page.take(change(session('Initiating')), write('h'))
    expect(told(page)).toEqual([])
  })
})
