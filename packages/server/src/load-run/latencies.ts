/** Buckets to each power of two: values are right to 3 %. */
const perOctave = 32
/** 2^31 µs are half an hour; what is longer is counted there. */
const octaves = 32

/** A histogram of times in a fixed 4 kB, whatever the count. */
export class Latencies {
  readonly #counts = new Uint32Array(perOctave * octaves)
  #count = 0
  #max = 0

  /** Milliseconds, with fractions. */
  record(ms: number): void {
    const us = Math.max(1, ms * 1000)
    this.#count++
    this.#max = Math.max(this.#max, ms)
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log2(us) * perOctave))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  /** The longest, ms; null without any. */
  get max(): number | null {
    return this.#count === 0 ? null : rounded(this.#max)
  }

  /** What `percent` of all do not exceed, ms; null without any. */
  percentile(percent: number): number | null {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count))
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted) return rounded(Math.min(this.#max, 2 ** ((bucket + 1) / perOctave) / 1000))
    }
    return null
  }
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
