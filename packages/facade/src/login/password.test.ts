import { describe, expect, test } from 'vitest'
import { decoyHash, hashPassword, verifyPassword } from './password.ts'

const cheap = { ln: 4, r: 8, p: 1 }

describe('passwords', () => {
  test('[WS-18] a hash is a salted PHC string that says what it costs', async () => {
    const [one, two] = await Promise.all([hashPassword('secret', cheap), hashPassword('secret', cheap)])
    expect(one).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await hashPassword('secret')).toContain('$ln=15,r=8,p=1$')
  })

  test('[WS-18] with a given salt the same password gives the same hash', async () => {
    const salt = Buffer.alloc(16, 7)
    const [one, two] = await Promise.all([hashPassword('secret', cheap, salt), hashPassword('secret', cheap, salt)])
    expect(one).toBe(two)
    expect(await verifyPassword('secret', one)).toBe(true)
  })

  test('only the same password matches, however its accents are composed', async () => {
    const hash = await hashPassword('caf\u00e9', cheap)
    expect(await verifyPassword('caf\u00e9', hash)).toBe(true)
    expect(await verifyPassword('cafe\u0301', hash)).toBe(true)
    expect(await verifyPassword('cafe', hash)).toBe(false)
  })

  test('a hash made elsewhere is read', async () => {
    // RFC 7914 §12: scrypt("password", "NaCl", N=1024, r=8, p=16), the first 32 bytes of the key. A salt so short is nobody's.
    const key = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex')
    const hash = `$scrypt$ln=10,r=8,p=16$TmFDbA$${key.toString('base64').replaceAll('=', '')}`
    expect(await verifyPassword('password', hash)).toBe(true)
  })

  test('a decoy costs what it is made after and nothing matches it', async () => {
    const decoy = decoyHash(await hashPassword('secret', cheap))
    expect(decoy).toContain('$ln=4,r=8,p=1$')
    expect(await verifyPassword('secret', decoy)).toBe(false)
    expect(decoyHash(undefined)).toContain('$ln=15,r=8,p=1$')
  })

  for (const hash of [
    '',
    'secret',
    '$argon2id$v=19$x',
    '$scrypt$ln=31,r=8,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdHNhbHQ',
  ])
    test(`'${hash}' matches nothing and takes no time`, async () => {
      expect(await verifyPassword('secret', hash)).toBe(false)
    })
})
