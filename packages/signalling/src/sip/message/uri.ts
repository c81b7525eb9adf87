import { bracketed, canonicalIPv6 } from './ip-address.ts'
import type { Params, SipUri } from './message.ts'
import { isURIText } from './name-addr.ts'
import { decimal } from './scan.ts'

/** Schemes whose URIs are `user@host`: SIP, and those of RFC 3859 and RFC 3860. */
const withHost = new Set(['sip', 'sips', 'im', 'pres'])

const noHeaders: ReadonlyMap<string, string> = new Map()

/**
 * Takes a URI apart, RFC 3261 §19.1. Undefined where it is malformed: a bad escape, host, port or parameter. Of a scheme without host (`tel:`, `isbn:` …)
 * what follows the scheme is `user`; a `tel` URI has parameters too (RFC 3966).
 */
export function parseUri(text: string): SipUri | undefined {
  if (!isURIText(text)) return undefined
  const colon = text.indexOf(':')
  const scheme = text.slice(0, colon).toLowerCase()
  const rest = text.slice(colon + 1)
  if (withHost.has(scheme)) return hostUri(scheme, rest)
  return scheme === 'tel' ? telUri(rest) : opaqueUri(scheme, rest)
}

function hostUri(scheme: string, rest: string): SipUri | undefined {
  // `;` and `?` may stand in the user part, `@` only behind it. RFC 4475 §3.1.1.13.
  const at = rest.indexOf('@')
  const userinfo = at === -1 ? undefined : userParts(rest.slice(0, at))
  if (at !== -1 && !userinfo) return undefined

  const address = rest.slice(at + 1)
  const query = address.indexOf('?')
  const beforeQuery = query === -1 ? address : address.slice(0, query)
  const semicolon = beforeQuery.indexOf(';')
  const place = hostPort(semicolon === -1 ? beforeQuery : beforeQuery.slice(0, semicolon))
  const params = semicolon === -1 ? new Map() : uriParams(beforeQuery.slice(semicolon + 1))
  const headers = query === -1 ? noHeaders : uriHeaders(address.slice(query + 1))
  if (!place || !params || !headers) return undefined
  return { scheme, user: userinfo?.user, password: userinfo?.password, ...place, params, headers }
}

function userParts(text: string): { user: string; password: string | undefined } | undefined {
  const colon = text.indexOf(':')
  const user = unescaped(colon === -1 ? text : text.slice(0, colon))
  const password = colon === -1 ? undefined : unescaped(text.slice(colon + 1))
  if (user === undefined || user === '' || (colon !== -1 && password === undefined)) return undefined
  return { user, password }
}

function hostPort(text: string): { host: string; port: number | undefined } | undefined {
  const [, address, name, digits] = /^(?:\[([^\]]*)\]|([A-Za-z0-9._-]+))(?::(\d+))?$/.exec(text) ?? []
  const host = address === undefined ? name?.toLowerCase() : ipv6Host(address)
  const port = digits === undefined ? undefined : decimal(digits, 65_535)
  if (host === undefined || (digits !== undefined && port === undefined)) return undefined
  return { host, port }
}

function ipv6Host(address: string): string | undefined {
  return canonicalIPv6(address) === undefined ? undefined : address.toLowerCase().replace(':::', '::')
}

function uriParams(text: string): Params | undefined {
  const params = new Map<string, string | null>()
  for (const param of text.split(';')) {
    const equals = param.indexOf('=')
    const name = unescaped(equals === -1 ? param : param.slice(0, equals))
    const value = equals === -1 ? null : unescaped(param.slice(equals + 1))
    if (!name || value === undefined) return undefined
    const key = name.toLowerCase()
    if (!params.has(key)) params.set(key, value)
  }
  return params
}

function uriHeaders(text: string): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>()
  for (const header of text.split('&')) {
    const equals = header.indexOf('=')
    const name = unescaped(header.slice(0, equals))
    const value = unescaped(header.slice(equals + 1))
    if (equals < 1 || !name || value === undefined) return undefined
    const key = name.toLowerCase()
    if (!headers.has(key)) headers.set(key, value)
  }
  return headers
}

function telUri(rest: string): SipUri | undefined {
  const semicolon = rest.indexOf(';')
  const number = semicolon === -1 ? rest : rest.slice(0, semicolon)
  const params = semicolon === -1 ? new Map() : uriParams(rest.slice(semicolon + 1))
  if (!/^\+?[0-9A-Fa-f*#().-]+$/.test(number) || !params) return undefined
  return { scheme: 'tel', user: number, password: undefined, host: '', port: undefined, params, headers: noHeaders }
}

function opaqueUri(scheme: string, rest: string): SipUri {
  const params: Params = new Map()
  return { scheme, user: rest, password: undefined, host: '', port: undefined, params, headers: noHeaders }
}

/** Without `%HH`; undefined where an escape is malformed, or what it stands for is not UTF-8 (two users must not become one). */
function unescaped(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

// RFC 3261 §25.1: unreserved, and what each part allows besides.
const inUser = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu
const inPassword = /[^A-Za-z0-9\-_.!~*'()&=+$,]/gu
const inParam = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/gu
const inHeader = /[^A-Za-z0-9\-_.!~*'()[\]/?:+$]/gu

function escaped(text: string, unsafe: RegExp): string {
  // A lone surrogate is no character and cannot be encoded.
  return text.replace(unsafe, (char) => percent(char.isWellFormed() ? char : '\ufffd'))
}

/** `encodeURIComponent` leaves `!'()*` alone, which not every part allows; here nothing is left alone. */
function percent(char: string): string {
  let text = ''
  for (const byte of Buffer.from(char, 'utf8')) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text
}

/** A URI as text; what its parts do not allow is escaped. `parseUri` reads the same parts out of it. */
export function printUri(uri: SipUri): string {
  if (!withHost.has(uri.scheme)) return `${uri.scheme}:${uri.user ?? ''}${printUriParams(uri.params)}`
  let text = `${uri.scheme}:`
  if (uri.user !== undefined) {
    text += escaped(uri.user, inUser)
    if (uri.password !== undefined) text += `:${escaped(uri.password, inPassword)}`
    text += '@'
  }
  text += bracketed(uri.host)
  if (uri.port !== undefined) text += `:${uri.port}`
  text += printUriParams(uri.params)
  let mark = '?'
  for (const [name, value] of uri.headers) {
    text += `${mark}${escaped(name, inHeader)}=${escaped(value, inHeader)}`
    mark = '&'
  }
  return text
}

function printUriParams(params: Params): string {
  let text = ''
  for (const [name, value] of params)
    text += `;${escaped(name, inParam)}${value === null ? '' : `=${escaped(value, inParam)}`}`
  return text
}

/** Parameters that make a URI another one by being there, RFC 3261 §19.1.4. */
const telling = ['user', 'ttl', 'method', 'maddr', 'transport'] as const

/**
 * Whether two URIs are the same by the rules of RFC 3261 §19.1.4 (IPv6 addresses by RFC 5954 §4.2, `tel` by RFC 3966 §4). What is malformed equals nothing
 * but the same text. Bindings and credentials are compared with it, never texts.
 */
export function sameUri(one: string | SipUri, other: string | SipUri): boolean {
  if (one === other) return true
  const a = typeof one === 'string' ? parseUri(one) : one
  const b = typeof other === 'string' ? parseUri(other) : other
  if (!a || !b || a.scheme !== b.scheme) return false
  if (a.scheme === 'tel') return bareNumber(a.user) === bareNumber(b.user) && sameParams(a, b, true)
  return (
    a.user === b.user &&
    a.password === b.password &&
    sameHost(a.host, b.host) &&
    a.port === b.port &&
    sameParams(a, b, false) &&
    sameHeaders(a.headers, b.headers)
  )
}

function bareNumber(number: string | undefined): string | undefined {
  return number?.replace(/[().-]/g, '').toLowerCase()
}

function sameHost(a: string, b: string): boolean {
  return a === b || (a.includes(':') && canonicalIPv6(a) === canonicalIPv6(b))
}

function sameParams(a: SipUri, b: SipUri, all: boolean): boolean {
  for (const [name, value] of a.params) {
    const other = b.params.get(name)
    if (other === undefined) {
      if (all) return false
    } else if (value?.toLowerCase() !== other?.toLowerCase()) return false
  }
  if (all) return a.params.size === b.params.size
  return telling.every((name) => a.params.has(name) === b.params.has(name))
}

function sameHeaders(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (b.get(name) !== value) return false
  return true
}
