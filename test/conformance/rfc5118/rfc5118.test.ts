import {
  examine,
  parseUri,
  parseVia,
  readContacts,
  type SipMessage,
  type SipRequest,
} from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { endpoint } from '../capabilities.ts'
import { asDatagram, asStream, everything, vector, vectorNames, waysToArrive } from '../feed.ts'

interface Outcome {
  readonly section: string
  readonly reads: (request: SipRequest) => void
  readonly refused?: number
}

const uriOf = (request: SipRequest) => {
  const uri = parseUri(request.uri)
  return [uri?.host, uri?.port]
}

const viaHosts = (request: SipRequest) => request.headers('via').map((via) => parseVia(via)?.host)

const fromNine = (request: SipRequest) => expect(request.via.host).toBe('2001:db8::9:1')

const valid: Readonly<Record<string, Outcome>> = {
  'ipv6-good': {
    section: '4.1',
    reads: (m) => {
      fromNine(m)
      expect(uriOf(m)).toEqual(['2001:db8::10', undefined])
      const contacts = readContacts(m)
      expect(typeof contacts !== 'string' && contacts[0]?.uri).toBe('sip:caller@[2001:db8::1]')
    },
  },
  'port-ambiguous': {
    section: '4.3',
    reads: (m) => expect(uriOf(m)).toEqual(['2001:db8::10:5070', undefined]),
  },
  'port-unambiguous': { section: '4.4', reads: (m) => expect(uriOf(m)).toEqual(['2001:db8::10', 5070]) },
  'via-received-param-with-delim': {
    section: '4.5',
    reads: (m) => expect(m.via.params.get('received')).toBe('[2001:db8::9:255]'),
  },
  'via-received-param-no-delim': {
    section: '4.5',
    reads: (m) => expect(m.via.params.get('received')).toBe('2001:db8::9:255'),
  },
  'ipv6-in-sdp': {
    section: '4.6',
    reads: (m) => expect(Buffer.from(m.body).toString()).toContain('c=IN IP6 2001:db8::20\r\n'),
  },
  'mult-ip-in-header': {
    section: '4.7',
    reads: (m) => {
      expect(viaHosts(m)).toEqual(['2001:db8::9:1', '192.0.2.1', '2001:db8::9:255'])
      expect(m.via.port).toBe(6050)
    },
  },
  'mult-ip-in-sdp': {
    section: '4.8',
    reads: (m) => expect(Buffer.from(m.body).toString()).toContain('c=IN IP6 2001:db8::1\r\n'),
  },
  'ipv4-mapped-ipv6': {
    section: '4.9',
    reads: (m) => {
      expect(viaHosts(m)).toEqual(['::ffff:192.0.2.10', '::ffff:192.0.2.2'])
      expect(m.via.port).toBe(19823)
    },
  },
  'ipv6-bug-abnf-3-colons': {
    section: '4.10',
    reads: (m) => expect(uriOf(m)).toEqual(['2001:db8::192.0.2.1', undefined]),
  },
  'ipv6-correct-abnf-2-colons': {
    section: '4.10',
    reads: (m) => expect(uriOf(m)).toEqual(['2001:db8::192.0.2.1', undefined]),
  },
}

const invalid: Readonly<Record<string, Outcome>> = {
  'ipv6-bad': { section: '4.2', reads: (m) => expect(parseUri(m.uri)).toBeUndefined(), refused: 400 },
}

function requestOf(message: SipMessage | { kind: 'fault'; why: string }): SipRequest {
  if (message.kind !== 'request')
    throw new Error(`no request: ${message.kind === 'fault' ? message.why : 'a response'}`)
  return message
}

describe('RFC 5118', () => {
  test('[SC-1] has 12 messages, and each has an outcome', () => {
    expect(vectorNames('rfc5118/valid')).toEqual(Object.keys(valid).sort())
    expect(vectorNames('rfc5118/invalid')).toEqual(Object.keys(invalid).sort())
    expect(Object.keys({ ...valid, ...invalid })).toHaveLength(12)
  })

  for (const [folder, outcomes] of Object.entries({ 'rfc5118/valid': valid, 'rfc5118/invalid': invalid }))
    for (const [name, outcome] of Object.entries(outcomes)) {
      test(`[SC-1] §${outcome.section} ${name} as a datagram`, () => {
        const request = requestOf(asDatagram(vector(folder, name)))
        outcome.reads(request)
        expect(examine(request, endpoint)?.status).toBe(outcome.refused)
      })

      for (const [way, cut] of Object.entries(waysToArrive))
        test(`[SC-2] §${outcome.section} ${name} on a stream, ${way}`, () => {
          const { read, pending } = asStream(cut(vector(folder, name)))
          expect(pending).toBe(false)
          expect(read.map(everything)).toEqual([everything(asDatagram(vector(folder, name)))])
        })
    }
})
