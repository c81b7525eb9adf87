import { isRefresh, type LocalMedia, makeAnswer, makeOffer, readAnswer, readMessageMedia } from '@ringdown/signalling'
import type { Target } from './fuzz.ts'

const local = (transport: 'tcp' | 'tls', reachable: boolean): LocalMedia => ({
  origin: { sessionID: '4711', version: 1 },
  transport,
  path: [`msrp${transport === 'tls' ? 's' : ''}://192.0.2.1:2855/ours;tcp`],
  acceptTypes: ['message/cpim', 'text/plain'],
  acceptWrappedTypes: ['text/plain', 'message/imdn+xml'],
  maxSize: 32_768,
  reachable,
  cema: true,
  fingerprint: 'sha-256 AA:BB',
})
const ours = [local('tcp', true), local('tls', true), local('tcp', false)]

/** Reads a description as an offer and as an answer; what we say to it is one we can read ourselves, with a line for each of the peer's. */
function describe(input: Uint8Array): void {
  readMessageMedia(input)
  for (const mine of ours) {
    const read = readAnswer(input, mine)
    if ('remote' in read) isRefresh(input, read.remote.origin)
    const answer = makeAnswer(input, mine)
    if ('status' in answer) {
      if (/[\r\n\0]/.test(answer.warning)) throw new Error('a warning of several lines')
      continue
    }
    const text = Buffer.from(answer.sdp).toString('latin1')
    if (!/^(?:[a-z]=[^\r\n\0]*\r\n)+$/.test(text)) throw new Error('our answer has a malformed line')
    const again = readMessageMedia(answer.sdp)
    if ('problem' in again) throw new Error(`our own answer cannot be read: ${again.problem}`)
    const offered = readMessageMedia(input, [mine.transport])
    if (!('problem' in offered) && offered.sdp.media.length !== again.sdp.media.length)
      throw new Error('an answer has as many m-lines as its offer')
  }
}

const bytes = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\r\n')}\r\n`)
const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.10', 's=-', 'c=IN IP4 192.0.2.10', 't=0 0']
const media = (more: readonly string[] = []) => [
  'm=message 2855 TCP/MSRP *',
  'a=accept-types:message/cpim text/plain text/*',
  'a=accept-wrapped-types:text/plain',
  'a=path:msrp://192.0.2.10:2855/theirs;tcp',
  'a=max-size:10000000',
  ...more,
]

/** Session descriptions with m=message lines. */
export const sdpTargets: readonly Target[] = [
  {
    name: 'sdp',
    corpus: [
      ...ours.map(makeOffer),
      bytes([...head, ...media(['a=setup:actpass', 'a=msrp-cema'])]),
      bytes([...head, 'c=IN IP6 2001:db8::1', ...media(['a=setup:passive', 'a=sendonly'])]),
      bytes([
        ...head,
        'm=audio 40000 RTP/AVP 0 8',
        'a=rtpmap:0 PCMU/8000',
        'm=message 9 TCP/TLS/MSRP *',
        'a=accept-types:*',
        'a=path:msrps://relay.example:2855/x;tcp msrps://[2001:db8::2]:9/y;tcp',
        'a=setup:active',
        'a=fingerprint:sha-256 4A:AD:B9',
      ]),
      bytes([...head, ...media(['a=file-selector:name:"x" type:image/png size:10', 'a=sendonly']), ...media()]),
    ],
    words: [
      'a=path:msrp://192.0.2.10:2855/s;tcp',
      'a=setup:holdconn',
      'a=connection:new',
      'a=accept-types:',
      'm=message 0 TCP/MSRP *\r\n',
      'm=message 65535 TCP/TLS/MSRP *\r\n',
      'c=IN IP4 0.0.0.0\r\n',
      'o=- 18446744073709551615 2 IN IP6 ::\r\n',
      'a=inactive',
      'a=recvonly',
      'a=max-size:99999999999999999999',
      ';ws',
      '[::ffff:192.0.2.1]',
      '\r\n',
      '\n',
      '\0',
      '=',
      '*',
    ],
    run: describe,
  },
]
