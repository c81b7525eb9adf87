/** Which octets are there: half-open intervals in order, none touching the next. */
export class Intervals {
  readonly #list: [from: number, to: number][] = []

  /** Adds octets `from` to before `to`. */
  add(from: number, to: number): void {
    if (to <= from) return
    const last = this.#list.at(-1)
    // In order, as nearly always.
    if (last && from >= last[0] && from <= last[1]) {
      last[1] = Math.max(last[1], to)
      return
    }
    let first = this.#list.findIndex((interval) => interval[1] >= from)
    if (first < 0) first = this.#list.length
    let after = first
    let [low, high] = [from, to]
    for (; after < this.#list.length; after++) {
      const interval = this.#list[after]
      if (!interval || interval[0] > to) break
      low = Math.min(low, interval[0])
      high = Math.max(high, interval[1])
    }
    this.#list.splice(first, after - first, [low, high])
  }

  /** Whether all of 0 to before `total` is there. */
  covers(total: number): boolean {
    if (total === 0) return true
    const first = this.#list[0]
    return first !== undefined && first[0] === 0 && first[1] >= total
  }

  /** One after the last octet. */
  get end(): number {
    return this.#list.at(-1)?.[1] ?? 0
  }

  /** How many pieces with gaps between them. */
  get count(): number {
    return this.#list.length
  }
}
