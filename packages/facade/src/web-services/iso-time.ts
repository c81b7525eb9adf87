let last = 0
let text = new Date(last).toISOString()

/** Milliseconds since 1970 as ISO 8601 in UTC. A text's time is written several times over; the last one is remembered. */
export function isoTime(ms: number): string {
  if (ms !== last) {
    text = new Date(ms).toISOString()
    last = ms
  }
  return text
}
