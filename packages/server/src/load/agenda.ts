interface Entry {
  at: number
  run: (due: number) => void
}

/** What is to be done when, the earliest first: a binary heap, so that thousands of sessions that think cost no timer each. */
export class Agenda {
  readonly #heap: Entry[] = []

  get size(): number {
    return this.#heap.length
  }

  add(at: number, run: (due: number) => void): void {
    const heap = this.#heap
    let i = heap.push({ at, run }) - 1
    for (let up = (i - 1) >> 1; i > 0 && this.#before(i, up); up = (i - 1) >> 1) {
      this.#swap(i, up)
      i = up
    }
  }

  /** Does everything that is due by then, in its order, each told when it was due. */
  runUntil(now: number): void {
    for (let first = this.#heap[0]; first && first.at <= now; first = this.#heap[0]) {
      this.#removeFirst()
      first.run(first.at)
    }
  }

  clear(): void {
    this.#heap.length = 0
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (heap.length === 0 || !last) return
    heap[0] = last
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2]
      const least = right < heap.length && this.#before(right, left) ? right : left
      if (least >= heap.length || !this.#before(least, i)) return
      this.#swap(i, least)
      i = least
    }
  }

  #before(one: number, other: number): boolean {
    return (this.#heap[one]?.at ?? Number.POSITIVE_INFINITY) < (this.#heap[other]?.at ?? Number.POSITIVE_INFINITY)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (!a || !b) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
