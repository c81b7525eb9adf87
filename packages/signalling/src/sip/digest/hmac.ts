import { hash } from 'node:crypto'

const blockLength = 64

/** HMAC-SHA-256 (RFC 2104) of a key of 64 bytes at most, by one-shot hashes: a third of what `createHmac` costs for so little text. */
export function hmacSHA256(key: Uint8Array, text: Uint8Array): Buffer {
  const inner = Buffer.alloc(blockLength + text.length, 0x36)
  const outer = Buffer.alloc(blockLength + 32, 0x5c)
  for (let at = 0; at < key.length; at++) {
    const byte = key[at] ?? 0
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  inner.set(text, blockLength)
  outer.set(hash('sha256', inner, 'buffer'), blockLength)
  return hash('sha256', outer, 'buffer')
}
