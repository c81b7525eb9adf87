import { RequestRefused } from '../refused.ts'
import type { Clock } from './clock.ts'

/** A request was given up. Unless it was never sent, whether it was carried out is not known. */
export class NoAnswer extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'NoAnswer'
  }
}

/** Milliseconds between two tries: the first pause, and the longest. */
const firstPause = 200
const longestPause = 5_000

/** How long this client goes on trying, and what ends a pause early. */
export class Patience {
  readonly clock: Clock
  readonly #random: () => number
  readonly #wakes = new Set<() => void>()
  #ended: Error | undefined

  constructor(clock: Clock, random: () => number) {
    this.clock = clock
    this.#random = random
  }

  /** Something has changed: whoever pauses tries again at once. */
  skip(): void {
    for (const wake of [...this.#wakes]) wake()
  }

  /** Nothing is tried any more; who pauses is woken and gives up with this error. */
  end(error: Error): void {
    this.#ended ??= error
    this.skip()
  }

  /** Why nothing is tried any more. */
  get ended(): Error | undefined {
    return this.#ended
  }

  /** Resolves after so many milliseconds, or up to a quarter less, lest all clients of a server try together; or when `skip` or `end` is called. */
  pause(ms: number): Promise<void> {
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        stop()
        this.#wakes.delete(wake)
        resolve()
      }
      const stop = this.clock.after(ms * (1 - this.#random() / 4), wake)
      this.#wakes.add(wake)
    })
  }
}

export interface Insisting<T> {
  patience: Patience
  /** Milliseconds until it is given up. */
  ms: number
  /** After a try without an answer: what the request has led to if it was carried out. Asked before a refusal counts. */
  found?: () => Promise<T | undefined>
  /** What is known of its success by other ways, asked before each try. */
  known?: () => T | undefined
}

/**
 * Repeats a request until it is answered. SPEC CL-22. Rejects with `RequestRefused` where the server said no and nothing has happened, with
 * `NoAnswer` when it is given up.
 */
export async function insist<T>(request: () => Promise<T>, { patience, ms, found, known }: Insisting<T>): Promise<T> {
  const end = patience.clock.now() + ms
  for (let pause = firstPause, tries = 0; ; pause = Math.min(pause * 2, longestPause), tries++) {
    const done = known?.()
    if (done !== undefined) return done
    if (patience.ended) throw tries === 0 ? patience.ended : notKnown(patience.ended)
    try {
      return await request()
    } catch (error) {
      let failure = error
      if (!passes(error)) {
        const late = known?.()
        if (late !== undefined) return late
        if (tries === 0 || !found) throw error
        try {
          const carriedOut = await found()
          if (carriedOut !== undefined) return carriedOut
        } catch (reason) {
          failure = reason
        }
        if (failure === error) throw error
        // Not even whether it was carried out is to be had.
        if (!passes(failure)) throw notKnown(failure)
      }
      const left = end - patience.clock.now()
      if (left <= 0) throw new NoAnswer(`no answer in ${Math.round(ms / 1000)} s, given up`, failure)
      await patience.pause(Math.min(pause, left))
    }
  }
}

/** What a request is given up with that may have been carried out by a try without an answer. */
function notKnown(reason: unknown): NoAnswer {
  if (reason instanceof NoAnswer) return reason
  return new NoAnswer('given up; whether it was carried out is not known', reason)
}

/** Whether the same request may succeed later without anybody changing anything. */
export function passes(error: unknown): boolean {
  if (!(error instanceof RequestRefused)) return true
  // What is no answer of the API comes from something in between.
  return error.httpStatus >= 500 || error.httpStatus === 429 || error.statusCode === -1
}
