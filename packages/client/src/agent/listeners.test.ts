import { expect, test, vi } from 'vitest'
import { Listeners } from './listeners.ts'

test('[CL-28] a listener that throws harms no other, and its error is not swallowed', () => {
  const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined)
  const listeners = new Listeners<{ news: number }>()
  const heard: number[] = []
  listeners.on('news', () => {
    throw new Error('mine')
  })
  const stop = listeners.on('news', (one) => heard.push(one))
  listeners.tell('news', 1)
  stop()
  listeners.tell('news', 2)
  expect(heard).toEqual([1])
  expect(later).toHaveBeenCalledTimes(2)
  expect(() => later.mock.calls[0]?.[0]()).toThrow('mine')
  later.mockRestore()
})
