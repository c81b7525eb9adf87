import { expect, test } from 'vitest'
import { mayConnect } from './open-sip.ts'

test.each([
  ['192.0.2.10', 2855, true],
  ['client.example', 20_000, true],
  ['192.0.2.10', 22, false],
  ['127.0.0.1', 6379, false],
  ['localhost', 6379, false],
  ['::1', 6379, false],
  ['169.254.169.254', 8080, false],
  ['fe80::1', 8080, false],
])('[SV-52] a peer that names %s:%d is connected to: %s', (host, port, may) => {
  expect(mayConnect(false)(host, port)).toBe(may)
})

test('[SV-52] on a machine of one, everything is loopback', () => {
  expect(mayConnect(true)('127.0.0.1', 20_000)).toBe(true)
  expect(mayConnect(true)('127.0.0.1', 22)).toBe(false)
})
