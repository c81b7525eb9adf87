import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebServices } from '@ringdown/client'
import { expect, test } from 'vitest'
import { HttpPool } from './http-pool.ts'
import { poolFetch } from './pool-fetch.ts'

test('[LD-19] the requests of the client package go over the connections of the driver, with cookie and token', async () => {
  const seen: { method?: string; url?: string; cookie?: string; token?: unknown; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { method = '', url = '', headers } = request
    seen.push({ method, url, ...(headers.cookie && { cookie: headers.cookie }), token: headers['x-csrf-token'], body })
    response.setHeader('Set-Cookie', ['JSESSIONID=one; Path=/', 'OTHER=two'])
    response.setHeader('X-CSRF-HEADER', 'X-CSRF-TOKEN')
    response.setHeader('X-CSRF-TOKEN', 'a-token')
    response.end(JSON.stringify({ statusCode: 0, user: { userName: 'anna' } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pool = new HttpPool({ host: '127.0.0.1', port, secure: false })
  try {
    const rest = new WebServices({ address: `http://${pool.host}`, fetch: poolFetch(pool) })
    expect(await rest.signIn('anna', 'secret')).toMatchObject({ userName: 'anna' })
    await rest.ask('POST', '/me?x=1', { text: 'Grüße' })
    expect(seen[1]).toEqual({
      ...{ method: 'POST', url: '/api/v2/me?x=1', cookie: 'JSESSIONID=one; OTHER=two', token: 'a-token' },
      body: '{"text":"Gr\\u00fc\\u00dfe"}',
    })
  } finally {
    pool.close()
    server.close()
  }
})
