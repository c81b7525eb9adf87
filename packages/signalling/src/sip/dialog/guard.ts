/** Requests that are refused before anybody looks at what they want. */
import { type Capabilities, examine } from '../message/examine.ts'
import type { Reply, SipRequest } from '../message/message.ts'

/** More methods than any user of the stack has to want: 405 is theirs, 501 ours. */
const capabilities: Capabilities = {
  methods: [
    ...['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO', 'MESSAGE', 'REGISTER'],
    ...['SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'REFER'],
  ],
  // What we send on are sessions and texts.
  finalMethods: new Set([
    ...['BYE', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO', 'REGISTER', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'REFER'],
  ]),
  schemes: new Set(['sip', 'sips', 'im', 'tel']),
  // RFC 3262, 4028, 3327, 5626, 5627.
  extensions: new Set(['100rel', 'timer', 'path', 'outbound', 'gruu']),
  bodyTypes: new Map([
    ['INVITE', ['application/sdp']],
    ['UPDATE', ['application/sdp']],
  ]),
  answerTypes: new Map([['INVITE', 'application/sdp']]),
}

/** Methods that mean nothing outside a dialog. */
const insideOnly: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK', 'INFO'])

/** The refusal of a request no user is to see; undefined where it may pass. SPEC SD-22. */
export function objection(request: SipRequest): Reply | undefined {
  const problem = examine(request, capabilities)
  if (problem || request.to.tag !== undefined) return problem
  if (insideOnly.has(request.method)) return { status: 481 } // RFC 3261 §15.1.2, RFC 3262 §3
  const lacksContact = request.method === 'INVITE' && request.header('contact') === undefined
  return lacksContact ? { status: 400, reason: 'Bad Request (Missing Contact)' } : undefined // RFC 3261 §8.1.1.8
}
