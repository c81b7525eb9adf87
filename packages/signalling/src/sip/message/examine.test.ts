import { describe, expect, test } from 'vitest'
import { type Capabilities, examine } from './examine.ts'
import type { SipRequest } from './message.ts'
import { parseMessage } from './parse.ts'

const capabilities: Capabilities = {
  methods: ['INVITE', 'ACK', 'CANCEL', 'OPTIONS', 'MESSAGE'],
  finalMethods: new Set(['OPTIONS']),
  schemes: new Set(['sip', 'sips']),
  extensions: new Set(['timer']),
  bodyTypes: new Map([['MESSAGE', ['text/*', 'message/cpim']]]),
  answerTypes: new Map([['INVITE', 'application/sdp']]),
}

function request(
  method: string,
  lines: readonly string[] = [],
  { uri = 'sip:b@example.com', body = '' } = {},
): SipRequest {
  const cseq = lines.some((line) => line.startsWith('CSeq')) ? [] : [`CSeq: 1 ${method}`]
  const head = [
    `${method} ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>',
    'Call-ID: c1',
    ...cseq,
    ...lines,
  ]
  const read = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`))
  if (read.kind !== 'request') throw new Error('not read')
  return read
}

describe('[SC-30] a request', () => {
  const refused = (asked: SipRequest, more: Partial<Capabilities> = {}) => {
    const reply = examine(asked, { ...capabilities, ...more })
    return reply && [reply.status, ...(reply.headers ?? []).map(([name, value]) => `${name}: ${value}`)]
  }

  test('[SC-30] that is in order is let through', () => {
    expect(
      refused(request('MESSAGE', ['Require: TIMER', 'Content-Type: Text/Plain;charset=utf-8'], { body: 'a' })),
    ).toBeUndefined()
    expect(refused(request('INVITE', ['Accept: application/*', 'Max-Forwards: 1']))).toBeUndefined()
    expect(refused(request('OPTIONS', ['Max-Forwards: 0', 'Contact: *']))).toBeUndefined()
  })

  test('[SC-30] of a method we do not serve', () => {
    const allow = 'Allow: INVITE, ACK, CANCEL, OPTIONS, MESSAGE'
    expect(refused(request('SUBSCRIBE'))).toEqual([405, allow])
    expect(refused(request('FROBNICATE'))).toEqual([501, allow])
    // RFC 3261 §7.1: methods have their case.
    expect(refused(request('message'))).toEqual([501, allow])
  })

  test('[SC-30] that is malformed beyond what the codec looks at', () => {
    expect(refused(request('MESSAGE', ['CSeq: 1 INVITE']))).toEqual([400])
    expect(refused(request('MESSAGE', [], { uri: 'sip:a@b?c=d' }))).toEqual([400])
    expect(refused(request('MESSAGE', [], { uri: 'sip:a@b:x' }))).toEqual([400])
    expect(refused(request('MESSAGE', ['Contact: sip:a@b?c=d']))).toEqual([400])
    expect(refused(request('MESSAGE', ['Contact: *, <sip:a@b>']))).toEqual([400])
    expect(refused(request('MESSAGE', ['Max-Forwards: -1']))).toEqual([400])
  })

  test('[SC-30] that has come far enough', () => {
    expect(refused(request('MESSAGE', ['Max-Forwards: 0']))).toEqual([483])
    expect(refused(request('MESSAGE', ['Max-Forwards: 00']))).toEqual([483])
    expect(refused(request('MESSAGE', ['Max-Forwards: 256']))).toBeUndefined()
  })

  test('[SC-30] for a scheme we do not know', () => {
    expect(refused(request('MESSAGE', [], { uri: 'tel:+1' }))).toEqual([416])
    expect(refused(request('MESSAGE', [], { uri: 'SIPS:a@b' }))).toBeUndefined()
  })

  test('[SC-30] that requires what we do not have', () => {
    expect(refused(request('INVITE', ['Require: 100rel, timer', 'Require: Foo']))).toEqual([
      420,
      'Unsupported: 100rel, Foo',
    ])
    expect(refused(request('CANCEL', ['Require: 100rel']))).toBeUndefined()
    expect(refused(request('INVITE', ['Proxy-Require: foo']))).toBeUndefined()
    expect(refused(request('INVITE', ['Proxy-Require: foo']), { proxyExtensions: new Set() })).toEqual([
      420,
      'Unsupported: foo',
    ])
  })

  test('[SC-30] with a body we cannot read', () => {
    const body = { body: 'x' }
    const accept = 'Accept: text/*, message/cpim'
    expect(refused(request('MESSAGE', ['Content-Type: image/png'], body))).toEqual([415, accept])
    expect(refused(request('MESSAGE', [], body))).toEqual([415, accept])
    expect(refused(request('MESSAGE', ['c: text/plain', 'e: gzip'], body))).toEqual([415, 'Accept-Encoding: identity'])
    expect(refused(request('MESSAGE', ['c: text/plain', 'e: identity'], body))).toBeUndefined()
    const optional = ['c: image/png', 'Content-Disposition: icon; handling=optional']
    expect(refused(request('MESSAGE', optional, body))).toBeUndefined()
    expect(refused(request('OPTIONS', ['c: image/png'], body))).toBeUndefined()
  })

  test('[SC-30] that wants no answer we have', () => {
    expect(refused(request('INVITE', ['Accept: text/plain']))).toEqual([406])
    expect(refused(request('INVITE', ['Accept:']))).toEqual([406])
    expect(refused(request('MESSAGE', ['Accept: image/png']))).toBeUndefined()
  })
})
