/**
 * At most one MESSAGE outstanding for a target, across all sessions of this node (RFC 3428 §8).
 * What waits is bounded by the legs, each of which waits with one.
 */
export class PagerQueue {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs when all that came before for this target has ended. */
  async run<T>(target: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(target)
    const turn = (before ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {})
    this.#last.set(target, settled)
    try {
      return await turn
    } finally {
      if (this.#last.get(target) === settled) this.#last.delete(target)
    }
  }

  /** Whether anything is under way for this target. */
  busy(target: string): boolean {
    return this.#last.has(target)
  }
}
