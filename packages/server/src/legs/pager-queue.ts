/** What one target may have waiting beside texts, each of which waits with its leg. */
const maxAsides = 16

/**
 * At most one MESSAGE outstanding for a target, across all sessions of this node (RFC 3428 §8).
 * What waits is bounded by the legs, each of which waits with one text, and by `maxAsides` for the rest.
 */
export class PagerQueue {
  readonly #last = new Map<string, Promise<unknown>>()
  readonly #asides = new Map<string, number>()

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

  /** The same for what nobody waits for: it is left out where too much of it waits for the target, and must not reject. */
  runAside(target: string, work: () => Promise<unknown>): void {
    const waiting = this.#asides.get(target) ?? 0
    if (waiting >= maxAsides) return
    this.#asides.set(target, waiting + 1)
    const done = () => {
      const left = (this.#asides.get(target) ?? 1) - 1
      if (left > 0) this.#asides.set(target, left)
      else this.#asides.delete(target)
    }
    void this.run(target, work).then(done, done)
  }

  /** Whether anything is under way for this target. */
  busy(target: string): boolean {
    return this.#last.has(target)
  }
}
