import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, headersOf, openSite, roles, type Site } from './people.ts'

/* What is for everybody, what is the operator's, and what lies beside the files that are served. */

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

test('[SE-9] the files of the desktop are for everybody, and are the same for everybody', async () => {
  const files = site.routes.filter(({ url }) => /^\/(favicon[.]svg|assets\/)/.test(url)).map(({ url }) => url)
  for (const url of new Set(['/', ...files])) {
    const bodies = new Set<string>()
    for (const role of roles) {
      const reply = await site.inject({ url, headers: headersOf(role, site.cookie) })
      expect({ url, role, status: reply.statusCode }).toEqual({ url, role, status: 200 })
      expect(reply.headers['set-cookie']).toBeUndefined()
      bodies.add(reply.body)
    }
    expect(bodies.size).toBe(1)
  }
})

describe('[SE-9] nothing beside the served files can be read', () => {
  const paths = [
    '/../package.json',
    '/%2e%2e/package.json',
    '/%2e%2e%2fpackage.json',
    '/..%5cpackage.json',
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/src/main.tsx',
    '/lab/../../../package.json',
    '/lab/..%2f..%2f..%2fpackage.json',
    '//etc/passwd',
    '/%00',
    '/assets/%00.js',
    '/.git/config',
    '/index.html%00.svg',
    '/api/v2/docs/static/../../../../package.json',
    '/api/v2/docs/static/..%2f..%2fpackage.json',
    '/api/v2/docs/static/%2e%2e%2f%2e%2e%2fpackage.json',
    '/api/v2/docs/static/%2fetc%2fpasswd',
  ]
  test.each(paths)('%s', async (url) => {
    const { statusCode, body } = await site.inject({ url })
    // Below /lab every path is the console's page, whatever it is called.
    expect([200, 400, 403, 404]).toContain(statusCode)
    if (statusCode === 200) expect(body).toContain('<!doctype html>')
    expect(body).not.toMatch(/"dependencies"|root:x:|\[core\]|from 'preact'/)
  })
})

test('[SE-10] metrics are for this machine and for who has the token, whatever a login may do', async () => {
  const ask = (headers: Readonly<Record<string, string>>, remoteAddress: string) =>
    site.inject({ url: '/metrics', headers, remoteAddress })
  for (const role of roles) {
    const reply = await ask(headersOf(role, site.cookie), '192.0.2.7')
    expect({ role, status: reply.statusCode }).toEqual({ role, status: 403 })
    expect(reply.body).not.toContain('ringdown_')
  }
  const bearer = { authorization: 'Bearer the-token-of-metrics' }
  expect((await ask(bearer, '192.0.2.7')).statusCode).toBe(200)
  expect((await ask({ authorization: 'Bearer the-token-of-metricS' }, '192.0.2.7')).statusCode).toBe(403)
  expect((await ask({}, '127.0.0.1')).statusCode).toBe(200)
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip'])
    expect({ header, status: (await ask({ [header]: '127.0.0.1' }, '127.0.0.1')).statusCode }).toEqual({
      header,
      status: 403,
    })
})

test('[SE-10] health says whether, and nothing of whom or what', async () => {
  for (const url of ['/health/live', '/health/ready']) {
    const { statusCode, body } = await site.inject({ url, remoteAddress: '192.0.2.7', headers: basic('ada') })
    expect(statusCode).toBe(200)
    expect(body).not.toMatch(/north|south|n1/)
  }
})
