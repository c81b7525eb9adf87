import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalIPv6 } from './ip-address.ts'
import type { SipUri } from './message.ts'
import { parseUri, printUri, sameUri } from './uri.ts'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((s) => s.isWellFormed())
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .map((s) => s.toLowerCase())
  .filter((s) => s === s.toLowerCase())
const host = fc.oneof(
  fc.domain().map((domain) => domain.toLowerCase()),
  fc.ipV4(),
  fc.ipV6().map((address) => address.toLowerCase()),
)
const sipUri: fc.Arbitrary<SipUri> = fc
  .record({
    scheme: fc.constantFrom('sip', 'sips', 'im', 'pres'),
    user: fc.option(text, { nil: undefined }),
    secret: fc.option(text, { nil: undefined }),
    host,
    port: fc.option(fc.nat(65_535), { nil: undefined }),
    params: fc.uniqueArray(fc.tuple(name, fc.option(text)), { selector: ([key]) => key, maxLength: 4 }),
    headers: fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 3 }),
  })
  .map(({ params, headers, secret, ...rest }) => ({
    ...rest,
    password: rest.user === undefined ? undefined : secret,
    params: new Map(params),
    headers: new Map(headers),
  }))

describe('a URI', () => {
  test('[SC-10] is read out of what was printed', () => {
    fc.assert(
      fc.property(sipUri, (uri) => {
        const printed = printUri(uri)
        expect(printed).toMatch(/^[\x21-\x7e]+$/)
        expect(parseUri(printed)).toEqual(uri)
        expect(sameUri(printed, uri)).toBe(true)
      }),
    )
  })

  test('[SC-10] is taken apart', () => {
    expect(parseUri('sip:alice;day=tuesday@ATLANTA.com:5070;Transport=TCP;lr?Subject=a%20b&x=')).toEqual({
      scheme: 'sip',
      user: 'alice;day=tuesday',
      password: undefined,
      host: 'atlanta.com',
      port: 5070,
      params: new Map([
        ['transport', 'TCP'],
        ['lr', null],
      ]),
      headers: new Map([
        ['subject', 'a b'],
        ['x', ''],
      ]),
    })
    expect(parseUri('sip:192.0.2.1')).toMatchObject({ user: undefined, host: '192.0.2.1', port: undefined })
    expect(parseUri('SIPS:b%C3%BCro:p%3aw@[2001:DB8::9]:0')).toMatchObject({
      ...{ scheme: 'sips', user: 'büro', password: 'p:w', host: '2001:db8::9', port: 0 },
    })
    expect(parseUri('tel:+1-201-555-0123;ext=4')).toMatchObject({ scheme: 'tel', user: '+1-201-555-0123', host: '' })
    expect(parseUri('urn:service:sos')).toMatchObject({ scheme: 'urn', user: 'service:sos', host: '' })
  })

  test('[SC-10] is malformed', () => {
    const malformed = [
      ...['', 'alice', ':alice', 'sip:', 'sip:@example.com', 'sip:a@', 'sip:a@b@c', 'sip:a b@c', 'sip:a@b c'],
      ...['sip:a%4@b', 'sip:a%zz@b', 'sip:a%ff@b', 'sip:a@b:', 'sip:a@b:x', 'sip:a@b:65536', 'sip:a@b;', 'sip:a@b;;lr'],
      ...[
        'sip:a@b;=x',
        'sip:a@b?',
        'sip:a@b?=1',
        'sip:a@b?x',
        'sip:a@[::1',
        'sip:a@[::g]',
        'sip:a@[]',
        'sip:2001:db8::10',
      ],
      ...['sip:a@b\n', '<sip:a@b>', 'sip:"a"@b', 'tel:', 'tel:abc!', 'sip:a@[1:2:3:4:5:6:7:8:9]', 'sip:a@[1::2::3]'],
    ]
    for (const uri of malformed) expect([uri, parseUri(uri)]).toEqual([uri, undefined])
  })
})

describe('two URIs', () => {
  // RFC 3261 §19.1.4, its own examples.
  const same = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0:0:0:0:0:1]'],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['isbn:2983792873', 'isbn:2983792873'],
  ] as const
  const different = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:biloxi.com'],
    ['sip:bob:a@biloxi.com', 'sip:bob:b@biloxi.com'],
    ['sip:bob@biloxi.com;maddr=a', 'sip:bob@biloxi.com'],
    ['sip:a%00@x', 'sip:a%00%00@x'],
    ['tel:+1;ext=1', 'tel:+1'],
    ['sip:bad%4@x', 'sip:bad%5@x'],
  ] as const

  test('[SC-11] are the same', () => {
    for (const [one, other] of same) {
      expect([one, sameUri(one, other)]).toEqual([one, true])
      expect(sameUri(other, one)).toBe(true)
    }
  })

  test('[SC-11] are different', () => {
    for (const [one, other] of different) {
      expect([one, other, sameUri(one, other)]).toEqual([one, other, false])
      expect(sameUri(other, one)).toBe(false)
    }
  })
})

describe('an IPv6 address', () => {
  test('has one form', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const form = canonicalIPv6(address)
        expect(form).toBeDefined()
        expect(canonicalIPv6(form ?? '')).toBe(form)
      }),
    )
    expect(canonicalIPv6('2001:0DB8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1')
    expect(canonicalIPv6('::')).toBe('::')
    expect(canonicalIPv6('1::')).toBe('1::')
    expect(canonicalIPv6('::ffff:192.0.2.1')).toBe('::ffff:c000:201')
    expect(canonicalIPv6('2001:db8:::192.0.2.1')).toBe('2001:db8::c000:201')
  })

  test('is none', () => {
    for (const text of [
      '',
      ':',
      ':::',
      '1',
      '1:2',
      '1:2:3:4:5:6:7:8:',
      '::1::',
      '12345::',
      '::256.0.0.1',
      '1.2.3.4',
      '2001:db8:::10',
    ])
      expect([text, canonicalIPv6(text)]).toEqual([text, undefined])
  })
})
