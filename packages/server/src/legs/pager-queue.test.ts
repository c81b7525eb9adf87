import { expect, test } from 'vitest'
import { PagerQueue } from './pager-queue.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('[LG-9] a target that never answers costs a bounded number of notices, and texts wait their turn', async () => {
  const queue = new PagerQueue()
  const begun: string[] = []
  const ends: (() => void)[] = []
  const work = (name: string) => () => {
    begun.push(name)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  for (let i = 0; i < 100; i++) queue.runAside('a', work(`notice ${i}`))
  void queue.run('a', work('text'))
  void queue.run('b', work('other'))
  await turn()
  expect(begun).toEqual(['notice 0', 'other'])
  while (ends.length > 0) {
    ends.shift()?.()
    await turn()
  }
  expect([begun.length, begun.at(-1), queue.busy('a'), queue.busy('b')]).toEqual([18, 'text', false, false])
})

test('[LG-9] one that fails ends like one that does not', async () => {
  const queue = new PagerQueue()
  queue.runAside('a', () => Promise.reject(new Error('no')))
  expect(await queue.run('a', async () => 'done')).toBe('done')
  await turn()
  expect(queue.busy('a')).toBe(false)
})
