import type { Call, PersonID, Text } from '@ringdown/signalling'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLines, type Printer, plainText, type SessionOf, type TextOf } from './print-session.ts'

const anna = 'a'.repeat(32) as PersonID
const call = {
  callUUID: 'U1',
  connID: 'c1',
  callType: 'Inbound',
  created: 0,
  parties: [
    { dn: '8003', role: 'Origination', state: 'null', leg: 'sip', agent: null },
    { dn: '7001', role: 'Destination', state: 'null', leg: 'tlibrary', agent: anna },
  ],
  userData: { Subject: 'help' },
  end: { by: null, why: 'failed', at: 60_000, sip: { status: 486, reason: 'Busy Here' } },
} as unknown as Call

const session: SessionOf = { centre: 'demo', call, people: new Map([[anna, { userName: 'anna', name: 'Anna Berg' }]]) }
const textOf = (position: number, more: Partial<Text> = {}, failures: TextOf['failures'] = []): TextOf => {
  const text = { messageID: `m${position}`, from: '7001', sent: 1_000, contentType: 'text/plain', body: 'hi', ...more }
  return { entry: { position, text: text as Text }, failures }
}

function print(printer: Printer, texts: readonly TextOf[], of = session): string {
  return printer.begin(of) + texts.map((text, i) => printer.text(of, text, i === 0)).join('') + printer.end(of)
}

test('[RC-1] SIP, failures and erased texts are in the line', () => {
  const failed = [{ from: '8003', status: 408, reason: 'Timeout' }] as unknown as TextOf['failures']
  const line = print(jsonLines, [textOf(1, {}, failed), textOf(2, { erased: true, body: '[erased]' })])
  expect(line.endsWith(']}\n')).toBe(true)
  expect(JSON.parse(line)).toMatchObject({
    ...{ state: 'ended', why: 'failed', endedBy: null, sip: { status: 486, reason: 'Busy Here' } },
    parties: [
      { dn: '8003', person: null, agent: null },
      { dn: '7001', person: anna, agent: 'anna', name: 'Anna Berg' },
    ],
    texts: [
      { position: 1, failures: [{ to: '8003', status: 408, reason: 'Timeout' }] },
      { position: 2, erased: true, body: '[erased]' },
    ],
  })
})

test('[RC-1] whatever is said, a session is one line of JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), (said) => {
      const line = print(
        jsonLines,
        said.map((body, i) => textOf(i + 1, { body })),
      )
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect((JSON.parse(line) as { texts: { body: string }[] }).texts.map(({ body }) => body)).toEqual(said)
    }),
    { seed: 7 },
  )
})

test('[RC-2] what a stranger writes steers no terminal, and looks like no other line', () => {
  const body = 'a\u001b[2Jb\u202ec\u0085d\r\nSession X in demo\tend'
  expect(print(plainText, [textOf(1, { body, contentType: 'text/html' })])).toBe(
    [
      'Session U1 in demo',
      '  began  1970-01-01T00:00:00.000Z',
      '  ended  1970-01-01T00:01:00.000Z, failed (486 Busy Here)',
      '  with   8003, who began it',
      '  with   7001 anna (Anna Berg)',
      '  user data',
      '    Subject = "help"',
      '   1  1970-01-01T00:00:01.000Z  anna [text/html]: a·[2Jb·c·d',
      '      Session X in demo·end',
      '',
      '',
    ].join('\n'),
  )
})
