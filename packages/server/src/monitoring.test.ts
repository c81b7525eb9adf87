import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { Secret } from './config/secret.ts'
import { createHealth } from './health.ts'
import { createMetrics } from './metrics.ts'
import { addMonitoring } from './monitoring.ts'

function setUp(token?: string) {
  const store = { up: true, healthy: () => store.up }
  const health = createHealth([store])
  const app = fastify()
  addMonitoring(app, {
    health,
    metrics: createMetrics({ sessions: new Map() }),
    token: token ? new Secret(token) : undefined,
  })
  app.get('/things/:id', async () => ({}))
  return { app, health, store, get: (url: string, more = {}) => app.inject({ url, ...more }) }
}

test('[SV-30] ready once it is started, until it drains, while the store takes writes', async () => {
  const { health, store, get } = setUp()
  const ready = async () => {
    const { statusCode, json } = await get('/health/ready')
    return [statusCode, json().status]
  }
  expect(await ready()).toEqual([503, 'starting'])
  health.started()
  expect(await ready()).toEqual([200, 'ready'])
  store.up = false
  expect(await ready()).toEqual([503, 'store'])
  store.up = true
  expect(await ready()).toEqual([200, 'ready'])
  health.draining()
  health.started()
  expect(await ready()).toEqual([503, 'draining'])
  expect((await get('/health/live')).statusCode).toBe(200)
})

test('[SV-22] metrics are for this machine, or for who has the token', async () => {
  const { get } = setUp('let me in')
  const status = async (more: object) => (await get('/metrics', more)).statusCode
  expect(await status({ remoteAddress: '127.0.0.1' })).toBe(200)
  expect(await status({ remoteAddress: '::ffff:127.0.0.1' })).toBe(200)
  expect(await status({ remoteAddress: '10.0.0.7' })).toBe(403)
  expect(await status({ remoteAddress: '10.0.0.7', headers: { authorization: 'Bearer let me in' } })).toBe(200)
  expect(await status({ remoteAddress: '10.0.0.7', headers: { authorization: 'Bearer let me out' } })).toBe(403)
  expect(await status({ remoteAddress: '10.0.0.7', headers: { authorization: 'Basic let me in' } })).toBe(403)
})

test('[SV-22] a proxy on this machine does not lend its address', async () => {
  const { get } = setUp()
  for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
    const reply = await get('/metrics', { remoteAddress: '127.0.0.1', headers: { [header]: '10.0.0.7' } })
    expect(reply.statusCode).toBe(403)
  }
  expect((await get('/metrics', { remoteAddress: '10.0.0.7', headers: { authorization: 'Bearer ' } })).statusCode).toBe(
    403,
  )
})

test('[SV-21] requests are counted by route template, never by path', async () => {
  const { get } = setUp()
  for (let i = 0; i < 20; i++) {
    await get(`/things/${i}`)
    await get(`/nowhere/${i}`)
  }
  const page = (await get('/metrics', { remoteAddress: '127.0.0.1' })).body
  expect(page).toContain('ringdown_http_request_seconds_count{method="GET",route="/things/:id",status="2xx"} 20')
  expect(page).toContain('ringdown_http_request_seconds_count{method="GET",route="none",status="4xx"} 20')
})
