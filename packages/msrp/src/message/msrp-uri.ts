import { ipv4, ipv6 } from './ip-address.ts'

/** An MSRP URI, RFC 4975 §6. Parts stand as they were written; `sameMsrpUri` knows which differences count. */
export interface MsrpUri {
  /** `msrps`: TLS on every hop. */
  secure: boolean
  userinfo?: string
  /** A host name, or a numeric address; IPv6 without its brackets. */
  host: string
  port?: number
  /** Names one session of the host, and lets whoever knows it into the session: never logged whole. */
  sessionID?: string
  /** `tcp`, `ws` (RFC 7977) … */
  transport: string
  /** In their order; the value is null where there is none. */
  parameters: readonly (readonly [name: string, value: string | null])[]
}

/** SPEC MS-3. Characters, and parameters after the transport. */
export const msrpUriLimits = { length: 2048, parameters: 16 } as const

// RFC 4975 §9, with the parts of RFC 3986 §3.2 that it takes over. Parameters are read apart.
const form =
  /^(msrps?):\/\/(?:([\w.~!$&'()*+,;=:%-]*)@)?(\[[\da-f:.]+\]|[\w.~!$&'()*+,=%-]+)(?::(\d{1,5}))?(?:\/([\w.~+=/-]+))?;([a-z\d]+)((?:;[^;]*)*)$/i
const token = "[!#-'*+\\-.\\dA-Z^-~]+"
const parameter = new RegExp(`^(${token})(?:=(${token}))?$`, 'i')

/** Reads one URI; undefined where the text is none. */
export function parseMsrpUri(text: string): MsrpUri | undefined {
  if (text.length > msrpUriLimits.length) return undefined
  const [, scheme, userinfo, authority, digits, sessionID, transport, rest] = form.exec(text) ?? []
  if (scheme === undefined || authority === undefined || transport === undefined || rest === undefined) return undefined
  if (!escapesAreWhole(authority) || !escapesAreWhole(userinfo ?? '')) return undefined

  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  const host = authority.startsWith('[') ? authority.slice(1, -1) : authority
  if (!hostIsValid(host, authority.startsWith('['), port)) return undefined

  const parameters = parseParameters(rest)
  if (parameters === undefined) return undefined
  return {
    secure: scheme.length === 5,
    host,
    transport,
    parameters,
    ...(userinfo !== undefined && { userinfo }),
    ...(port !== undefined && { port }),
    ...(sessionID !== undefined && { sessionID }),
  }
}

/** The URI as text, RFC 4975 §9. */
export function printMsrpUri(uri: MsrpUri): string {
  const user = uri.userinfo === undefined ? '' : `${uri.userinfo}@`
  const host = uri.host.includes(':') ? `[${uri.host}]` : uri.host
  const port = uri.port === undefined ? '' : `:${uri.port}`
  const session = uri.sessionID === undefined ? '' : `/${uri.sessionID}`
  const parameters = uri.parameters.map(([name, value]) => (value === null ? `;${name}` : `;${name}=${value}`))
  return `msrp${uri.secure ? 's' : ''}://${user}${host}${port}${session};${uri.transport}${parameters.join('')}`
}

/** Whether two URIs name the same session of the same host, RFC 4975 §6.1. */
export function sameMsrpUri(a: MsrpUri, b: MsrpUri): boolean {
  return (
    a.secure === b.secure &&
    comparedHost(a.host) === comparedHost(b.host) &&
    a.port === b.port &&
    a.sessionID === b.sessionID &&
    a.transport.toLowerCase() === b.transport.toLowerCase()
  )
}

function hostIsValid(host: string, bracketed: boolean, port: number | undefined): boolean {
  // RFC 4975 §6: a numeric address comes with a port.
  if (bracketed) return ipv6(host) !== undefined && port !== undefined
  return /^[\d.]+$/.test(host) ? ipv4(host) !== undefined && port !== undefined : true
}

function parseParameters(rest: string): MsrpUri['parameters'] | undefined {
  const parts = rest.split(';').slice(1)
  if (parts.length > msrpUriLimits.parameters) return undefined
  const parameters: [string, string | null][] = []
  for (const part of parts) {
    const [, name, value] = parameter.exec(part) ?? []
    if (name === undefined) return undefined
    parameters.push([name, value ?? null])
  }
  return parameters
}

function escapesAreWhole(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text)
}

function comparedHost(host: string): string {
  return (ipv4(host) ?? ipv6(host) ?? unescaped(host).toLowerCase()).toString()
}

/** RFC 3986 §6.2.2.2: an escaped unreserved character is that character; other escapes stay. */
function unescaped(host: string): string {
  return host.replace(/%[\da-f]{2}/gi, (escaped) => {
    const char = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[\w.~-]/.test(char) ? char : escaped
  })
}
