import { describe, expect, test } from 'vitest'
import { readRequest, readResponse, requestBytes, responseBytes } from '../../testing/index.ts'
import { digestResponse } from '../digest/digest-response.ts'
import { Credentials } from './credentials.ts'

const uri = 'sip:7001@example.com'
const body = new Uint8Array()

function challenge(...values: string[]) {
  const headers = values.map((value) => ['WWW-Authenticate', `Digest ${value}`] as const)
  return readResponse(responseBytes(readRequest(requestBytes()), 401, { headers }))
}

function credentials() {
  return new Credentials({ user: 'u', password: 'p' }, digestResponse, () => 'c0ffee')
}

function said(taken: Credentials): string[] {
  return taken.headers('MESSAGE', uri, body).map(([name, value]) => `${name}: ${value}`)
}

describe('credentials', () => {
  test('[SD-25] MD5 where nothing better is offered, and no algorithm where none was named', () => {
    const ours = credentials()
    expect(ours.take(challenge('realm="r", nonce="n", qop="auth"'), new Set())).toBe(true)
    const response = digestResponse(
      {
        algorithm: 'MD5',
        user: 'u',
        realm: 'r',
        method: 'MESSAGE',
        uri,
        nonce: 'n',
        body,
        protection: { qop: 'auth', nc: '00000001', cnonce: 'c0ffee' },
      },
      'p',
    )
    expect(said(ours)).toEqual([
      `Authorization: Digest username="u", realm="r", nonce="n", uri="${uri}", response="${response}", qop=auth, nc=00000001, cnonce="c0ffee"`,
    ])
  })

  test('[SD-25] without qop the answer has the form of RFC 2069', () => {
    const ours = credentials()
    ours.take(challenge('realm="r", nonce="n"'), new Set())
    expect(said(ours)[0]).not.toContain('nc=')
  })

  test('[SD-25] auth-int where nothing else is offered', () => {
    const ours = credentials()
    ours.take(challenge('realm="r", nonce="n", qop="auth-int", algorithm=SHA-256'), new Set())
    expect(said(ours)[0]).toContain('qop=auth-int')
  })

  test('[SD-25] each realm is answered; refused, it is answered again only with a stale nonce', () => {
    const ours = credentials()
    const tried = new Set<string>()
    expect(ours.take(challenge('realm="a", nonce="1"', 'realm="b", nonce="2"'), tried)).toBe(true)
    expect(said(ours)).toHaveLength(2)
    expect(ours.take(challenge('realm="a", nonce="3", stale=TRUE'), tried)).toBe(true)
    expect(said(ours)[0]).toContain('nonce="3"')
    expect(ours.take(challenge('realm="a", nonce="4"'), tried)).toBe(false)
  })

  test.each([
    'realm="r", nonce="n", algorithm=MD5-sess',
    'realm="r", nonce="n", qop="other"',
    'realm="r"',
    'nonce="n"',
  ])('[SD-25] a challenge of %s cannot be answered', (value) => {
    expect(credentials().take(challenge(value), new Set())).toBe(false)
  })

  test('[SD-25] a peer cannot make us keep realms without end', () => {
    const ours = credentials()
    const values = Array.from({ length: 9 }, (_, i) => `realm="r${i}", nonce="n"`)
    expect(ours.take(challenge(...values), new Set())).toBe(false)
  })
})
