import type { Clock } from '../session/wire.ts'

/** The machine's own time, for tests over real sockets. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
