import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Framed, keepAlive, StreamFramer } from './framer.ts'
import { defaultLimits } from './limits.ts'

const head = [
  'MESSAGE sip:b@example.com SIP/2.0',
  'Via: SIP/2.0/TCP a.example;branch=z9hG4bK1',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c1',
  'CSeq: 1 MESSAGE',
].join('\r\n')

function request(body: string): string {
  return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** What came, in words: bodies of messages, kinds of the rest. */
function told(framed: readonly Framed[]): string[] {
  return framed.map((item) =>
    item.kind === 'message'
      ? Buffer.from(item.message.body).toString('latin1')
      : item.kind === 'fault'
        ? item.why
        : item.kind,
  )
}

function push(framer: StreamFramer, text: string): string[] {
  return told(framer.push(Buffer.from(text, 'latin1')))
}

describe('a stream', () => {
  test('[SC-2] has the same messages in it however it is cut', () => {
    const bodies = ['one', '', 'three\r\n\r\nMESSAGE', 'x'.repeat(3_000), '\r\n']
    const stream = Buffer.from(bodies.map(request).join(''), 'latin1')
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        const framer = new StreamFramer()
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length]
        const parts = places.slice(1).map((to, at) => stream.subarray(places[at], to))
        const found = parts.flatMap((part) => told(framer.push(Buffer.from(part))))
        expect(found).toEqual(bodies)
        expect(framer.pending).toBe(false)
      }),
    )
  })

  test('[SC-2] leaves what was told as it was, whatever comes after it', () => {
    const framer = new StreamFramer()
    const whole = request('first') + request('second') + request('third')
    const found = []
    for (let at = 0; at < whole.length; at += 11) found.push(...framer.push(Buffer.from(whole.slice(at, at + 11))))
    expect(told(found)).toEqual(['first', 'second', 'third'])
  })

  test('[SC-2] ends where a message has no length, two, a malformed one, or too much of it', () => {
    const ends = {
      'Content-Length is missing': '',
      'malformed Content-Length': 'Content-Length: 1x\r\n',
      'more than one Content-Length': 'l: 1\r\nContent-Length: 1\r\n',
      'body too long': 'l: 262145\r\n',
    }
    for (const [why, lines] of Object.entries(ends)) {
      const framer = new StreamFramer()
      const [fault] = framer.push(Buffer.from(`${head}\r\n${lines}\r\n${request('next')}`))
      expect(fault).toMatchObject({ kind: 'fault', why, fatal: true })
      expect(fault?.kind === 'fault' && fault.answer).toBeInstanceOf(Uint8Array)
      expect(push(framer, request('next'))).toEqual([])
      expect(framer.pending).toBe(false)
    }
  })

  test('[SC-2] goes on behind a message that is refused but has an end', () => {
    const framer = new StreamFramer()
    const [fault, next] = framer.push(Buffer.from(request('x').replace('tag=1', ';') + request('next')))
    expect(fault).toMatchObject({ kind: 'fault', why: 'malformed From', fatal: false })
    expect(told(next ? [next] : [])).toEqual(['next'])
  })

  test('[SC-4] is not held beyond the limits', () => {
    const framer = new StreamFramer({ ...defaultLimits, headBytes: 1_000 })
    expect(
      push(framer, `MESSAGE sip:b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nX: ${'a'.repeat(900)}`),
    ).toEqual([])
    const [fault] = framer.push(Buffer.from('a'.repeat(100)))
    expect(fault).toMatchObject({ kind: 'fault', why: 'headers too long', fatal: true })
    expect(fault?.kind === 'fault' && Buffer.from(fault.answer ?? []).toString()).toMatch(/^SIP\/2\.0 513 /)
  })

  test('[SC-3] is kept alive between messages', () => {
    const framer = new StreamFramer()
    expect(push(framer, '\r\n\r\n')).toEqual(['ping'])
    expect(push(framer, '\r\n')).toEqual(['pong'])
    expect(push(framer, '\r')).toEqual([])
    expect(push(framer, `\n${request('a')}\r\n\r\n`)).toEqual(['ping', 'a', 'ping'])
    expect(push(framer, '\r\n'.repeat(1_000))).toEqual(['ping'])
    expect(framer.pending).toBe(false)
  })

  test('[SC-3] tells a keep-alive that is a datagram or a frame of its own', () => {
    expect(keepAlive(Buffer.from('\r\n\r\n'))).toBe('ping')
    expect(keepAlive(Buffer.from('\r\n'))).toBe('pong')
    for (const other of ['', '\n', '\r\n\r', 'abcd', '\r\n\r\n\r\n', '\0\0\0\0'])
      expect(keepAlive(Buffer.from(other))).toBeUndefined()
  })

  test('tells whether a message is under way', () => {
    const framer = new StreamFramer()
    push(framer, request('body').slice(0, -1))
    expect(framer.pending).toBe(true)
    expect(push(framer, 'y')).toEqual(['body'])
    expect(framer.pending).toBe(false)
  })
})
