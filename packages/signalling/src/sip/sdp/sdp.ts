/** SDP as far as offers and answers of sessions need it: lines in, lines out. RFC 8866, and RFC 4566 for older peers. */

/** SPEC SD-30. A body that exceeds one of them is no SDP to us. */
export const sdpLimits = { bytes: 65_536, lines: 1000, lineLength: 8192, media: 32 } as const

/** `a=name:value`; null for a property attribute. Names in lower case. */
export type SdpAttribute = readonly [name: string, value: string | null]

/** `o=` in its parts; the numbers stay text, they may have 64 bits and more. RFC 8866 §5.2. */
export interface SdpOrigin {
  readonly username: string
  readonly sessionID: string
  readonly version: string
  readonly addressType: 'IP4' | 'IP6'
  readonly address: string
}

export interface SdpMedia {
  /** Lower case: audio, message … */
  readonly kind: string
  /** 0: refused, or removed. */
  readonly port: number
  /** As written, so that an answer can repeat it. */
  readonly protocol: string
  readonly formats: readonly string[]
  /** Host of the first c= line of the section. */
  readonly connection: string | undefined
  readonly attributes: readonly SdpAttribute[]
}

export interface Sdp {
  readonly origin: SdpOrigin
  readonly connection: string | undefined
  /** The value of the first t= line. */
  readonly timing: string
  readonly attributes: readonly SdpAttribute[]
  readonly media: readonly SdpMedia[]
}

export interface SdpProblem {
  /** A few words for a Warning header and the log; nothing of the body. */
  readonly problem: string
}

interface Section {
  connection: string | undefined
  attributes: SdpAttribute[]
}

/**
 * Reads a body. Lines it does not know, lines out of order, bare LF and a second c= line are let through (SPEC SD-31): what is said
 * twice counts the first time.
 */
export function parseSdp(body: Uint8Array): Sdp | SdpProblem {
  if (body.length > sdpLimits.bytes) return { problem: 'SDP too long' }
  const lines = new TextDecoder().decode(body).split('\n')
  if (lines.length > sdpLimits.lines) return { problem: 'SDP has too many lines' }

  let origin: SdpOrigin | undefined
  let timing: string | undefined
  const session: Section = { connection: undefined, attributes: [] }
  const media: (Omit<SdpMedia, keyof Section> & Section)[] = []
  let section = session
  for (const [i, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.length > sdpLimits.lineLength) return { problem: 'SDP line too long' }
    // RFC 8866 §9: what we repeat in an answer must not begin a line there.
    if (line.includes('\r') || line.includes('\0')) return { problem: 'SDP line with CR or NUL' }
    if (i === 0 && line !== 'v=0') return { problem: 'SDP does not begin with v=0' }
    if (line === '' || i === 0) continue
    if (line[1] !== '=') return { problem: 'SDP line without a type' }
    const value = line.slice(2)
    switch (line[0]) {
      case 'o':
        origin ??= parseOrigin(value)
        break
      case 't':
        timing ??= value
        break
      case 'c':
        section.connection ??= parseConnection(value)
        break
      case 'a':
        section.attributes.push(parseAttribute(value))
        break
      case 'm': {
        const parsed = parseMedia(value)
        if (!parsed) return { problem: 'SDP m= line cannot be read' }
        if (media.length === sdpLimits.media) return { problem: 'SDP has too many media' }
        const next = { ...parsed, connection: undefined, attributes: [] }
        media.push(next)
        section = next
        break
      }
    }
  }
  if (!origin) return { problem: 'SDP without a readable o= line' }
  return { origin, connection: session.connection, timing: timing ?? '0 0', attributes: session.attributes, media }
}

/** The body as it is sent. Connection and attributes of the session are left out where there are none. */
export function printSdp(sdp: Sdp): Uint8Array {
  const { origin } = sdp
  const lines = ['v=0', `o=${printOrigin(origin)}`, 's=-']
  if (sdp.connection !== undefined) lines.push(printConnection(sdp.connection))
  lines.push(`t=${sdp.timing}`, ...sdp.attributes.map(printAttribute))
  for (const media of sdp.media) {
    lines.push(`m=${media.kind} ${media.port} ${media.protocol} ${media.formats.join(' ')}`)
    if (media.connection !== undefined) lines.push(printConnection(media.connection))
    lines.push(...media.attributes.map(printAttribute))
  }
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`)
}

/** The value of `o=`: as long as it stays the same, the session description has not changed. RFC 3264 §8. */
export function printOrigin(origin: SdpOrigin): string {
  return `${origin.username} ${origin.sessionID} ${origin.version} IN ${origin.addressType} ${origin.address}`
}

/** The first value of an attribute: `null` for one without a value, undefined where it is absent. */
export function attribute(attributes: readonly SdpAttribute[], name: string): string | null | undefined {
  return attributes.find((each) => each[0] === name)?.[1]
}

/** Whether a host is written as `IP6`; a name goes as `IP4`, like an address. */
export function addressType(host: string): 'IP4' | 'IP6' {
  return host.includes(':') ? 'IP6' : 'IP4'
}

function parseOrigin(value: string): SdpOrigin | undefined {
  const [username, sessionID, version, net, type, address, more] = value.trim().split(/ +/)
  if (!username || !sessionID || !version || net !== 'IN' || !address || more !== undefined) return undefined
  if (type !== 'IP4' && type !== 'IP6') return undefined
  if (!/^\d+$/.test(sessionID) || !/^\d+$/.test(version)) return undefined
  return { username, sessionID, version, addressType: type, address }
}

function parseConnection(value: string): string | undefined {
  const [net, type, address] = value.trim().split(/ +/)
  if (net !== 'IN' || (type !== 'IP4' && type !== 'IP6') || !address) return undefined
  // RFC 8866 §5.7: a multicast address may be followed by TTL and count.
  return address.split('/', 1)[0]
}

function parseAttribute(value: string): SdpAttribute {
  const colon = value.indexOf(':')
  if (colon < 0) return [value.trim().toLowerCase(), null]
  return [value.slice(0, colon).trim().toLowerCase(), value.slice(colon + 1).trim()]
}

function parseMedia(value: string): Pick<SdpMedia, 'kind' | 'port' | 'protocol' | 'formats'> | undefined {
  const [kind, ports, protocol, ...formats] = value.trim().split(/ +/)
  const [, digits] = /^(\d{1,5})(?:\/\d{1,5})?$/.exec(ports ?? '') ?? []
  if (!kind || digits === undefined || !protocol || formats.length === 0 || Number(digits) > 65_535) return undefined
  return { kind: kind.toLowerCase(), port: Number(digits), protocol, formats }
}

function printConnection(host: string): string {
  return `c=IN ${addressType(host)} ${host}`
}

function printAttribute([name, value]: SdpAttribute): string {
  return value === null ? `a=${name}` : `a=${name}:${value}`
}
