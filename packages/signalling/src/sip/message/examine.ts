import { readContacts } from './header-contact.ts'
import { accepts, mediaType, optionTags } from './header-values.ts'
import type { HeaderLine, Reply, SipRequest } from './message.ts'
import { decimal } from './scan.ts'
import { parseUri } from './uri.ts'

/** What the stack can do, for `examine`. All names as they are printed; they are compared as the RFC says. */
export interface Capabilities {
  /** Methods somebody serves, in the order of Allow. */
  readonly methods: readonly string[]
  /** Methods we answer ourselves whatever Max-Forwards says; any other is sent on, and not beyond its last hop. */
  readonly finalMethods: ReadonlySet<string>
  /** Schemes of Request-URIs, lower case. */
  readonly schemes: ReadonlySet<string>
  /** Option tags of Require, lower case. */
  readonly extensions: ReadonlySet<string>
  /** Option tags of Proxy-Require, lower case, where we act as a proxy; undefined where we do not, and it is not for us. */
  readonly proxyExtensions?: ReadonlySet<string>
  /** Body types a method may bring, as in Accept (`text/*` too); a method that is not listed may bring anything. */
  readonly bodyTypes: ReadonlyMap<string, readonly string[]>
  /** The body type of our 2xx to a method, which Accept must allow; a method that is not listed is answered without body. */
  readonly answerTypes: ReadonlyMap<string, string>
}

/** Methods the RFCs know: one of them we do not serve is not allowed (405); any other is unknown (501). RFC 3261 §21.4.6, §21.5.2. */
const knownMethods = new Set([
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'INFO'],
  ...['SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'REFER', 'MESSAGE'],
])

/**
 * The refusal a request earns before anybody looks at what it wants; undefined where there is none. In the order of RFC 3261 §8.2, but for what makes it
 * unreadable. An ACK is not answered: what is told of it is why it is dropped.
 */
export function examine(request: SipRequest, capabilities: Capabilities): Reply | undefined {
  return (
    methodProblem(request, capabilities) ??
    readingProblem(request) ??
    hopsProblem(request, capabilities) ??
    schemeProblem(request, capabilities) ??
    extensionProblem(request, capabilities) ??
    bodyProblem(request, capabilities) ??
    answerProblem(request, capabilities)
  )
}

/** RFC 3261 §8.2.1. Before CSeq is looked at: RFC 4475 §3.1.2.18. */
function methodProblem(request: SipRequest, { methods }: Capabilities): Reply | undefined {
  if (methods.includes(request.method)) return undefined
  return refusal(knownMethods.has(request.method) ? 405 : 501, undefined, ['Allow', methods.join(', ')])
}

/** What the codec leaves to us of 400. */
function readingProblem(request: SipRequest): Reply | undefined {
  if (request.cseq.method !== request.method) return refusal(400, 'CSeq is of another method') // RFC 3261 §8.1.1.5
  const uri = parseUri(request.uri)
  if (!uri) return refusal(400, 'malformed Request-URI')
  if (uri.headers.size > 0) return refusal(400, 'headers in the Request-URI') // RFC 3261 §19.1.1, RFC 4475 §3.1.2.11
  if (readContacts(request) === 'malformed') return refusal(400, 'malformed Contact')
  return undefined
}

/** RFC 3261 §16.3 step 3: a B2BUA can be part of a loop as a proxy can. A value above 255 counts as absent, RFC 4475 §3.1.2.4. */
function hopsProblem(request: SipRequest, { finalMethods }: Capabilities): Reply | undefined {
  const text = request.header('max-forwards')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) return refusal(400, 'malformed Max-Forwards')
  return decimal(text, 255) === 0 && !finalMethods.has(request.method) ? refusal(483) : undefined
}

/** RFC 3261 §8.2.2.1. */
function schemeProblem(request: SipRequest, { schemes }: Capabilities): Reply | undefined {
  const scheme = request.uri.slice(0, request.uri.indexOf(':')).toLowerCase()
  return schemes.has(scheme) ? undefined : refusal(416)
}

/** RFC 3261 §8.2.2.3, §16.3 step 5. Neither counts in an ACK or a CANCEL. */
function extensionProblem(request: SipRequest, capabilities: Capabilities): Reply | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined
  const { extensions, proxyExtensions } = capabilities
  const missing = proxyExtensions
    ? unsupported(request, 'proxy-require', proxyExtensions)
    : unsupported(request, 'require', extensions)
  return missing.length === 0 ? undefined : refusal(420, undefined, ['Unsupported', missing.join(', ')])
}

function unsupported(request: SipRequest, name: string, supported: ReadonlySet<string>): string[] {
  if (request.header(name) === undefined) return []
  const lacking = [...optionTags(request, name)].filter((tag) => !supported.has(tag))
  // As they were written, for the eye that reads the answer.
  return request.headers(name).filter((tag) => lacking.includes(tag.toLowerCase()))
}

/** RFC 3261 §8.2.3. A body its sender calls optional may be left alone (§20.11). */
function bodyProblem(request: SipRequest, { bodyTypes }: Capabilities): Reply | undefined {
  const wanted = bodyTypes.get(request.method)
  if (!wanted || request.body.length === 0) return undefined
  const encodings = request.headers('content-encoding').filter((name) => name.toLowerCase() !== 'identity')
  if (encodings.length > 0) return refusal(415, undefined, ['Accept-Encoding', 'identity'])
  const type = mediaType(request.contentType ?? '')
  if (type !== undefined && wanted.some((range) => inRange(type, range))) return undefined
  if (/;\s*handling\s*=\s*optional/i.test(request.header('content-disposition') ?? '')) return undefined
  return refusal(415, undefined, ['Accept', wanted.join(', ')])
}

function inRange(type: string, range: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))
}

/** RFC 3261 §21.4.7, RFC 4475 §3.3.15. */
function answerProblem(request: SipRequest, { answerTypes }: Capabilities): Reply | undefined {
  const type = answerTypes.get(request.method)
  return type === undefined || accepts(request, type) ? undefined : refusal(406)
}

function refusal(status: number, reason?: string, header?: HeaderLine): Reply {
  return {
    status,
    ...(reason !== undefined && { reason: `Bad Request (${reason})` }),
    ...(header && { headers: [header] }),
  }
}
