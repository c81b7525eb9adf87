import { describe, expect, test } from 'vitest'
import { readFrames } from '../testing/frames.ts'
import { acceptsType, mediaType } from './media-type.ts'
import { newTid, printRequest, printResponse } from './print.ts'

const parts = {
  tid: 'a1b2c3d4e5f6a7b8',
  method: 'SEND',
  toPath: 'msrp://b.example:2/bb;tcp',
  fromPath: 'msrp://a.example:1/aa;tcp',
  headers: [['Message-ID', 'm-0001']],
  flag: '$',
} as const

describe('a printed frame', () => {
  test('[MS-18] is the one of RFC 4975, its body octet for octet', () => {
    const body = Buffer.from([0, 0xff, 0x0d, 0x0a])
    const frame = printRequest({ ...parts, content: { type: 'text/plain', body } })
    expect(frame.toString('latin1')).toBe(
      [
        ...['MSRP a1b2c3d4e5f6a7b8 SEND', 'To-Path: msrp://b.example:2/bb;tcp', 'From-Path: msrp://a.example:1/aa;tcp'],
        ...['Message-ID: m-0001', 'Content-Type: text/plain', '', '\0\xff\r\n', '-------a1b2c3d4e5f6a7b8$', ''],
      ].join('\r\n'),
    )
    expect(readFrames([frame]).frames[0]?.body.equals(body)).toBe(true)
  })

  test('[MS-18] without a body has no blank line', () => {
    expect(printRequest(parts).toString()).toMatch(/Message-ID: m-0001\r\n-------a1b2c3d4e5f6a7b8\$\r\n$/)
  })

  test('[MS-18] with an empty body has one', () => {
    const frame = printRequest({ ...parts, content: { type: 'text/plain', body: new Uint8Array() } })
    expect(frame.toString()).toMatch(/Content-Type: text\/plain\r\n\r\n\r\n-------/)
  })

  test('[MS-18] may be a response, with a comment or without', () => {
    const { tid, toPath, fromPath } = parts
    const print = (comment: string) => printResponse({ tid, toPath, fromPath, status: 200, comment }).toString()
    expect(print('OK')).toBe(`MSRP ${tid} 200 OK\r\nTo-Path: ${toPath}\r\nFrom-Path: ${fromPath}\r\n-------${tid}$\r\n`)
    expect(print('')).toMatch(/^MSRP \S+ 200\r\n/)
  })
})

describe('a transaction id', () => {
  test('[MS-19] has at least 64 random bits', () => {
    let asked = 0
    newTid((bytes) => {
      asked = bytes
      return new Uint8Array(bytes)
    })
    expect(asked * 8).toBeGreaterThanOrEqual(64)
  })

  test('[MS-19] that stands inside the body is not used', () => {
    let next = 0
    const random = (bytes: number) => new Uint8Array(bytes).fill(next++)
    const body = Buffer.from(`text\r\n-------${'00'.repeat(10)}$\r\n-------${'01'.repeat(10)}`)
    expect(newTid(random, body)).toBe('02'.repeat(10))
  })
})

describe('media types', () => {
  // biome-ignore format: read it as a table
  test.each([
    ['text/plain',               ['text/plain'],                 true],
    ['Text/Plain;charset=utf-8', ['text/plain'],                 true],
    ['text/plain',               ['TEXT/PLAIN;charset=x'],       true],
    ['text/html',                ['text/plain', 'text/*'],       true],
    ['image/png',                ['text/*'],                     false],
    ['image/png',                ['text/*', '*'],                true],
    ['textual/x',                ['text/*'],                     false],
    ['text/plain',               [],                             false],
    ['text',                     ['*'],                          false],
    ['text/plain\r\nX: y',       ['*'],                          false],
  ])('[MS-38] %s in %j: %s', (type, list, expected) => {
    expect(acceptsType(list, type)).toBe(expected)
  })

  test('[MS-38] a value that is no type is none', () => {
    for (const value of ['', 'a', 'a/', '/b', 'a/b/c', 'a/b x', 'a/b;\n', 'ä/b'])
      expect(mediaType(value)).toBeUndefined()
    expect(mediaType('A/B ; c="d/e"')).toBe('a/b')
  })
})
