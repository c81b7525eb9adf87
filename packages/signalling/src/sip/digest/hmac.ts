import { hash } from 'node:crypto'

const blockLength = 64
const digestLength = 32
/** Scratch space, for one HMAC at a time is made: new buffers cost more than the hashes. */
const scratchText = 1024
const inner = Buffer.alloc(blockLength + scratchText)
const outer = Buffer.alloc(blockLength + digestLength)

/** HMAC-SHA-256 (RFC 2104) of a key of 64 bytes at most, by one-shot hashes: a tenth of what `createHmac` costs for so little text. */
export function hmacSHA256(key: Uint8Array, text: Uint8Array): Buffer {
  const length = blockLength + text.length
  const within = text.length <= scratchText ? inner.subarray(0, length) : Buffer.alloc(length)
  for (let at = 0; at < blockLength; at++) {
    const byte = key[at] ?? 0
    within[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  within.set(text, blockLength)
  outer.write(hash('sha256', within, 'binary'), blockLength, 'latin1')
  return Buffer.from(hash('sha256', outer, 'binary'), 'latin1')
}
