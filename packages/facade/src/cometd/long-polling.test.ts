import { afterEach, describe, expect, test } from 'vitest'
import { defaultFacadeOptions } from '../options.ts'
import { settle } from '../testing/cometd-bench.ts'
import { basic, lab } from '../testing/lab.ts'

type Lab = Awaited<ReturnType<typeof lab>>
const opened: Lab[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(options: Parameters<typeof lab>[0] = {}) {
  const made = await lab(options)
  opened.push(made)
  return made
}

const url = '/api/v2/notifications'
const handshake = { channel: '/meta/handshake', id: '1', version: '1.0' }
const json = { 'content-type': 'application/json;charset=UTF-8' }

function post(one: Lab, path: string, body: unknown, headers: Record<string, string> = { ...json, ...basic('anna') }) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  return one.app.inject({ method: 'POST', url: path, headers, payload })
}

describe('long-polling', () => {
  test.each(['', '/', '/handshake', '/connect', '/disconnect', '/subscribe', '/whatever/else'])(
    '[CD-1] is found under its address with %j behind it',
    async (suffix) => {
      const one = await open()
      const reply = await post(one, url + suffix, [handshake])
      expect(reply.statusCode).toBe(200)
      expect(reply.headers['content-type']).toBe('application/json;charset=UTF-8')
      expect(reply.headers['cache-control']).toBe('no-store')
      expect(reply.json()).toMatchObject([{ channel: '/meta/handshake', successful: true }])
    },
  )

  test('[CD-2] takes JSON under both of its names, and a form', async () => {
    const one = await open()
    const bodies: [string, string][] = [
      ['application/json', JSON.stringify(handshake)],
      ['text/json; charset=utf-8', JSON.stringify([handshake])],
      ['application/x-www-form-urlencoded', `message=${encodeURIComponent(JSON.stringify([handshake]))}`],
    ]
    for (const [type, body] of bodies) {
      const reply = await post(one, url, body, { 'content-type': type, ...basic('anna') })
      expect(reply.json(), type).toMatchObject([{ successful: true }])
    }
  })

  test.each([
    ['no JSON', '{', 400],
    ['no message', '[]', 400],
    ['null', 'null', 400],
    ['65 messages', JSON.stringify(Array.from({ length: 65 }, () => handshake)), 413],
    ['over 64 KiB', JSON.stringify([{ ...handshake, data: 'x'.repeat(66_000) }]), 413],
    ['nothing', '', 400],
  ])('[CD-3] answers %s as the rest of the API does', async (_what, body, status) => {
    const one = await open()
    const reply = await post(one, url, body)
    expect(reply.statusCode).toBe(status)
    expect(reply.json()).toEqual({ statusCode: expect.any(Number), statusMessage: expect.any(String) })
  })

  test('[CD-3] answers another media type with 415', async () => {
    const one = await open()
    const reply = await post(one, url, '<x/>', { 'content-type': 'text/xml', ...basic('anna') })
    expect(reply.statusCode).toBe(415)
    expect(reply.json()).toMatchObject({ statusCode: expect.any(Number) })
  })

  test('[CD-5] denies a handshake without or with wrong credentials, by HTTP 200', async () => {
    const one = await open()
    for (const headers of [
      json,
      { ...json, ...basic('anna', 'wrong') },
      { ...json, cookie: `JSESSIONID=${'0'.repeat(40)}` },
    ]) {
      const reply = await post(one, url, [handshake], headers)
      expect(reply.statusCode).toBe(200)
      expect(reply.json()).toMatchObject([{ error: '403::handshake_denied', advice: { reconnect: 'none' } }])
    }
  })

  test('[CD-4] gives a client its cookie with the handshake, which then does for credentials', async () => {
    const one = await open()
    const first = await post(one, url, [handshake])
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    expect(cookie).toMatch(/^JSESSIONID=/)
    const clientId = first.json()[0].clientId
    const reply = await post(one, url, [{ channel: '/meta/subscribe', clientId, subscription: '/**' }], {
      ...json,
      cookie,
    })
    expect(reply.json()).toMatchObject([{ successful: true }])
    expect(reply.headers['set-cookie']).toBeUndefined()
  })

  test('[CD-9] needs the token of the session where that protection is on, but for the handshake', async () => {
    const login = { ...defaultFacadeOptions.login, csrf: true }
    const cometd = { ...defaultFacadeOptions.cometd, csrf: true }
    const one = await open({ options: { login, cometd } })
    const first = await post(one, url, [handshake])
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    const me = await one.app.inject({ method: 'GET', url: '/api/v2/me', headers: { cookie } })
    const subscribe = [{ channel: '/meta/subscribe', clientId: first.json()[0].clientId, subscription: '/**' }]
    const refused = await post(one, url, subscribe, { ...json, cookie })
    expect(refused.statusCode).toBe(403)
    expect(refused.json()).toMatchObject({ statusCode: 3 })
    const token = String(me.headers['x-csrf-token'])
    expect((await post(one, url, subscribe, { ...json, cookie, 'x-csrf-token': token })).json()).toMatchObject([
      { successful: true },
    ])
  })

  test('[CD-14] holds a connect and brings a session’s events with links to the address the client uses', async () => {
    const one = await open()
    const headers = { ...json, ...basic('anna'), host: 'im.example:8080' }
    const [{ clientId }] = (await post(one, url, [handshake], headers)).json()
    await post(one, url, [{ channel: '/meta/subscribe', clientId, subscription: ['/v2/me/*'] }], headers)
    const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling', id: '5' }
    await post(one, url, [{ ...connect, advice: { timeout: 0 } }], headers)
    const held = post(one, `${url}/connect`, [connect], headers)
    await settle()
    for (const user of ['anna', 'ben']) await one.as(user).start()
    const messages = (await held).json()
    expect(messages.at(-1)).toMatchObject({ id: '5', channel: '/meta/connect', successful: true })
    expect(messages[0]).toMatchObject({
      channel: '/v2/me/devices',
      data: { messageType: 'DeviceStateChangeMessage' },
      ext: { replay: expect.stringMatching(/^epoch-demo:\d+$/) },
    })
    expect(JSON.stringify(messages[0])).toContain('http://im.example:8080/api/v2/')
  })

  test('[CD-17] fails a connect that a second one supersedes with HTTP 500', async () => {
    const one = await open()
    const [{ clientId }] = (await post(one, url, [handshake])).json()
    const connect = { channel: '/meta/connect', clientId, id: '5' }
    const first = post(one, url, [connect])
    await settle()
    const second = post(one, url, [{ ...connect, id: '6', advice: { timeout: 0 } }])
    expect((await first).statusCode).toBe(500)
    expect((await first).json()).toMatchObject([{ id: '5', successful: false }])
    expect((await second).json()).toMatchObject([{ id: '6', successful: true }])
  })

  test('[CD-15] answers several messages in their order, a connect among them at once', async () => {
    const one = await open()
    const [{ clientId }] = (await post(one, url, [handshake])).json()
    const reply = await post(one, url, [
      { channel: '/meta/subscribe', clientId, subscription: '/**', id: 'a' },
      { channel: '/meta/connect', clientId, id: 'b' },
      { channel: '/meta/unsubscribe', clientId, subscription: '/**', id: 'c' },
    ])
    expect(reply.json().map(({ id, successful }: { id: string; successful: boolean }) => [id, successful])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ])
  })

  test('[CD-34] sends held clients away when the node closes, on a connection that ends', async () => {
    const one = await open()
    const [{ clientId }] = (await post(one, url, [handshake])).json()
    const held = post(one, url, [{ channel: '/meta/connect', clientId }])
    await settle()
    await one.app.close()
    expect((await held).json()).toMatchObject([{ successful: true, advice: { reconnect: 'retry', interval: 0 } }])
    expect((await held).headers.connection).toBe('close')
  })
})

describe('callback-polling', () => {
  const message = encodeURIComponent(JSON.stringify([handshake]))
  const get = (one: Lab, query: string, headers: Record<string, string> = {}) =>
    one.app.inject({
      method: 'GET',
      url: `${url}${query}`,
      headers: { ...basic('anna'), host: 'im.example', ...headers },
    })

  test('[CD-10] answers as a script that calls back', async () => {
    const one = await open()
    const reply = await get(one, `?jsonp=org.cometd._1&message=${message}`)
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['content-type']).toBe('text/javascript;charset=UTF-8')
    expect(reply.headers['x-content-type-options']).toBe('nosniff')
    const inner = /^\/\*\*\/org\.cometd\._1\((.*)\);$/.exec(reply.body)?.[1] ?? ''
    expect(JSON.parse(inner)).toMatchObject([{ successful: true }])
  })

  test('[CD-10] calls back by names only', async () => {
    const one = await open()
    for (const name of ['alert(1)//', 'a;b', '<script>', 'a b', '1a', 'a..b', 'a['.repeat(9), 'x'.repeat(200), ''])
      expect((await get(one, `?jsonp=${encodeURIComponent(name)}&message=${message}`)).statusCode, name).toBe(400)
    expect((await get(one, '')).statusCode).toBe(400)
    expect((await get(one, '?jsonp=a')).statusCode).toBe(400)
  })

  test('[CD-8] does not answer another site’s page, which could read what a script is told', async () => {
    const one = await open({ options: { origins: ['https://desk.example'] } })
    const query = `?jsonp=cb&message=${message}`
    const foreign = [
      { origin: 'https://evil.example' },
      { referer: 'https://evil.example/page' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
    ]
    for (const headers of foreign)
      expect((await get(one, query, headers)).statusCode, JSON.stringify(headers)).toBe(403)
    const ours = [
      { origin: 'http://im.example' },
      { referer: 'http://im.example/desk' },
      { referer: 'https://desk.example/' },
      { 'sec-fetch-site': 'same-origin' },
      {},
    ]
    for (const headers of ours) expect((await get(one, query, headers)).statusCode, JSON.stringify(headers)).toBe(200)
    const form = {
      'content-type': 'application/x-www-form-urlencoded',
      ...basic('anna'),
      origin: 'https://evil.example',
    }
    expect((await post(one, url, `message=${message}`, form)).statusCode).toBe(403)
  })
})
