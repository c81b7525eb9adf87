import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSHA256 } from './hmac.ts'
import { makeNonce, readNonce } from './nonce.ts'

const key = Buffer.alloc(32, 7)
const chance = Buffer.alloc(8, 9)
const now = Date.UTC(2026, 0, 1)
const nonce = makeNonce(key, 'demo', '192.0.2.1', now, chance)

test('[SR-3] the signature is an HMAC as the runtime makes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 200 }), (secret, text) => {
      expect(hmacSHA256(secret, text).toString('hex')).toBe(createHmac('sha256', secret).update(text).digest('hex'))
    }),
    { seed: 3 },
  )
})

test('[SR-3] a nonce tells its age and, on every node alike, who got it', () => {
  const read = readNonce(key, 'demo', nonce, now + 20_000, 120_000)
  expect(read?.leftMs).toBe(100_000)
  const other = readNonce(key, 'demo', makeNonce(key, 'demo', '192.0.2.1', now, Buffer.alloc(8, 1)), now, 120_000)
  expect(other?.owner).toBe(read?.owner)
  expect(other?.id).not.toBe(read?.id)
  const elsewhere = readNonce(key, 'demo', makeNonce(key, 'demo', '192.0.2.2', now, chance), now, 120_000)
  expect(elsewhere?.owner).not.toBe(read?.owner)
})

test('[SR-4] clocks of nodes may differ by half a minute, not by more', () => {
  expect(readNonce(key, 'demo', nonce, now - 30_000, 120_000)?.leftMs).toBeGreaterThan(0)
  expect(readNonce(key, 'demo', nonce, now - 30_001, 120_000)?.leftMs).toBe(0)
})

test('[SR-4] a nonce with any character changed, of another realm or another key is none', () => {
  for (let at = 0; at < nonce.length; at++) {
    const changed = `${nonce.slice(0, at)}${nonce[at] === 'A' ? 'B' : 'A'}${nonce.slice(at + 1)}`
    expect(readNonce(key, 'demo', changed, now, 120_000), changed).toBeUndefined()
  }
  for (const text of ['', `${nonce}A`, nonce.slice(1), `${nonce.slice(0, -1)}=`])
    expect(readNonce(key, 'demo', text, now, 120_000)).toBeUndefined()
  expect(readNonce(key, 'other', nonce, now, 120_000)).toBeUndefined()
  expect(readNonce(Buffer.alloc(32, 8), 'demo', nonce, now, 120_000)).toBeUndefined()
})
