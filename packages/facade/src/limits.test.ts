import { afterEach, expect, test } from 'vitest'
import { defaultFacadeOptions } from './options.ts'
import { basic, type LabSetUp, lab } from './testing/lab.ts'

let close: (() => Promise<unknown>) | undefined
afterEach(async () => {
  await close?.()
})

async function open(options: LabSetUp['options'] = {}) {
  const made = await lab({ options })
  close = made.close
  return made
}

const login = { ...defaultFacadeOptions.login, requestsPerMinute: 4 }

test('[SE-21] a person asks so often in a minute, by REST and CometD together; others go on', async () => {
  const { app, as, refused, clock } = await open({ login })
  const anna = as('anna')
  for (let i = 0; i < 3; i++) expect((await anna.get('/me')).http).toBe(200)
  const cometd = { method: 'POST', url: '/api/v2/notifications', headers: basic('anna') } as const
  const payload = [{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] }]
  expect((await app.inject({ ...cometd, payload })).json()[0].successful).toBe(true)

  const late = await anna.get('/me')
  expect([late.http, late.json.statusCode, late.reply.headers['retry-after']]).toEqual([429, 3, '60'])
  const polled = await app.inject({ ...cometd, payload })
  expect([polled.statusCode, polled.headers['retry-after']]).toEqual([429, '60'])
  expect(refused).toContain('tooManyRequests')
  expect((await as('ben').get('/me')).http).toBe(200)
  clock.advance(60_000)
  expect((await anna.get('/me')).http).toBe(200)
})

test('[SE-21] UC AJAX counts as well, by its tickets', async () => {
  const { app } = await open({ login: { ...login, requestsPerMinute: 2 } })
  const post = (url: string, payload: string, ticket = '') =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'text/xml', 'cwa-ticket': ticket } })
  const logon = '<cwaRequests><logon><user>anna</user><password>anna</password></logon></cwaRequests>'
  const ticket = String((await post('/forms/logon.html', logon)).headers['cwa-ticket'])
  const ask = () => post('/cwa/MainCommandHandler.ashx', '<cwaRequests sid="0"/>', ticket)
  expect([(await ask()).statusCode, (await ask()).statusCode]).not.toContain(429)
  const late = await ask()
  expect([late.statusCode, late.headers['retry-after']]).toEqual([429, '60'])
})

test('[SE-35] browsers are told of HSTS on every answer where it is on, and not where it is off', async () => {
  const { app } = await open({ hstsSeconds: 3_600 })
  for (const url of ['/api/v2/me', '/api/v2/notifications', '/nothing', '/cwa/nothing'])
    expect((await app.inject({ url })).headers['strict-transport-security']).toBe('max-age=3600')
  await close?.()
  const off = await open()
  expect((await off.app.inject({ url: '/api/v2/me' })).headers).not.toHaveProperty('strict-transport-security')
})

test('[SE-24] what does not come to an end is given up', async () => {
  const { app } = await open()
  expect(app.server.requestTimeout).toBe(30_000)
  expect(app.server.headersTimeout).toBeLessThanOrEqual(60_000)
  expect(app.server.keepAliveTimeout).toBeGreaterThan(0)
  expect(app.server.maxConnections).toBe(50_000)
})
