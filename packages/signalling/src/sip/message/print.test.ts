import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HeaderLine, SipRequest } from './message.ts'
import { parseMessage } from './parse.ts'
import { printRequest, printResponse, viaValue } from './print.ts'

const via = viaValue({ transport: 'udp', sentBy: '192.0.2.1:5060', branch: 'z9hG4bKx', rport: true })
const mandatory: readonly HeaderLine[] = [
  ['From', '<sip:a@example.com>;tag=1'],
  ['To', '<sip:b@example.com>'],
  ['Call-ID', 'c1'],
  ['CSeq', '1 INVITE'],
]

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function received(bytes: Uint8Array | string): SipRequest {
  const read = parseMessage(Buffer.from(bytes))
  if (read.kind !== 'request') throw new Error(read.kind === 'fault' ? read.why : 'a response')
  return read
}

describe('a printed request', () => {
  test('has Via, Max-Forwards and Content-Length added', () => {
    const parts = { method: 'INVITE', uri: 'sip:b@example.com', headers: mandatory, body: Buffer.from('v=0') }
    expect(text(printRequest(parts, { via })).split('\r\n')).toEqual([
      'INVITE sip:b@example.com SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport',
      'Max-Forwards: 70',
      ...mandatory.map(([name, value]) => `${name}: ${value}`),
      'Content-Length: 3',
      '',
      'v=0',
    ])
    const own = { ...parts, headers: [...mandatory, ['max-forwards', '5'] as const] }
    expect(text(printRequest(own, { via, maxForwards: 9 }))).not.toContain('Max-Forwards: 9')
    expect(text(printRequest(parts, { via, maxForwards: 9 }))).toContain('Max-Forwards: 9')
  })

  test('[SC-20] reads as it was meant, whatever its values hold', () => {
    const line = fc.tuple(fc.stringMatching(/^X-[A-Za-z0-9.!%*_+`'~-]{1,10}$/), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.uint8Array({ maxLength: 40 }), (lines, body) => {
        const parts = { method: 'INVITE', uri: 'sip:b@example.com', headers: [...mandatory, ...lines], body }
        const read = received(printRequest(parts, { via }))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what becomes a blank
        const clean = (value: string) => value.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ').toWellFormed()
        const found = read.lines().slice(2 + mandatory.length, -1)
        expect(found).toEqual(lines.map(([name, value]) => [name, clean(value).replace(/^[ \t]+|[ \t]+$/g, '')]))
        expect(Buffer.compare(read.body, body)).toBe(0)
      }),
    )
  })

  test('[SC-20] is refused where a name, the method or the URI is none', () => {
    const parts = { method: 'INVITE', uri: 'sip:b@example.com', headers: mandatory }
    for (const wrong of [
      { ...parts, method: 'IN VITE' },
      { ...parts, uri: 'sip:b@example.com SIP/2.0\r\nX: y' },
      { ...parts, uri: 'b' },
      { ...parts, headers: [['X: y\r\nZ', ''] as const] },
    ])
      expect(() => printRequest(wrong, { via })).toThrow(/must/)
  })

  test('[SC-21] has the length of its body, whatever its headers say', () => {
    const headers: HeaderLine[] = [...mandatory, ['Content-Length', '99'], ['l', '98']]
    expect(
      text(printRequest({ method: 'INVITE', uri: 'sip:b', headers }, { via })).match(/^(?:l|content-length):.*$/gim),
    ).toEqual(['Content-Length: 0'])
  })
})

describe('an answer', () => {
  const raw = [
    'INVITE sip:b@example.com SIP/2.0',
    'v:SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport , SIP/2.0/TCP  p.example;branch=z9hG4bK2',
    'Via: SIP/2.0/TCP q.example',
    'Record-Route: <sip:p1;lr>, <sip:p2;lr>',
    'Record-Route: <sip:p3;lr>',
    'f: "A\xff" <sip:a@example.com>;tag=1',
    'TO:  sip:b@example.com',
    'i: c1',
    'Timestamp: 54',
    'CSeq: 0001  INVITE',
    '',
    '',
  ].join('\r\n')
  const request = received(Buffer.from(raw, 'latin1'))
  const answer = (status: number) =>
    Buffer.from(printResponse(request, { status }, { toTag: 'ours', seen: { address: '192.0.2.9', port: 1 } }))
      .toString('latin1')
      .split('\r\n')

  test('[SC-21, SC-22] repeats what belongs to the request, byte for byte', () => {
    expect(answer(200)).toEqual([
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.9;rport=1, SIP/2.0/TCP  p.example;branch=z9hG4bK2',
      'Via: SIP/2.0/TCP q.example',
      'From: "A\xff" <sip:a@example.com>;tag=1',
      'To: sip:b@example.com;tag=ours',
      'Call-ID: c1',
      'CSeq: 0001  INVITE',
      'Record-Route: <sip:p1;lr>, <sip:p2;lr>',
      'Record-Route: <sip:p3;lr>',
      'Content-Length: 0',
      '',
      '',
    ])
  })

  test('[SC-21] has no Record-Route where no dialog comes of it, and no tag of ours in 100', () => {
    expect(answer(486).filter((line) => line.startsWith('Record-Route'))).toEqual([])
    expect(answer(100)).toContain('To: sip:b@example.com')
    expect(answer(100)).toContain('Timestamp: 54')
    expect(answer(180)).toContain('Record-Route: <sip:p3;lr>')
  })

  test('[SC-21] keeps the tag the request had', () => {
    const inDialog = received(raw.replace('TO:  sip:b@example.com', 'To: <sip:b@example.com>;tag=theirs'))
    expect(text(printResponse(inDialog, { status: 200 }, { toTag: 'ours' }))).toContain(
      'To: <sip:b@example.com>;tag=theirs\r\n',
    )
  })

  test('[SC-40] belongs to a request whose branch ends in a byte like a blank: found by the fuzzer', () => {
    // Seed 1, input 46827 of sip-stream.
    const odd = received(
      Buffer.from(raw.replace('z9hG4bK1', 'z9hG4bK1\xa0').replace(';rport , SIP', ' , SIP'), 'latin1'),
    )
    const read = parseMessage(printResponse(odd, { status: 200 }, { toTag: 'ours', seen: { address: '::1', port: 1 } }))
    expect(read.kind === 'response' && read.via.branch).toBe(odd.via.branch)
  })

  test('[SC-20] has a reason, headers and a body of its own', () => {
    const reply = {
      status: 299,
      reason: 'Fine\r\nX: y',
      headers: [['Subject', 'grün\nX: y']] as const,
      body: Buffer.from('ü'),
    }
    const lines = text(printResponse(request, reply, { toTag: 'ours' })).split('\r\n')
    expect(lines[0]).toBe('SIP/2.0 299 Fine  X: y')
    expect(lines).toContain('Subject: grün X: y')
    expect(lines.slice(-3)).toEqual(['Content-Length: 2', '', 'ü'])
  })
})
