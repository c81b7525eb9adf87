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

/** What is to be sent again once these requests are granted; nothing above the position, which is still to be sent anyway. */
export function grant({ replays, givenUp }: Replays, requests: readonly ReplayRequest[], position: number): Replays {
  let all = [...replays]
  let left = givenUp
  for (const request of requests) {
    if ('failed' in request) {
      all = [...all, ...rangesOf([...left].sort((a, b) => a - b))]
      left = []
    } else {
      all.push({ from: request.from, to: Math.min(request.to, position) })
    }
  }
  return { replays: all.filter(({ from, to }) => from <= to).slice(0, rangeLimit), givenUp: left }
}
