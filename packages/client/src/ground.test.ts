import { afterEach, expect, test } from 'vitest'
import { FetchRequest } from './fetch-request.ts'
import { prepareGround, socketOptions } from './ground.ts'

const place = globalThis as { window?: object }
afterEach(() => {
  delete place.window
})

test('[CL-29] where there is no window one is made, and somebody else’s is left as it is', () => {
  prepareGround()
  expect(place.window).toMatchObject({ console, WebSocket: globalThis.WebSocket, XMLHttpRequest: FetchRequest })
  // Programs that look for what a page has in it find none of ours.
  expect(Object.keys(globalThis)).not.toContain('window')
  const others = { XMLHttpRequest: class {} }
  place.window = others
  prepareGround()
  expect(place.window).toBe(others)
})

test('[CL-29] a WebSocket of Node shows who it is in its headers', () => {
  expect(socketOptions({ Authorization: 'Basic x' })).toEqual({ protocol: { headers: { Authorization: 'Basic x' } } })
})

test('[CL-29] a request that is ended tells so, one that cannot be made fails', async () => {
  const outcome = (request: FetchRequest) =>
    new Promise((resolve) => {
      request.onload = () => resolve('loaded')
      request.onerror = () => resolve('failed')
      request.onabort = () => resolve('aborted')
    })
  const ended = new FetchRequest()
  ended.open('POST', 'http://127.0.0.1:1/')
  ended.abort()
  const first = outcome(ended)
  ended.send('[]')
  expect(await first).toBe('aborted')
  const wrong = new FetchRequest()
  wrong.open('POST', 'no address')
  const second = outcome(wrong)
  wrong.send('[]')
  expect(await second).toBe('failed')
})
