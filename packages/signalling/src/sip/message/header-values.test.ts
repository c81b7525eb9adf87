import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contactExpires, contactQ, deltaSeconds } from './header-contact.ts'
import {
  mediaType,
  parseDate,
  parseMinSE,
  parseRAck,
  parseReason,
  parseRetryAfter,
  parseRSeq,
  parseSessionExpires,
  printDate,
} from './header-values.ts'
import type { NameAddr } from './message.ts'
import { parseNameAddr } from './name-addr.ts'

function contact(params: string): NameAddr {
  const read = parseNameAddr(`<sip:a@b>${params}`)
  if (!read) throw new Error('not read')
  return read
}

describe('a Contact', () => {
  test('[SC-13] has q and expires', () => {
    const q = (text: string) => contactQ(contact(`;q=${text}`))
    expect(['0', '0.', '0.5', '1.000', '1'].map(q)).toEqual([0, 0, 0.5, 1, 1])
    for (const text of ['1.1', '0.5555', '-1', '2', 'a', '.5']) expect(q(text)).toBeUndefined()
    expect(contactQ(contact(''))).toBe(1)
    expect(contactExpires(contact(';expires=3600'))).toBe(3600)
    expect(contactExpires(contact(';expires=99999999999'))).toBe(2 ** 32 - 1)
    for (const params of ['', ';expires', ';expires=x', ';expires=-1'])
      expect(contactExpires(contact(params))).toBeUndefined()
    expect([deltaSeconds('0'), deltaSeconds('')]).toEqual([0, undefined])
  })
})

describe('other headers', () => {
  test('Session-Expires and Min-SE', () => {
    expect(parseSessionExpires('1800;Refresher=UAC')).toEqual({ seconds: 1800, refresher: 'uac' })
    expect(parseSessionExpires('90 ;x')).toEqual({ seconds: 90, refresher: undefined })
    expect(parseSessionExpires('soon')).toBeUndefined()
    expect([parseMinSE('90'), parseMinSE('90;x=1'), parseMinSE('')]).toEqual([90, 90, undefined])
  })

  test('RSeq and RAck', () => {
    expect(parseRAck('776656 1  INVITE')).toEqual({ rseq: 776656, cseq: 1, method: 'INVITE' })
    for (const text of ['', '1 INVITE', '0 1 INVITE', '1 2147483648 INVITE', '1 2 IN/VITE'])
      expect(parseRAck(text)).toBeUndefined()
    expect([parseRSeq('1'), parseRSeq('0'), parseRSeq('4294967296')]).toEqual([1, undefined, undefined])
  })

  test('Reason', () => {
    expect(parseReason('Q.850 ;cause=16;text="Terminated"')).toEqual({
      protocol: 'Q.850',
      cause: 16,
      text: 'Terminated',
    })
    expect(parseReason('SIP')).toEqual({ protocol: 'SIP', cause: undefined, text: undefined })
    expect(parseReason(';cause=1')).toBeUndefined()
  })

  test('[SC-4] Retry-After, with comments as deep as the limit', () => {
    expect(parseRetryAfter('18000;duration=3600')).toEqual({ seconds: 18000, duration: 3600 })
    expect(parseRetryAfter("120 (I'm in a (long \\) ) meeting) ;duration=60")).toEqual({ seconds: 120, duration: 60 })
    expect(parseRetryAfter(`1 ${'('.repeat(8)}${')'.repeat(8)}`)).toEqual({ seconds: 1, duration: undefined })
    for (const text of ['', 'x', '1 (', '1 (()', `1 ${'('.repeat(9)}${')'.repeat(9)}`, '1 )'])
      expect([text, parseRetryAfter(text)]).toEqual([text, undefined])
  })

  test('[SC-13] Date', () => {
    expect(parseDate('Sat, 13 Nov 2010 23:29:00 GMT')).toBe(Date.UTC(2010, 10, 13, 23, 29))
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        const ms = Math.floor(date.getTime() / 1000) * 1000
        expect(parseDate(printDate(ms))).toBe(ms)
      }),
    )
    for (const text of [
      'Fri, 01 Jan 2010 16:00:00 EST',
      'Sat, 31 Feb 2010 00:00:00 GMT',
      'Sat, 13 Nov 2010 24:00:00 GMT',
      '',
    ])
      expect(parseDate(text)).toBeUndefined()
  })

  test('media types', () => {
    expect(mediaType('Text / Plain ; charset=utf-8')).toBe('text/plain')
    for (const text of ['', 'text', 'text/', '/plain', 'a/b/c', 'text/pl ain;']) {
      const type = mediaType(text)
      expect([text, type]).toEqual([text, text === 'text/pl ain;' ? 'text/plain' : undefined])
    }
  })
})
