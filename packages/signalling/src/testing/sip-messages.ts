import type { HeaderLine, RequestParts, SipRequest, SipResponse } from '../sip/message/message.ts'
import { parseMessage } from '../sip/message/parse.ts'
import type { Tokens } from '../sip/transaction/ports.ts'
import { seededRandom } from './seeded-ids.ts'

/** What a test wants to be different about a request; everything else is filled in. */
export interface RequestText {
  readonly method?: string
  readonly uri?: string
  /** Whole Via values; by default one of the branch. */
  readonly vias?: readonly string[]
  readonly branch?: string
  readonly from?: string
  readonly to?: string
  readonly callID?: string
  readonly cseq?: number
  readonly headers?: readonly HeaderLine[]
  readonly body?: string
}

/** The bytes of a request, as a peer at 192.0.2.2:5060 sends it. */
export function requestBytes(text: RequestText = {}): Uint8Array {
  const { method = 'MESSAGE', uri = 'sip:7001@example.com', branch = 'z9hG4bK-first', body = '' } = text
  const vias = text.vias ?? [`SIP/2.0/UDP 192.0.2.2:5060;branch=${branch}`]
  const lines = [
    `${method} ${uri} SIP/2.0`,
    ...vias.map((via) => `Via: ${via}`),
    'Max-Forwards: 70',
    `From: ${text.from ?? '<sip:bob@example.net>;tag=from-bob'}`,
    `To: ${text.to ?? '<sip:7001@example.com>'}`,
    `Call-ID: ${text.callID ?? 'call-1@example.net'}`,
    `CSeq: ${text.cseq ?? 1} ${method}`,
    ...(text.headers ?? []).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : ['Content-Type: text/plain']),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** The same, read. */
export function testRequest(text: RequestText = {}): SipRequest {
  return readRequest(requestBytes(text))
}

/** Throws where the bytes are no request. */
export function readRequest(bytes: Uint8Array | string): SipRequest {
  const message = parseMessage(Buffer.from(bytes as Uint8Array))
  if (message.kind !== 'request') throw new Error(message.kind === 'fault' ? message.why : 'a response')
  return message
}

/** Throws where the bytes are no response. */
export function readResponse(bytes: Uint8Array | string): SipResponse {
  const message = parseMessage(Buffer.from(bytes as Uint8Array))
  if (message.kind !== 'response') throw new Error(message.kind === 'fault' ? message.why : 'a request')
  return message
}

/** The bytes of a peer's answer to a request we sent. */
export function responseBytes(
  request: SipRequest,
  status: number,
  options: { readonly toTag?: string; readonly headers?: readonly HeaderLine[] } = {},
): Uint8Array {
  const { toTag = 'to-peer', headers = [] } = options
  const to = request.header('to') ?? ''
  const lines = [
    `SIP/2.0 ${status} Whatever`,
    ...request.headers('via').map((via) => `Via: ${via}`),
    `From: ${request.header('from')}`,
    `To: ${status === 100 || request.to.tag !== undefined ? to : `${to};tag=${toTag}`}`,
    `Call-ID: ${request.callID}`,
    `CSeq: ${request.header('cseq')}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Content-Length: 0',
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

/** A request to be sent, with what its sender has to give. */
export function testParts(method: string, more: Partial<RequestParts> = {}, callID = 'ours-1'): RequestParts {
  const { uri = 'sip:bob@192.0.2.2', headers = [], body } = more
  const own: HeaderLine[] = [
    ['From', '<sip:7001@example.com>;tag=ours'],
    ['To', '<sip:bob@example.net>'],
    ['Call-ID', callID],
    ['CSeq', `1 ${method}`],
  ]
  return { method, uri, headers: [...own, ...headers], ...(body && { body }) }
}

/** Tokens that are the same for the same seed. */
export function seededTokens(seed: number): Tokens {
  const random = seededRandom(seed)
  return (bits) => {
    let token = ''
    for (let left = bits; left > 0; left -= 32) token += random().toString(36).padStart(7, '0')
    return token
  }
}
