import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { child } from './element.ts'
import { escapeAttribute, escapeText, readXml, xmlLimits } from './xml.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string, contentType?: string) => readXml(bytes(text), contentType)

function root(text: string) {
  const found = read(text)
  if ('problem' in found) throw new Error(found.problem)
  return found
}

function problem(body: string | Uint8Array, contentType?: string): string {
  const found = readXml(typeof body === 'string' ? bytes(body) : body, contentType)
  return 'problem' in found ? found.problem : 'none'
}

/** What there is of a string in XML 1.0. */
function allowed(text: string): string {
  return [...text]
    .filter((one) => {
      const code = one.codePointAt(0) ?? 0
      if (code < 0x20) return code === 9 || code === 10 || code === 13
      return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff
    })
    .join('')
}

/** Any string, with what XML cares about in plenty. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        ']]>',
        '<![CDATA[',
        '&amp;',
        '&#0;',
        '<!--',
        '-->',
        '?>',
        '\r\n',
        '\r',
        '\t',
        '"',
        "'",
        '\0',
        '😀',
      ),
    ),
  )
  .map((pieces) => pieces.join(''))

describe('a document', () => {
  test('[UC-1] is elements, attributes and texts as they stand', () => {
    const found = root(
      '<?xml version="1.0" encoding="utf-8"?>\n<!-- one --><?pi x?>\n<a b="1" c="&lt;&#65;&#x42;"> x<b/> y <![CDATA[<&]]><!-- two -->&amp;<?pi y?>z</a>\n<!-- end -->',
    )
    expect(found).toEqual({
      name: 'a',
      attributes: new Map([
        ['b', '1'],
        ['c', '<AB'],
      ]),
      children: [{ name: 'b', attributes: new Map(), children: [], text: '' }],
      text: ' x y <&&z',
    })
  })

  test('[UC-1] has names without prefixes, declared or not, and no declarations', () => {
    const found = root(
      '<p:a xmlns="urn:a" xmlns:p="urn:p" q:rid="2" rid="1" s:sid="3"><q:b xmlns:q="" XMLNS:z="urn:z"/><p:c></p:c></p:a>',
    )
    expect(found.name).toBe('a')
    expect([...found.attributes]).toEqual([
      ['rid', '1'],
      ['sid', '3'],
    ])
    expect(found.children.map(({ name, attributes }) => [name, attributes.size])).toEqual([
      ['b', 0],
      ['c', 0],
    ])
  })

  test('[UC-1] keeps a name whole where it cannot be cut', () => {
    const found = root('<a:b:c x:1y="1" x:="2" p:xmlns="3"><:d/><a:é/></a:b:c>')
    expect(found.name).toBe('c')
    expect([...found.attributes.keys()]).toEqual(['x:1y', 'x:'])
    expect(found.children.map(({ name }) => name)).toEqual(['d', 'a:é'])
  })

  test('[UC-1] cannot reach what objects have by nature', () => {
    const found = root('<constructor __proto__="1" constructor="2"><__proto__/></constructor>')
    expect([...found.attributes]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(child(found, '__proto__')?.children).toEqual([])
    expect(child(found, 'toString')).toBeUndefined()
  })

  const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from({ length: 60 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join('')}]><a>&a60;</a>`
  test.each([
    ['that doubles its entities', bomb],
    ['with an entity from a file', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['with an entity from a host', '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>'],
    [
      'with a parameter entity',
      '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://192.0.2.1/b"> %b; <!ENTITY % c "<!ENTITY d \'%e;\'>">%c;]><a/>',
    ],
    ['that gives attributes', '<!DOCTYPE a [<!ATTLIST a rid CDATA "1">]><a/>'],
    ['that is empty', '<!DOCTYPE a><a/>'],
    ['in small letters', '<!doctype html><html/>'],
    ['that does not end', '<!DOCTYPE a [<!ENTITY b "'],
    ['behind comments and instructions', '<?xml version="1.0"?><!-- <a> --> <?x y?>\r\n<!DOCTYPE a><a/>'],
    ['within the root', '<a><!DOCTYPE b></a>'],
    ['behind the root', '<a/><!DOCTYPE b [<!ENTITY c "d">]>'],
  ])('[UC-1] is refused with a document type %s', (_, text) => {
    expect(problem(text)).toBe('A document type (DTD) is not accepted.')
  })

  test.each(['<a><!-- <!DOCTYPE a> --></a>', '<a><![CDATA[<!DOCTYPE a>]]></a>', '<a>&lt;!DOCTYPE a></a>'])(
    '[UC-1] may speak of a document type: %s',
    (text) => {
      expect(root(text).name).toBe('a')
    },
  )

  test.each([
    ['nothing', ''],
    ['white space', ' \r\n\t'],
    ['a text', 'hello'],
    ['JSON', '{"a":"<b/>"}'],
    ['a tag that is open', '<a><b></b>'],
    ['tags that cross', '<a><b></a></b>'],
    ['an end of nothing', '</a>'],
    ['two roots', '<a/><b/>'],
    ['a text behind the root', '<a/>b'],
    ['an element cut off', '<a><b'],
    ['a comment that is open', '<a><!-- </a>'],
    ['CDATA that is open', '<a><![CDATA[ </a>'],
    ['two hyphens in a comment', '<a><!-- a -- b --></a>'],
    ['a declaration only', '<?xml version="1.0"?>'],
    ['a declaration that is not first', ' <?xml version="1.0"?><a/>'],
    ['two byte order marks', '\ufeff\ufeff<a/>'],
    ['an entity nobody knows', '<a>&nbsp;</a>'],
    ['an ampersand alone', '<a>a & b</a>'],
    ['a character that is none', '<a>&#0;</a>'],
    ['a control character by number, in XML 1.1', '<?xml version="1.1"?><a>&#1;</a>'],
    ['half a character by number', '<a>&#xD800;</a>'],
    ['a number beyond all', `<a>&#${'9'.repeat(400)};</a>`],
    ['NUL', '<abc>\0</abc>'],
    ['a control character', '<a>\u0001</a>'],
    ['a control character in an attribute', '<a b="\u001b"/>'],
    ['a character XML has no place for', '<a>\uffff</a>'],
    ['the end of CDATA in a text', '<a>]]></a>'],
    ['a tag in an attribute', '<a b="<c>"/>'],
    ['an attribute twice', '<a b="c" b="d"/>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['an attribute without value', '<a b/>'],
    ['a name that begins with a digit', '<1a/>'],
    ['an instruction called xml', '<a><?xml x?></a>'],
  ])('[UC-4] is refused in a sentence: %s', (_, text) => {
    expect(problem(text)).toMatch(/^(?:The|A|An|More) [ -~…]+\.$/)
  })

  test('[UC-4] says where it breaks, and little of what it says', () => {
    const name = `${'n'.repeat(60)}\u{1d4dd}${'n'.repeat(400)}`
    expect(problem('<a>\n  <b></c>\n</a>')).toBe(
      'The XML is not well-formed at line 2, column 9: unexpected close tag.',
    )
    for (const text of [`<${name}>`, `<a></${name}></a>`, `<a ${name}="" ${name}=""/>`]) {
      expect(problem(text)).not.toContain('n'.repeat(65))
      expect(problem(text).length).toBeLessThan(200)
    }
    const encoded = (length: number) => problem(`<?xml version="1.0" encoding="${'e'.repeat(length)}"?><a/>`)
    expect(encoded(64)).toBe(`The body has to be UTF-8; its XML declaration says ${'e'.repeat(64)}.`)
    expect(encoded(65)).toBe(`The body has to be UTF-8; its XML declaration says ${'e'.repeat(63)}….`)
    expect(problem(`<?xml version="1.0" encoding="x${'y'.repeat(300)}"?><a/>`)).not.toContain('y'.repeat(64))
    expect(problem('<a/>', `text/xml; charset=${'\u0007z'.repeat(300)}`)).toMatch(/^[ -~…]{1,150}$/)
  })

  test.each(['cmdPkg=1,LcwStartImRequest,sip:bob@example.com', 'a=1&b=2', ' cmdPkg=<a/>'])(
    '[UC-4] is no form: %s',
    (text) => {
      expect(problem(text, 'application/x-www-form-urlencoded')).toMatch(/^The body is a form: the older protocol/)
    },
  )
})

describe('an encoding', () => {
  test.each([
    undefined,
    'text/xml',
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/xml; charset="UTF-8"',
    'text/xml;charset=us-ascii',
  ])('[UC-2] is UTF-8, sent as %s', (contentType) => {
    for (const head of ['', '\ufeff', '<?xml version="1.0" encoding="Utf-8"?>', '\ufeff<?xml version="1.0"?>'])
      expect(read(`${head}<a>Grüße 😀</a>`, contentType)).toMatchObject({ text: 'Grüße 😀' })
  })

  test.each(['ISO-8859-1', 'utf-16', '"windows-1252"', "'UTF-7'"])('[UC-2] is not %s by content type', (charset) => {
    expect(problem('<a/>', `text/xml; charset=${charset}`)).toBe(
      `The body has to be UTF-8; its content type says ${charset.replace(/["']/g, '')}.`,
    )
  })

  test.each(['utf-16', 'UTF-16', 'utf-16LE'])('[UC-2] is UTF-8 though the declaration says %s', (encoding) => {
    expect(read(`<?xml version="1.0" encoding="${encoding}"?><a>Grüße 😀</a>`)).toMatchObject({ text: 'Grüße 😀' })
    const body = Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><a/>`, 'utf16le')
    expect(problem(body)).toContain('looks like UTF-16')
  })

  test.each(['ISO-8859-1', 'UTF-32', 'utf-1616', 'EBCDIC-CP-US'])('[UC-2] is not %s by declaration', (charset) => {
    expect(problem(`<?xml version="1.0" encoding="${charset}"?><a/>`)).toBe(
      `The body has to be UTF-8; its XML declaration says ${charset}.`,
    )
  })

  const utf16 = (text: string, little: boolean) => {
    const body = Buffer.from(text, 'utf16le')
    return little ? body : body.swap16()
  }
  const utf32 = (text: string, little: boolean) =>
    Uint8Array.from([...text].flatMap((one) => (little ? [one.charCodeAt(0), 0, 0, 0] : [0, 0, 0, one.charCodeAt(0)])))
  test.each([
    ['UTF-16 LE with its mark', utf16('\ufeff<a/>', true)],
    ['UTF-16 BE with its mark', utf16('\ufeff<a/>', false)],
    ['UTF-16 LE', utf16('<a/>', true)],
    ['UTF-16 BE', utf16('<a/>', false)],
    ['UTF-32 LE', utf32('<a/>', true)],
    ['UTF-32 BE', utf32('<a/>', false)],
    ['UTF-32 LE with its mark', Uint8Array.from([0xff, 0xfe, 0, 0, ...utf32('<a/>', true)])],
  ])('[UC-2] is not %s', (_, body) => {
    expect(problem(body)).toBe('The body has to be UTF-8; it looks like UTF-16 or UTF-32.')
  })

  test.each([
    ['ISO-8859-1', [0xfc]],
    ['overlong', [0xc0, 0xbc]],
    ['overlong in three bytes', [0xe0, 0x80, 0xbc]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['cut off', [0xe2, 0x82]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('[UC-2] is valid UTF-8, not %s', (_, inner) => {
    const body = Uint8Array.from([...bytes('<a>'), ...inner, ...bytes('</a>')])
    expect(problem(body)).toBe('The body is not valid UTF-8.')
  })
})

describe('limits', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  const attributes = (count: number) => `<a ${Array.from({ length: count }, (_, i) => `a${i}="b"`).join(' ')}/>`
  const cases = [
    ['bytes', (n: number) => `<a>${' '.repeat(n - 7)}</a>`, { ...xmlLimits, bytes: 1_000 }.bytes],
    ['depth', nested, xmlLimits.depth],
    ['elements', (n: number) => `<a>${'<b/>'.repeat(n - 1)}</a>`, xmlLimits.elements],
    ['attributes', attributes, xmlLimits.attributes],
    ['text', (n: number) => `<a>${'é'.repeat(n - 1)}<b c="d"/></a>`, 2_000],
    ['name', (n: number) => `<${'n'.repeat(n)}/>`, xmlLimits.name],
    ['name', (n: number) => `<a ${'n'.repeat(n)}=""/>`, xmlLimits.name],
    ['value', (n: number) => `<a b="${'v'.repeat(n)}"/>`, xmlLimits.value],
  ] as const
  test.each(cases)('[UC-3] of %s: as much as there may be, and one more', (what, make, limit) => {
    const limits = { ...xmlLimits, [what]: limit }
    expect(readXml(bytes(make(limit)), undefined, limits)).not.toHaveProperty('problem')
    const over = readXml(bytes(make(limit + 1)), undefined, limits)
    expect('problem' in over && over.problem).toContain(` ${limit} `)
  })

  test('[UC-3] count attributes of each element alone, and text of all', () => {
    const half = attributes(20)
    expect(read(`<r>${half}${half}</r>`)).not.toHaveProperty('problem')
    const limits = { ...xmlLimits, text: 10 }
    expect(readXml(bytes('<a>12345<b>12345</b></a>'), undefined, limits)).not.toHaveProperty('problem')
    expect(readXml(bytes('<a>12345<b>12345</b>&lt;</a>'), undefined, limits)).toHaveProperty('problem')
    expect(readXml(bytes('<a>12345<b><![CDATA[123456]]></b></a>'), undefined, limits)).toHaveProperty('problem')
  })

  const most = xmlLimits.bytes
  test.each([
    ['open elements', '<a>'.repeat(most / 3)],
    ['one attribute', `<a b="${'x'.repeat(most - 20)}"/>`],
    ['attributes', `<a ${Array.from({ length: 20_000 }, (_, i) => `a${i}=""`).join(' ')}/>`],
    ['one name', `<${'n'.repeat(most - 3)}/>`],
    ['empty elements', `<a>${'<b/>'.repeat(most / 4 - 3)}</a>`],
    ['references', `<a>${'&lt;'.repeat(most / 4 - 3)}</a>`],
    ['one reference', `<a>&${'x'.repeat(most - 10)};</a>`],
    ['less-than signs', '<'.repeat(most)],
    ['brackets', `<a>${']'.repeat(most - 7)}</a>`],
    ['brackets in CDATA', `<a><![CDATA[${']'.repeat(most - 19)}]]></a>`],
    ['question marks', `<a><?x ${'?'.repeat(most - 12)}?></a>`],
    ['hyphens', `<a><!-- ${'- '.repeat(most / 2 - 8)}--></a>`],
    ['comments before the root', `${'<!---->'.repeat(most / 7 - 2)}<a/>`],
    ['white space', ' '.repeat(most)],
    ['a declaration', `<?xml version="1.0" ${' '.repeat(most - 40)}?><a/>`],
    ['declarations', `<?xml ${'version="1.0" '.repeat(most / 14 - 2)}?><a/>`],
    ['carriage returns', `<a>${'\r'.repeat(most - 7)}</a>`],
    ['end tags', `<a/>${'</a>'.repeat(most / 4 - 2)}`],
  ])('[UC-3] as many %s as fit take little time', (_, text) => {
    const start = process.cpuUsage()
    read(text)
    const { user, system } = process.cpuUsage(start)
    expect(user + system).toBeLessThan(1_000_000) // Some milliseconds in fact; this is a net for what grows with the square.
  })
})

describe('escaping', () => {
  test('[UC-5] is what any reader undoes', () => {
    expect(escapeText('a<b>&"c"\r\n\t]]>')).toBe('a&lt;b&gt;&amp;&quot;c&quot;&#13;\n\t]]&gt;')
    expect(escapeAttribute('a\t\n"')).toBe('a&#9;&#10;&quot;')
    expect(escapeText('a\0\u0008\u000b\u001f\ud83d\ude00\ud83d\ufffe\uffffb\u007f\u0085')).toBe('a😀b\u007f\u0085')
  })

  test('[UC-5] any text comes back, but for what XML has no place for', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, value) => {
        const document = `<a b="${escapeAttribute(value)}">${escapeText(text)}</a>`
        const found = readXml(bytes(document), undefined, { ...xmlLimits, value: 1_000_000 })
        expect(found).toMatchObject({ text: allowed(text), attributes: new Map([['b', allowed(value)]]) })
        new SaxesParser({ xmlns: true }).write(document).close()
      }),
      { numRuns: 500 },
    )
  })
})
