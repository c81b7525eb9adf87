import { expect, test, vi } from 'vitest'
import { AgentClient } from './agent-client.ts'
import { machineClock } from './clock.ts'

test('[CL-21] an address where no server can be is refused before anything is tried', () => {
  for (const address of ['', 'im.example', '127.0.0.1:8080', 'ftp://im', 'http://im/api/v2', 'http://im/api/v2/'])
    expect(() => new AgentClient({ address }), address).toThrow('address')
  for (const address of ['http://im', 'https://im/', 'http://im:8080/behind/a/proxy'])
    expect(new AgentClient({ address }).state).toBe('new')
})

test('[CL-22] who is ready to wait for ever is not woken at once', () => {
  vi.useFakeTimers()
  try {
    const woken: string[] = []
    const stops = [
      machineClock.after(Number.POSITIVE_INFINITY, () => woken.push('never')),
      machineClock.after(1e12, () => woken.push('in thirty years')),
      machineClock.after(5, () => woken.push('soon')),
    ]
    vi.advanceTimersByTime(86_400_000)
    expect(woken).toEqual(['soon'])
    for (const stop of stops) stop()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
