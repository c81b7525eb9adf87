import fc from 'fast-check'
import { expect, test } from 'vitest'
import { change, notice, now, session, text } from '../testing/page.ts'
import { readNotification } from './check.ts'
import type { Input } from './desktop.ts'

const data = (input: Input) => (input.input === 'notification' ? (input.data as Record<string, unknown>) : {})

test('[DT-17] what is as it should be is known', () => {
  const good = [
    data(change(session('Talking'))),
    data(text('a', 1)),
    data(notice({ notificationType: 'Displayed', messageId: 'a', timestamp: '' })),
    { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e:1', to: 'e:5' },
  ]
  expect(good.map((one) => readNotification(one).read)).toEqual(['known', 'known', 'known', 'known'])
})

for (const [what, wrong] of [
  ['nothing', undefined],
  ['a text', 'IMLogUpdateMessage'],
  ['no type', {}],
  ['a session without a state', { messageType: 'IMSessionStateChangeMessage', imSession: { id: 'S' } }],
  [
    'a state nobody knows',
    { messageType: 'IMSessionStateChangeMessage', imSession: { ...session('Talking'), state: 'Held' } },
  ],
  [
    'participants that are none',
    { messageType: 'IMSessionStateChangeMessage', imSession: { ...session('Talking'), participants: [null] } },
  ],
  ['a text that is a number', { ...data(text('a', 1)), message: 5 }],
  ['a position that is none', { ...data(text('a', 1)), position: 'first' }],
] as const)
  test(`[DT-17] ${what} is malformed`, () => {
    expect(readNotification(wrong)).toEqual({ read: 'malformed' })
  })

test('[DT-9] another kind is unknown, whatever its name', () => {
  for (const messageType of ['IMSomethingNew', 'constructor', '__proto__'])
    expect(readNotification({ messageType })).toEqual({ read: 'unknown' })
})

test('[DT-17] nothing that can be written in JSON throws', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => readNotification(value) !== undefined))
  const types = fc.constantFrom('IMSessionStateChangeMessage', 'IMLogUpdateMessage', 'IMNoticeMessage')
  fc.assert(
    fc.property(
      types,
      fc.jsonValue(),
      (messageType, imSession) => readNotification({ messageType, imSession, now }) !== undefined,
    ),
  )
})
