import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lab } from './testing/lab.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-pages-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Desktop</title>')
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(folder, '.made-from'), 'secret of the build')
  writeFileSync(join(folder, 'assets', 'index-Ab12.js'), 'export {}')
})
afterAll(() => rmSync(folder, { recursive: true }))

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(desktop: string) {
  const made = await lab({ desktop })
  closing = made.close
  return (url: string, headers = {}) => made.app.inject({ url, headers: { host: 'im.example:8080', ...headers } })
}

describe('the desktop', () => {
  for (const page of ['/', '/history', '/history/', '/?from=mail'])
    test(`[DS-1] ${page} is its page, and is not stored`, async () => {
      const get = await open(folder)
      const { statusCode, headers, body } = await get(page)
      expect([statusCode, headers['content-type'], headers['cache-control']]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ])
      expect(body).toContain('<title>Desktop</title>')
      expect(headers.etag ?? headers['last-modified']).toBeUndefined()
    })

  test('[DS-1] files with a digest in their names are kept for ever, others asked for again', async () => {
    const get = await open(folder)
    const script = await get('/assets/index-Ab12.js')
    expect([script.statusCode, script.headers['content-type']]).toEqual([200, 'application/javascript; charset=utf-8'])
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache')
  })

  for (const path of [
    '/index.html',
    '/.made-from',
    '/assets/',
    '/assets/index-0000.js',
    '/assets/..%2f..%2fetc%2fpasswd',
    '/desk',
    '/historyx',
    '/api/v1/me',
    '/api/v2/nothing',
  ])
    test(`[DS-1] ${path} is the API's 404 as before`, async () => {
      const get = await open(folder)
      const { statusCode, json } = await get(path)
      expect([statusCode, json().statusCode]).toEqual([404, 6])
    })

  test('[DS-1] the API answers as before', async () => {
    const get = await open(folder)
    const { statusCode, headers, json } = await get('/api/v2/me')
    expect([statusCode, json().statusCode, headers['content-security-policy']]).toEqual([401, 20, undefined])
  })

  test('[DS-2] its pages run nothing but their own files and stand in no frame', async () => {
    const get = await open(folder)
    for (const path of ['/', '/assets/index-Ab12.js', '/favicon.svg']) {
      const { headers } = await get(path)
      const policy = new Map(
        String(headers['content-security-policy'])
          .split('; ')
          .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
      )
      expect(Object.fromEntries(policy)).toMatchObject({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'connect-src': "'self' ws://im.example:8080 wss://im.example:8080",
        'frame-ancestors': "'none'",
        'base-uri': "'none'",
      })
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
  })

  test('[DS-2] its pages may speak SIP over WebSocket where the node does', async () => {
    const sockets = [
      { scheme: 'ws', host: null, port: 5066, path: '/sip' },
      { scheme: 'wss', host: '2001:db8::1', port: 443, path: '/' },
    ] as const
    const made = await lab({ desktop: folder, options: { sip: { sockets, domain: null } } })
    closing = made.close
    const { headers } = await made.app.inject({ url: '/', headers: { host: 'im.example:8080' } })
    expect(headers['content-security-policy']).toContain(
      "connect-src 'self' ws://im.example:8080 wss://im.example:8080 ws://im.example:5066 wss://[2001:db8::1]:443;",
    )
  })

  test('[DS-2] a Host header cannot write into the policy', async () => {
    const get = await open(folder)
    const { headers } = await get('/', { host: "x; script-src 'unsafe-inline'" })
    expect(headers['content-security-policy']).toContain("connect-src 'self'; ")
    expect(headers['content-security-policy']).not.toContain('unsafe-inline')
  })

  test('[DS-3] without a build says how to make one', async () => {
    const get = await open(join(folder, 'nothing'))
    const { statusCode, headers, body } = await get('/')
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(body).toMatch(/^The agent desktop is not built on this machine: .*build\.ts.*\n$/)
    expect((await get('/history')).statusCode).toBe(404)
  })
})
