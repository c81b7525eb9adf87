import type { Clock } from '@ringdown/signalling'

/** The machine's clock, for tests that play in real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
