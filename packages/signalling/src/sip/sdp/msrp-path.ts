/** What SDP has to know of an MSRP URI (RFC 4975 §6): where it leads. Comparing sessions is the MSRP stack's. */
export interface MsrpHop {
  readonly secure: boolean
  /** A name in lower case, or a numeric address without brackets. */
  readonly host: string
  readonly port: number | undefined
}

/** Hops of a path, and characters of one URI. */
export const pathLimits = { hops: 8, uriLength: 2048 } as const

const form =
  /^(msrps?):\/\/(?:[^\s@/;]*@)?(\[[\da-f:.]+\]|[^\s:/;@[\]]+)(?::(\d{1,5}))?(?:\/[^\s;]*)?;[a-z\d]+(?:;\S*)?$/i

/** Takes a URI apart; undefined where it is no MSRP URI. */
export function parseHop(uri: string): MsrpHop | undefined {
  if (uri.length > pathLimits.uriLength) return undefined
  const [, scheme, authority, digits] = form.exec(uri) ?? []
  if (scheme === undefined || authority === undefined) return undefined
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  const host = authority.startsWith('[') ? authority.slice(1, -1) : authority
  return { secure: scheme.length === 5, host: host.toLowerCase(), port }
}

/** The URIs of `a=path`, the first hop first; undefined where one of them is none. */
export function parsePath(value: string): readonly string[] | undefined {
  const uris = value.split(/ +/).filter((uri) => uri !== '')
  if (uris.length === 0 || uris.length > pathLimits.hops) return undefined
  return uris.every((uri) => parseHop(uri)) ? uris : undefined
}

/**
 * Whether the c= and m= lines lead to the same place as the path. A name and a number cannot be compared without a resolver and
 * count as the same.
 */
export function leadsTo(hop: MsrpHop, host: string, port: number): boolean {
  if (hop.port !== undefined && hop.port !== port) return false
  const a = numeric(hop.host)
  const b = numeric(host)
  if (a === undefined || b === undefined) return (a ?? b) !== undefined || hop.host === host.toLowerCase()
  return a === b
}

/** One spelling for each numeric address; undefined for a name. */
function numeric(host: string): string | undefined {
  if (/^[\d.]+$/.test(host)) return host
  if (!host.includes(':')) return undefined
  const [head = '', tail] = host.toLowerCase().split('::')
  const front = groups(head)
  if (tail === undefined) return front.join(':')
  const back = groups(tail)
  return [...front, ...new Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back].join(':')
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.replace(/^0+(?=.)/, ''))
}
