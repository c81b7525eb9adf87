/** The last ids that were met: a repetition is known as one, in bounded memory. */
export class Recent {
  readonly #ids = new Set<string>()
  readonly #most: number

  constructor(most = 256) {
    this.#most = most
  }

  /** Whether it was met before; it is from now on. */
  has(id: string): boolean {
    if (this.#ids.has(id)) return true
    this.#ids.add(id)
    if (this.#ids.size > this.#most) {
      const [oldest] = this.#ids
      if (oldest !== undefined) this.#ids.delete(oldest)
    }
    return false
  }
}
