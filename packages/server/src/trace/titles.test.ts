import type { TracedDelivery, TracedRequest } from '@ringdown/facade'
import { expect, test } from 'vitest'
import { framesIn } from './msrp-frames.ts'
import { titleOfDelivery, titleOfFrame, titleOfRequest, titleOfSip } from './titles.ts'

test.each([
  ['INVITE sip:8001@demo SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n', 'INVITE sip:8001@demo'],
  ['SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n', '486 Busy Here (INVITE)'],
  ['SIP/2.0 200 OK\r\n\r\n', '200 OK (?)'],
])('of SIP %j it is %j', (message, title) => {
  expect(titleOfSip(message)).toBe(title)
})

test.each([
  [
    'SEND',
    'Byte-Range: 1-5/9\r\nContent-Type: text/plain;charset=UTF-8\r\n\r\nhello\r\n',
    '+',
    'SEND text/plain 1-5/9 +',
  ],
  ['REPORT', 'Byte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n', '$', 'REPORT 1-5/5 000 200 OK $'],
  ['200 OK', '', '$', '200 OK'],
])('of MSRP %s it is what it is and how much', (method, rest, flag, title) => {
  const paths = 'To-Path: msrp://a:1/x;tcp\r\nFrom-Path: msrp://b:1/y;tcp\r\n'
  const [only] = [...framesIn(`MSRP d93kswow ${method}\r\n${paths}${rest}-------d93kswow${flag}\r\n`)]
  expect(only && titleOfFrame(only.frame)).toBe(title)
})

const request = (parts: Partial<TracedRequest>) =>
  titleOfRequest({
    tongue: 'rest',
    method: 'POST',
    path: '/api/v2/me/im-sessions/S1',
    status: 200,
    ...parts,
  } as TracedRequest)

test('of a request it is what it does, and what was answered', () => {
  expect(request({ request: { operationName: 'SendMessage', text: 'hush' } })).toBe('POST SendMessage → 200')
  expect(request({ method: 'GET', request: undefined, path: '/api/v2/me/im-sessions/S1/messages' })).toBe(
    'GET messages → 200',
  )
  // What a client makes up is not repeated.
  expect(request({ request: { operationName: 'my secret words' } })).toBe('POST S1 → 200')
})

test('of UC AJAX it is what is done, by name, each once, and nothing that only looks like an element', () => {
  const xml =
    '<?xml version="1.0"?><cwaRequests sid="7"><conference confId="1" rid="2"><sendMessage><content><![CDATA[<secret/>]]></content></sendMessage></conference><queryPresence rid="3"/><queryPresence rid="4"/></cwaRequests>'
  expect(request({ tongue: 'ucajax', request: Buffer.from(xml) })).toBe('POST sendMessage, queryPresence → 200')
  const events =
    '<cwaEvents sid="7"><conference eid="1" confId="1"><messageReceived sender="x"/></conference></cwaEvents>'
  expect(titleOfDelivery({ tongue: 'ucajax', content: events } as TracedDelivery)).toBe('messageReceived')
})

test('of a notification it is its type', () => {
  const content =
    '{"channel":"/v2/me/im-sessions","data":{"messageType":"IMLogUpdateMessage","notificationType":"NewMessage"}}'
  expect(titleOfDelivery({ tongue: 'cometd', content } as TracedDelivery)).toBe('IMLogUpdateMessage NewMessage')
})
