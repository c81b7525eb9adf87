import { expect, test } from 'vitest'
import { nextAttempt, readRetryAfter } from './backoff.ts'

const plan = { firstMs: 5_000, maxMs: 14_400_000, forMs: 86_400_000 }
const hour = 3_600_000

/** Times of all attempts, in seconds since the first, of a target that never takes anything. */
function attempts(random: number, retryAfterMs?: number): number[] {
  const times = [0]
  for (let now: number | undefined = 0; now !== undefined && times.length < 1_000; ) {
    const asked = { attempts: times.length, since: 0, now, random, ...(retryAfterMs !== undefined && { retryAfterMs }) }
    now = nextAttempt(plan, asked)
    if (now !== undefined) times.push(now / 1000)
  }
  return times
}

test('[WH-21] thirteen attempts in a day, the last one at its end', () => {
  // The table of WEBHOOKS.md.
  expect(attempts(0.5)).toEqual([0, 5, 25, 105, 425, 1_705, 6_825, 21_225, 35_625, 50_025, 64_425, 78_825, 86_400])
})

test('[WH-21] pauses differ by a fifth at most', () => {
  const first = (random: number) => nextAttempt(plan, { attempts: 1, since: 0, now: 0, random })
  expect([first(0), first(0.5), first(0.999999)]).toEqual([4_000, 5_000, 6_000])
  for (let random = 0; random < 1; random += 0.05) expect(attempts(random).at(-1)).toBe(86_400)
})

test('[WH-22] a target that asks for more patience gets it, an hour at most and never beyond the end', () => {
  const next = (retryAfterMs: number, now = 0) =>
    nextAttempt(plan, { attempts: 1, since: 0, now, random: 0.5, retryAfterMs })
  expect(next(60_000)).toBe(60_000)
  expect(next(1_000)).toBe(5_000)
  expect(next(48 * hour)).toBe(hour)
  expect(next(hour, 23.5 * hour)).toBe(24 * hour)
  expect(nextAttempt(plan, { attempts: 30, since: 0, now: 24 * hour, random: 0.5 })).toBeUndefined()
})

test('[WH-22] Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-01-31T08:00:00Z')
  expect(readRetryAfter('120', now)).toBe(120_000)
  expect(readRetryAfter('Sat, 31 Jan 2026 08:01:00 GMT', now)).toBe(60_000)
  expect(readRetryAfter('Sat, 31 Jan 2026 07:00:00 GMT', now)).toBe(0)
  for (const text of [undefined, '', 'soon', '-5', '1.5', '99999999999', '2026-01-31'])
    expect(readRetryAfter(text, now)).toBeUndefined()
})
