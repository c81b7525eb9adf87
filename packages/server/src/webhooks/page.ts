import { nextAttempt } from './backoff.ts'
import { eventTypes, gapMeaning, gapType } from './event-types.ts'

/** The table of WEBHOOKS.md about events. SPEC WH-53. */
export function eventTable(): string {
  const rows = Object.entries({ ...eventTypes, [gapType]: gapMeaning }).map(
    ([type, what]) => `| \`${type}\` | ${what} |`,
  )
  return ['| `type` | told when |', '| --- | --- |', ...rows].join('\n')
}

/** The table of WEBHOOKS.md about attempts, for the times the configuration has by itself. SPEC WH-53. */
export function attemptTable(): string {
  const plan = { firstMs: 5_000, maxMs: 14_400_000, forMs: 86_400_000 }
  const times = [0]
  for (let at: number | undefined = 0; at !== undefined; ) {
    at = nextAttempt(plan, { attempts: times.length, since: 0, now: at, random: 0.5 })
    if (at !== undefined) times.push(at)
  }
  const rows = times.map(
    (at, i) => `| ${i + 1} | ${i === 0 ? 'at once' : `${clock(at - (times[i - 1] ?? 0))} later`} | ${clock(at)} |`,
  )
  return ['| attempt | | since the first |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Such as `1:53:45`. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}
