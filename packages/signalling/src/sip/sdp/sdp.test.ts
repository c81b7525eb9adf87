import { describe, expect, test } from 'vitest'
import { parseSdp, printOrigin, printSdp, sdpLimits } from './sdp.ts'

const bytes = (...lines: string[]) => new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''))
const plain = ['v=0', 'o=- 1 2 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=message 2855 TCP/MSRP *']

describe('SDP', () => {
  test('[SD-31] what is printed reads back the same', () => {
    const sdp = parseSdp(bytes(...plain, 'a=path:msrp://192.0.2.1:2855/s;tcp', 'a=msrp-cema'))
    if ('problem' in sdp) throw new Error(sdp.problem)
    expect(parseSdp(printSdp(sdp))).toEqual(sdp)
    expect(printOrigin(sdp.origin)).toBe('- 1 2 IN IP4 192.0.2.1')
    expect(sdp.media[0]?.attributes).toEqual([
      ['path', 'msrp://192.0.2.1:2855/s;tcp'],
      ['msrp-cema', null],
    ])
  })

  test('[SD-31] bare LF, unknown lines, lines out of order and empty lines are let through', () => {
    const text = `v=0\no=- 1 2 IN IP6 2001:db8::1\nt=0 0\ns=-\nz=whatever\n\nq=new\nm=message 9 TCP/MSRP *\nk=clear:x\n`
    const sdp = parseSdp(new TextEncoder().encode(text))
    expect(sdp).toMatchObject({ media: [{ kind: 'message', port: 9 }], origin: { addressType: 'IP6' } })
  })

  test('[SD-31] of two c= lines the first one counts, in the session and in a section', () => {
    const sdp = parseSdp(bytes(...plain, 'c=IN IP4 198.51.100.7', 'c=IN IP4 198.51.100.8'))
    expect(sdp).toMatchObject({ connection: '192.0.2.1', media: [{ connection: '198.51.100.7' }] })
  })

  test.each([
    ['no version', ['o=- 1 2 IN IP4 192.0.2.1']],
    ['no origin', ['v=0', 's=-']],
    ['an origin without numbers', ['v=0', 'o=- a b IN IP4 192.0.2.1']],
    ['a port out of range', [...plain, 'm=audio 65536 RTP/AVP 0']],
    ['an m-line cut short', [...plain, 'm=audio 9']],
    ['a line of no type', [...plain, 'nonsense']],
    ['a CR inside a line', [...plain, 'm=audio 9 RTP/AVP 0\ra=x']],
    ['a NUL', [...plain, 'a=x\0']],
  ])('[SD-31] %s is a problem, not an exception', (_name, lines) => {
    expect(parseSdp(bytes(...lines))).toHaveProperty('problem')
  })

  test('[SD-30] a body is bounded in bytes, lines, length of a line and media', () => {
    expect(parseSdp(new Uint8Array(sdpLimits.bytes + 1))).toHaveProperty('problem')
    expect(parseSdp(bytes(...plain, ...new Array(sdpLimits.lines).fill('a=x')))).toHaveProperty('problem')
    expect(parseSdp(bytes(...plain, `a=${'x'.repeat(sdpLimits.lineLength)}`))).toHaveProperty('problem')
    expect(parseSdp(bytes(...plain, ...new Array(sdpLimits.media).fill('m=audio 9 RTP/AVP 0')))).toHaveProperty(
      'problem',
    )
  })

  test('[SD-30] octets that are no UTF-8 do not throw', () => {
    expect(parseSdp(Uint8Array.of(0xff, 0x00, 0x0a, 0xc3))).toHaveProperty('problem')
  })
})
