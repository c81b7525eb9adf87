import { lookup } from 'node:dns/promises'
import type { Resolve } from './sender.ts'

/** Look-ups under way at a time: each holds one of the few threads that hash passwords too. */
const atOnce = 2

/** Asks the system for addresses: the name in its files and by DNS, as for any other program. One question for those who ask alike. */
export function systemResolver(ask: Resolve = (host) => lookup(host, { all: true, verbatim: true })): Resolve {
  const asked = new Map<string, ReturnType<Resolve>>()
  const queue: (() => void)[] = []
  let running = 0

  const turn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running++
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever waits takes the turn over.
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
  return (host) => {
    const known = asked.get(host)
    if (known !== undefined) return known
    const answer = turn(() => ask(host)).finally(() => asked.delete(host))
    asked.set(host, answer)
    return answer
  }
}
