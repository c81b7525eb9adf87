/** Our parts of messages in the library's form. */
import { isUtf8 } from 'node:buffer'
import type { HeaderLine } from '../sip/message/message.ts'
import { parseNameAddr } from '../sip/message/name-addr.ts'
import { isToken } from '../sip/message/scan.ts'
import { parseUri } from '../sip/message/uri.ts'
import type { Address, TransportName } from '../sip/transport/flow.ts'
import type { Headers } from './library.ts'

/**
 * What one message to the server may come to, bytes. It reads 8192 at a time into a ring of 12 228 that overwrites what was not read:
 * a part of a message that is no longer than this leaves room for the next read.
 */
const maxBytes = 4_000
/** Start line, ids and what the library adds. */
const addedBytes = 400

/** What a body may come to where the headers are those of a usual request, bytes. */
export const maxBody = 2_800

/**
 * Headers as the library wants them, without those in `leaveOut` (lower case). Lines of one name become one value with line breaks in it: the library
 * would join them by commas, which cannot be undone for challenges. Throws where a name is none.
 */
export function headersOf(lines: readonly HeaderLine[], leaveOut: ReadonlySet<string>): Headers {
  const values = new Map<string, string>()
  for (const [name, value] of lines) {
    if (!isToken(name)) throw new Error('the name of a header must be a token')
    const key = name.toLowerCase()
    if (leaveOut.has(key)) continue
    const before = values.get(key)
    values.set(key, before === undefined ? safe(value) : `${before}\r\n${name}: ${safe(value)}`)
  }
  return Object.fromEntries(values)
}

/** The body as the library's text, which is the same bytes again on its way to the server. Throws where there is no such text. */
export function bodyText(body: Uint8Array | undefined): string | undefined {
  if (!body || body.length === 0) return undefined
  // drachtio-server takes a body as a C string.
  if (!isUtf8(body) || body.includes(0)) throw new Error('drachtio carries bodies in UTF-8 only')
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

/** Whether the server can read a message of these parts. */
export function fits(uri: string, headers: Headers, body: string | undefined): boolean {
  let bytes = addedBytes + Buffer.byteLength(uri) + Buffer.byteLength(body ?? '')
  for (const [name, value] of Object.entries(headers)) bytes += name.length + Buffer.byteLength(value) + 4
  return bytes <= maxBytes
}

/** Where the server listens, of `udp/192.0.2.1:5060,tcp/[2001:db8::1]:5060`. */
export function readHostPorts(text: string): (Address & { transport: TransportName })[] {
  return text.split(',').flatMap((one) => {
    const [, name, address, port] = /^(udp|tcp|tls|ws|wss)\/\[?([^\]]+?)\]?:(\d{1,5})$/i.exec(one.trim()) ?? []
    if (name === undefined || address === undefined) return []
    return [{ transport: transportOf(name) ?? 'udp', address, port: Number(port) }]
  })
}

/** The server says `tcp` of WebSockets too. */
export function transportOf(protocol: string): TransportName | undefined {
  const name = protocol.toLowerCase()
  return name === 'udp' || name === 'tcp' || name === 'tls' || name === 'ws' || name === 'wss' ? name : undefined
}

/** The transport a URI names; UDP, or TLS for sips, where it names none. */
export function transportIn(uri: string): TransportName {
  const parsed = parseUri(uri)
  return transportOf(parsed?.params.get('transport') ?? '') ?? (parsed?.scheme === 'sips' ? 'tls' : 'udp')
}

/** The tag of a From or To we have written. */
export function tagOf(value: string): string | undefined {
  return parseNameAddr(value)?.tag
}

/** RFC 3261 §7.3.1: nothing a value holds may begin a line. */
function safe(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' ')
}
