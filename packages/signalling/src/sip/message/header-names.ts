/** Long names by compact forms. RFC 3261 §7.3.3 and the registry of SIP header fields. */
const compact: readonly (readonly [short: string, long: string])[] = [
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]

const shortByLong = new Map(compact.map(([short, long]) => [long, short]))
const longByShort = new Map(compact)

/** The compact form of a header, by its long name in lower case. */
export function compactForm(long: string): string | undefined {
  return shortByLong.get(long)
}

/** A header's long name in lower case, whatever the peer wrote. */
export function longName(written: string): string {
  const lower = written.toLowerCase()
  return longByShort.get(lower) ?? lower
}

/**
 * Headers whose values may stand in one line, separated by commas. Not among them: those where a comma is part of the value
 * (WWW-Authenticate, Authorization and their proxy twins, Date, Subject …), RFC 3261 §7.3.1.
 */
const lists = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'history-info',
  'in-reply-to',
  'p-asserted-identity',
  'p-preferred-identity',
  'path',
  'proxy-require',
  'reason',
  'record-route',
  'reject-contact',
  'require',
  'route',
  'security-client',
  'security-server',
  'security-verify',
  'service-route',
  'supported',
  'unsupported',
  'via',
  'warning',
])

/** Whether the header's grammar is a comma list. `name`: the long form in lower case. */
export function isList(name: string): boolean {
  return lists.has(name)
}
