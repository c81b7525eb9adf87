import { expect, test } from 'vitest'
import { md5First } from './md5-first.ts'

const sha = 'WWW-Authenticate: Digest realm="im", nonce="n", algorithm=SHA-256, qop="auth"'
const md5 = 'WWW-Authenticate: Digest realm="im", nonce="n", algorithm=MD5, qop="auth"'
const message = (status: string, ...headers: readonly string[]) =>
  [`SIP/2.0 ${status}`, 'Call-ID: 1', ...headers, 'Content-Length: 0', '', 'body'].join('\r\n')

test('[DT-26] of the challenges of a 401 or 407 the one that sip.js knows is left', () => {
  expect(md5First(message('401 Unauthorized', sha, md5))).toBe(message('401 Unauthorized', md5))
  const proxy = [sha, md5].map((line) => line.replace('WWW', 'Proxy'))
  expect(md5First(message('407 Proxy Authentication Required', ...proxy))).toContain('algorithm=MD5')
  expect(md5First(message('407 Proxy Authentication Required', ...proxy))).not.toContain('SHA-256')
})

test('[DT-26] where there is nothing to choose, and everywhere else, nothing changes', () => {
  const none = md5.replace(', algorithm=MD5', '')
  for (const one of [
    message('401 Unauthorized', sha),
    message('401 Unauthorized', none),
    message('200 OK', sha, md5),
    'MESSAGE sip:a SIP/2.0\r\n\r\nSIP/2.0 401 x',
    '',
  ])
    expect(md5First(one)).toBe(one)
})
