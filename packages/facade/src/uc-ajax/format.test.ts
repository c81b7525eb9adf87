import { describe, expect, test } from 'vitest'
import { contentTypeOf, formatOf } from './format.ts'

const line = 'X-MMS-IM-Format: FN=Arial; EF=; CO=000000; CS=1; PF=00'
const msgr = (text: string, encoding: 'utf16le' | 'utf8' = 'utf16le') => Buffer.from(text, encoding).toString('base64')

describe('formats and content types', () => {
  test.each([[line], [`  ${line}]\r\n`], [`${line} ] `], [line.toLowerCase()], ['X-MMS-IM-Format:']])(
    '[UC-39] %j comes out as it went in, trimmed',
    (written) => {
      const type = contentTypeOf(['text/plain', written])
      expect(type).toMatch(/^text\/plain; msgr=[A-Za-z0-9+/]+$/)
      expect(formatOf(type)).toBe(written.replace(/\s*\]\s*$/, '').trim())
    },
  )

  test.each([[[]], [['text/plain']], [['text/html', '']], [['X-MMS-IM-Format']], [[`${line}\nX: y`]]])(
    '[UC-39] %j is plain text',
    (formats) => {
      expect(contentTypeOf(formats)).toBe('text/plain')
    },
  )

  test('[UC-39] the first line that has room is taken', () => {
    const long = `X-MMS-IM-Format: FN=${'x'.repeat(400)}`
    expect(contentTypeOf([long])).toBe('text/plain')
    expect(formatOf(contentTypeOf([long, line]))).toBe(line)
    const sizes = Array.from({ length: 420 }, (_, i) => contentTypeOf([`X-MMS-IM-Format: ${'x'.repeat(i)}`]).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024)
    expect(new Set(sizes).size).toBeGreaterThan(100)
  })

  test.each([
    ['text/plain', 'text/plain'],
    ['Text/Plain;charset=UTF-8', 'text/plain'],
    ['text/html', 'text/html'],
    ['text/html;msgr=QQ', 'text/html;msgr=QQ'],
    ['', ''],
    ['text/plain;msgr=', 'text/plain'],
    ['text/plain;msgr=!!', 'text/plain'],
    [`text/plain;msgr=${msgr('anything else')}`, 'text/plain'],
    [`text/plain;msgr=${msgr(`${line}\n\r\n\r`)}`, line],
    [`text/plain; msgr="${msgr(line)}" ; x=y`, line],
    [`text/plain;MSGR=${msgr(`${line}\r\n`, 'utf8')}`, line],
    [`text/plain;msgr=${msgr('X-MMS-IM-Format: \u0007')}`, 'text/plain'],
  ])('[UC-39] %j is shown as %j', (type, format) => {
    expect(formatOf(type)).toBe(format)
  })
})
