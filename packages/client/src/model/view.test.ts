import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ImSession, SessionState } from '../contract.ts'
import type { LogUpdate, Notification } from '../notifications.ts'
import { isOwn, type Line, lineLimit, type SessionView, shown } from './session-view.ts'
import { emptyView, nextView, sessionLimit, type View, type ViewInput } from './view.ts'

const participant = { digits: '7002', phoneNumber: '7002', formattedPhoneNumber: '7002', e164Number: '7002' }

function session(state: SessionState, more: Partial<ImSession> = {}): ImSession {
  const id = more.id ?? 'S'
  const path = `/im-sessions/${id}`
  return { id, state, participants: [participant], capabilities: ['Complete'], path, uri: `http://im${path}`, ...more }
}
function change(state: SessionState, more: Partial<ImSession> = {}): ViewInput {
  const notification: Notification = {
    messageType: 'IMSessionStateChangeMessage',
    notificationType: 'StatusChange',
    imSession: session(state, more),
  }
  return { input: 'notification', notification }
}
function text(messageId: string, position?: number, from = '7001'): ViewInput {
  const notification: LogUpdate = {
    messageType: 'IMLogUpdateMessage',
    notificationType: 'NewMessage',
    imSessionPath: '/im-sessions/S',
    message: `text ${messageId}`,
    messageId,
    from,
    timestamp: '2026-01-01T00:00:00.000Z',
    ...(position !== undefined && { position }),
  }
  return { input: 'notification', notification }
}
const gap: ViewInput = {
  input: 'notification',
  notification: { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e:1', to: 'e:9' },
}

function after(...inputs: ViewInput[]): View {
  return inputs.reduce(nextView, emptyView)
}
function only(view: View): SessionView {
  const found = view.sessions.get('S')
  if (!found) throw new Error('no session S')
  return found
}
function ids(view: View): string[] {
  return only(view).lines.map((line) => line.messageId)
}

describe('a session', () => {
  test('[CL-5] follows its notifications', () => {
    const talking = after(
      change('Initiating'),
      change('Talking', { userData: { k: 'v' }, capabilities: ['SendMessage'] }),
    )
    expect(only(talking)).toMatchObject({
      state: 'Talking',
      peer: '7002',
      userData: { k: 'v' },
      capabilities: ['SendMessage'],
    })
    const ended = nextView(talking, change('Completed', { endedBy: '7002', endReason: 'completed', capabilities: [] }))
    expect(only(ended)).toMatchObject({ state: 'Completed', end: { by: '7002', reason: 'completed' }, userData: {} })
  })

  test('[CL-5] does not go back when an old notification arrives again', () => {
    const ended = after(change('Initiating'), change('Talking'), change('Completed'))
    for (const state of ['Initiating', 'Alerting', 'Talking'] as const)
      expect(only(nextView(ended, change(state))).state).toBe('Completed')
    expect(only(after(change('Talking'), change('Alerting'))).state).toBe('Talking')
  })

  test('[CL-3] keeps its view when something unknown arrives', () => {
    const view = after(change('Talking'))
    const unknown = { messageType: 'SomethingNew' } as unknown as Notification
    expect(nextView(view, { input: 'notification', notification: unknown })).toBe(view)
  })
})

describe('texts', () => {
  test('[CL-6] are shown once', () => {
    expect(ids(after(change('Talking'), text('a', 1), text('b', 2), text('a', 1), text('b', 2)))).toEqual(['a', 'b'])
  })

  test('[CL-7] stand in the order of their positions', () => {
    expect(ids(after(change('Talking'), text('c', 3), text('a', 1), text('d', 4), text('b', 2)))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  test('[CL-7] without a position stand where they arrived', () => {
    expect(ids(after(change('Talking'), text('a', 1), text('x'), text('b', 2), text('y')))).toEqual([
      'a',
      'x',
      'b',
      'y',
    ])
  })

  test('[CL-8] are the peer’s or our own', () => {
    const view = only(after(change('Talking'), text('a', 1, '7001'), text('b', 2, '7002')))
    expect(view.lines.map((line) => isOwn(view, line))).toEqual([true, false])
  })

  test('[CL-9] that are missing leave a hole where they belong, until they arrive', () => {
    const holed = after(change('Talking'), text('b', 2), text('e', 5))
    const named = (view: View) =>
      shown(only(view)).map((row) => ('messageId' in row ? row.messageId : 'first' in row && [row.first, row.last]))
    expect(named(holed)).toEqual([[1, 1], 'b', [3, 4], 'e'])
    expect(named([text('a', 1), text('d', 4), text('c', 3)].reduce(nextView, holed))).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('[CL-12] are kept up to a limit, and those that went are no hole but are told of', () => {
    const many = Array.from({ length: lineLimit + 5 }, (_, i) => text(`m${i + 1}`, i + 1))
    const view = only(after(change('Talking'), ...many))
    expect(view.lines).toHaveLength(lineLimit)
    expect(view.lines[0]?.messageId).toBe('m6')
    expect(shown(view)).toEqual([{ older: true }, ...view.lines])
    const full = only(after(change('Talking'), ...many.slice(0, lineLimit)))
    expect(shown(full)).toEqual(full.lines)
  })

  test('[CL-6] [CL-7] any order of arrival, with any repetition, ends in the same lines', () => {
    const positions = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 })
    fc.assert(
      fc.property(positions, (arrivals) => {
        const view = after(change('Talking'), ...arrivals.map((n) => text(`m${n}`, n)))
        const expected = [...new Set(arrivals)].sort((a, b) => a - b).map((n) => `m${n}`)
        expect(ids(view)).toEqual(expected)
      }),
    )
  })
})

describe('after a gap', () => {
  test('[CL-10] what lives is incomplete until it is read again', () => {
    const old = change('Completed', { id: 'old' })
    const missed = after(old, change('Talking'), text('a', 1), gap)
    expect(missed.incomplete).toBe(true)
    expect(only(missed).incomplete).toBe(true)
    expect(missed.sessions.get('old')?.incomplete).toBe(false)

    const read = nextView(missed, { input: 'sessionsRead', sessions: [session('Talking')] })
    expect(read.incomplete).toBe(false)
    expect(only(read).incomplete).toBe(true)
    const lines: Line[] = ['a', 'b'].map((messageId, i) => ({
      messageId,
      from: '7002',
      timestamp: '2026-01-01T00:00:00.000Z',
      position: i + 1,
      message: messageId,
    }))
    const whole = nextView(read, { input: 'transcriptRead', sessionId: 'S', messages: lines })
    expect(only(whole).incomplete).toBe(false)
    expect(ids(whole)).toEqual(['a', 'b'])
  })

  test('[CL-10] a session that shows up for the first time is incomplete too', () => {
    expect(only(after(gap, change('Talking'))).incomplete).toBe(true)
  })

  test('[CL-11] a session that is not listed any more is completed', () => {
    const read = nextView(after(change('Talking')), {
      input: 'sessionsRead',
      sessions: [session('Alerting', { id: 'T' })],
    })
    expect(only(read)).toMatchObject({ state: 'Completed', capabilities: [] })
    expect(read.sessions.get('T')?.state).toBe('Alerting')
  })
})

test('[CL-12] completed sessions make room first', () => {
  const many = Array.from({ length: sessionLimit }, (_, i) =>
    change(i === 3 ? 'Completed' : 'Talking', { id: `s${i}` }),
  )
  const full = after(...many, change('Talking', { id: 'next' }))
  expect(full.sessions.size).toBe(sessionLimit)
  expect(full.sessions.has('s3')).toBe(false)
  const fuller = nextView(full, change('Talking', { id: 'after' }))
  expect(fuller.sessions.has('s0')).toBe(false)
  expect(fuller.sessions.has('after')).toBe(true)
})

describe('notices', () => {
  const notice = (more: object): ViewInput => {
    const notification = { messageType: 'IMNoticeMessage', imSessionPath: '/im-sessions/S', from: '7001', ...more }
    return { input: 'notification', notification: notification as Notification }
  }

  test('[CL-13] of a text count by the best that is known, and failed is final', () => {
    const news = (notificationType: string, messageId: string) => notice({ notificationType, messageId })
    const view = after(
      change('Talking'),
      news('Displayed', 'a'),
      news('Delivered', 'a'),
      news('Failed', 'c'),
      news('Displayed', 'c'),
    )
    expect(Object.fromEntries(only(view).receipts)).toEqual({ a: 'displayed', c: 'failed' })
  })

  test('[CL-14] of writing count until the text comes, the peer has stopped, or the session is over', () => {
    const composing = (on: boolean) => notice({ notificationType: 'Composing', composing: on })
    const writing = after(change('Talking'), composing(true))
    expect(only(writing).composing).not.toBe(null)
    for (const end of [text('a', 1, '7002'), composing(false), change('Completed')])
      expect(only(nextView(writing, end)).composing).toBe(null)
    expect(only(after(change('Completed'), composing(true))).composing).toBe(null)
  })

  test('[CL-3] of a session nobody has heard of make none', () => {
    expect(after(notice({ notificationType: 'Composing', composing: true })).sessions.size).toBe(0)
  })
})
