import { cpimHeader, imdnHeaders, parseCpim, parseImdn, printCpim, printImdn } from '@ringdown/msrp'
import type { DNumber, MessageID, Text } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { composingBody, readBody, receiptBody, textBody } from './bodies.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const ends = { from: 'sip:7001@im.example', to: 'sip:8001@im.example' }
const text: Text = {
  messageID: 'm1' as MessageID,
  from: '7001' as DNumber,
  sent: Date.UTC(2026, 0, 1, 12),
  contentType: 'text/plain',
  body: 'Grüße 👋\r\n"zwei"',
}

test('[LG-4] a text goes out and comes back byte for byte, as it is and wrapped', () => {
  for (const each of [undefined, ends]) {
    const { contentType, bytes: wire } = textBody(text, each)
    expect(readBody(contentType, wire)).toMatchObject({
      kind: 'text',
      text: { contentType: 'text/plain', body: text.body },
      cpim: each !== undefined,
    })
  }
})

test('[LG-4] how a text looks goes with it, beside its charset; other parameters do not', () => {
  const contentType = 'text/plain; msgr=WAAtAE0ATQBTAC0ASQBNAC0ARgBvAHIAbQBhAHQA'
  for (const each of [undefined, ends]) {
    const wire = textBody({ ...text, contentType }, each)
    if (!each) expect(wire.contentType).toBe(contentType.replace(';', ';charset=UTF-8;'))
    expect(readBody(wire.contentType, wire.bytes)).toMatchObject({ text: { contentType, body: text.body } })
  }
  const typeOf = (type: string) => (readBody(type, bytes('hi')) as { text: { contentType: string } }).text.contentType
  expect(typeOf('Text/Plain;format=flowed;MSGR="WAAt+/=="; charset=utf-8')).toBe('text/plain; msgr=WAAt+/==')
  expect(typeOf(`text/plain;msgr=${'A'.repeat(901)}`)).toBe('text/plain')
  expect(typeOf('text/html;msgr=a b;msgr=')).toBe('text/html')
})

test('[LG-4] a wrapped text carries its own time, its id, and asks for notifications', () => {
  const cpim = parseCpim(textBody(text, ends).bytes)
  if (!cpim) throw new Error('not CPIM')
  expect(cpimHeader(cpim, 'DateTime')?.value).toBe('2026-01-01T12:00:00.000Z')
  expect(cpimHeader(cpim, 'Message-ID', imdnHeaders)?.value).toBe('m1')
  expect(cpimHeader(cpim, 'Disposition-Notification', imdnHeaders)?.value).toContain('display')
})

test('[LG-5] what a sender wants to hear is read', () => {
  const wire = printCpim({
    from: { uri: 'sip:8001@im.example' },
    to: [{ uri: 'sip:7001@im.example' }],
    dateTime: '2026-01-01T12:00:00Z',
    namespaces: [{ prefix: 'imdn', uri: imdnHeaders }],
    headers: [
      ['imdn.Message-ID', 'abc'],
      ['imdn.Disposition-Notification', 'positive-delivery, display'],
    ],
    contentType: 'text/plain; charset=utf-8',
    body: bytes('hi'),
  })
  expect(readBody('Message/CPIM', wire)).toEqual({
    kind: 'text',
    text: {
      contentType: 'text/plain',
      body: 'hi',
      wants: { imdnID: 'abc', delivered: true, displayed: true },
    },
    cpim: true,
  })
})

test('[LG-5] a notification names the text of ours it is about, and a station on the way is no news', () => {
  const about = (disposition: Parameters<typeof printImdn>[0]['disposition']) =>
    readBody('message/imdn+xml', printImdn({ messageID: 'm1', dateTime: '2026-01-01T12:00:00Z', disposition }))
  expect(about({ kind: 'delivery', status: 'delivered' })).toEqual({
    kind: 'receipt',
    messageID: 'm1',
    report: { outcome: 'delivered' },
  })
  expect(about({ kind: 'display', status: 'displayed' })).toMatchObject({ report: { outcome: 'displayed' } })
  expect(about({ kind: 'delivery', status: 'failed' })).toMatchObject({ report: { outcome: 'failed' } })
  expect(about({ kind: 'display', status: 'forbidden' })).toEqual({ kind: 'empty' })
  expect(about({ kind: 'processing', status: 'stored' })).toEqual({ kind: 'empty' })
})

test('[LG-5] a notification of ours is one the other side can read, and asks for none itself', () => {
  const { contentType, bytes: wire } = receiptBody('abc', 'displayed', ends, Date.UTC(2026, 0, 1))
  const cpim = parseCpim(wire)
  if (!cpim) throw new Error('not CPIM')
  expect([contentType, cpimHeader(cpim, 'Disposition-Notification', imdnHeaders)]).toEqual(['message/cpim', undefined])
  expect(parseImdn(cpim.body)).toMatchObject({
    messageID: 'abc',
    disposition: { kind: 'display', status: 'displayed' },
  })
  expect(readBody(contentType, wire)).toMatchObject({ kind: 'receipt', messageID: 'abc' })
})

test('[LG-6] composing goes through with its refresh time', () => {
  const { contentType, bytes: wire } = composingBody('active', 60)
  expect(readBody(contentType, wire)).toEqual({ kind: 'composing', state: 'active', refreshSeconds: 60 })
  expect(readBody(contentType, composingBody('idle', undefined).bytes)).toEqual({ kind: 'composing', state: 'idle' })
})

test('[LG-7] what cannot be taken is refused, never guessed at: types, encodings, broken wrappings, headers that must be understood', () => {
  const required = bytes(
    'From: <sip:a@b>\r\nNS: x <urn:x>\r\nRequire: x.Secret\r\nx.Secret: 1\r\n\r\nContent-Type: text/plain\r\n\r\nhi',
  )
  expect(readBody('application/json', bytes('{}')).kind).toBe('unsupported')
  expect(readBody('text/plain', Uint8Array.of(0xc3, 0x28)).kind).toBe('unsupported')
  expect(readBody('message/cpim', bytes('no headers')).kind).toBe('unsupported')
  expect(readBody('message/cpim', required).kind).toBe('unsupported')
  expect(readBody(undefined, bytes('hi')).kind).toBe('unsupported')
  expect(readBody('application/im-iscomposing+xml', bytes('<!DOCTYPE x><x/>')).kind).toBe('unsupported')
})

test('[LG-7] an empty body has nothing for anybody', () => {
  expect(readBody(undefined, bytes('')).kind).toBe('empty')
  expect(readBody('text/plain', bytes('')).kind).toBe('empty')
})
