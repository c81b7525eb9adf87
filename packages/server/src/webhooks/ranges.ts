import type { OffsetRange, ReplayRequest, WebhookRecord } from '@ringdown/signalling'

/** How many offsets given up are remembered, and how many ranges may wait to be sent again. */
export const givenUpLimit = 500
export const rangeLimit = 600

/** Offsets in ascending order as ranges. */
export function rangesOf(offsets: readonly number[]): OffsetRange[] {
  const ranges: { from: number; to: number }[] = []
  for (const offset of offsets) {
    const last = ranges.at(-1)
    if (last && offset === last.to + 1) last.to = offset
    else ranges.push({ from: offset, to: offset })
  }
  return ranges
}

type Replays = Pick<WebhookRecord, 'replays' | 'givenUp'>

/**
 * What is to be sent again once these requests are granted; nothing above the position, which is still to be sent anyway. What was given
 * up and finds no room stays remembered.
 */
export function grant({ replays, givenUp }: Replays, requests: readonly ReplayRequest[], position: number): Replays {
  const all = [...replays]
  let left = givenUp
  for (const request of requests) {
    if ('failed' in request) {
      const ranges = rangesOf([...left].sort((a, b) => a - b))
      const room = Math.max(0, rangeLimit - all.length)
      all.push(...ranges.slice(0, room))
      left = ranges.slice(room).flatMap(offsetsOf)
      continue
    }
    const to = Math.min(request.to, position)
    if (request.from <= to && all.length < rangeLimit) all.push({ from: request.from, to })
  }
  return { replays: all, givenUp: left }
}

function offsetsOf({ from, to }: OffsetRange): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
