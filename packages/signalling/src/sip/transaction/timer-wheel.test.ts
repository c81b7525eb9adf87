import { describe, expect, test } from 'vitest'
import { ManualClock, seededRandom } from '../../testing/index.ts'
import { TimerWheel, WheelTimer } from './timer-wheel.ts'

const tick = 50

/** Notes when each of its timers fired. */
function recorder(clock: ManualClock) {
  const fired: [name: string, at: number][] = []
  const begin = clock.now()
  return { fired, onTimer: (name: string) => void fired.push([name, clock.now() - begin]) }
}

describe('the timer wheel', () => {
  test('[SX-2] a timer fires once, never early and at most one tick late', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 200; round++) {
      const clock = new ManualClock()
      const wheel = new TimerWheel<string>(clock, tick)
      clock.advance(random() % 1000)
      const owner = recorder(clock)
      const other = new WheelTimer(owner)
      if (round % 2) wheel.start(other, 'other', 10_000)
      clock.advance(random() % 200)
      const begin = clock.now()
      const ms = random() % 200_000
      const late: number[] = []
      const timer = new WheelTimer({ onTimer: () => late.push(clock.now() - begin - ms) })
      wheel.start(timer, 'x', ms)
      clock.advance(ms + 2 * tick)
      expect(late).toHaveLength(1)
      expect(late[0]).toBeGreaterThanOrEqual(0)
      expect(late[0]).toBeLessThanOrEqual(tick)
    }
  })

  test('[SX-2] intervals that double from T1 do not drift', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    const at: number[] = []
    let interval = 500
    const timer: WheelTimer<string> = new WheelTimer({
      onTimer: () => {
        at.push(clock.now() - begin)
        interval *= 2
        if (at.length < 6) wheel.start(timer, 'A', interval)
      },
    })
    const begin = clock.now()
    wheel.start(timer, 'A', interval)
    clock.advance(40_000)
    expect(at).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500])
  })

  test('[SX-2] a stopped timer does not fire, a timer started again fires by its last start only', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    const owner = recorder(clock)
    const stopped = new WheelTimer(owner)
    const again = new WheelTimer(owner)
    wheel.start(stopped, 'stopped', 500)
    wheel.start(again, 'first', 500)
    clock.advance(300)
    wheel.stop(stopped)
    wheel.stop(stopped)
    wheel.start(again, 'second', 500)
    expect(wheel.size).toBe(1)
    clock.advance(2_000)
    expect(owner.fired).toEqual([['second', 800]])
    expect(again.running).toBe(false)
  })

  test('[SX-2] timers of one tick fire in the order they were started, and may stop and start each other', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    const fired: string[] = []
    const timers: WheelTimer<string>[] = []
    const owner = {
      onTimer: (name: string) => {
        fired.push(name)
        if (name !== 'a') return
        wheel.stop(timers[1] as WheelTimer<string>)
        wheel.start(timers[2] as WheelTimer<string>, 'c again', 1024 * tick)
      },
    }
    for (const name of ['a', 'b', 'c', 'd']) {
      const timer = new WheelTimer<string>(owner)
      timers.push(timer)
      wheel.start(timer, name, 100)
    }
    clock.advance(100)
    expect(fired).toEqual(['a', 'd'])
    clock.advance(1024 * tick)
    expect(fired).toEqual(['a', 'd', 'c again'])
  })

  test('[SX-2] nothing is asked of the clock while nothing runs', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    expect(clock.pending).toBe(0)
    const timer = new WheelTimer(recorder(clock))
    wheel.start(timer, 'x', 120)
    expect(clock.pending).toBe(1)
    clock.advance(200)
    expect(clock.pending).toBe(0)
    wheel.start(timer, 'x', 120)
    wheel.close()
    expect(clock.pending).toBe(0)
    expect(wheel.size).toBe(0)
  })

  test('[SX-2] a wheel that is closed and used again by what fires asks for one callback', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    const timer: WheelTimer<string> = new WheelTimer({
      onTimer: () => {
        wheel.close()
        wheel.start(timer, 'x', 500)
      },
    })
    wheel.start(timer, 'x', 500)
    clock.advance(500)
    expect(clock.pending).toBe(1)
  })

  test('[SX-2] a clock that is set does not fire what peers were not given time for', () => {
    for (const jump of [3_600_000, -3_600_000]) {
      let now = 1_000_000
      let wake = () => {}
      const clock = {
        now: () => now,
        after: (_: number, run: () => void) => {
          wake = run
          return () => {}
        },
      }
      const wheel = new TimerWheel<string>(clock, tick)
      const fired: string[] = []
      const timer = new WheelTimer<string>({ onTimer: (name) => fired.push(name) })
      wheel.start(timer, 'x', 500)
      now += jump
      wake()
      expect(fired).toEqual([])
      for (let turn = 0; turn < 10; turn++) {
        now += tick
        wake()
      }
      expect(fired).toEqual(['x'])
    }
  })

  test('[SX-2] an owner that throws keeps nobody else from firing, and is heard of', () => {
    const clock = new ManualClock()
    const wheel = new TimerWheel<string>(clock, tick)
    const owner = recorder(clock)
    const broken = {
      onTimer: () => {
        throw new Error('broken')
      },
    }
    wheel.start(new WheelTimer(broken), 'x', 100)
    wheel.start(new WheelTimer(owner), 'same', 100)
    wheel.start(new WheelTimer(owner), 'later', 200)
    expect(() => clock.advance(100)).toThrow('broken')
    clock.advance(200)
    expect(owner.fired).toEqual([
      ['same', 100],
      ['later', 200],
    ])
  })

  test('[SX-2] a tick that comes late runs what it missed, in order', () => {
    let now = 0
    let wake = () => {}
    const clock = {
      now: () => now,
      after: (_: number, run: () => void) => {
        wake = run
        return () => {}
      },
    }
    const wheel = new TimerWheel<string>(clock, tick)
    const fired: string[] = []
    const owner = { onTimer: (name: string) => void fired.push(name) }
    for (const ms of [900, 100, 500]) wheel.start(new WheelTimer<string>(owner), String(ms), ms)
    now = 2_000
    wake()
    expect(fired).toEqual(['100', '500', '900'])
  })
})
