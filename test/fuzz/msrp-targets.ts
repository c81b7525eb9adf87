import {
  FrameParser,
  frameLimits,
  headerOf,
  parseByteRange,
  parseCpim,
  parseCpimAddress,
  parseImdn,
  parseIsComposing,
  parseMsrpUri,
  printImdn,
  printIsComposing,
  printMsrpUri,
  printRequest,
  printResponse,
  sameMsrpUri,
} from '@ringdown/msrp'
import { byteByByte, type Frame, type Heard, readFrames } from '@ringdown/msrp/testing'
import { vector, vectorNames } from '../conformance/feed.ts'
import type { Target } from './fuzz.ts'

/** Whatever the cuts, the same is heard; and what was understood can be printed and understood again. */
function readEveryWay(input: Uint8Array): void {
  const whole = readFrames([input])
  const cut = readFrames(input.length < 600 ? byteByByte(input) : cutByContent(input))
  if (inOneText(whole) !== inOneText(cut)) throw new Error('the cuts made a difference')
  for (const frame of whole.frames) {
    readHeaders(frame)
    // What we print has a type wherever there is a body.
    if (frame.head.kind === 'request' && frame.head.hasBody && headerOf(frame.head, 'content-type') === undefined)
      continue
    const [again] = readFrames([printed(frame)]).frames
    if (!again?.body.equals(frame.body) || again.head.tid !== frame.head.tid) throw new Error('another frame')
  }
  const answer = whole.fault?.answer
  if (!answer || answer.toPath.length + answer.fromPath.length > frameLimits.path) return
  const response = printResponse({ ...answer, status: 400, comment: 'Bad Request' })
  if (readFrames([response]).frames.length !== 1) throw new Error('our own answer cannot be read')
}

function readHeaders({ head }: Frame): void {
  for (const [name, value] of head.headers) {
    parseByteRange(value)
    for (const part of value.split(' ')) readUri(part)
    if (name !== name.toLowerCase() || /[\r\n\0]/.test(value)) throw new Error('a header that is none')
  }
  if (head.headers.length > frameLimits.headerLines) throw new Error('more headers than the limit')
}

function readUri(text: string): void {
  const uri = parseMsrpUri(text)
  if (!uri) return
  const again = parseMsrpUri(printMsrpUri(uri))
  if (!again || !sameMsrpUri(uri, again)) throw new Error(`another URI: ${text}`)
}

function printed({ head, body, flag }: Frame): Uint8Array {
  if (head.kind === 'response') return printResponse(head)
  const rest = head.headers.filter(([name]) => !['to-path', 'from-path', 'content-type'].includes(name))
  const { tid, method, toPath, fromPath, hasBody } = head
  // A body may be in a frame of its own id only: a new one could stand in it.
  const type = headerOf(head, 'content-type') ?? ''
  return printRequest({
    ...{ tid, method, toPath, fromPath, headers: rest, flag },
    ...(hasBody ? { content: { type, body } } : type !== '' && { headers: [...rest, ['Content-Type', type]] }),
  })
}

function inOneText({ frames, open, fault }: Heard): string {
  const texts = frames.map(({ head, body, flag }) => [head, body.toString('latin1'), flag])
  // What a fault leaves open depends on how far the body was passed on before it.
  return JSON.stringify([texts, fault === undefined ? [open?.head] : [], fault])
}

function* cutByContent(input: Uint8Array): Generator<Uint8Array> {
  let cut = input.length
  for (let at = 0; at < input.length; ) {
    cut = (Math.imul(cut, 31) + (input[at] ?? 0)) >>> 0
    const length = 1 + (cut % 700)
    yield input.subarray(at, at + length)
    at += length
  }
}

/** A parser keeps no more than a line, whatever comes. */
function staysSmall(input: Uint8Array): void {
  const ignore = () => {}
  const parser = new FrameParser({ onHead: ignore, onBody: ignore, onEnd: ignore, onFault: ignore })
  for (let i = 0; i < 3; i++) parser.push(input)
}

const frameCorpus = ['rfc4975/valid', 'rfc4975/invalid'].flatMap((folder) =>
  vectorNames(folder).map((name) => vector(folder, name)),
)

const frameWords = [
  ...['\r\n', '\r\n\r\n', '\r', '\n', '\0', ' ', ':', '-------', '-------tid1$', '\r\n-------tid1$\r\n', '$', '+', '#'],
  ...[
    'MSRP tid1 SEND\r\n',
    'MSRP tid1 200 OK\r\n',
    'MSRP ',
    'SEND',
    'REPORT',
    'AUTH',
    'NICKNAME',
    '413',
    'tid1',
    'tid2',
  ],
  ...[
    'To-Path: ',
    'From-Path: ',
    'Message-ID: m-0001-x\r\n',
    'Byte-Range: 1-*/*\r\n',
    'Byte-Range: ',
    '6-11/11',
    '1-0/0',
  ],
  ...['Success-Report: yes\r\n', 'Failure-Report: partial\r\n', 'Failure-Report: no\r\n', 'Status: 000 200 OK\r\n'],
  ...[
    'Content-Type: text/plain\r\n\r\n',
    'msrp://us.example:2855/our00000001;tcp',
    'msrps://[2001:db8::1]:9/s;ws',
    ';',
    '*',
  ],
]

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'))

const cpimCorpus = [
  lines(
    ...['From: "Käthe \\"K\\"" <im:kaethe@im.example>', 'To: <sip:bob@im.example>', 'To: Carol B <im:c@im.example>'],
    ...['DateTime: 2026-01-01T12:00:00+00:00', 'Subject:;lang=de Grüße \\u00e9\\n', 'NS: imdn <urn:ietf:params:imdn>'],
    ...[
      'Require: imdn.Message-ID',
      'imdn.Message-ID: abc',
      'imdn.Disposition-Notification: positive-delivery, display',
      '',
    ],
    ...['Content-Type: text/plain;', ' charset=utf-8', 'Content-ID: <x@y>', '', 'hällo'],
  ),
  lines('', 'Content-Type: text/html', '', '<b>'),
  lines('NS: <urn:x>', 'A: b', '', '', ''),
]
const cpimWords = [
  '\r\n',
  '\r\n\r\n',
  ': ',
  ':;lang=fr ',
  '.',
  'NS: ',
  'Require: ',
  '<',
  '>',
  '"',
  '\\',
  '\\u0041',
  '\\"',
  '\t',
  '\0',
  ' ',
]

function readCpim(input: Uint8Array): void {
  const cpim = parseCpim(input)
  if (!cpim) return
  for (const { raw, value, name } of cpim.headers) {
    parseCpimAddress(raw)
    if (/[\r\n]/.test(raw) || typeof value !== 'string' || name === '') throw new Error('a header that is none')
  }
  if (
    !Buffer.from(input)
      .subarray(-cpim.body.length || input.length)
      .equals(Buffer.from(cpim.body))
  )
    throw new Error('another body')
}

const xmlCorpus = [
  printIsComposing({ state: 'active', contentType: 'text/plain', refresh: 60, lastActive: '2026-01-01T00:00:00Z' }),
  printImdn({
    messageID: 'a&b',
    dateTime: 'x',
    recipientUri: 'im:b',
    disposition: { kind: 'display', status: 'displayed' },
  }),
  printImdn({ messageID: 'a', dateTime: 'x', disposition: { kind: 'delivery', status: 'delivered' } }),
]
const xmlWords = [
  ...[
    '<',
    '>',
    '/>',
    '</',
    '&',
    '&amp;',
    '&#65;',
    '&#x41;',
    '&#0;',
    '"',
    "'",
    '=',
    ' ',
    ':',
    'xmlns',
    'xmlns:a="b"',
    '<!--',
    '-->',
  ],
  ...[
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '<![CDATA[',
    ']]>',
    '<?xml version="1.0"?>',
    '<a>',
    '</a>',
    'state',
    'refresh',
    '\0',
  ],
]

/** What our own reader of XML takes. */
const longestXml = 8192

function readXmlBodies(input: Uint8Array): void {
  const composing = parseIsComposing(input)
  if (composing && parseIsComposing(printIsComposing(composing))?.state !== composing.state)
    throw new Error('another state')
  const imdn = parseImdn(input)
  const printed = imdn && printImdn(imdn)
  // What was escaped may have become longer than what is read.
  if (printed && printed.length <= longestXml && parseImdn(printed)?.disposition.status !== imdn.disposition.status)
    throw new Error('another status')
}

/** What MSRP peers send, and the bodies of MSRP and MESSAGE. */
export const msrpTargets: readonly Target[] = [
  {
    name: 'msrp-frames',
    corpus: frameCorpus,
    words: frameWords,
    run: (input) => {
      readEveryWay(input)
      staysSmall(input)
    },
  },
  { name: 'cpim', corpus: cpimCorpus, words: cpimWords, run: readCpim },
  { name: 'xml-bodies', corpus: xmlCorpus, words: xmlWords, run: readXmlBodies },
]

/** For sessions, which are tried apart: they answer after a while. */
export const sessionInputs: Target = { name: 'msrp-sessions', corpus: frameCorpus, words: frameWords, run: () => {} }
