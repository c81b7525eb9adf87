/** Bytes that may be held at a time, of a session within those of its peer. */
export class Budget {
  readonly #limit: number
  readonly #parent: Budget | undefined
  #held = 0

  constructor(limit: number, parent?: Budget) {
    this.#limit = limit
    this.#parent = parent
  }

  /** Takes so many; false where they are not to be had, and nothing was taken. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#limit) return false
    if (this.#parent && !this.#parent.take(bytes)) return false
    this.#held += bytes
    return true
  }

  give(bytes: number): void {
    this.#held -= bytes
    this.#parent?.give(bytes)
  }

  get held(): number {
    return this.#held
  }
}
