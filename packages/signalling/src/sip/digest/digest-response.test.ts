import { describe, expect, test } from 'vitest'
import { digestResponse, readAlgorithm } from './digest-response.ts'
import { parseDigest } from './parse-digest.ts'

const none = new Uint8Array()

describe('digestResponse', () => {
  // RFC 7616 §3.9.1.
  const mufasa = {
    user: 'Mufasa',
    realm: 'http-auth@example.org',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    protection: { qop: 'auth', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
    body: none,
  } as const

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('[SR-1] is the one of RFC 7616 with %s', (algorithm, response) => {
    expect(digestResponse({ ...mufasa, algorithm }, 'Circle of Life')).toBe(response)
  })

  test('[SR-6] without qop it is the one of RFC 2069 (erratum 749)', () => {
    const { protection: _, ...old } = mufasa
    const input = { ...old, realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093' }
    expect(digestResponse({ ...input, algorithm: 'MD5' }, 'CircleOfLife')).toBe('1949323746fe6a43ef61f9606e7febea')
  })

  test('[SR-1] with auth-int the body counts', () => {
    const withBody = (qop: 'auth' | 'auth-int', body: string) =>
      digestResponse(
        { ...mufasa, algorithm: 'SHA-256', protection: { ...mufasa.protection, qop }, body: Buffer.from(body) },
        'x',
      )
    expect(withBody('auth', 'a')).toBe(withBody('auth', 'b'))
    expect(withBody('auth-int', 'a')).not.toBe(withBody('auth-int', 'b'))
  })

  test('[SR-1] an algorithm is read in any case, and none means MD5', () => {
    expect(['sha-256', 'Md5', undefined, 'MD5-sess', 'SHA-512-256', ''].map(readAlgorithm)).toEqual([
      'SHA-256',
      'MD5',
      'MD5',
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('parseDigest', () => {
  const read = (text: string) => {
    const params = parseDigest(text)
    return params && Object.fromEntries(params)
  }

  test('[SR-2] reads quoted and bare values, blanks around them and names in any case', () => {
    expect(read('Digest  UserName = "a\\"b",qop=auth ,\tnc=00000001,uri=sip:x;y=1')).toEqual({
      username: 'a\\"b',
      qop: 'auth',
      nc: '00000001',
      uri: 'sip:x;y=1',
    })
    expect(read('digest a=""')).toEqual({ a: '' })
  })

  test.each([
    'Basic YTpi',
    'Digest',
    'Digest ',
    'Digest a',
    'Digest a=',
    'Digest a="b',
    'Digest a="b" c="d"',
    'Digest a=1, a=2',
    'Digest a=1,',
    'Digest =1',
    `Digest ${Array.from({ length: 33 }, (_, i) => `p${i}=1`).join(',')}`,
  ])('[SR-2] %j is no credential', (text) => {
    expect(read(text)).toBeUndefined()
  })
})
