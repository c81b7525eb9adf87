import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { lab } from './testing/lab.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())

/** What the server says to these bytes until it hangs up. */
async function says(bytes: string): Promise<{ head: string; json: { statusCode: number; statusMessage: string } }> {
  const { app, close } = await lab()
  closing = close
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    socket.on('end', () => resolve(text)).on('error', reject)
  })
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head.toLowerCase()).toContain('content-type: application/json')
  return { head, json: JSON.parse(body) }
}

describe('bytes on a socket', () => {
  for (const [what, bytes, http, code] of [
    ['no HTTP', 'hello\r\n\r\n', 400, 10],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 10],
    ['two lengths', 'POST /api/v2/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}', 400, 10],
    ['an unknown method', 'PROPFIND /api/v2/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 405, 3],
    ['a path that is no URL', 'GET /api/v2/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 10],
    [
      'an upgrade nobody takes',
      'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      404,
      6,
    ],
  ] as const)
    test(`[WS-1] ${what} is ${http}, in the form of every failure`, async () => {
      const { head, json } = await says(bytes)
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${http} `))
      expect(json).toEqual({ statusCode: code, statusMessage: expect.any(String) })
    })
})
