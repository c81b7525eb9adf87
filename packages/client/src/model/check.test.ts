import fc from 'fast-check'
import { expect, test } from 'vitest'
import { change, session, text } from '../testing/fixtures.ts'
import { readNotification } from './check.ts'

test('[CL-4] what is as it should be is known', () => {
  const good = [
    change(session('Talking')),
    text(1),
    {
      messageType: 'IMNoticeMessage',
      imSessionPath: '/im-sessions/S',
      notificationType: 'Displayed',
      from: '7002',
      messageId: 'a',
      timestamp: '',
    },
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
  ['a text that is a number', { ...text(1), message: 5 }],
  ['a position that is none', { ...text(1), position: 'first' }],
] as const)
  test(`[CL-4] ${what} is malformed`, () => {
    expect(readNotification(wrong)).toEqual({ read: 'malformed' })
  })

test('[CL-3] another kind is unknown, whatever its name', () => {
  for (const messageType of ['IMSomethingNew', 'constructor', '__proto__'])
    expect(readNotification({ messageType })).toEqual({ read: 'unknown' })
})

test('[CL-4] nothing that can be written in JSON throws', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => readNotification(value) !== undefined))
  const types = fc.constantFrom('IMSessionStateChangeMessage', 'IMLogUpdateMessage', 'IMNoticeMessage')
  fc.assert(
    fc.property(
      types,
      fc.jsonValue(),
      (messageType, imSession) => readNotification({ messageType, imSession }) !== undefined,
    ),
  )
})
