import { expect, test } from 'vitest'
import { isLoopback } from './loopback.ts'

test.each(['127.0.0.1', '127.9.9.9', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '[SV-7] %s is loopback',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)
test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com', 'localhost.example', ''])(
  '[SV-7] %j is not loopback',
  (host) => {
    expect(isLoopback(host)).toBe(false)
  },
)
