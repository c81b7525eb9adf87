import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ConnectionRefusal, limitConnections, networksOf, sourceOf } from './connections.ts'

let server: Server | undefined
let sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  server?.close()
  server?.closeAllConnections()
})

async function serve(limits: { connections: number; connectionsPerAddress: number }, exempt: readonly string[] = []) {
  const refused: ConnectionRefusal[] = []
  server = createServer((_, response) => response.end('here'))
  limitConnections(server, { ...limits, exempt }, (why) => refused.push(why))
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return { refused, port: (server.address() as AddressInfo).port }
}

/** Whether the connection serves a request. */
async function isServed(port: number, from: string): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)])
}

test('[SE-20] a server holds so many connections, and takes the next one when one has gone', async () => {
  const { refused, port } = await serve({ connections: 2, connectionsPerAddress: 0 })
  expect([await isServed(port, '127.0.0.1'), await isServed(port, '127.0.0.1')]).toEqual([true, true])
  expect(await isServed(port, '127.0.0.1')).toBe(false)
  expect(refused).toEqual(['connections'])
  const [first] = sockets
  first?.destroy()
  while (!(await isServed(port, '127.0.0.1'))) await new Promise((resolve) => setImmediate(resolve))
})

test('[SE-20] an address has so many of them; proxies are not counted', async () => {
  const { refused, port } = await serve({ connections: 100, connectionsPerAddress: 1 }, ['127.0.0.8/29'])
  expect(await isServed(port, '127.0.0.1')).toBe(true)
  expect(await isServed(port, '127.0.0.1')).toBe(false)
  expect(await isServed(port, '127.0.0.2')).toBe(true)
  expect(refused).toEqual(['connectionsPerAddress'])
  for (let i = 0; i < 3; i++) expect(await isServed(port, '127.0.0.9')).toBe(true)
  sockets[0]?.destroy()
  while (!(await isServed(port, '127.0.0.1'))) await new Promise((resolve) => setImmediate(resolve))
})

test('[SE-20] a network of IPv6 is one source', () => {
  expect(sourceOf('2001:db8:0:1::1')).toBe(sourceOf('2001:db8::1:ffff:0:0:2'))
  expect(sourceOf('2001:db8:0:1::1')).not.toBe(sourceOf('2001:db8:0:2::1'))
  expect(sourceOf('fe80::1%eth0')).toBe(sourceOf('fe80::2'))
  expect(sourceOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(sourceOf('192.0.2.1')).toBe('192.0.2.1')
})

test('[SE-20] addresses lie in networks', () => {
  const inside = networksOf(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'])
  for (const address of ['10.1.2.3', '192.0.2.1', '::ffff:10.1.2.3', '2001:db8::5']) expect(inside(address)).toBe(true)
  for (const address of ['11.1.2.3', '192.0.2.2', '2001:db9::5', '']) expect(inside(address)).toBe(false)
})
