import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isIsComposing, parseIsComposing, printIsComposing } from './im-iscomposing.ts'
import { type Disposition, dispositions, parseImdn, printImdn } from './imdn.ts'
import { readXml, xmlLimits } from './xml.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const composing = 'urn:ietf:params:xml:ns:im-iscomposing'

describe('a small XML document', () => {
  test.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity from elsewhere', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ['an entity nobody declared', '<a>&b;</a>'],
    ['an ampersand alone', '<a>&</a>'],
    ['a processing instruction', '<?xml version="1.0"?><?php x?><a/>'],
    ['CDATA', '<a><![CDATA[b]]></a>'],
    ['two roots', '<a/><b/>'],
    ['a text after the root', '<a/>b'],
    ['tags that cross', '<a><b></a></b>'],
    ['a tag that is open', '<a><b></b>'],
    ['an end of nothing', '</a>'],
    ['an attribute twice', '<a b="c" b="d"/>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['a prefix nobody declared', '<x:a/>'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['a character that is none', '<a>&#0;</a>'],
    ['half a character', '<a>&#xd800;</a>'],
    ['NUL', '<a>\0</a>'],
    ['a comment that is open', '<a><!-- </a>'],
    ['too deep', '<a>'.repeat(xmlLimits.depth + 1) + '</a>'.repeat(xmlLimits.depth + 1)],
    ['too many elements', `<a>${'<b/>'.repeat(xmlLimits.elements)}</a>`],
    [
      'too many attributes',
      `<a ${Array.from({ length: xmlLimits.attributes + 1 }, (_, i) => `a${i}="b"`).join(' ')}/>`,
    ],
    ['too long', `<a>${'b'.repeat(xmlLimits.bytes)}</a>`],
  ])('[MS-52] with %s is refused', (_what, text) => {
    expect(readXml(bytes(text))).toBeUndefined()
  })

  test('[MS-52] in bytes that are not UTF-8 is refused', () => {
    expect(readXml(Buffer.from('<a>\xff</a>', 'latin1'))).toBeUndefined()
  })

  test('[MS-52] has elements by their namespace, references, comments and a declaration', () => {
    const text =
      '\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<!-- x --><p:a xmlns:p="urn:a" xmlns=\'urn:&amp;\'> <b> &lt;&#233;&#x20ac; </b><p:c/></p:a >\n'
    expect(readXml(bytes(text))).toEqual({
      namespace: 'urn:a',
      name: 'a',
      text: '',
      children: [
        { namespace: 'urn:&', name: 'b', text: '<é€', children: [] },
        { namespace: 'urn:a', name: 'c', text: '', children: [] },
      ],
    })
  })

  test('[MS-52] of whatever is repeated in one is read in no time, and nothing throws', () => {
    for (const part of ['<', '<a ', '<a', ' ', '&', '<!--', '-', '="', '<a b="', '</a', '<?xml '])
      for (const before of ['', '<a>', '<a ', '<!--', '<?xml version="1.0"'])
        expect(readXml(bytes((before + part.repeat(xmlLimits.bytes)).slice(0, xmlLimits.bytes)))).toBeUndefined()
    const near = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        'a',
        ' ',
        '="x"',
        'xmlns',
        ':',
        '&lt;',
        '<!--',
        '-->',
        '<?xml',
        '?>',
        '<a>',
        '</a>',
      ),
    )
    fc.assert(
      fc.property(near, (parts) => {
        readXml(bytes(parts.join('')))
      }),
      { seed: 3994, numRuns: 500 },
    )
  })
})

describe('isComposing', () => {
  test('[MS-51] is read, by prefix or without', () => {
    const document = `<?xml version="1.0" encoding="UTF-8"?><c:isComposing xmlns:c="${composing}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x y">
      <c:state>active</c:state><c:lastactive>2026-01-27T10:43:00Z</c:lastactive><c:contenttype>text/plain</c:contenttype><c:refresh>90</c:refresh></c:isComposing>`
    expect(parseIsComposing(bytes(document))).toEqual({
      state: 'active',
      lastActive: '2026-01-27T10:43:00Z',
      contentType: 'text/plain',
      refresh: 90,
    })
  })

  test('[MS-51] with a state nobody knows is idle, and a refresh that makes no sense is not there', () => {
    const read = (state: string, refresh: string) =>
      parseIsComposing(
        bytes(`<isComposing xmlns="${composing}"><state>${state}</state><refresh>${refresh}</refresh></isComposing>`),
      )
    expect(read('idle', '0')).toEqual({ state: 'idle' })
    expect(read('thinking', '-1')).toEqual({ state: 'idle' })
    expect(read('active', 'soon')).toEqual({ state: 'active' })
    expect(read('active', '999999999')).toEqual({ state: 'active', refresh: 86_400 })
  })

  test('[MS-51] has no last activity that is no time', () => {
    const read = (lastActive: string) =>
      parseIsComposing(
        bytes(
          `<isComposing xmlns="${composing}"><state>idle</state><lastactive>${lastActive}</lastactive></isComposing>`,
        ),
      )?.lastActive
    for (const good of ['2026-01-27T10:43:00Z', '2026-01-27t10:43:00.123+01:00']) expect(read(good)).toBe(good)
    for (const bad of ['yesterday', '2026-01-27', '2026-01-27 10:43:00Z', '']) expect(read(bad)).toBeUndefined()
  })

  test('[MS-51] of another namespace, or without a state, is none', () => {
    expect(parseIsComposing(bytes('<isComposing><state>active</state></isComposing>'))).toBeUndefined()
    expect(parseIsComposing(bytes(`<isComposing xmlns="${composing}"/>`))).toBeUndefined()
    expect(parseIsComposing(bytes(`<composing xmlns="${composing}"><state>active</state></composing>`))).toBeUndefined()
  })

  test('[MS-51] what is printed is read back', () => {
    for (const given of [
      { state: 'idle' as const },
      { state: 'active' as const, contentType: 'text/<&>', refresh: 60, lastActive: '2026-01-01T00:00:00Z' },
    ])
      expect(parseIsComposing(printIsComposing(given))).toEqual(given)
  })

  test('[MS-51] is known by its type, whatever its case and parameters', () => {
    expect(isIsComposing('Application/IM-iscomposing+XML; charset=utf-8')).toBe(true)
    expect(isIsComposing('application/xml')).toBe(false)
  })
})

describe('IMDN', () => {
  test('[MS-53] what is printed is read back, for every disposition', () => {
    for (const [kind, statuses] of Object.entries(dispositions))
      for (const status of statuses) {
        const given = {
          messageID: '34jk324j',
          dateTime: '2026-04-04T12:16:49-05:00',
          recipientUri: 'im:bob@example.com?a&b',
          originalRecipientUri: 'im:bob@example.com',
          disposition: { kind, status } as Disposition,
        }
        expect(parseImdn(printImdn(given))).toEqual(given)
      }
  })

  test('[MS-53] with a disposition nobody knows, without a message or of another namespace is none', () => {
    const document = (status: string, id = '<message-id>a</message-id>', ns = 'urn:ietf:params:xml:ns:imdn') =>
      bytes(
        `<imdn xmlns="${ns}">${id}<datetime>x</datetime><delivery-notification><status>${status}</status></delivery-notification></imdn>`,
      )
    expect(parseImdn(document('<delivered/>'))).toMatchObject({ messageID: 'a', disposition: { status: 'delivered' } })
    expect(parseImdn(document('<displayed/>'))).toBeUndefined()
    expect(parseImdn(document('delivered'))).toBeUndefined()
    expect(parseImdn(document('<delivered/>', ''))).toBeUndefined()
    expect(parseImdn(document('<delivered/>', undefined, 'urn:x'))).toBeUndefined()
  })
})
