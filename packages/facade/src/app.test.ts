import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { answerOf, basic, type LabSetUp, lab } from './testing/lab.ts'
import { openapiFile, openapiText } from './web-services/write-openapi.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return made
}

describe('pages of other origins', () => {
  const origin = 'https://desk.example'
  const preflight = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-csrf-token',
  }

  test('[WS-35] a configured origin may use everything, and reads the CSRF headers', async () => {
    const { app } = await open({ options: { origins: [origin] } })
    const asked = await app.inject({ method: 'OPTIONS', url: '/api/v2/me', headers: preflight })
    expect(asked.statusCode).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '120',
    })
    expect(String(asked.headers['access-control-allow-headers'])).toMatch(/X-CSRF-TOKEN/)
    expect(String(asked.headers['access-control-allow-methods'])).toMatch(/GET.*POST.*PUT.*DELETE/)
    const got = await app.inject({ url: '/api/v2/me', headers: { ...basic('anna'), origin } })
    expect(got.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'X-CSRF-HEADER,X-CSRF-TOKEN,CWA-Ticket',
    })
    const refused = await app.inject({ url: '/api/v2/me', headers: { origin } })
    expect(refused.headers['access-control-allow-origin']).toBe(origin)
  })

  test('[WS-35] any other gets no permission', async () => {
    const { app } = await open({ options: { origins: [origin] } })
    const headers = { ...preflight, origin: 'https://evil.example' }
    const asked = await app.inject({ method: 'OPTIONS', url: '/api/v2/me', headers })
    expect(asked.headers).not.toHaveProperty('access-control-allow-origin')
    const plain = await open()
    const closed = await plain.app.inject({ method: 'OPTIONS', url: '/api/v2/me', headers: preflight })
    expect(closed.headers).not.toHaveProperty('access-control-allow-origin')
    expect(answerOf(closed).http).toBe(405)
  })
})

describe('the server', () => {
  test('[WS-1] answers are not cached and not guessed at', async () => {
    const { app } = await open()
    const { headers } = await app.inject({ url: '/api/v2/me', headers: basic('anna') })
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })

  test('[WS-1] an address over its limit is told so in the same form', async () => {
    const { app } = await open({ options: { requestsPerMinute: 2 } })
    const answers = []
    for (let i = 0; i < 3; i++) answers.push(answerOf(await app.inject({ url: '/api/v2/me', headers: basic('anna') })))
    expect(answers.map(({ http }) => http)).toEqual([200, 200, 429])
    expect(answers[2]?.json.statusCode).toBe(3)
  })

  test('[WS-16] whom a proxy speaks for counts only if the proxy is trusted', async () => {
    const { app } = await open({ options: { trustedProxies: ['10.0.0.1'], requestsPerMinute: 1 } })
    const from = (proxy: string, client: string) =>
      app.inject({
        url: '/api/v2/diagnostics/version',
        remoteAddress: proxy,
        headers: { 'x-forwarded-for': client },
      })
    expect((await from('10.0.0.1', '192.0.2.1')).statusCode).toBe(200)
    expect((await from('10.0.0.1', '192.0.2.2')).statusCode).toBe(200)
    expect((await from('10.0.0.9', '192.0.2.3')).statusCode).toBe(200)
    expect((await from('10.0.0.9', '192.0.2.4')).statusCode).toBe(429)
  })
})

describe('the description of the API', () => {
  test('[WS-34] the committed one is what the schemas say; `pnpm --filter @ringdown/facade openapi` writes it', async () => {
    expect(readFileSync(openapiFile, 'utf8')).toBe(await openapiText())
  })

  test('[WS-34] is served, and names each operation with its parameters', async () => {
    const { app } = await open()
    const reply = await app.inject({ url: '/api/v2/openapi.json' })
    expect(reply.headers['content-type']).toMatch(/^application\/json/)
    const { paths } = reply.json()
    const body = paths['/api/v2/me/im-sessions/{id}'].post.requestBody.content['application/json'].schema
    expect(body.discriminator).toEqual({ propertyName: 'operationName' })
    expect(body.oneOf.map(({ title }: { title: string }) => title)).toEqual([
      'SendMessage',
      'AttachUserData',
      'UpdateUserData',
      'DeleteUserData',
      'Complete',
      'Accept',
      'Reject',
      'NotifyComposing',
      'MarkDisplayed',
    ])
    expect(Object.keys(paths)).not.toContain('/api/v2/openapi.json')
  })

  test('[WS-34] the page to read it asks no other host', async () => {
    const { app } = await open()
    const page = await app.inject({ url: '/api/v2/docs' })
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toMatch(/^text\/html/)
    // Whatever the page's own scripts may want, the browser asks nobody else.
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/default-src 'self'/)
    expect(policy).not.toMatch(/https?:\/\/|\*/)
    expect(page.body).not.toMatch(/(?:src|href)="https?:/)
    const script = await app.inject({ url: '/api/v2/docs/static/swagger-initializer.js' })
    expect(script.body).toContain('"validatorUrl":null')
  })
})
