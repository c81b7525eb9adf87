import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { until } from './client.ts'
import { type Engine, startEngine } from './engine.ts'

const handshake = { channel: '/meta/handshake', id: '1', version: '1.0' }
const basic = { authorization: `Basic ${Buffer.from('anna:anna').toString('base64')}` }

describe('a websocket', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine({ maxIntervalMs: 1_000 })
  })
  afterAll(() => engine.close())

  /** Opens one; resolves to the HTTP status where the upgrade is refused. */
  async function open(options: ClientOptions = {}): Promise<WebSocket | number> {
    const ws = new WebSocket(engine.first.url().replace('http', 'ws'), options)
    ws.on('error', () => undefined)
    return new Promise((resolve) => {
      ws.on('open', () => resolve(ws))
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    })
  }

  async function opened(options: ClientOptions = { headers: basic }): Promise<WebSocket> {
    const ws = await open(options)
    if (typeof ws === 'number') throw new Error(`refused with ${ws}`)
    return ws
  }

  async function ask(ws: WebSocket, ...messages: object[]) {
    ws.send(JSON.stringify(messages))
    const [data] = await once(ws, 'message')
    return JSON.parse(String(data))
  }

  it('[CD-7] is opened with credentials, and refused with 401 without them', async () => {
    const ws = await opened()
    expect(await ask(ws, handshake)).toMatchObject([{ successful: true }])
    ws.close()
    expect(await open()).toBe(401)
    expect(await open({ headers: { authorization: 'Basic bm86bm8=' } })).toBe(401)
  })

  it('[CD-7] is opened with the cookie of a handshake by HTTP', async () => {
    const reply = await fetch(engine.first.url(), {
      method: 'POST',
      headers: { ...basic, 'content-type': 'application/json' },
      body: JSON.stringify([handshake]),
    })
    const cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? ''
    const ws = await opened({ headers: { cookie } })
    expect(await ask(ws, handshake)).toMatchObject([{ successful: true }])
    ws.close()
  })

  it('[CD-7] of a page of ours may show who it is in the handshake; wrong or none is denied', async () => {
    const origin = `http://127.0.0.1:${engine.first.port}`
    const ws = await opened({ origin })
    expect(await ask(ws, handshake)).toMatchObject([{ error: '403::handshake_denied', advice: { reconnect: 'none' } }])
    const authentication = { user: 'anna', credentials: 'wrong' }
    expect(await ask(ws, { ...handshake, ext: { authentication } })).toMatchObject([{ error: '403::handshake_denied' }])
    authentication.credentials = 'anna'
    const [{ clientId }] = await ask(ws, { ...handshake, ext: { authentication } })
    expect(await ask(ws, { channel: '/meta/subscribe', clientId, subscription: '/**' })).toMatchObject([
      { successful: true },
    ])
    ws.close()
  })

  it('[CD-8] of another site’s page is refused, with or without a cookie', async () => {
    expect(await open({ origin: 'https://evil.example' })).toBe(403)
    expect(await open({ origin: 'https://evil.example', headers: basic })).toBe(403)
    expect(await open({ origin: 'null', headers: basic })).toBe(403)
  })

  it('[CD-3] is closed on a frame that is no JSON, too large, too many messages or binary', async () => {
    const frames: [string | Buffer, number][] = [
      ['{', 1007],
      ['[]', 1007],
      [JSON.stringify(Array.from({ length: 65 }, () => handshake)), 1009],
      [JSON.stringify([{ ...handshake, data: 'x'.repeat(70_000) }]), 1009],
      [Buffer.from('[]'), 1003],
    ]
    for (const [frame, code] of frames) {
      const ws = await opened()
      ws.send(frame)
      const [closed] = await once(ws, 'close')
      expect(closed).toBe(code)
    }
  })

  it('answers other addresses with 404', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${engine.first.port}/api/v2/notificationsX`, { headers: basic })
    const [, response] = await once(ws, 'unexpected-response')
    expect(response.statusCode).toBe(404)
  })

  it('[CD-27] of a client that asks and never reads is not read either, and ends', async () => {
    const ws = await opened()
    const [{ clientId }] = await ask(ws, handshake)
    const socket = (ws as unknown as { _socket: { pause(): void } })._socket
    socket.pause()
    const before = process.memoryUsage().rss
    const unknown = JSON.stringify(
      Array.from({ length: 60 }, (_, i) => ({ channel: `/${'x'.repeat(200)}`, clientId, id: `${'i'.repeat(50)}${i}` })),
    )
    for (let i = 0; i < 2_000 && ws.readyState === ws.OPEN; i++) {
      ws.send(unknown)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
    await until('its session ends', () => engine.first.clients() === 0, 20_000)
    ws.terminate()
  })

  it('[CD-34] is closed with 1001 when the node goes', async () => {
    const node = await engine.node('leaving')
    const ws = new WebSocket(node.url().replace('http', 'ws'), { headers: basic })
    await once(ws, 'open')
    const [{ clientId }] = await ask(ws, handshake)
    ws.send(JSON.stringify([{ channel: '/meta/connect', clientId, id: '2' }]))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const reply = once(ws, 'message')
    const closed = once(ws, 'close')
    await node.close()
    expect(JSON.parse(String((await reply)[0]))).toMatchObject([
      { successful: true, advice: { reconnect: 'retry', interval: 0 } },
    ])
    expect((await closed)[0]).toBe(1001)
  })
})
