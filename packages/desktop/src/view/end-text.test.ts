import { expect, test } from 'vitest'
import { endText } from './end-text.ts'
import { speaker } from './text.ts'

const say = speaker('en')
const end = (by: string | null, reason: string | null) =>
  endText(say, { peer: '7002', end: { by, reason } }, (digits) => (digits === '7002' ? 'Ben' : '?'))

test('why a session ended is a sentence that says who did it', () => {
  expect(end('7002', 'completed')).toBe('The session was ended by Ben.')
  expect(end('7001', 'completed')).toBe('You ended the session.')
  expect(end('7002', 'rejected')).toBe('Ben rejected the session.')
  expect(end(null, 'noAnswer')).toBe('There was no answer in time.')
  expect(end(null, 'loggedOut')).toBe('The session ended because Ben signed out.')
})

test('a reason nobody knows is a sentence too', () => {
  for (const reason of [null, 'somethingNew', 'constructor']) expect(end(null, reason)).toBe('The session has ended.')
  expect(endText(say, { peer: null }, () => '')).toBe('The session has ended.')
})
