/** Buckets of one power of two: values keep three significant digits, as in HdrHistogram. */
const SUB_BUCKETS = 2048
const HALF = SUB_BUCKETS / 2
/** 2^36 µs is 19 hours; what is longer is counted there. */
const EXPONENTS = 26
const HIGHEST = 2 ** 36 - 1

/** The filled buckets of a histogram, as they travel between processes and into the JSON report. */
export interface HistogramData {
  count: number
  sum: number
  max: number
  /** Bucket number and how many values it holds, in ascending order. */
  buckets: [number, number][]
}

function bucketOf(value: number): number {
  if (value < SUB_BUCKETS) return value
  const shift = Math.floor(Math.log2(value)) - 10
  return shift * HALF + Math.floor(value / 2 ** shift)
}

/** The highest value that falls into a bucket. */
function upperBound(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket
  const shift = Math.floor(bucket / HALF) - 1
  return (bucket - shift * HALF + 1) * 2 ** shift - 1
}

/** The lowest and the highest value that fall into a bucket, microseconds. */
export function rangeOf(bucket: number): [number, number] {
  return [bucket === 0 ? 0 : upperBound(bucket - 1) + 1, upperBound(bucket)]
}

/**
 * A high-dynamic-range histogram of whole microseconds: any value up to 19 hours with an error below 0.1 %, in 110 kB whatever the
 * count. Give it times measured from when a request *should* have been sent, else a stalled server hides its own delays.
 */
export class Histogram {
  readonly #counts = new Uint32Array(HALF * (EXPONENTS + 2))
  #count = 0
  #sum = 0
  #max = 0
  /** The filled buckets lie between these. */
  #first = HALF * (EXPONENTS + 2)
  #last = -1

  get count(): number {
    return this.#count
  }
  get max(): number {
    return this.#max
  }
  /** 0 where nothing was recorded. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /** Records one value, microseconds; it is rounded, negative ones count as 0. */
  record(microseconds: number): void {
    const value = Math.min(HIGHEST, Math.max(0, Math.round(microseconds)))
    const bucket = bucketOf(value)
    this.#fill(bucket, 1)
    this.#count++
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  /** The value which `percent` of all values do not exceed, microseconds; 0 where nothing was recorded. */
  percentile(percent: number): number {
    if (this.#count === 0) return 0
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count))
    let seen = 0
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= wanted) return Math.min(upperBound(bucket), this.#max)
    }
    return this.#max
  }

  /** Adds the values of another histogram. */
  merge(data: HistogramData): void {
    for (const [bucket, count] of data.buckets) this.#fill(bucket, count)
    this.#count += data.count
    this.#sum += data.sum
    this.#max = Math.max(this.#max, data.max)
  }

  toJSON(): HistogramData {
    const buckets: [number, number][] = []
    for (let bucket = this.#first; bucket <= this.#last; bucket++) {
      const count = this.#counts[bucket] ?? 0
      if (count > 0) buckets.push([bucket, count])
    }
    return { count: this.#count, sum: this.#sum, max: this.#max, buckets }
  }

  /** Forgets all values. */
  clear(): void {
    this.#counts.fill(0, this.#first, this.#last + 1)
    this.#first = this.#counts.length
    this.#last = -1
    this.#count = 0
    this.#sum = 0
    this.#max = 0
  }

  #fill(bucket: number, count: number): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
    if (bucket < this.#first) this.#first = bucket
    if (bucket > this.#last) this.#last = bucket
  }

  static from(data: HistogramData): Histogram {
    const histogram = new Histogram()
    histogram.merge(data)
    return histogram
  }
}
