import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../testing/index.ts'
import { type LocalMedia, makeAnswer, makeOffer, readAnswer } from './offer-answer.ts'
import { parseSdp } from './sdp.ts'

const local: LocalMedia = {
  origin: { sessionID: '7', version: 1 },
  transport: 'tcp',
  path: ['msrp://192.0.2.20:2855/ours;tcp'],
  acceptTypes: ['message/cpim', 'text/plain'],
  acceptWrappedTypes: ['text/html'],
  maxSize: 1_000_000,
  reachable: true,
  cema: true,
}

const offer = `${new TextDecoder().decode(makeOffer(local))}m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n`
const pieces = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    ':',
    '/',
    ';',
    '=',
    '*',
    '0',
    '65536',
    '-1',
    '99999999999999999999',
    'ü',
    '\ufffd',
  ],
  ...[
    'm=message 9 TCP/MSRP *\r\n',
    'm=audio 9 RTP/AVP 0\r\n',
    'c=IN IP6 ::1\r\n',
    'c=IN IP4 224.0.0.1/127\r\n',
    'v=0\r\n',
  ],
  ...[
    'a=setup:holdconn\r\n',
    'a=setup:passive\r\n',
    'a=path:msrp://[::1]:1/x;tcp\r\n',
    'a=accept-types:*\r\n',
    'a=\r\n',
  ],
  ...['a=msrp-cema\r\n', 'a=max-size:-1\r\n', 'a=inactive\r\n', 'a=file-selector\r\n', 'o=- 1 1 IN IP4 x\r\n'],
]

/** Cuts, repeats, inserts: one to four times. */
function mutated(random: () => number): string {
  let text = offer
  for (let times = 1 + (random() % 4); times > 0; times--) {
    const at = random() % text.length
    const to = Math.min(text.length, at + (random() % 40))
    const piece = pieces[random() % pieces.length] ?? ''
    const kind = random() % 4
    if (kind === 0) text = text.slice(0, at) + text.slice(to)
    else if (kind === 1) text = text.slice(0, to) + text.slice(at)
    else if (kind === 2) text = text.slice(0, at) + piece + text.slice(at)
    else text = text.slice(0, at) + piece + text.slice(to)
  }
  return text
}

describe('SDP of anybody', () => {
  test('[SD-30] whatever comes is answered or refused, and what we answer has the offer’s m-lines in their order', () => {
    const random = seededRandom(4975)
    let answered = 0
    for (let runs = 0; runs < 4_000; runs++) {
      const bytes = new TextEncoder().encode(mutated(random))
      readAnswer(bytes, local)
      const answer = makeAnswer(bytes, local)
      if ('status' in answer) continue
      answered++
      const [asked, said] = [parseSdp(bytes), parseSdp(answer.sdp)]
      if ('problem' in asked || 'problem' in said) throw new Error('we answered what cannot be read')
      expect(said.media.map(({ kind, protocol }) => [kind, protocol])).toEqual(
        asked.media.map(({ kind, protocol }) => [kind, protocol]),
      )
      expect(said.media.filter(({ port }) => port !== 0)).toHaveLength(1)
    }
    expect(answered).toBeGreaterThan(500)
  })
})
