import { type IdSource, type MessageID, makeCallUUID, makeConnID } from '../tserver/ids.ts'

/** Ids of the real form, the same ones for the same seed. */
export function seededIds(seed: number): IdSource {
  const random = seededRandom(seed)
  const process = Uint8Array.from({ length: 16 }, () => random() & 0xff)
  let calls = 0
  return {
    callUUID: () => makeCallUUID(process, calls++),
    // The lowest bit set: a ConnID is never 0.
    connID: () => makeConnID(seed, (BigInt(random()) << 18n) | BigInt(random() & 0x3ffff) | 1n),
    messageID: () => Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('') as MessageID,
  }
}

/** A source of 32-bit numbers for tests and simulations, the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
