import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseNameAddr, printNameAddr, readNameAddr } from './name-addr.ts'
import { parseParams, printParams } from './params.ts'
import { decoded, encoded } from './scan.ts'
import { parseVia, stampVia } from './via.ts'

const value = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(isPrintable)
const name = fc.stringMatching(/^[a-z0-9.!%*_+`'~-]{1,8}$/)
const params = fc.uniqueArray(fc.tuple(name, fc.option(value)), { selector: ([key]) => key, maxLength: 4 })

function isPrintable(text: string): boolean {
  return text.isWellFormed() && [...text].every((char) => char >= ' ' && char !== '\x7f')
}

describe('a name-addr', () => {
  test('is read out of what was printed', () => {
    fc.assert(
      fc.property(
        fc.option(
          value.filter((s) => s !== ''),
          { nil: undefined },
        ),
        params,
        (display, pairs) => {
          const address = { display, uri: 'sip:ä;b@example.com;c?d=e', params: new Map(pairs) }
          const read = parseNameAddr(printNameAddr(address))
          const bytes = encoded(printNameAddr(address))
          const again = readNameAddr(bytes, 0, bytes.length)
          expect(again && { display: again.display, uri: again.uri, params: again.params }).toEqual(address)
          expect(read && { display: read.display, uri: read.uri, params: read.params }).toEqual(address)
          expect(read?.tag).toBe(address.params.get('tag') ?? undefined)
        },
      ),
    )
  })

  test('[SC-12] may be written in many ways', () => {
    const read = (text: string) => {
      const found = parseNameAddr(text)
      return found && [found.display, found.uri, found.tag]
    }
    expect(read('sip:a@b;tag=1')).toEqual([undefined, 'sip:a@b', '1'])
    expect(read('sip:a@b ; tag = 1')).toEqual([undefined, 'sip:a@b', '1'])
    expect(read('<sip:a@b;tag=2>;x;TAG=1')).toEqual([undefined, 'sip:a@b;tag=2', '1'])
    expect(read('Bob@home <sip:b>')).toEqual(['Bob@home', 'sip:b', undefined])
    expect(read('"a \\"b\\" <c>" <tel:+1>')).toEqual(['a "b" <c>', 'tel:+1', undefined])
    expect(read('Jürgen <sip:j@ü.example>')).toEqual(['Jürgen', 'sip:j@ü.example', undefined])
    expect(read('""<sip:a@b>')).toEqual(['', 'sip:a@b', undefined])
  })

  test('[SC-12] is malformed', () => {
    const malformed = [
      ...[
        '',
        'a',
        '<>',
        '<sip:a',
        'sip:a>',
        '"a <sip:a@b>',
        '"a" sip:a@b',
        'a, b <sip:a@b>',
        '< sip:a@b>',
        '<sip:a @b>',
      ],
      ...[
        'sip:a@b?c=d',
        'sip:a@b,c',
        'sip:a@b c',
        '<sip:a@b>x',
        '<sip:a@b>;',
        '<sip:a@b>;=1',
        '<sip:a@b>;a=',
        '<sip:a@b>;a="1',
      ],
      ...['<a>', '<1a:b>', '<sip:>', '<sip:a"b>', '<<sip:a>>', '*'],
    ]
    for (const text of malformed) expect([text, parseNameAddr(text)]).toEqual([text, undefined])
  })
})

describe('parameters', () => {
  test('are read out of what was printed', () => {
    fc.assert(
      fc.property(params, (pairs) => {
        const text = printParams(new Map(pairs))
        expect(parseParams(text)).toEqual(new Map(pairs))
        expect(parseParams(encoded(text), 0, encoded(text).length, decoded)).toEqual(new Map(pairs))
      }),
    )
  })

  test('count once', () => expect(parseParams(';a=1;A=2')).toEqual(new Map([['a', '1']])))
})

describe('a Via', () => {
  test('is taken apart', () => {
    expect(parseVia('SIP/2.0/udp HOST_1.example:5060 ; branch=z9hG4bKa;ttl=1')).toMatchObject({
      ...{ transport: 'UDP', host: 'host_1.example', port: 5060, branch: 'z9hG4bKa' },
    })
    expect(parseVia('sip / 2.0 / WSS [2001:DB8::1] : 1')).toMatchObject({ host: '2001:db8::1', port: 1 })
  })

  test('is malformed', () => {
    const malformed = [
      ...[
        '',
        'SIP/2.0/UDP',
        'SIP/2.0/UDP ',
        'SIP/1.0/UDP a',
        'HTTP/2.0/UDP a',
        'SIP/2.0/UDPa',
        'SIP/2.0/ a',
        'SIP/2.0/UDP a b',
      ],
      ...[
        'SIP/2.0/UDP a:',
        'SIP/2.0/UDP a:99999',
        'SIP/2.0/UDP [1',
        'SIP/2.0/UDP [a]',
        'SIP/2.0/UDP a;',
        'SIP/2.0/UDP a;;b',
      ],
    ]
    for (const text of malformed) expect([text, parseVia(text)]).toEqual([text, undefined])
  })

  test('[SC-22] says where the request came from', () => {
    const stamped = (text: string, address = '192.0.2.9') => {
      const via = parseVia(text)
      return via && stampVia(text, via, { address, port: 7 })
    }
    const plain = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa'
    expect(stamped(plain)).toBe(plain)
    expect(stamped('SIP/2.0/UDP a.example;branch=z9hG4bKa')).toBe(
      'SIP/2.0/UDP a.example;branch=z9hG4bKa;received=192.0.2.9',
    )
    expect(stamped('SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKa')).toBe(`${plain};received=192.0.2.9;rport=7`)
    expect(stamped('SIP/2.0/UDP a ; RPORT = 1;received="x;y" ; b=c')).toBe(
      'SIP/2.0/UDP a  ; b=c;received=192.0.2.9;rport=7',
    )
    expect(stamped('SIP/2.0/TCP [::1];rport', '::1')).toBe('SIP/2.0/TCP [::1];received=::1;rport=7')
  })
})
