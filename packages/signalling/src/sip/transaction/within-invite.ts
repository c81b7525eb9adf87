import { longName } from '../message/header-names.ts'
import type { HeaderLine, RequestParts, SipResponse } from '../message/message.ts'

/** The ACK of a final answer that is no 2xx: RFC 3261 §17.1.1.3. */
export function ackParts(invite: RequestParts, response: SipResponse): RequestParts {
  return within(invite, 'ACK', response.header('to'), [])
}

/** The CANCEL of an INVITE: RFC 3261 §9.1. */
export function cancelParts(invite: RequestParts, headers: readonly HeaderLine[]): RequestParts {
  return within(invite, 'CANCEL', undefined, headers)
}

/** A request of the INVITE's own transaction, or about it: its Request-URI, Route, From, To, Call-ID and CSeq number. */
function within(
  invite: RequestParts,
  method: string,
  to: string | undefined,
  more: readonly HeaderLine[],
): RequestParts {
  const headers: HeaderLine[] = []
  for (const [name, value] of invite.headers) {
    const long = longName(name)
    if (long === 'to') headers.push(['To', to ?? value])
    else if (long === 'cseq') headers.push(['CSeq', value.replace(/[^\d].*$/, ` ${method}`)])
    else if (long === 'from' || long === 'call-id' || long === 'route') headers.push([name, value])
  }
  return { method, uri: invite.uri, headers: [...headers, ...more] }
}
