import { digestResponse } from '../sip/digest/digest-response.ts'
import { parseDigest } from '../sip/digest/parse-digest.ts'
import type { Reply } from '../sip/message/message.ts'
import { parseMessage } from '../sip/message/parse.ts'
import type { IncomingRequest, SipSource } from '../sip/ports.ts'

/** What a test says of a request; the rest is filled in. */
export interface RequestOfTest {
  method: string
  /** By default the domain for REGISTER, `sip:7002@im.example` for others. */
  uri?: string
  from?: string
  /** By default From for REGISTER, the Request-URI for others. */
  to?: string
  callID?: string
  cseq?: number
  /** Whole header lines. */
  lines?: readonly string[]
  /** Header lines of proxies' Vias, the last proxy first. */
  proxies?: readonly string[]
  body?: string
  source?: Partial<SipSource>
}

/** A request as a stack hands it over, made from text. Throws where the text is no request: a test is wrong. */
export function incomingRequest(options: RequestOfTest): IncomingRequest {
  const { method, from = 'sip:7001@im.example', callID = 'call-1', cseq = 1, body = '' } = options
  const isRegister = method === 'REGISTER'
  const uri = options.uri ?? (isRegister ? 'sip:im.example' : 'sip:7002@im.example')
  const vias = [...(options.proxies ?? []), 'SIP/2.0/UDP 192.0.2.1:5060']
  const text = [
    `${method} ${uri} SIP/2.0`,
    ...vias.map((via, i) => `Via: ${via};branch=z9hG4bK${cseq}x${i}`),
    'Max-Forwards: 70',
    `From: <${from}>;tag=a1`,
    `To: <${options.to ?? (isRegister ? from : uri)}>`,
    `Call-ID: ${callID}`,
    `CSeq: ${cseq} ${method}`,
    ...(options.lines ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const request = parseMessage(Buffer.from(`${text.join('\r\n')}\r\n\r\n${body}`))
  if (request.kind !== 'request') throw new Error(request.kind === 'fault' ? request.why : 'a response')
  return {
    request,
    source: { transport: 'udp', address: '192.0.2.1', port: 5060, peerNames: [], ...options.source },
  }
}

/** The first value of a header of a reply, by its name as written. */
export function replyHeader(reply: Reply, name: string): string | undefined {
  return replyHeaders(reply, name)[0]
}

/** All values of a header of a reply. */
export function replyHeaders(reply: Reply, name: string): readonly string[] {
  return (reply.headers ?? []).flatMap(([other, value]) => (other === name ? [value] : []))
}

/** What a client makes of a challenge. */
export interface Answering {
  user: string
  password: string
  method?: string
  uri?: string
  algorithm?: 'SHA-256' | 'MD5'
  /** Absent: the form of RFC 2069. */
  qop?: 'auth' | 'auth-int' | 'none'
  nc?: number
  body?: string
}

/** The Authorization line a client answers a 401 with. */
export function answerTo(challenge: Reply, answering: Answering): string {
  const { user, password, method = 'REGISTER', algorithm = 'SHA-256', qop = 'auth', nc = 1, body = '' } = answering
  const uri = answering.uri ?? (method === 'REGISTER' ? 'sip:im.example' : 'sip:7002@im.example')
  const offered = replyHeaders(challenge, 'WWW-Authenticate').map(parseDigest)
  const params = offered.find((found) => found?.get('algorithm') === algorithm)
  const [realm = '', nonce = '', opaque = ''] = ['realm', 'nonce', 'opaque'].map((name) => params?.get(name))
  const count = nc.toString(16).padStart(8, '0')
  const protection = qop === 'none' ? undefined : { qop, nc: count, cnonce: 'c0ffee' }
  const input = {
    algorithm,
    user,
    realm,
    method,
    uri,
    nonce,
    body: Buffer.from(body),
    ...(protection && { protection }),
  }
  const parts = [
    `username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, opaque="${opaque}"`,
    `response="${digestResponse(input, password)}"`,
    ...(protection ? [`qop=${qop}, nc=${count}, cnonce="c0ffee"`] : []),
  ]
  return `Authorization: Digest ${parts.join(', ')}`
}
