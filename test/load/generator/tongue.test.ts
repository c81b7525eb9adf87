import { describe, expect, test } from 'vitest'
import { csrfLine } from './tongue.ts'

describe('csrfLine', () => {
  test('the token is sent back under the name the server gave', () => {
    const head = 'HTTP/1.1 200 OK\r\nX-CSRF-HEADER: X-CSRF-TOKEN\r\nX-CSRF-TOKEN: 6a-B7\r\nDate: now'
    expect(csrfLine(head)).toBe('X-CSRF-TOKEN: 6a-B7\r\n')
  })

  test('a server without protection gets no such header', () => {
    expect(csrfLine('HTTP/1.1 200 OK\r\nDate: now')).toBe('')
  })
})
