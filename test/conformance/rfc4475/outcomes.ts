import {
  contactExpires,
  contactQ,
  parseDate,
  parseDigest,
  parseNameAddr,
  parseUri,
  parseVia,
  readContacts,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '@ringdown/signalling/testing'
import { expect } from 'vitest'

/** What becomes of a vector. */
export interface Outcome {
  /** The section of RFC 4475. */
  readonly section: string
  /** What is read out of it, where it is accepted as a message. */
  readonly reads?: (message: SipMessage) => void
  /** The status the codec itself answers with. */
  readonly answer?: number
  /** A response that is dropped: nothing is answered. */
  readonly silent?: true
  /** The status an endpoint refuses the request with after it was read, and a header of that answer. */
  readonly refused?: readonly [status: number, name?: string, value?: string]
  /** As a relay refuses it, where that differs. */
  readonly relayRefuses?: readonly [status: number, name?: string, value?: string]
  /** On a stream, where that differs from a datagram. */
  readonly stream?: { readonly answer: number; readonly fatal: true } | 'waits' | 'goes on behind it'
}

const request = (check: (message: SipRequest) => void) => (message: SipMessage) => {
  if (message.kind !== 'request') throw new Error('a response')
  check(message)
}

const response = (check: (message: SipResponse) => void) => (message: SipMessage) => {
  if (message.kind !== 'response') throw new Error('a request')
  check(message)
}

const contacts = (message: SipMessage) => {
  const found = readContacts(message)
  if (found === 'all' || found === 'malformed') throw new Error(found)
  return found
}

/** RFC 4475 §3.1.1. */
export const valid: Readonly<Record<string, Outcome>> = {
  wsinv: {
    section: '3.1.1.1',
    reads: request((m) => {
      expect([m.method, m.uri]).toEqual(['INVITE', 'sip:vivekg@chair-dnrc.example.com;unknownparam'])
      expect(parseUri(m.uri)?.params).toEqual(new Map([['unknownparam', null]]))
      expect([m.to.uri, m.to.tag]).toEqual(['sip:vivekg@chair-dnrc.example.com', '1918181833n'])
      expect([m.from.display, m.from.tag]).toEqual(['J Rosenberg \\"', '98asjd8'])
      expect(m.header('max-forwards')).toBe('0068')
      expect(m.cseq).toEqual({ number: 9, method: 'INVITE' })
      expect([m.via.transport, m.via.host, m.via.branch]).toEqual(['UDP', '192.0.2.2', '390skdjuw'])
      expect(m.headers('via').map((via) => parseVia(via)?.branch)).toEqual([
        '390skdjuw',
        'z9hG4bK9ikj8',
        'z9hG4bK30239',
      ])
      expect(m.header('subject')).toBe('')
      expect(m.header('newfangledheader')).toBe('newfangled value continued newfangled value')
      expect(m.header('unknownheaderwithunusualvalue')).toBe(';;,,;;,;')
      expect(m.headers('route')).toEqual(['<sip:services.example.com;lr;unknownwith=value;unknown-no-value>'])
      const [contact] = contacts(m)
      expect(contact?.display).toBe('Quoted string ""')
      expect(contact?.params).toEqual(
        new Map([
          ['newparam', 'newvalue'],
          ['secondparam', null],
          ['q', '0.33'],
        ]),
      )
      expect(contact && contactQ(contact)).toBe(0.33)
      expect(m.body).toHaveLength(150)
    }),
  },
  intmeth: {
    section: '3.1.1.2',
    reads: request((m) => {
      expect(m.method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
      expect(parseUri(m.uri)).toMatchObject({
        user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        host: 'example.com',
      })
      expect(m.via.branch).toBe("z9hG4bK-.!%66*_+`'~")
      expect(m.to.display).toBe('BEL:\x07 NUL:\x00 DEL:\x7f')
      expect(m.from.display).toBe("token1~` token2'+_ token3*%!.-")
      expect(m.from.params.get("fromparam''~+*_!.-%")).toBe('работающий')
      expect(m.from.tag).toBe("_token~1'+`*%!-.")
      expect(m.callID).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{')
      expect(m.header("extensionheader-!.%*+_`'~")).toBe('\ufeff大停電')
    }),
    refused: [501, 'Allow'],
  },
  esc01: {
    section: '3.1.1.3',
    reads: request((m) => {
      expect(parseUri(m.uri)).toMatchObject({ scheme: 'sip', user: 'sips:user@example.com', host: 'example.net' })
      expect(parseUri(m.to.uri)?.user).toBe('user')
      expect(parseUri(m.from.uri)?.user).toBe('I have spaces')
      expect(parseUri(contacts(m)[0]?.uri ?? '')).toMatchObject({
        user: 'caller',
        params: new Map([
          ['lr', null],
          ['name', 'value%41'],
        ]),
      })
    }),
  },
  escnull: {
    section: '3.1.1.4',
    reads: request((m) => {
      expect(parseUri(m.to.uri)?.user).toBe('null-\0-null')
      expect(contacts(m).map((contact) => parseUri(contact.uri)?.user)).toEqual(['\0', '\0\0'])
    }),
  },
  esc02: {
    section: '3.1.1.5',
    reads: request((m) => {
      expect(m.method).toBe('RE%47IST%45R')
      expect([m.to.display, m.from.display]).toEqual(['%Z%45', '%Z%45'])
      expect(contacts(m).map((contact) => contact.uri)).toEqual([
        'sip:alias1@host1.example.com',
        'sip:alias3@host3.example.com',
      ])
    }),
    refused: [501, 'Allow'],
  },
  lwsdisp: {
    section: '3.1.1.6',
    reads: (m) => expect([m.from.display, m.from.uri]).toEqual(['caller', 'sip:caller@example.com']),
  },
  longreq: {
    section: '3.1.1.7',
    reads: request((m) => {
      expect(m.headers('via')).toHaveLength(34)
      expect(m.to.display).toBe(`I have a user name of ${'extreme'.repeat(10)} proportion`)
      expect(m.from.tag).toBe(`12${'982'.repeat(50)}424`)
      expect(parseUri(m.to.uri)).toMatchObject({ port: 6000 })
      expect(m.body).toHaveLength(150)
    }),
  },
  dblreq: {
    section: '3.1.1.8',
    reads: request((m) => {
      expect(m.method).toBe('REGISTER')
      expect(m.body).toHaveLength(0)
      expect(Buffer.from(m.bytes).includes('INVITE')).toBe(false)
    }),
    stream: 'goes on behind it',
  },
  semiuri: {
    section: '3.1.1.9',
    reads: request((m) => {
      expect(parseUri(m.uri)).toMatchObject({ user: 'user;par=u@example.net', host: 'example.com' })
      expect(m.headers('accept')).toHaveLength(6)
    }),
  },
  transports: {
    section: '3.1.1.10',
    reads: (m) =>
      expect(m.headers('via').map((via) => parseVia(via)?.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']),
  },
  mpart01: {
    section: '3.1.1.11',
    reads: request((m) => {
      expect(m.contentType).toBe('multipart/mixed;boundary=7a9cbec02ceef655')
      expect(m.body).toHaveLength(553)
      // The signature, binary, between its empty line and the last boundary.
      expect(Buffer.from(m.body).indexOf('\r\n\r\n0\x82\x01R\x06\x09', 'latin1')).toBe(183)
    }),
  },
  unreason: {
    section: '3.1.1.12',
    reads: response((m) => {
      expect(m.status).toBe(200)
      expect(m.reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое')
    }),
  },
  noreason: {
    section: '3.1.1.13',
    reads: response((m) => expect([m.status, m.reason]).toEqual([100, ''])),
  },
}

/** RFC 4475 §3.1.2 to §3.4. */
export const invalid: Readonly<Record<string, Outcome>> = {
  badinv01: { section: '3.1.2.1', answer: 400 },
  clerr: { section: '3.1.2.2', answer: 400, stream: 'waits' },
  ncl: { section: '3.1.2.3', answer: 400, stream: { answer: 400, fatal: true } },
  scalar02: { section: '3.1.2.4', answer: 400 },
  scalarlg: { section: '3.1.2.5', silent: true },
  quotbal: { section: '3.1.2.6', answer: 400 },
  ltgtruri: { section: '3.1.2.7', answer: 400 },
  lwsruri: { section: '3.1.2.8', answer: 400 },
  lwsstart: { section: '3.1.2.9', answer: 400 },
  trws: { section: '3.1.2.10', answer: 400 },
  escruri: {
    section: '3.1.2.11',
    reads: request((m) => expect(parseUri(m.uri)?.headers).toEqual(new Map([['route', '<sip:example.com>']]))),
    refused: [400],
  },
  baddate: {
    section: '3.1.2.12',
    // Nothing we do depends on Date: it is as if absent.
    reads: (m) => expect(parseDate(m.header('date') ?? '')).toBeUndefined(),
  },
  regbadct: {
    section: '3.1.2.13',
    reads: (m) => expect(readContacts(m)).toBe('malformed'),
    refused: [400],
  },
  badaspec: { section: '3.1.2.14', answer: 400 },
  baddn: { section: '3.1.2.15', answer: 400 },
  badvers: { section: '3.1.2.16', answer: 505 },
  mismatch01: {
    section: '3.1.2.17',
    reads: request((m) => expect([m.method, m.cseq.method]).toEqual(['OPTIONS', 'INVITE'])),
    refused: [400],
  },
  mismatch02: {
    section: '3.1.2.18',
    reads: request((m) => expect([m.method, m.cseq.method]).toEqual(['NEWMETHOD', 'INVITE'])),
    refused: [501, 'Allow'],
  },
  bigcode: { section: '3.1.2.19', silent: true },
  badbranch: { section: '3.2.1', answer: 400 },
  insuf: { section: '3.3.1', answer: 400 },
  unkscm: {
    section: '3.3.2',
    reads: request((m) =>
      expect(parseUri(m.uri)).toMatchObject({ scheme: 'nobodyknowsthisscheme', user: 'totallyopaquecontent' }),
    ),
    refused: [416],
  },
  novelsc: {
    section: '3.3.3',
    reads: request((m) => expect(parseUri(m.uri)).toMatchObject({ scheme: 'soap.beep' })),
    refused: [416],
  },
  unksm2: {
    section: '3.3.4',
    // The registrar does not know that address: 404 (RFC 3261 §10.3 step 5).
    reads: (m) =>
      expect([m.to.uri, m.from.uri, contacts(m)[0]?.uri]).toEqual([
        'isbn:2983792873',
        'http://www.example.com',
        'name:John_Smith',
      ]),
  },
  bext01: {
    section: '3.3.5',
    reads: (m) => expect(m.headers('require')).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither']),
    refused: [420, 'Unsupported', 'nothingSupportsThis, nothingSupportsThisEither'],
    relayRefuses: [420, 'Unsupported', 'noProxiesSupportThis, norDoAnyProxiesSupportThis'],
  },
  invut: {
    section: '3.3.6',
    reads: (m) => expect(m.contentType).toBe('application/unknownformat'),
    refused: [415, 'Accept', 'application/sdp'],
  },
  regaut01: {
    section: '3.3.7',
    // No credentials of a kind the registrar knows: it challenges.
    reads: (m) => expect(parseDigest(m.header('authorization') ?? '')).toBeUndefined(),
  },
  multi01: { section: '3.3.8', answer: 400 },
  mcl01: { section: '3.3.9', answer: 400, stream: { answer: 400, fatal: true } },
  bcast: {
    section: '3.3.10',
    // A user agent drops a response with a second Via: it did not put it there (RFC 3261 §8.1.3.3).
    reads: response((m) =>
      expect(m.headers('via').map((via) => parseVia(via)?.host)).toEqual(['192.0.2.198', '255.255.255.255']),
    ),
  },
  zeromf: {
    section: '3.3.11',
    reads: (m) => expect(m.header('max-forwards')).toBe('0'),
    relayRefuses: [483],
  },
  cparam01: {
    section: '3.3.12',
    reads: (m) => {
      const [contact] = contacts(m)
      expect(contact?.uri).toBe('sip:+19725552222@gw1.example.net')
      expect(contact?.params).toEqual(new Map([['unknownparam', null]]))
      expect(contact && contactExpires(contact)).toBeUndefined()
    },
  },
  cparam02: {
    section: '3.3.13',
    reads: (m) => {
      const [contact] = contacts(m)
      expect(parseUri(contact?.uri ?? '')?.params).toEqual(new Map([['unknownparam', null]]))
      expect(contact?.params.size).toBe(0)
    },
  },
  regescrt: {
    section: '3.3.14',
    reads: (m) =>
      expect(parseUri(contacts(m)[0]?.uri ?? '')?.headers).toEqual(new Map([['route', '<sip:sip.example.com>']])),
  },
  sdp01: {
    section: '3.3.15',
    reads: (m) => expect(m.headers('accept')).toEqual(['text/nobodyKnowsThis']),
    refused: [406],
  },
  inv2543: {
    section: '3.4.1',
    reads: request((m) => {
      expect([m.from.tag, m.via.branch, m.header('max-forwards')]).toEqual([undefined, undefined, undefined])
      expect(parseNameAddr(m.headers('record-route')[0] ?? '')?.uri).toBe('sip:UserB@example.com;maddr=ss1.example.com')
      expect(m.to.params).toEqual(new Map([['user', 'phone']]))
      expect(m.body.length).toBeGreaterThan(100)
    }),
    // RFC 3261 §18.3: a stream needs Content-Length.
    stream: { answer: 400, fatal: true },
  },
}
