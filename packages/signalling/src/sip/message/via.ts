import type { Params, Via } from './message.ts'
import { absent, findParam, malformed, paramValue, paramValueEnd, parseParams } from './params.ts'
import { decimal, isTokenChar, skipBlanks } from './scan.ts'

/** A Via value; its parameters are looked at when they are asked for. */
class ReadVia implements Via {
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly branch: string | undefined
  readonly #text: string
  readonly #paramsFrom: number
  readonly #to: number
  #params: Params | undefined

  constructor(
    transport: string,
    host: string,
    port: number | undefined,
    branch: string | undefined,
    text: string,
    paramsFrom: number,
    to: number,
  ) {
    this.transport = transport
    this.host = host
    this.port = port
    this.branch = branch
    this.#text = text
    this.#paramsFrom = paramsFrom
    this.#to = to
  }

  get params(): Params {
    this.#params ??= parseParams(this.#text, this.#paramsFrom, this.#to) ?? new Map()
    return this.#params
  }
}

/** Every branch of RFC 3261 begins with it, and has something of its own behind it. */
export const magicCookie = 'z9hG4bK'

/**
 * `SIP/2.0/UDP host:5060;branch=…`, blanks allowed round each separator: RFC 3261 §20.42. It stands in the text from `from` to `to`.
 * Host: lower case, IPv6 without brackets.
 */
export function parseVia(text: string, from = 0, to = text.length): Via | undefined {
  const transportFrom = behindProtocol(text, from, to)
  if (transportFrom === -1) return undefined
  let transportTo = transportFrom
  while (transportTo < to && isTokenChar[text.charCodeAt(transportTo)] === 1) transportTo++
  const hostFrom = skipBlanks(text, transportTo, to)
  if (transportTo === transportFrom || hostFrom === transportTo) return undefined

  const hostTo = text.charCodeAt(hostFrom) === 91 ? text.indexOf(']', hostFrom) + 1 : nameEnd(text, hostFrom, to)
  if (hostTo <= hostFrom || hostTo > to) return undefined
  const host = viaHost(text, hostFrom, hostTo)
  if (host === undefined) return undefined

  let at = skipBlanks(text, hostTo, to)
  let port: number | undefined
  if (at < to && text.charCodeAt(at) === 58) {
    const portFrom = skipBlanks(text, at + 1, to)
    at = nameEnd(text, portFrom, to)
    port = decimal(text.slice(portFrom, at), 65_535)
    if (port === undefined) return undefined
  }

  const branchFrom = findParam(text, at, to, 'branch')
  if (branchFrom === malformed) return undefined
  const branch = branchFrom === absent ? undefined : paramValue(text, branchFrom, paramValueEnd(text, branchFrom, to))
  return new ReadVia(transportName(text, transportFrom, transportTo), host, port, branch, text, at, to)
}

/** Behind `SIP / 2.0 /`; -1 where that is not how it begins. */
function behindProtocol(text: string, from: number, to: number): number {
  if (text.startsWith('SIP/2.0/', from)) return from + 8
  const start = /^[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*/i.exec(text.slice(from, to))
  return start ? from + start[0].length : -1
}

function transportName(text: string, from: number, to: number): string {
  const written = text.slice(from, to)
  return written === 'UDP' || written === 'TCP' || written === 'TLS' ? written : written.toUpperCase()
}

/** A host name or an IPv4 address: letters, digits, dots, dashes; and underscores, which peers use. */
function nameEnd(text: string, from: number, to: number): number {
  let at = from
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    const letter = (code | 32) >= 97 && (code | 32) <= 122
    if (!letter && !(code >= 48 && code <= 57) && code !== 46 && code !== 45 && code !== 95) break
  }
  return at
}

function viaHost(text: string, from: number, to: number): string | undefined {
  const host = text.slice(from, to)
  if (host.charCodeAt(0) === 91) return ipv6(host.slice(1, -1))
  return hasUpperCase(host) ? host.toLowerCase() : host
}

function hasUpperCase(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 65 && code <= 90) return true
  }
  return false
}

function ipv6(address: string): string | undefined {
  return /^[0-9A-Fa-f:.]{2,45}$/.test(address) && address.includes(':') ? address.toLowerCase() : undefined
}

/** What the Via says where its sender is to be found. RFC 3261 §18.2.2, RFC 3581 §4. */
export interface SeenFrom {
  /** Numeric, without brackets. */
  readonly address: string
  readonly port: number
}

/** A parameter that says where the sender is. Begins with a semicolon, and no blanks can be had twice, so that blanks take no time. SPEC SE-60 */
const placeParam = /;[ \t]*(?:rport|received)(?:[ \t]*=(?:[ \t]*(?:"[^"]*"|[^;, \t"]+))?)?(?=[ \t]*(?:;|$))/gi

/**
 * The topmost Via as the answer carries it: `received` and, where the sender asked for it, `rport` filled in with where the request came from.
 * RFC 3261 §18.2.1, RFC 3581 §4. `text` is the value as it was written; what it said of `received` itself is replaced.
 */
export function stampVia(text: string, via: Via, seen: SeenFrom): string {
  const asked = via.params.has('rport')
  if (!asked && via.host === seen.address && !via.params.has('received')) return text
  const cleaned = text.replace(placeParam, '')
  return `${cleaned};received=${seen.address}${asked ? `;rport=${seen.port}` : ''}`
}
