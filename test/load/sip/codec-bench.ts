/**
 * CPU of reading and printing SIP messages: `node test/load/sip/codec-bench.ts`. Beside each figure stands the same for a ceiling that finds the lines of the
 * bytes and does nothing with them; the quotient says more than the figures, which move with the machine.
 */
import {
  parseMessage,
  printRequest,
  printResponse,
  type SipMessage,
  StreamFramer,
  viaValue,
} from '@ringdown/signalling/testing'

const rounds = 60
const perRound = 6_000

const message = [
  'MESSAGE sip:7001@im.example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@im.example.com>;tag=49583',
  'To: <sip:7001@im.example.com>',
  'Call-ID: asd88asd77a@192.0.2.10',
  'CSeq: 1 MESSAGE',
  'User-Agent: bench/1.0',
  'Content-Type: text/plain;charset=utf-8',
  'Content-Length: 18',
  '',
  'Watson, come here.',
].join('\r\n')

const sdp = [
  'v=0',
  'o=alice 2890844526 2890844527 IN IP4 192.0.2.10',
  's=-',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=message 2855 TCP/MSRP *',
  'a=accept-types:message/cpim text/plain',
  'a=path:msrp://192.0.2.10:2855/jshA7weztas;tcp',
  'a=setup:actpass',
  '',
].join('\r\n')

const invite = [
  'INVITE sip:7001@im.example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK4b43c2ff8.1',
  'Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK74bf9;received=192.0.2.10;rport=5062',
  'Record-Route: <sip:192.0.2.1;lr>',
  'Max-Forwards: 69',
  'From: "Alice" <sip:alice@im.example.com>;tag=9fxced76sl',
  'To: <sip:7001@im.example.com>',
  'Call-ID: 3848276298220188511@192.0.2.10',
  'CSeq: 2 INVITE',
  'Contact: <sip:alice@192.0.2.10:5062;transport=udp>',
  'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, MESSAGE, UPDATE',
  'Supported: 100rel, timer, replaces',
  'Session-Expires: 1800;refresher=uac',
  'User-Agent: bench/1.0',
  'Content-Type: application/sdp',
  `Content-Length: ${sdp.length}`,
  '',
  sdp,
].join('\r\n')

const ok = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport=5060;received=192.0.2.10',
  'From: "Alice" <sip:alice@im.example.com>;tag=49583',
  'To: <sip:7001@im.example.com>;tag=1928301774',
  'Call-ID: asd88asd77a@192.0.2.10',
  'CSeq: 1 MESSAGE',
  'Content-Length: 0',
  '',
  '',
].join('\r\n')

/** Keeps what is measured from being found useless. */
let sink = 0

/** ns of CPU each, of the best round: the others were disturbed. */
function measure(run: () => number): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    for (let at = 0; at < perRound; at++) sink += run()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, ((user + system) * 1000) / perRound)
  }
  return best
}

function ceiling(bytes: Buffer): number {
  const text = bytes.toString('latin1')
  let lines = 0
  for (let at = 0; ; lines++) {
    const end = text.indexOf('\r\n', at)
    if (end === at || end === -1) return lines
    at = end + 2
  }
}

function read(bytes: Buffer): SipMessage {
  const found = parseMessage(bytes)
  if (found.kind === 'fault') throw new Error(found.why)
  return found
}

/** What the layers above look at of every message. */
function use(found: SipMessage): number {
  const { via, from, to } = found
  return (
    (via.branch?.length ?? 0) + (from.tag?.length ?? 0) + to.uri.length + (found.header('content-type')?.length ?? 0)
  )
}

const lines: string[] = []

function tell(name: string, ns: number, least?: number): void {
  const rate = Math.round(1e9 / ns).toLocaleString('en')
  const part = least === undefined ? '' : `${(ns / least).toFixed(1)} x the ceiling`
  lines.push(`${name.padEnd(28)} ${ns.toFixed(0).padStart(6)} ns ${rate.padStart(12)}/s  ${part}`)
}

for (const [name, text] of Object.entries({ MESSAGE: message, INVITE: invite, '200 OK': ok })) {
  const bytes = Buffer.from(text)
  const least = measure(() => ceiling(bytes))
  tell(`${name}: lines only`, least)
  tell(
    `${name}: read`,
    measure(() => read(bytes).bytes.length),
    least,
  )
  tell(
    `${name}: read and looked at`,
    measure(() => use(read(bytes))),
    least,
  )
}

const stream = Buffer.from(message.repeat(16))
tell('MESSAGE: from a stream', measure(() => new StreamFramer().push(stream).length) / 16)

const request = read(Buffer.from(message))
if (request.kind !== 'request') throw new Error('a response')
const seen = { address: '192.0.2.10', port: 5060 }
tell(
  '200 to MESSAGE: printed',
  measure(() => printResponse(request, { status: 200 }, { toTag: '19283017', seen }).length),
)
const hop = { via: viaValue({ transport: 'udp', sentBy: '192.0.2.1:5060', branch: 'z9hG4bK4b43c2ff8', rport: true }) }
const parts = {
  method: 'MESSAGE',
  uri: 'sip:7001@192.0.2.20:5060',
  headers: request.lines().filter(([header]) => !['Via', 'Max-Forwards', 'Content-Length'].includes(header)),
  body: request.body,
}
tell(
  'MESSAGE: printed',
  measure(() => printRequest(parts, hop).length),
)

console.log(lines.join('\n'))
if (sink === 0) throw new Error('nothing was read')
