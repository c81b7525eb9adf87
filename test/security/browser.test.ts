import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createApp } from '@ringdown/facade'
import { formatMistake, loadConfig } from '@ringdown/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imagesOf } from './images.ts'
import { basic, openSite, type Site } from './people.ts'

/* What a browser can be made to do, and what a proxy in front can be made to believe. */

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const evil = 'https://evil.example'
const images = () => imagesOf(site)

describe('[SE-50] a page of another site', () => {
  // What a form can send, and `fetch` without being asked about first.
  const simple = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']
  const bodies = [
    '{"operationName":"EndContactCenterSession"}',
    '{"operationName":"EndContactCenterSession","padding":"="}',
    'operationName=EndContactCenterSession',
  ]
  test.each(simple)('changes nothing by a form of type "%s", whoever is logged in by Basic', async (type) => {
    const before = images()
    for (const url of [
      '/api/v2/me',
      `/api/v2/me/im-sessions/${site.sessions.agent}`,
      '/api/v2/users',
      '/api/v2/system',
    ])
      for (const payload of bodies)
        for (const user of ['anna', 'ada']) {
          const headers = { ...basic(user), origin: evil, ...(type !== '' && { 'content-type': type }) }
          const reply = await site.inject({ method: 'POST', url, headers, payload })
          // Who may not do it at all hears that first.
          const may = url.endsWith('/me') || (user === 'ada') === /users|system/.test(url)
          expect({ url, user, status: reply.statusCode }).toEqual({ url, user, status: may ? 415 : 403 })
        }
    const form = { ...basic('anna'), origin: evil, 'content-type': 'application/x-www-form-urlencoded' }
    const message = `message=${encodeURIComponent('[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"]}]')}`
    const told = await site.inject({ method: 'POST', url: '/api/v2/notifications', headers: form, payload: message })
    expect(told.statusCode).toBe(403)
    expect(images()).toEqual(before)
  })

  test('is asked about first for everything else, and gets no permission', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const headers = {
        origin: evil,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type',
      }
      const reply = await site.inject({ method: 'OPTIONS', url: '/api/v2/users/x', headers })
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test('has no cookie to send, and no script reads it', async () => {
    const { headers } = await site.inject({ url: '/api/v2/me', headers: basic('gina') })
    expect(String(headers['set-cookie'])).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
  })
})

describe('[SE-51] what an answer says to browsers', () => {
  test('its type is not guessed at, whatever it is', async () => {
    for (const url of [
      '/',
      '/api/v2/docs',
      '/api/v2/openapi.json',
      '/api/v2/me',
      '/metrics',
      '/health/live',
      '/nothing',
      '/favicon.svg',
      '/forms/logon.html',
    ])
      expect({ url, says: (await site.inject({ url })).headers['x-content-type-options'] }).toEqual({
        url,
        says: 'nosniff',
      })
  })

  test('a page is in nobody else’s frame', async () => {
    for (const url of ['/', '/lab', '/history', '/api/v2/docs']) {
      const policy = String((await site.inject({ url })).headers['content-security-policy'])
      expect(policy).toMatch(/frame-ancestors '(none|self)'/)
      expect(policy).not.toMatch(/script-src[^;]*(unsafe|\*|https?:)/)
    }
  })

  test('a callback is told nothing to a page of another site', async () => {
    const message = encodeURIComponent(
      '[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["callback-polling"]}]',
    )
    const url = `/api/v2/notifications?jsonp=steal&message=${message}`
    for (const headers of [
      { referer: `${evil}/page` },
      { 'sec-fetch-site': 'cross-site' },
      { origin: evil },
      { origin: 'null' },
    ]) {
      const reply = await site.inject({ url, headers: { ...basic('anna'), ...headers } as Record<string, string> })
      expect(reply.statusCode).toBe(403)
      expect(reply.body).not.toContain('clientId')
    }
    for (const name of ['alert(1)//', 'a;b', '<script>', 'a'.repeat(200), ''])
      expect(
        (
          await site.inject({
            url: `/api/v2/notifications?jsonp=${encodeURIComponent(name)}&message=${message}`,
            headers: basic('anna'),
          })
        ).statusCode,
      ).toBe(400)
  })
})

describe('[SE-52] names', () => {
  test('a Host and forwarded headers of strangers make no links where the address is configured', async () => {
    const clock = { now: () => 0, after: () => () => undefined }
    const options = { externalApiUrl: 'https://im.example/api/v2' }
    const app = await createApp({ centres: [...site.centres], clock, node: 'n2', options })
    try {
      const headers = {
        ...basic('anna'),
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
      }
      const reply = await app.inject({ url: '/api/v2/me', headers })
      expect(reply.json().user.uri).toMatch(/^https:\/\/im\.example\/api\/v2\/users\//)
      expect(reply.body).not.toContain('evil')
    } finally {
      await app.close()
    }
    const forwarded = { ...basic('anna'), 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    expect((await site.inject({ url: '/api/v2/me', headers: forwarded })).body).not.toContain('evil')
  })

  test('metrics are not for a page whose name leads here', async () => {
    const ask = async (host: string) => (await site.inject({ url: '/metrics', headers: { host } })).statusCode
    expect([await ask('evil.example:8080'), await ask('127.0.0.1.evil.example')]).toEqual([403, 403])
    expect([await ask('127.0.0.1:8080'), await ask('localhost:8080'), await ask('[::1]:8080')]).toEqual([200, 200, 200])
  })
})

test('[SE-53] a request that can be read in two ways is refused, and nothing behind it is read', async () => {
  const clock = { now: () => 0, after: () => () => undefined }
  const app = await createApp({ centres: [...site.centres], clock, node: 'n3' })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const smuggled = 'GET /api/v2/diagnostics/version HTTP/1.1\r\nHost: smuggled\r\n\r\n'
  const heads = [
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: +5',
    'Content-Length : 5',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding:\u000bchunked',
    'X: y\r\n Content-Length: 5',
    'Content-Length: 5\nX: y',
  ]
  try {
    for (const head of heads) {
      const socket = connect(port, '127.0.0.1')
      socket.write(`POST /api/v2/me HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n${smuggled}`)
      let answer = ''
      socket.on('data', (bytes) => {
        answer += bytes
      })
      socket.on('error', () => undefined)
      await once(socket, 'close')
      expect({ head, first: answer.split('\r\n')[0], answers: answer.split('HTTP/1.1 ').length - 1 }).toEqual({
        ...{ head, first: 'HTTP/1.1 400 Bad Request', answers: 1 },
      })
    }
  } finally {
    await app.close()
  }
})

describe('[SE-54] what is nested without end, or would change what all objects have', () => {
  const deep = (n: number, open: string, close: string) => open.repeat(n) + close.repeat(n)
  const initiate = (value: string) =>
    `{"operationName":"InitiateIMSession","destination":{"phoneNumber":"7002"},"userData":{"a":${value}}}`
  const post = (url: string, type: string, payload: string) =>
    site.inject({ method: 'POST', url, headers: { ...basic('fred'), 'content-type': type }, payload })

  test('JSON', async () => {
    await site.ask('fred', 'POST', '/me', { operationName: 'StartContactCenterSession', channels: ['voice'] })
    for (const value of [deep(100_000, '[', ']'), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`]) {
      const { statusCode } = await post('/api/v2/me/im-sessions', 'application/json', initiate(value))
      expect(statusCode).toBe(400)
    }
    for (const value of ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'])
      expect((await post('/api/v2/me/im-sessions', 'application/json', initiate(value))).statusCode).toBe(400)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    const handshake = `[{"channel":"/meta/handshake","ext":${deep(20_000, '[', ']')}}]`
    expect((await post('/api/v2/notifications', 'application/json', handshake)).statusCode).toBeLessThan(500)
  })

  test('XML', async () => {
    for (const body of [deep(5_000, '<a>', '</a>'), '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']) {
      const reply = await post('/forms/logon.html', 'text/xml', body)
      // Refusals of this API are answered 200 with an error in them.
      expect(reply.statusCode).toBeLessThan(500)
      expect(reply.body).toMatch(/<error code="18\d+" reason="Invalid (Format|Request)"/)
      expect(reply.headers).not.toHaveProperty('cwa-ticket')
    }
    expect((await site.inject({ url: '/api/v2/me', headers: basic('fred') })).statusCode).toBe(200)
  })
})

test('[SE-55] any origin together with cookies for other sites is warned of', () => {
  const warnings = (text: string) => {
    const loaded = loadConfig(`${text}\ncontactCentres: [{ id: demo }]\n`, { env: {}, readFile: () => '' })
    return 'warnings' in loaded ? loaded.warnings.map((warning) => formatMistake('r.yaml', warning)) : ['a mistake']
  }
  const any = 'http: { corsOrigins: ["*"] }'
  expect(warnings(any)).toEqual([])
  expect(warnings(`${any}\nlogin: { sameSite: none, csrf: true }`)).toEqual([
    expect.stringContaining('every web page can act'),
  ])
  expect(warnings('http: { corsOrigins: ["https://desk.example"] }\nlogin: { sameSite: none }')).toEqual([])
})
