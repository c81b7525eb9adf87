import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteByByte, cutAt, type Heard, readFrames } from '../testing/frames.ts'
import { headerOf } from './frame.ts'
import { frameLimits } from './parse.ts'

const tid = 'a1b2c3d4e5f6a7b8'
const paths = 'To-Path: msrp://b.example:2/bb;tcp\r\nFrom-Path: msrp://a.example:1/aa;tcp\r\n'
const send = (body: string | undefined, { flag = '$', method = 'SEND', headers = '' } = {}) => {
  const content = body === undefined ? '' : `Content-Type: text/plain\r\n\r\n${body}\r\n`
  return `MSRP ${tid} ${method}\r\n${paths}Message-ID: m-0001\r\n${headers}${content}-------${tid}${flag}\r\n`
}
const bytes = (text: string) => Buffer.from(text)

/** Reads it whole, byte by byte and cut in two at every place: all with the same outcome. */
function readEveryWay(input: Uint8Array): Heard {
  const whole = readFrames([input])
  expect(readFrames(byteByByte(input))).toEqual(whole)
  for (let i = 1; i < input.length; i++) expect(readFrames(cutAt(input, [i]))).toEqual(whole)
  return whole
}

describe('a frame', () => {
  test('[MS-9, MS-10] is read the same whole, byte by byte, and cut in two anywhere', () => {
    const { frames, open, fault } = readEveryWay(bytes(send('hello', { flag: '+' })))
    expect(fault).toBeUndefined()
    expect(open).toBeUndefined()
    expect(frames).toMatchObject([{ head: { kind: 'request', tid, method: 'SEND', hasBody: true }, flag: '+' }])
    expect(frames[0]?.body.toString()).toBe('hello')
    expect(frames[0]?.head.toPath).toBe('msrp://b.example:2/bb;tcp')
    expect(frames[0]?.head.fromPath).toBe('msrp://a.example:1/aa;tcp')
  })

  test('[MS-10] may come with others in one read', () => {
    const response = `MSRP ${tid} 200 OK\r\n${paths}-------${tid}$\r\n`
    const { frames } = readEveryWay(bytes(send('one') + response + send(undefined) + send('two', { flag: '#' })))
    expect(frames.map(({ body, flag }) => body.toString() + flag)).toEqual(['one$', '$', '$', 'two#'])
    expect(frames[1]?.head).toMatchObject({ kind: 'response', status: 200, comment: 'OK' })
  })

  test('[MS-11] without a body is not one with an empty body', () => {
    const { frames } = readEveryWay(bytes(send(undefined) + send('')))
    expect(frames.map(({ head }) => head.kind === 'request' && head.hasBody)).toEqual([false, true])
    expect(frames.map(({ body }) => body.length)).toEqual([0, 0])
  })

  test('[MS-11] with an empty body one CRLF short is understood', () => {
    const { frames } = readEveryWay(bytes(send('').replace('\r\n\r\n\r\n', '\r\n\r\n')))
    expect(frames).toMatchObject([{ head: { hasBody: true }, flag: '$' }])
  })

  test.each([
    ['a CRLF', '\r\n'],
    ['many of them', '\r\n\r\n\r\n'],
    ['CR and LF in any order', '\r\r\n\n\r'],
    ['seven minus signs', '\r\n-------'],
    ['an end-line of another transaction', `\r\n-------${tid}x$\r\n`],
    ['an end-line cut short', `\r\n-------${tid.slice(0, -1)}`],
    ['an end-line without a flag', `\r\n-------${tid}\r\n`],
    ['an end-line with a wrong flag', `\r\n-------${tid}!\r\n`],
    ['an end-line that goes on', `\r\n-------${tid}$ `],
    ['an end-line without its LF', `\r\n-------${tid}$\rx`],
    ['an end-line that begins twice', `\r\n-------${tid}\r\n-------`],
    ['an end-line within a line', `x-------${tid}$\r\n`],
    ['NUL', 'a\0b\0'],
    ['a whole frame of another transaction', send('x').replaceAll(tid, 'zzzzzzzz')],
  ])('[MS-12] may have in its body %s', (_what, body) => {
    const { frames, fault } = readEveryWay(bytes(send(body)))
    expect(fault).toBeUndefined()
    expect(frames.map((frame) => frame.body.toString())).toEqual([body])
  })

  test('[MS-12] may have any octets in its body, cut anywhere', () => {
    const piece = fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '-------', tid, '$', '+', '#'),
      fc.string({ maxLength: 3 }),
    )
    const body = fc
      .array(piece, { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join(''), 'latin1'))
      .filter(
        (octets) =>
          ![...'$+#'].some((flag) => `\r\n${octets.toString('latin1')}`.includes(`\r\n-------${tid}${flag}\r`)),
      )
    fc.assert(
      fc.property(body, fc.array(fc.nat(), { maxLength: 8 }), (octets, cuts) => {
        const [head = '', tail = ''] = send('%').split('%')
        const frame = Buffer.concat([bytes(head), octets, bytes(tail)])
        const { frames } = readFrames(cutAt(frame, cuts))
        expect(frames).toHaveLength(1)
        expect(frames[0]?.body.equals(octets)).toBe(true)
      }),
      { seed: 4975, numRuns: 300 },
    )
  })

  test('[MS-13] has the length its end-line gives it, whatever Byte-Range says', () => {
    for (const range of ['1-2/2', '1-*/*', '1-999999/999999', '0-5/5', 'x'])
      expect(
        readFrames([bytes(send('hello', { headers: `Byte-Range: ${range}\r\n` }))]).frames[0]?.body.toString(),
      ).toBe('hello')
  })

  test('[MS-14] may name its headers in any case and have ones nobody knows', () => {
    const { frames } = readFrames([
      bytes(`MSRP ${tid} SEND\r\n${paths.toUpperCase()}X-New:   a: b \r\nKEEP-ALIVE: yes\r\n-------${tid}$\r\n`),
    ])
    const head = frames[0]?.head
    expect(head && headerOf(head, 'x-new')).toBe('a: b')
    expect(head && headerOf(head, 'keep-alive')).toBe('yes')
  })

  test('[MS-14] may have UTF-8 in a header and in a comment', () => {
    const { frames } = readEveryWay(bytes(`MSRP ${tid} 403 Nö €\r\n${paths}X: ü\r\n-------${tid}$\r\n`))
    expect(frames[0]?.head).toMatchObject({ status: 403, comment: 'Nö €' })
    expect(frames[0] && headerOf(frames[0].head, 'x')).toBe('ü')
  })

  test('[MS-14] may be a response without a comment', () => {
    const { frames } = readFrames([bytes(`MSRP ${tid} 200\r\n${paths}-------${tid}$\r\n`)])
    expect(frames[0]?.head).toMatchObject({ status: 200, comment: '' })
  })

  test('[MS-14] may be preceded by empty lines', () => {
    expect(readEveryWay(bytes(`\r\n\r\n${send('x')}\r\n${send('y')}`)).frames).toHaveLength(2)
  })
})

describe('what is no frame', () => {
  // biome-ignore format: read it as a table
  const bad: [what: string, text: string, answered: boolean][] = [
    ['another protocol',             'GET / HTTP/1.1\r\n',                                                       false],
    ['TLS',                          '\x16\x03\x01\x02\x00\x01\n',                                               false],
    ['a short transaction id',       `MSRP abc SEND\r\n`,                                                        false],
    ['a long transaction id',        `MSRP ${'a'.repeat(33)} SEND\r\n`,                                          false],
    ['a method in small letters',    `MSRP ${tid} send\r\n`,                                                     false],
    ['a status of two digits',       `MSRP ${tid} 20 OK\r\n`,                                                    false],
    ['an LF alone',                  `MSRP ${tid} SEND\nTo-Path`,                                                false],
    ['NUL in the start line',        `MSRP ${tid} 200 \0\r\n`,                                                   false],
    ['a folded header',              `MSRP ${tid} SEND\r\n${paths}A: b\r\n c\r\n`,                               true],
    ['a header without a colon',     `MSRP ${tid} SEND\r\n${paths}Abc\r\n`,                                      true],
    ['a header without a name',      `MSRP ${tid} SEND\r\n${paths}: x\r\n`,                                      true],
    ['NUL in a header',              `MSRP ${tid} SEND\r\n${paths}A: \0\r\n`,                                    true],
    ['a CR in a header',             `MSRP ${tid} SEND\r\n${paths}A: b\rc\r\n`,                                  true],
    ['an end-line without a flag',   `MSRP ${tid} SEND\r\n${paths}-------${tid}x\r\n`,                           true],
    ['another end-line',             `MSRP ${tid} SEND\r\n${paths}-------zzzzzzzz$\r\n`,                         true],
    ['To-Path twice',                `MSRP ${tid} SEND\r\n${paths}${paths}`,                                     true],
    ['Message-ID twice',             `MSRP ${tid} SEND\r\n${paths}Message-ID: aaaa\r\nmessage-id: bbbb\r\n`,     true],
    ['no paths',                     `MSRP ${tid} SEND\r\n-------${tid}$\r\n`,                                   false],
    ['no From-Path',                 `MSRP ${tid} SEND\r\nTo-Path: msrp://a/b;tcp\r\n-------${tid}$\r\n`,        false],
    ['an empty To-Path',             `MSRP ${tid} SEND\r\nTo-Path: \r\nFrom-Path: x\r\n-------${tid}$\r\n`,      false],
    ['a response with a body',       `MSRP ${tid} 200 OK\r\n${paths}Content-Type: a/b\r\n\r\nx`,                 false],
    ['a bad REPORT',                 `MSRP ${tid} REPORT\r\n${paths}Abc\r\n`,                                    false],
  ]
  for (const [what, text, answered] of bad)
    test(`[MS-15] ${what} is a fault${answered ? ' that can be answered' : ''}`, () => {
      const { frames, fault } = readEveryWay(Buffer.from(text, 'latin1'))
      expect(frames).toEqual([])
      expect(fault?.status).toBe(400)
      expect(fault?.answer !== undefined).toBe(answered)
    })

  test('[MS-15] nothing is read after a fault', () => {
    expect(readFrames([bytes('nonsense\r\n'), bytes(send('x'))]).frames).toEqual([])
  })

  const fill = (n: number) => 'x'.repeat(n)
  // biome-ignore format: read it as a table
  const large: [what: string, over: (n: number) => string, limit: number][] = [
    ['a start line',                 (n) => `MSRP ${tid} 200 ${fill(n - 26)}\r\n`,                                frameLimits.startLine],
    ['a start line that never ends', (n) => fill(n),                                                              frameLimits.startLine],
    ['headers',                      (n) => `MSRP ${tid} SEND\r\n${paths}A: ${fill(n - 5 - paths.length)}\r\n`,    frameLimits.headers],
    ['a header that never ends',     (n) => `MSRP ${tid} SEND\r\n${paths}A: ${fill(n - 3 - paths.length)}`,        frameLimits.headers],
    ['a number of headers',          (n) => `MSRP ${tid} SEND\r\n${paths}${'A: b\r\n'.repeat(n - 2)}`,             frameLimits.headerLines],
  ]
  for (const [what, over, limit] of large)
    test(`[MS-16] ${what} may be so large and no larger`, () => {
      expect(readFrames([bytes(over(limit))]).fault).toBeUndefined()
      expect(readFrames([bytes(over(limit + 1))]).fault).toMatchObject({ status: 400 })
      expect(readFrames(byteByByte(bytes(over(limit + 1)))).fault).toMatchObject({ status: 400 })
    })

  test('[MS-17] a body of 10240 octets is the largest of any method but SEND', () => {
    const nickname = (n: number) => bytes(send(fill(n), { method: 'NICKNAME' }))
    expect(readFrames([nickname(frameLimits.otherBody)])).toMatchObject({ frames: [{}], fault: undefined })
    expect(readFrames([nickname(frameLimits.otherBody + 1)])).toMatchObject({ frames: [], fault: { status: 413 } })
    expect(readFrames([bytes(send(fill(100_000)))])).toMatchObject({ frames: [{}], fault: undefined })
  })

  test('[MS-15] no bytes make the reader throw, or keep more than a line', () => {
    const near = fc.array(
      fc.constantFrom(
        `MSRP ${tid} SEND`,
        `MSRP ${tid} 200 OK`,
        paths,
        '\r\n',
        '\r',
        '\n',
        `-------${tid}`,
        '$',
        'A: b',
        '\0',
        ' ',
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(near, fc.array(fc.nat(), { maxLength: 5 }), (parts, cuts) => {
        const input = bytes(parts.join(''))
        expect(readFrames(cutAt(input, cuts))).toEqual(readFrames([input]))
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})
