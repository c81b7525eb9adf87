import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieLine, HttpConnection, httpRequest, parseReply } from './http-connection.ts'

const whole =
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: A=b1; Path=/\r\nset-cookie: C=d\r\n\r\nhällo'.replace('5', '6')
const chunked = 'HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n'

describe('parseReply', () => {
  test.each([
    ['with a length', whole, 200, 'hällo'],
    ['in chunks', chunked, 403, 'abc0123456789'],
    ['without a body', 'HTTP/1.1 204 No\r\nDate: now\r\n\r\n', 204, ''],
  ])('an answer %s is found once it is whole, and not before', (_, text, status, body) => {
    const bytes = Buffer.from(text)
    for (let cut = 0; cut < bytes.length; cut++) expect(parseReply(bytes.subarray(0, cut))).toBeUndefined()
    expect(parseReply(bytes)).toMatchObject({ reply: { status, body }, end: bytes.length })
  })

  test('the cookies of an answer become one line of the next request', () => {
    const found = parseReply(Buffer.from(whole))
    expect(cookieLine(found?.reply.head ?? '')).toBe('Cookie: A=b1; C=d\r\n')
    expect(cookieLine('HTTP/1.1 200 OK')).toBe('')
  })
})

describe('HttpConnection', () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/gone') request.socket.destroy()
    else request.pipe(response)
  })
  beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
  afterAll(() => server.close())
  const connect = () => new HttpConnection((server.address() as AddressInfo).port)

  test('one connection carries one request after the other', async () => {
    const connection = connect()
    for (const body of ['{"a":1}', '{"b":"2"}'])
      expect(await connection.send(httpRequest('POST', '/', '', body))).toMatchObject({ status: 200, body })
    connection.close()
  })

  test('a broken connection rejects the request and is opened anew by the next one', async () => {
    const connection = connect()
    await expect(connection.send(httpRequest('GET', '/gone', ''))).rejects.toThrow()
    expect(await connection.send(httpRequest('POST', '/', '', 'x'))).toMatchObject({ body: 'x' })
    connection.close()
  })
})
