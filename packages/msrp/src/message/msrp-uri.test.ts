import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MsrpUri, msrpUriLimits, parseMsrpUri, printMsrpUri, sameMsrpUri } from './msrp-uri.ts'

function read(text: string): MsrpUri {
  const uri = parseMsrpUri(text)
  if (!uri) throw new Error(`not an MSRP URI: ${text}`)
  return uri
}

describe('reading', () => {
  // biome-ignore format: read it as a table
  const good: [string, MsrpUri][] = [
    ['msrp://atlanta.example.com:7654/jshA7weztas;tcp',
      { secure: false, host: 'atlanta.example.com', port: 7654, sessionID: 'jshA7weztas', transport: 'tcp', parameters: [] }],
    ['msrps://bob.example.com:8493/si438dsaodes;tcp',
      { secure: true, host: 'bob.example.com', port: 8493, sessionID: 'si438dsaodes', transport: 'tcp', parameters: [] }],
    ['MSRP://alice@Relay.example.com;ws',
      { secure: false, userinfo: 'alice', host: 'Relay.example.com', transport: 'ws', parameters: [] }],
    ['msrp://192.0.2.10:2855/a/b+c=d;tcp;lr;x=1',
      { secure: false, host: '192.0.2.10', port: 2855, sessionID: 'a/b+c=d', transport: 'tcp', parameters: [['lr', null], ['x', '1']] }],
    ['msrps://a:b;c@[2001:db8::1]:9/s;tcp',
      { secure: true, userinfo: 'a:b;c', host: '2001:db8::1', port: 9, sessionID: 's', transport: 'tcp', parameters: [] }],
    ['msrp://h%6fst/s;dc', { secure: false, host: 'h%6fst', sessionID: 's', transport: 'dc', parameters: [] }],
  ]
  for (const [text, uri] of good)
    test(`[MS-1] ${text}`, () => {
      expect(parseMsrpUri(text)).toEqual(uri)
      expect(read(printMsrpUri(uri))).toEqual(uri)
    })

  // biome-ignore format: read it as a table
  const bad = [
    '', 'msrp:', 'msrp://', 'msrp://host', 'msrp://host/s', 'msrp://host/s;', 'msrp://;tcp', 'sip:a@b', 'msrp://host/;tcp',
    'http://host/s;tcp', 'msrp:host/s;tcp', ' msrp://host/s;tcp', 'msrp://host/s;tcp ', 'msrp://host/s;tcp\r\n', 'msrp://host/s;t-p',
    'msrp://host:0/s;tcp', 'msrp://host:65536/s;tcp', 'msrp://host:/s;tcp', 'msrp://host:1a/s;tcp', 'msrp://ho st/s;tcp',
    'msrp://host/s%20;tcp', 'msrp://host/s?q;tcp', 'msrp://host%2/s;tcp', 'msrp://u%zz@host/s;tcp', 'msrp://host/s;tcp;', 'msrp://host/s;tcp;=1',
    'msrp://host/s;tcp;a=', 'msrp://host/s;tcp;a=b=c', 'msrp://a@b@c/s;tcp', 'msrp://host/s;tcp;a="b"',
  ]
  for (const text of bad)
    test(`[MS-1] ${JSON.stringify(text)} is no MSRP URI`, () => {
      expect(parseMsrpUri(text)).toBeUndefined()
    })

  // biome-ignore format: read it as a table
  const badHosts = [
    '192.0.2.10', '[2001:db8::1]', '192.0.2:1', '192.0.2.256:1', '192.0.02.1:1', '1.2.3.4.5:1', '[::1', '::1', '[::1%25eth0]:1', '[1:2:3]:1',
    '[1::2::3]:1', '[1:2:3:4:5:6:7:8:9]:1', '[12345::]:1', '[::1.2.3]:1', '[1.2.3.4::]:1', '[1:2:3:4:5:6:7::8]:1x', '[]:1', '[.]:1',
  ]
  for (const host of badHosts)
    test(`[MS-2] ${host} is no authority`, () => {
      expect(parseMsrpUri(`msrp://${host}/s;tcp`)).toBeUndefined()
    })

  test('[MS-3] a URI or a list of parameters over the limit is refused', () => {
    const fill = (n: number) => `msrp://host/${'s'.repeat(n)};tcp`
    const spare = msrpUriLimits.length - fill(0).length
    expect(parseMsrpUri(fill(spare))).toBeDefined()
    expect(parseMsrpUri(fill(spare + 1))).toBeUndefined()
    expect(parseMsrpUri(`msrp://host/s;tcp${';a'.repeat(msrpUriLimits.parameters)}`)).toBeDefined()
    expect(parseMsrpUri(`msrp://host/s;tcp${';a'.repeat(msrpUriLimits.parameters + 1)}`)).toBeUndefined()
  })

  test('[MS-3] texts of the longest length, of whatever is repeated in a URI, are read in no time', () => {
    for (const part of ['a', ':', '%61', ';', '/', '=', '@', ';a=b'])
      expect(parseMsrpUri(`msrp://${part.repeat(msrpUriLimits.length)}`.slice(0, msrpUriLimits.length))).toBeUndefined()
  })

  test('[MS-4] what is printed is read back', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16))
    const address = fc.oneof(
      fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':')),
      fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.')),
    )
    const uri = fc.record(
      {
        secure: fc.boolean(),
        userinfo: name,
        host: fc.oneof(name, address),
        port: fc.integer({ min: 1, max: 65_535 }),
        sessionID: fc.stringMatching(/^[\w.~+=/-]{1,20}$/),
        transport: fc.stringMatching(/^[a-z0-9]{1,4}$/),
        parameters: fc.array(fc.tuple(name, fc.option(name)), { maxLength: msrpUriLimits.parameters }),
      },
      { requiredKeys: ['secure', 'host', 'port', 'transport', 'parameters'] },
    )
    fc.assert(
      fc.property(uri, (given) => {
        expect(parseMsrpUri(printMsrpUri(given))).toEqual(given)
      }),
    )
  })

  test('[MS-1] no text makes the reader throw', () => {
    const near = fc.array(
      fc.constantFrom('msrp', 's', '://', 'a', '[', ']', '::', ':', '1', '.', '/', ';', 'tcp', '=', '%', '@'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => `msrp://${parts.join('')}`),
        ),
        (text) => {
          const uri = parseMsrpUri(text)
          if (uri) expect(sameMsrpUri(uri, read(printMsrpUri(uri)))).toBe(true)
        },
      ),
    )
  })
})

describe('comparing', () => {
  // biome-ignore format: read it as a table
  const same: [rule: string, a: string, b: string][] = [
    ['[MS-6]', 'msrp://Host.Example:1/s;tcp',        'MSRP://hOST.eXAMPLE:1/s;TCP'],
    ['[MS-5]', 'msrp://alice@host:1/s;tcp',          'msrp://bob@host:1/s;tcp'],
    ['[MS-5]', 'msrp://host:1/s;tcp;a=b',            'msrp://host:1/s;tcp;c'],
    ['[MS-6]', 'msrp://h%6Fst:1/s;tcp',              'msrp://host:1/s;tcp'],
    ['[MS-6]', 'msrp://[2001:DB8:0::1]:1/s;tcp',     'msrp://[2001:db8::0:1]:1/s;tcp'],
    ['[MS-6]', 'msrp://[::ffff:192.0.2.1]:1/s;tcp',  'msrp://[::ffff:c000:201]:1/s;tcp'],
    ['[MS-5]', 'msrp://host;tcp',                    'msrp://host;tcp'],
  ]
  for (const [rule, a, b] of same)
    test(`${rule} ${a} is ${b}`, () => {
      expect(sameMsrpUri(read(a), read(b))).toBe(true)
      expect(sameMsrpUri(read(b), read(a))).toBe(true)
    })

  // biome-ignore format: read it as a table
  const other: [rule: string, a: string, b: string][] = [
    ['[MS-5]', 'msrp://host:1/s;tcp',             'msrps://host:1/s;tcp'],
    ['[MS-5]', 'msrp://host:2855/s;tcp',          'msrp://host/s;tcp'],
    ['[MS-5]', 'msrp://host:1/s;tcp',             'msrp://host:2/s;tcp'],
    ['[MS-5]', 'msrp://host:1/s;tcp',             'msrp://host:1;tcp'],
    ['[MS-5]', 'msrp://host:1/s;tcp',             'msrp://host:1/s;ws'],
    ['[MS-6]', 'msrp://host:1/s;tcp',             'msrp://host:1/S;tcp'],
    ['[MS-6]', 'msrp://host%2C:1/s;tcp',          'msrp://host,:1/s;tcp'],
    ['[MS-6]', 'msrp://0.0.0.1:1/s;tcp',          'msrp://[::1]:1/s;tcp'],
    ['[MS-6]', 'msrp://192.0.2.1:1/s;tcp',        'msrp://[::ffff:192.0.2.1]:1/s;tcp'],
  ]
  for (const [rule, a, b] of other)
    test(`${rule} ${a} is not ${b}`, () => {
      expect(sameMsrpUri(read(a), read(b))).toBe(false)
      expect(sameMsrpUri(read(b), read(a))).toBe(false)
    })
})
