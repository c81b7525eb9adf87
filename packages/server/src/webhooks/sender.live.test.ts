import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { realClock, testAuthority } from '@ringdown/signalling/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { networksOf } from './address-rules.ts'
import { type Resolve, Sender } from './sender.ts'
import type { Webhook } from './webhook.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** What came to a receiver. */
interface Seen {
  headers: Record<string, unknown>
  body: string
}

async function listening(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

async function receiver(answer: RequestListener) {
  const seen: Seen[] = []
  const port = await listening(
    createHttpServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push({ headers: request.headers, body })
        answer(request, response)
      })
    }),
  )
  return { port, seen }
}

const never: Resolve = async () => {
  throw new Error('nobody asks for a name')
}

function sender(url: string, { resolve = never, ...more }: Partial<Webhook> & { resolve?: Resolve } = {}): Sender {
  const made = new Sender(
    {
      ...{
        name: 'crm',
        url: new URL(url),
        keys: [],
        events: new Set(),
        dns: new Set<string>(),
        agents: new Set<string>(),
      },
      ...{ texts: true, timeoutMs: 10_000, parallel: 2, allowed: networksOf(['127.0.0.0/8']) },
      retry: { firstMs: 1, maxMs: 1, forMs: 1 },
      ...more,
    },
    resolve,
    realClock,
  )
  closing.push(() => made.close())
  return made
}

const headers = { 'webhook-id': 'msg_a_1_00000000' }
const local: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]

test('[WH-28] a delivery is a POST of what was signed, over a connection that is kept', async () => {
  const { port, seen } = await receiver((_, response) => response.writeHead(204).end())
  const made = sender(`http://127.0.0.1:${port}/hook?x=1`)
  const body = JSON.stringify({ text: 'Grüße 🙂' })
  expect(await made.send(headers, body)).toEqual({ status: 204 })
  expect(await made.send(headers, body)).toEqual({ status: 204 })
  expect(seen.map((one) => one.body)).toEqual([body, body])
  expect(seen[0]?.headers).toMatchObject({
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  })
})

test('[WH-32] a redirect is an answer, and is not followed', async () => {
  const { port, seen } = await receiver((_, response) => response.writeHead(302, { location: '/else' }).end())
  expect(await sender(`http://127.0.0.1:${port}/`).send(headers, '{}')).toEqual({ status: 302 })
  expect(seen).toHaveLength(1)
})

test('[WH-22] what a target says of its patience is heard', async () => {
  const { port } = await receiver((_, response) => response.writeHead(429, { 'retry-after': '7' }).end())
  expect(await sender(`http://127.0.0.1:${port}/`).send(headers, '{}')).toEqual({ status: 429, retryAfterMs: 7_000 })
})

test('[WH-28] silence, and an answer a byte at a time, end with the time for an attempt', async () => {
  const silent = await listening(createTcpServer(() => undefined))
  expect(await sender(`http://127.0.0.1:${silent}/`, { timeoutMs: 300 }).send(headers, '{}')).toEqual({
    failure: 'timeout',
  })
  const dripping = createTcpServer((socket) => {
    const drip = setInterval(() => socket.write('H'), 20)
    closing.push(() => clearInterval(drip))
    socket.on('error', () => undefined)
    socket.on('close', () => clearInterval(drip))
  })
  const header = createTcpServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('x-a: b\r\n'), 20)
    closing.push(() => clearInterval(drip))
    socket.on('error', () => undefined)
    socket.on('close', () => clearInterval(drip))
  })
  expect(
    await sender(`http://127.0.0.1:${await listening(dripping)}/`, { timeoutMs: 300 }).send(headers, '{}'),
  ).toHaveProperty('failure')
  expect(await sender(`http://127.0.0.1:${await listening(header)}/`, { timeoutMs: 300 }).send(headers, '{}')).toEqual({
    failure: 'timeout',
  })
})

test('[WH-28] of an endless answer little is read', async () => {
  let written = 0
  let closed = false
  const { port } = await receiver((_, response) => {
    response.writeHead(200)
    const pour = () => {
      while (!closed && written < 1e9) {
        written += 65_536
        if (!response.write(Buffer.alloc(65_536))) break
      }
    }
    response.on('drain', pour).on('close', () => {
      closed = true
    })
    pour()
  })
  expect(await sender(`http://127.0.0.1:${port}/`).send(headers, '{}')).toEqual({ status: 200 })
  await expect.poll(() => closed, { timeout: 20_000 }).toBe(true)
  expect(written).toBeLessThan(50_000_000)
})

test('[WH-28] a reset and a closed port are failures of the connection', async () => {
  const resetting = await listening(createTcpServer((socket) => socket.resetAndDestroy()))
  expect(await sender(`http://127.0.0.1:${resetting}/`).send(headers, '{}')).toEqual({ failure: 'connection' })
  const server = createTcpServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  expect(await sender(`http://127.0.0.1:${port}/`).send(headers, '{}')).toEqual({ failure: 'connection' })
})

test('[WH-28] a connection that was kept and closed by the target meanwhile is no failure', async () => {
  let count = 0
  const { port, seen } = await receiver((request, response) => {
    // Not told of by a header: the client believes that it may go on.
    if (++count === 1) response.once('finish', () => setImmediate(() => request.socket.resetAndDestroy()))
    response.writeHead(200, { connection: 'keep-alive' }).end()
  })
  const made = sender(`http://127.0.0.1:${port}/`)
  expect(await made.send(headers, '1')).toEqual({ status: 200 })
  expect(await made.send(headers, '2')).toEqual({ status: 200 })
  expect(seen.at(-1)?.body).toBe('2')
})

test('[WH-28] all connections that were kept and closed by the target meanwhile are no failure', async () => {
  const open: Socket[] = []
  const waiting: (() => void)[] = []
  const { port, seen } = await receiver((request, response) => {
    if (seen.length > 2) {
      response.writeHead(200).end()
      return
    }
    open.push(request.socket)
    waiting.push(() => response.writeHead(200, { connection: 'keep-alive' }).end())
    if (seen.length === 2) for (const answer of waiting) answer()
  })
  const made = sender(`http://127.0.0.1:${port}/`)
  const both = await Promise.all(['1', '2'].map((body) => made.send(headers, body)))
  expect(both).toEqual([{ status: 200 }, { status: 200 }])
  // The client hears of it when it writes.
  for (const socket of open) socket.resetAndDestroy()
  expect(await made.send(headers, '3')).toEqual({ status: 200 })
})

test('[WH-30] an address that is not public is connected to by nobody, however it is written', async () => {
  const { port, seen } = await receiver((_, response) => response.end())
  for (const host of ['127.0.0.1', '0x7f000001', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']) {
    const allowed = networksOf(['10.0.0.0/8'])
    expect(await sender(`http://${host}:${port}/`, { allowed }).send(headers, '{}'), host).toEqual({
      failure: 'address',
    })
    expect(await sender(`https://${host}:${port}/`, { allowed }).send(headers, '{}'), host).toEqual({
      failure: 'address',
    })
  }
  expect(seen).toEqual([])
})

test('[WH-31] http is for allowed addresses alone, though a public one may be sent to by https', async () => {
  const resolve: Resolve = async () => [{ address: '93.184.216.34', family: 4 }]
  expect(await sender('http://hooks.example:8080/', { resolve }).send(headers, '{}')).toEqual({ failure: 'address' })
})

test('[WH-32] [WH-33] the address that was looked at is the one connected to, and a name that changes its mind leads nowhere', async () => {
  const { port, seen } = await receiver((_, response) => response.writeHead(200, { connection: 'close' }).end())
  const allowed = networksOf(['127.0.0.1'])
  const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '169.254.169.254'], ['::1'], [], ['127.0.0.1']]
  let asked = 0
  const resolve: Resolve = async () =>
    (answers[asked++] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const made = sender(`http://hooks.example:${port}/`, { allowed, resolve })
  const got = []
  for (const _ of answers) got.push(await made.send(headers, '{}'))
  expect(got).toEqual([
    { status: 200 },
    { failure: 'address' },
    { failure: 'address' },
    { failure: 'address' },
    { failure: 'name' },
    { status: 200 },
  ])
  expect(asked).toBe(answers.length)
  expect(seen.map(({ headers: { host } }) => host)).toEqual([`hooks.example:${port}`, `hooks.example:${port}`])
})

test('[WH-31] a certificate that is not for the name, or signed by nobody known, is refused', async () => {
  const authority = await testAuthority()
  closing.push(() => authority.remove())
  const trusted = getCACertificates('default')
  const { cert, key } = await authority.issue('DNS:hooks.example')
  const port = await listening(createHttpsServer({ cert, key }, (_, response) => response.end()))
  const url = (host: string) => `https://${host}:${port}/`
  closing.push(() => vi.unstubAllEnvs())
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  expect(await sender(url('hooks.example'), { resolve: local }).send(headers, '{}')).toEqual({ failure: 'tls' })
  closing.push(() => setDefaultCACertificates(trusted))
  setDefaultCACertificates([...trusted, authority.ca])
  expect(await sender(url('hooks.example'), { resolve: local }).send(headers, '{}')).toEqual({ status: 200 })
  expect(await sender(url('other.example'), { resolve: local }).send(headers, '{}')).toEqual({ failure: 'tls' })
})
