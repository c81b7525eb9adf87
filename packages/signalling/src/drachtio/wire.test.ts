import { describe, expect, test } from 'vitest'
import { bodyText, fits, headersOf, readHostPorts, transportIn } from './wire.ts'

describe('the form of drachtio-srf', () => {
  test('where the server listens', () => {
    expect(readHostPorts('udp/192.0.2.1:5060,wss/[2001:db8::1]:443, nonsense')).toEqual([
      { transport: 'udp', address: '192.0.2.1', port: 5060 },
      { transport: 'wss', address: '2001:db8::1', port: 443 },
    ])
    expect(readHostPorts('')).toEqual([])
  })

  test('[SD-66] headers: what is the server’s is left out, lines of one name stay apart, no value begins a line', () => {
    const lines = [
      ['Via', 'SIP/2.0/UDP x'],
      ['X-A', 'one\r\nTo: two'],
      ['x-a', 'three'],
      ['__proto__', 'four'],
    ] as const
    const headers = headersOf(lines, new Set(['via']))
    expect(Object.entries(headers)).toEqual([
      ['x-a', 'one  To: two\r\nx-a: three'],
      ['__proto__', 'four'],
    ])
    expect(() => headersOf([['No token', 'x']], new Set())).toThrow('token')
  })

  test('[SD-66] bodies are UTF-8 without NUL', () => {
    expect(bodyText(Buffer.from('grüß 👍'))).toBe('grüß 👍')
    expect([bodyText(undefined), bodyText(new Uint8Array())]).toEqual([undefined, undefined])
    expect(() => bodyText(Buffer.from([0xc3]))).toThrow('UTF-8')
    expect(() => bodyText(Buffer.from('a\0'))).toThrow('UTF-8')
  })

  test('[SD-66] a message is counted in bytes', () => {
    expect(fits('sip:a@b', {}, 'x'.repeat(3_500))).toBe(true)
    expect(fits('sip:a@b', {}, 'ü'.repeat(1_900))).toBe(false)
    expect(fits('sip:a@b', { 'x-a': 'y'.repeat(3_600) }, undefined)).toBe(false)
  })

  test('the transport a URI names', () => {
    const uris = ['sip:a@b', 'sips:a@b', 'sip:a@b;transport=TCP', 'sip:a@b;transport=sctp', 'tel:1']
    expect(uris.map(transportIn)).toEqual(['udp', 'tls', 'tcp', 'udp', 'udp'])
  })
})
