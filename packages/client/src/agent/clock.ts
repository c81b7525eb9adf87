/** Time, as far as a client needs it; tests turn it by hand. */
export interface Clock {
  /** Milliseconds since some beginning. */
  now(): number
  /** Runs something once after so many milliseconds, unless what it returns is called before. */
  after(ms: number, run: () => void): () => void
}

export const machineClock: Clock = {
  // Not the time of day, which may be set back.
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
