import { seededRandom } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { maskFrame, maskJson, maskSip, maskXml } from './mask.ts'
import { framesIn } from './msrp-frames.ts'
import { titleOfDelivery } from './titles.ts'
import { xmlTokens } from './xml-tokens.ts'

const words = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '"',
    "'",
    '=',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '?>',
    '<content>',
    '<sid>',
    ' subject="',
    'secret',
  ],
  ...[
    '\r\n',
    '\r\n\r\n',
    'MSRP abcd1234 SEND\r\n',
    '\r\n-------abcd1234$\r\n',
    'Content-Type: message/cpim\r\n',
    ': ',
    ' ',
    '{"text":',
  ],
  ...[
    'Authorization: Digest ',
    'response="secret"',
    ',',
    'msrp://secret/secret;tcp',
    'Subject: secret',
    's=secret',
    '\u0000',
    'ü',
  ],
]

test('[TR-5] whatever was sent, showing it does not fail, and a mask keeps its length', () => {
  const next = seededRandom(11)
  const random = () => next() / 2 ** 32
  for (let i = 0; i < 3_000; i++) {
    const length = Math.floor(random() * 30)
    const text = Array.from({ length }, () => words[Math.floor(random() * words.length)] ?? '').join('')
    expect([...xmlTokens(text)].map((token) => token.text).join('')).toBe(text)
    for (const texts of [true, false]) {
      expect(maskXml(text, texts)).toHaveLength(text.length)
      expect(maskSip(text, texts)).toHaveLength(text.length)
      maskJson(text, texts)
      for (const { frame, begin, end } of framesIn(text)) expect(maskFrame(frame, texts)).toHaveLength(end - begin)
    }
    titleOfDelivery({ tongue: 'ucajax', content: text } as Parameters<typeof titleOfDelivery>[0])
  }
})

test.each([
  ['a tag that does not end', `<${'a'.repeat(500_000)}`],
  ['names without end', `<a ${'b'.repeat(500_000)} />`],
  ['spaces', `<a b${' '.repeat(500_000)}c>`],
  ['quotes', '<"'.repeat(250_000)],
  ['sections that do not end', '<![CDATA['.repeat(60_000)],
  ['comments that do not end', '<!--'.repeat(120_000)],
  ['frames that do not end', Array.from({ length: 30_000 }, (_, i) => `MSRP t${i + 1000} SEND\r\n`).join('')],
  ['end-lines of nothing', '\r\n-------abcd1234$'.repeat(30_000)],
  ['a header', `Authorization: Digest ${'a'.repeat(500_000)}`],
  ['parameters', `Authorization: Digest ${'a = '.repeat(100_000)}`],
  ['blanks in a header', `Subject${' '.repeat(500_000)}x`],
  ['URIs', 'msrp://'.repeat(70_000)],
  ['URIs with passwords', 'sip:a:'.repeat(80_000)],
  ['lines of SDP', `Content-Type: application/sdp\r\n\r\n${'a=crypto:'.repeat(50_000)}`],
  ['brackets', '['.repeat(500_000)],
])('[TR-2] %s by the hundred thousand take no longer than their length', (_, text) => {
  const began = performance.now()
  maskXml(text, false)
  maskSip(text, false)
  maskJson(text, false)
  titleOfDelivery({ tongue: 'ucajax', content: text } as Parameters<typeof titleOfDelivery>[0])
  expect([...framesIn(text)]).toEqual([])
  // What is squared takes minutes; the rest is for a busy machine.
  expect(performance.now() - began).toBeLessThan(5_000)
})
