/** mulberry32: a small seeded source, from 0 up to but not including 1, so that two runs do the same at the same moments. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Of the exponential distribution with mean 1. */
export const exponential = (random: () => number): number => -Math.log(1 - random())
