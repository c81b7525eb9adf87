/** Where SIP is spoken over WebSocket (RFC 7118), for endpoints in browsers. */
export interface SipSocket {
  scheme: 'ws' | 'wss'
  /** Name or address peers see; null: the one the client has reached us by. */
  host: string | null
  port: number
  path: string
}

/** A host as it may stand in a URL or a policy: a name, an IPv4 address, or an IPv6 address in brackets. */
const hostForm = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])$/

/** The host of a Host header, without its port; undefined where it is none. */
export function hostOf(header: string | undefined): string | undefined {
  const host = header?.replace(/:\d{1,5}$/, '')
  return host !== undefined && hostForm.test(host) ? host : undefined
}

/** The origin of a socket as a client sees it who has reached us by this host. */
export function socketOrigin({ scheme, host, port }: SipSocket, reachedBy: string): string {
  const name = host ?? reachedBy
  return `${scheme}://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`
}

/** The socket for a page: one that came over TLS may only open secure ones, and others have no certificate to ask about. */
export function socketFor(sockets: readonly SipSocket[], secure: boolean): SipSocket | undefined {
  const safe = sockets.find(({ scheme }) => scheme === 'wss')
  return secure ? safe : (sockets.find(({ scheme }) => scheme === 'ws') ?? safe)
}
