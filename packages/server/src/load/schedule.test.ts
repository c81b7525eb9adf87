import { describe, expect, test } from 'vitest'
import { type RampStep, Schedule } from './schedule.ts'

const all = (schedule: Schedule) => {
  const times: number[] = []
  for (
    let due = schedule.take(Number.POSITIVE_INFINITY);
    due !== undefined;
    due = schedule.take(Number.POSITIVE_INFINITY)
  )
    times.push(due)
  return times
}
const constant = (rate: number, ms: number): RampStep => ({ from: rate, to: rate, ms })

describe('[LD-4] what is due', () => {
  test('comes at even distances from the beginning, whatever became of what was before', () => {
    const schedule = new Schedule([constant(4, 2_000)])
    expect(schedule.total).toBe(8)
    expect([schedule.take(-1), schedule.take(0), schedule.take(249)]).toEqual([undefined, 0, undefined])
    expect(schedule.nextAt).toBe(250)
    // Late by a second: all that was due meanwhile, at the times it was.
    expect([schedule.take(1_000), schedule.take(1_000), schedule.take(1_000), schedule.take(1_000)]).toEqual([
      ...[250, 500, 750, 1_000],
    ])
    expect(all(schedule)).toEqual([1_250, 1_500, 1_750])
    expect(schedule.nextAt).toBeUndefined()
  })

  test('follows a ramp from rate to rate: the n-th when the area under the rate is n', () => {
    const schedule = new Schedule([{ from: 0, to: 10, ms: 10_000 }])
    const times = all(schedule)
    expect(times).toHaveLength(50)
    // ½ · 10/10 · t² = n
    for (const [n, time] of times.entries()) expect(time).toBeCloseTo(Math.sqrt(2 * n) * 1_000, 6)
    expect(schedule.rateAt(5_000)).toBe(5)
    expect(schedule.dueBetween(0, 5_000)).toBeCloseTo(12.5)
  })

  test('goes on over steps, upwards, downwards and over a pause', () => {
    const schedule = new Schedule([constant(2, 1_000), constant(0, 1_000), { from: 4, to: 0, ms: 2_000 }])
    const times = all(schedule)
    expect(times.slice(0, 3)).toEqual([0, 500, 2_000])
    expect(times).toHaveLength(6)
    expect(times.every((time, i) => time >= (times[i - 1] ?? 0) && time < 4_000)).toBe(true)
    expect([schedule.rateAt(500), schedule.rateAt(1_500), schedule.rateAt(3_000), schedule.rateAt(4_000)]).toEqual([
      2, 0, 2, 0,
    ])
    expect(schedule.ms).toBe(4_000)
  })

  test('is nothing at a rate of 0', () => {
    expect(all(new Schedule([constant(0, 1_000)]))).toEqual([])
  })

  test('comes at random times of the same rate where it is wanted so, the same for a seed', () => {
    const steps = [constant(100, 20_000)]
    const times = all(new Schedule(steps, 'random', 3))
    expect(times.length).toBeGreaterThan(1_800)
    expect(times.length).toBeLessThan(2_200)
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    // Of a Poisson process: about 1/e of the gaps are longer than the mean.
    expect(gaps.filter((gap) => gap > 10).length / gaps.length).toBeCloseTo(Math.exp(-1), 1)
    expect(all(new Schedule(steps, 'random', 3))).toEqual(times)
    expect(all(new Schedule(steps, 'random', 4))).not.toEqual(times)
  })
})
