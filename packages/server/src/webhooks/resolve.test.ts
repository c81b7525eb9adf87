import { expect, test } from 'vitest'
import { systemResolver } from './resolve.ts'

/** A resolver whose answers wait until they are let go. */
function held() {
  const asked: string[] = []
  const release: (() => void)[] = []
  const ask = (host: string) => {
    asked.push(host)
    return new Promise<{ address: string; family: number }[]>((resolve) => {
      release.push(() => resolve([{ address: '192.0.2.1', family: 4 }]))
    })
  }
  return { asked, release, resolve: systemResolver(ask) }
}

test('[WH-33] a name that many ask for is looked up once, and two names at a time', async () => {
  const { asked, release, resolve } = held()
  const all = ['a', 'a', 'b', 'c', 'a'].map((host) => resolve(host))
  await Promise.resolve()
  expect(asked).toEqual(['a', 'b'])
  release[0]?.()
  await all[0]
  await all[4]
  await expect.poll(() => asked).toEqual(['a', 'b', 'c'])
  release[1]?.()
  release[2]?.()
  expect(await Promise.all(all)).toHaveLength(5)
})

test('[WH-33] what was looked up before is looked up anew, and a failure frees its place', async () => {
  let calls = 0
  const resolve = systemResolver(async () => {
    calls++
    throw new Error('no such name')
  })
  for (let i = 0; i < 5; i++) await expect(resolve('x')).rejects.toThrow('no such name')
  expect(calls).toBe(5)
})
