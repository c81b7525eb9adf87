/** Time, as far as a client needs it; tests turn it by hand. */
export interface Clock {
  /** Milliseconds since some beginning. */
  now(): number
  /** Runs something once after so many milliseconds, unless what it returns is called before. */
  after(ms: number, run: () => void): () => void
}

/** The longest time of a timer; one that is longer falls due at once. */
const longest = 2 ** 31 - 1

export const machineClock: Clock = {
  // Not the time of day, which may be set back.
  now: () => performance.now(),
  after: (ms, run) => {
    // 25 days are as good as never for a program that waits.
    if (ms > longest) return () => undefined
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
