import {
  contactExpires,
  contactQ,
  defaultLimits,
  examine,
  type ParseFault,
  parseDate,
  parseDigest,
  parseMessage,
  parseNameAddr,
  parseRetryAfter,
  parseUri,
  parseVia,
  printRequest,
  printResponse,
  printUri,
  readContacts,
  type SipMessage,
  type SipRequest,
  StreamFramer,
  sameUri,
  viaValue,
} from '@ringdown/signalling/testing'
import { endpoint } from '../conformance/capabilities.ts'
import { vector, vectorNames } from '../conformance/feed.ts'
import type { Target } from './fuzz.ts'

/** What we print may be longer than what we take: an answer has `received` in a Via that was at the limit. */
const ourOwn = {
  ...defaultLimits,
  headBytes: 2 * defaultLimits.headBytes,
  lineBytes: 2 * defaultLimits.lineBytes,
  headerLines: 256,
}

const seen = { address: '192.0.2.77', port: 5062 }

/** Everything a handler could ask a message for; each answer is printed, and read again. */
function readAll(message: SipMessage | ParseFault): void {
  if (message.kind === 'fault') {
    if (message.answer) checkAnswer(message.answer)
    return
  }
  for (const [name, value] of message.lines()) {
    const key = name.toLowerCase()
    message.header(key)
    if (message.headers(key).length > 128) throw new Error('more values than the limit')
    parseNameAddr(value)
    parseVia(value)
    parseDigest(value)
    parseDate(value)
    parseRetryAfter(value)
  }
  const contacts = readContacts(message)
  if (typeof contacts !== 'string') for (const contact of contacts) [contactExpires(contact), contactQ(contact)]
  for (const address of [message.from, message.to]) [address.params.size, readUri(address.uri)]
  if (message.kind === 'request') readRequest(message)
}

function readRequest(request: SipRequest): void {
  readUri(request.uri)
  const reply = examine(request, endpoint) ?? { status: 200, headers: [['Contact', '<sip:us@192.0.2.1>']] as const }
  const answer = parseMessage(printResponse(request, reply, { toTag: 'ours', seen }), ourOwn)
  if (answer.kind !== 'response') throw new Error('our own answer cannot be read')
  if (answer.callID !== request.callID || answer.via.branch !== request.via.branch || answer.to.tag === undefined)
    throw new Error('the answer does not belong to the request')
  const { method, uri } = request
  const hop = { via: viaValue({ transport: 'udp', sentBy: '192.0.2.1:5060', branch: 'z9hG4bKfuzz', rport: true }) }
  const headers = request.lines().filter(([name]) => !/^(?:v|via|l|content-length)$/i.test(name))
  const again = parseMessage(printRequest({ method, uri, headers, body: request.body }, hop), ourOwn)
  if (again.kind !== 'request')
    throw new Error(`our own request cannot be read: ${again.kind === 'fault' ? again.why : ''}`)
  if (Buffer.compare(again.body, request.body) !== 0) throw new Error('another body')
}

/** What goes out of a fault is one message of well-formed lines. */
function checkAnswer(answer: Uint8Array): void {
  const text = Buffer.from(answer).toString('latin1')
  if (!/^SIP\/2\.0 [4-5]\d\d [^\r\n]*\r\n(?:[A-Z][A-Za-z-]*: [^\r\n\0]*\r\n)+\r\n$/.test(text))
    throw new Error(`a malformed answer: ${text}`)
}

function readUri(text: string): void {
  const uri = parseUri(text)
  if (!uri) return
  const again = parseUri(printUri(uri))
  if (!again || !sameUri(uri, again)) throw new Error(`another URI: ${text} ${printUri(uri)}`)
}

function corpusOf(...methods: string[]): Uint8Array[] {
  const all = ['rfc4475/valid', 'rfc4475/invalid', 'rfc5118/valid', 'rfc5118/invalid'].flatMap((folder) =>
    vectorNames(folder).map((name) => vector(folder, name)),
  )
  const own = all.filter((bytes) => methods.some((method) => Buffer.from(bytes).includes(method)))
  return [
    ...own,
    ...ours.filter((text) => methods.some((method) => text.startsWith(method))).map((t) => Buffer.from(t)),
  ]
}

const ours = [
  [
    'MESSAGE sip:7001@im.example SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK87asd;rport',
    'Max-Forwards: 70',
    'From: "Käthe \\"K\\"" <sip:kaethe@im.example;user=phone>;tag=1928301774',
    'To: <sip:7001@im.example>',
    'Call-ID: a84b4c76e66710@192.0.2.5',
    'CSeq: 314159 MESSAGE',
    'Supported: path, gruu,',
    '  outbound',
    'Authorization: Digest username="kaethe", realm="im.example", nonce="84f1c1ae", uri="sip:7001@im.example", response="6629fae4", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="0a4f"',
    'Reason: SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=16',
    "Retry-After: 18000 (I'm in a (long) meeting);duration=3600",
    'Content-Type: text/plain;charset=utf-8',
    'Content-Length: 6',
    '',
    'hällo',
  ].join('\r\n'),
  [
    'REGISTER sips:im.example SIP/2.0',
    'v: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKas3-112,SIP/2.0/TLS [2001:db8::1]:5061;received=2001:db8::9;rport=1',
    'f: <sips:7001@im.example>;tag=a',
    't: sips:7001@im.example',
    'i: 1j9FpLxk3uxtm8tn',
    'CSeq: 4711 REGISTER',
    'm: <sip:7001@df7jal23ls0d.invalid;transport=ws;ob>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";expires=600;q=0.5,*',
    'Path: <sip:edge.example;lr>,<sip:p2.example;lr>',
    'Expires: 7200',
    'Date: Sat, 13 Nov 2010 23:29:00 GMT',
    'l: 0',
    '',
    '',
  ].join('\r\n'),
  [
    'INVITE sip:7001:pw@im.example:5060;transport=tcp;maddr=192.0.2.9?Subject=a%20b&Route=%3Csip:x%3E SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.5;branch=z9hG4bKnashds8',
    'Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>',
    'From: Bob <tel:+1-201-555-0123;phone-context=example.com>;tag=9fxced76sl',
    'To: Alice <sip:al%69ce@im.example>',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 1 INVITE',
    'Contact: "Bob, the \\"B\\"" <sip:bob@192.0.2.5:5070;ob>;q=0.7',
    'Session-Expires: 4000;refresher=uac',
    'Require: 100rel',
    'Content-Disposition: session;handling=optional',
    'Content-Type: application/sdp',
    'Content-Length: 4',
    '',
    'v=0',
    '',
  ].join('\r\n'),
]

const words = [
  ...[
    '\r\n',
    '\r\n\r\n',
    '\r\n ',
    '\r',
    '\n',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '"',
    '\\"',
    '<',
    '>',
    '=',
    '@',
    '%',
    '%00',
    '%41',
    '%zz',
  ],
  ...['SIP/2.0', 'SIP/7.0', 'SIP/2.0/UDP ', 'z9hG4bK', 'sip:', 'sips:', 'tel:+1', 'isbn:', 'INVITE', 'ACK', 'MESSAGE'],
  ...[
    'REGISTER',
    'CANCEL',
    'Via: ',
    'v:',
    'From: ',
    'f : ',
    'To: ',
    't:',
    'Call-ID: ',
    'i:',
    'CSeq: ',
    'Max-Forwards: 0',
  ],
  ...[
    'Contact: *',
    'm:',
    'Content-Length: ',
    'l: 5',
    'Expires: ',
    'Route: ',
    'Record-Route: ',
    'Require: ',
    'Supported: ',
  ],
  ...[
    ';tag=',
    ';branch=',
    ';rport',
    ';received=',
    ';lr',
    ';q=',
    ';expires=',
    '?Route=',
    '[2001:db8::1]',
    '[::',
    ':::',
    '::ffff:1.2.3.4',
  ],
  ...['(', ')', '((((((((((', '\xc3\xbc', '\xff\xfe', '\0', ',,,', ';;;', '""', '<>', '"\\', 'Digest nc=', '*'],
]

function messages(name: string, method: string): Target {
  return {
    name,
    corpus: corpusOf(method),
    words,
    run: (input) => readAll(parseMessage(input, undefined, seen)),
  }
}

/** The same bytes on a stream, cut by their own content. */
const stream: Target = {
  name: 'sip-stream',
  corpus: corpusOf('INVITE', 'MESSAGE', 'REGISTER', 'SIP/2.0 '),
  words,
  run: (input) => {
    const framer = new StreamFramer(undefined, seen)
    let cut = input.length
    for (let at = 0; at < input.length; ) {
      cut = (Math.imul(cut, 31) + (input[at] ?? 0)) >>> 0
      const length = 1 + (cut % 700)
      for (const item of framer.push(input.slice(at, at + length)))
        if (item.kind === 'message') readAll(item.message)
        else if (item.kind === 'fault') readAll(item)
      at += length
    }
  },
}

/** The SIP codec, as `fuzz` wants it. */
export const sipTargets: readonly Target[] = [
  messages('sip-invite', 'INVITE'),
  messages('sip-message', 'MESSAGE'),
  messages('sip-register', 'REGISTER'),
  messages('sip-response', 'SIP/2.0 '),
  stream,
]
