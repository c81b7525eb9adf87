import { describe, expect, test } from 'vitest'
import { isWhole, type LinkInput, lineOf, newLink, nextLink } from './link.ts'

const after = (...inputs: LinkInput[]) => inputs.reduce(nextLink, newLink)
const line = (...inputs: LinkInput[]) => lineOf(after(...inputs))
const start = ['catchUp', 'connected', 'caughtUp'] as const satisfies readonly LinkInput[]

describe('[DT-13] the status line', () => {
  test('says connecting until the first connect, however often that fails', () => {
    expect(line()).toBe('connecting')
    expect(line('broken', 'broken')).toBe('connecting')
    expect(line(...start)).toBe('live')
  })

  test('says reconnecting from the first connect that fails to the first that does not', () => {
    expect(line(...start, 'broken')).toBe('reconnecting')
    expect(line(...start, 'broken', 'broken')).toBe('reconnecting')
  })

  test('says that it looks for what was missed, then that nothing was, then no more of it', () => {
    const back = [...start, 'broken', 'connected', 'catchUp'] as const
    expect(line(...back)).toBe('catchingUp')
    expect(line(...back, 'caughtUp')).toBe('resynchronised')
    expect(line(...back, 'caughtUp', 'read')).toBe('live')
  })

  test('says that something was missed until everything is there again', () => {
    expect(line(...start, 'gap')).toBe('gap')
    expect(line(...start, 'gap', 'catchUp')).toBe('gap')
    expect(line(...start, 'gap', 'catchUp', 'broken')).toBe('reconnecting')
    expect(line(...start, 'gap', 'catchUp', 'broken', 'connected', 'catchUp', 'caughtUp')).toBe('refilled')
  })

  test('a request without an answer is a break, until one is answered', () => {
    expect(line(...start, 'doubted')).toBe('reconnecting')
    expect(line(...start, 'doubted', 'reached')).toBe('live')
    // The stream is what brings the news: an answer to something else does not mend it.
    expect(line(...start, 'broken', 'reached')).toBe('reconnecting')
  })

  test('no network is said above all else', () => {
    expect(line(...start, 'gap', 'offline')).toBe('offline')
    expect(line(...start, 'offline', 'reached')).toBe('live')
    expect(isWhole(after(...start, 'offline'))).toBe(false)
  })
})
