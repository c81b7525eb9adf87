import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cpimContentType, cpimHeader, cpimLimits, parseCpim, parseCpimAddress, printCpim } from './cpim.ts'
import { imdnHeaders } from './imdn.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const crlf = (text: string) => bytes(text.replaceAll('\n', '\r\n'))

const example = crlf(`From: MR SANDERS <im:piglet@100akerwood.example>
To: Depressed Donkey <im:eeyore@100akerwood.example>
DateTime: 2026-12-13T13:40:00-08:00
Subject: the weather will be fine today
Subject:;lang=fr beau temps prévu pour aujourd'hui
NS: MyFeatures <mid:MessageFeatures@id.example>
Require: MyFeatures.VitalMessageOption
MyFeatures.VitalMessageOption: Confirmation-requested
MyFeatures.WackyMessageOption: Use-silly-font
X-Odd: a\\\\b \\u00e9 \\n \\"

Content-Type: text/plain; charset=utf-8
Content-ID: <1234567890@foo.example>

Ä line
and another`)

describe('a wrapped message', () => {
  test('[MS-46] is read in all its parts', () => {
    const cpim = parseCpim(example)
    expect(cpim && Buffer.from(cpim.body).toString()).toBe('Ä line\r\nand another')
    expect(cpim && cpimContentType(cpim)).toBe('text/plain; charset=utf-8')
    expect(cpim && cpimHeader(cpim, 'DateTime')?.value).toBe('2026-12-13T13:40:00-08:00')
    expect(cpim && parseCpimAddress(cpimHeader(cpim, 'From')?.raw ?? '')).toEqual({
      name: 'MR SANDERS',
      uri: 'im:piglet@100akerwood.example',
    })
    expect(
      cpim?.headers.filter(({ name }) => name === 'Subject').map(({ parameters, value }) => [parameters, value]),
    ).toEqual([
      [[], 'the weather will be fine today'],
      [[['lang', 'fr']], "beau temps prévu pour aujourd'hui"],
    ])
    expect(cpim?.required).toEqual([{ namespace: 'mid:MessageFeatures@id.example', name: 'VitalMessageOption' }])
    expect(cpim && cpimHeader(cpim, 'WackyMessageOption', 'mid:MessageFeatures@id.example')?.value).toBe(
      'Use-silly-font',
    )
    expect(cpim && cpimHeader(cpim, 'X-Odd')?.value).toBe('a\\b é \n "')
    expect(cpim?.contentHeaders[1]).toEqual(['content-id', '<1234567890@foo.example>'])
  })

  test('[MS-47] has names in which case counts', () => {
    const cpim = parseCpim(crlf('from: <im:a@b>\n\nContent-Type: text/plain\n\nx'))
    expect(cpim && cpimHeader(cpim, 'From')).toBeUndefined()
    expect(cpim && cpimHeader(cpim, 'from')?.raw).toBe('<im:a@b>')
  })

  test('[MS-47] may have a namespace by another prefix, or by none', () => {
    for (const [declared, prefix] of [
      ['x <urn:ietf:params:imdn>', 'x.'],
      ['<urn:ietf:params:imdn>', ''],
    ]) {
      const cpim = parseCpim(crlf(`NS: ${declared}\n${prefix}Message-ID: abc\n\nContent-Type: a/b\n\n`))
      expect(cpim && cpimHeader(cpim, 'Message-ID', imdnHeaders)?.value).toBe('abc')
    }
  })

  test('[MS-46] may have no headers at all, an empty body, and no type', () => {
    const cpim = parseCpim(crlf('\n\n'))
    expect(cpim).toMatchObject({ headers: [], contentHeaders: [] })
    expect(cpim && cpimContentType(cpim)).toBe('text/plain; charset=us-ascii')
    expect(cpim?.body.length).toBe(0)
  })

  test('[MS-46] may fold the headers of its content', () => {
    const cpim = parseCpim(crlf('A: b\n\nContent-Type: text/plain;\n\tcharset=utf-8\n\nx'))
    expect(cpim && cpimContentType(cpim)).toBe('text/plain; charset=utf-8')
  })

  test.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['no content', 'From: <im:a@b>\n\n'],
    ['a prefix that is not declared', 'imdn.Message-ID: a\n\nContent-Type: a/b\n\n'],
    ['a prefix that is declared too late', 'imdn.A: a\nNS: imdn <urn:x>\n\nContent-Type: a/b\n\n'],
    ['NS without a URI', 'NS: imdn\n\nContent-Type: a/b\n\n'],
    ['a required header of no namespace', 'Require: x.y\n\nContent-Type: a/b\n\n'],
    ['a folded header', 'From: a\n b\n\nContent-Type: a/b\n\n'],
    ['NUL in a header', 'From: a\0\n\nContent-Type: a/b\n\n'],
    ['no colon', 'From\n\nContent-Type: a/b\n\n'],
    ['no colon in the content', 'A: b\n\nContent\n\n'],
    ['a fold that begins the content', 'A: b\n\n c\n\n'],
  ])('[MS-48] %s is none', (_what, text) => {
    expect(parseCpim(crlf(text))).toBeUndefined()
  })

  test('[MS-48] with lines that end by LF alone, or with broken UTF-8 in a header, is none', () => {
    expect(parseCpim(bytes('A: b\n\nContent-Type: a/b\n\nx'))).toBeUndefined()
    expect(parseCpim(Buffer.from('A: \xff\r\n\r\nContent-Type: a/b\r\n\r\n', 'latin1'))).toBeUndefined()
  })

  test('[MS-48] has headers so large and no larger, and so many', () => {
    const long = (n: number) => crlf(`A: ${'x'.repeat(n - 3)}\n\nContent-Type: a/b\n\n`)
    expect(parseCpim(long(cpimLimits.headers))).toBeDefined()
    expect(parseCpim(long(cpimLimits.headers + 1))).toBeUndefined()
    const many = (n: number) => crlf(`${'A: b\n'.repeat(n)}\nContent-Type: a/b\n\n`)
    expect(parseCpim(many(cpimLimits.lines))).toBeDefined()
    expect(parseCpim(many(cpimLimits.lines + 1))).toBeUndefined()
  })

  test('[MS-49] passes its body on octet for octet', () => {
    const body = Buffer.from([0, 0xff, 0x0d, 0x0a, 0x0d, 0x0a, 0xc3, 0x28])
    const wrapped = printCpim({ from: { uri: 'im:a@b' }, to: [], dateTime: 'x', contentType: 'a/b', body })
    expect(Buffer.compare(parseCpim(wrapped)?.body ?? body.subarray(1), body)).toBe(0)
  })

  test('[MS-50] asks for notifications in the namespace of RFC 5438', () => {
    const wrapped = printCpim({
      from: { name: 'Ann', uri: 'sip:ann@example.com' },
      to: [{ uri: 'sip:bob@example.com' }],
      dateTime: '2026-01-01T12:00:00Z',
      namespaces: [{ prefix: 'imdn', uri: imdnHeaders }],
      headers: [
        ['imdn.Message-ID', 'abc'],
        ['imdn.Disposition-Notification', 'positive-delivery, display'],
      ],
      contentType: 'text/plain; charset=utf-8',
      body: bytes('hi'),
    })
    expect(Buffer.from(wrapped).toString()).toBe(
      [
        ...['From: "Ann" <sip:ann@example.com>', 'To: <sip:bob@example.com>', 'DateTime: 2026-01-01T12:00:00Z'],
        ...['NS: imdn <urn:ietf:params:imdn>', 'imdn.Message-ID: abc'],
        ...['imdn.Disposition-Notification: positive-delivery, display', ''],
        ...['Content-Type: text/plain; charset=utf-8', '', 'hi'],
      ].join('\r\n'),
    )
  })

  test('[MS-50] has no line that one of its values has made', () => {
    const anything = fc.string({
      unit: fc.oneof(fc.constantFrom('\r', '\n', '"', '\\', '<', '>', '\0', ' ', 'é'), fc.string({ maxLength: 2 })),
    })
    fc.assert(
      fc.property(anything, anything, anything, (name, subject, text) => {
        const wrapped = printCpim({
          from: { name, uri: 'im:a@b' },
          to: [{ uri: 'im:c@d' }],
          dateTime: '2026-01-01T12:00:00Z',
          headers: [['Subject', subject]],
          contentType: 'text/plain',
          body: bytes(text),
        })
        const read = parseCpim(wrapped)
        expect(read?.headers.map((header) => header.name)).toEqual(['From', 'To', 'DateTime', 'Subject'])
        expect(read && cpimHeader(read, 'Subject')?.value).toBe(subject)
        expect(parseCpimAddress(read?.headers[0]?.raw ?? '')).toEqual({ uri: 'im:a@b', ...(name !== '' && { name }) })
        expect(read && Buffer.from(read.body).toString()).toBe(text)
      }),
      { seed: 3862, numRuns: 300 },
    )
  })

  test.each([
    ['Ann <im:a@b>', { name: 'Ann', uri: 'im:a@b' }],
    ['<im:a@b>', { uri: 'im:a@b' }],
    ['"A \\"B\\" C" <im:a@b>', { name: 'A "B" C', uri: 'im:a@b' }],
    ['"<im:x@y>" <im:a@b>', { name: '<im:x@y>', uri: 'im:a@b' }],
    ['im:a@b', undefined],
    ['<im:a@b> x', undefined],
    ['"open <im:a@b>', undefined],
    ['<>', undefined],
  ])('[MS-46] the address %s', (raw, expected) => {
    expect(parseCpimAddress(raw)).toEqual(expected)
  })
})
