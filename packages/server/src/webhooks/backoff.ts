/** How long a target that does not take deliveries is tried, all in milliseconds. */
export interface RetryPlan {
  /** From the first failure to the second attempt. */
  firstMs: number
  /** The longest pause between two attempts. */
  maxMs: number
  /** From the first attempt until it is given up. */
  forMs: number
}

const growth = 4
/** Pauses differ from what is planned by so much at most, so that what failed together is not tried together. */
const jitter = 0.2
/** A target that asks for more patience than that gets this, ms. */
export const longestRetryAfterMs = 3_600_000

/**
 * When a delivery is tried again, milliseconds since 1970; undefined: it is given up. The last attempt is at the end of the time.
 * `attempts` is how often it has failed, `random` from [0, 1). SPEC WH-21.
 */
export function nextAttempt(
  { firstMs, maxMs, forMs }: RetryPlan,
  { attempts, since, now, random, retryAfterMs = 0 }: Attempted,
): number | undefined {
  const end = since + forMs
  if (now >= end) return undefined
  const planned = Math.min(maxMs, firstMs * growth ** Math.min(attempts - 1, 20))
  const pause = planned * (1 + jitter * (2 * random - 1))
  return Math.min(end, now + Math.max(Math.round(pause), Math.min(retryAfterMs, longestRetryAfterMs)))
}

/** No pause is longer, ms. */
export function longestPauseMs({ maxMs }: RetryPlan): number {
  return Math.max(maxMs * (1 + jitter), longestRetryAfterMs)
}

export interface Attempted {
  attempts: number
  /** The first attempt, and now, milliseconds since 1970. */
  since: number
  now: number
  random: number
  /** What the target asked for. */
  retryAfterMs?: number
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, in milliseconds from now; undefined where it is none. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  // Date.parse takes more than a date of HTTP; those begin with a day's name.
  const date = /^[A-Z][a-z]{2},? /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
