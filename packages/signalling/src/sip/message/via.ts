import type { Params, Via } from './message.ts'
import { badParams, parseParams, scanParams } from './params.ts'
import { decimal, skipBlanks, tokenEnd } from './scan.ts'

/** A Via value; its parameters are looked at when they are asked for. */
class ReadVia implements Via {
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly branch: string | undefined
  readonly #text: string
  readonly #paramsFrom: number
  #params: Params | undefined

  constructor(
    text: string,
    transport: string,
    host: string,
    port: number | undefined,
    paramsFrom: number,
    branch: string | undefined,
  ) {
    this.transport = transport
    this.host = host
    this.port = port
    this.branch = branch
    this.#text = text
    this.#paramsFrom = paramsFrom
  }

  get params(): Params {
    this.#params ??= parseParams(this.#text, this.#paramsFrom) ?? new Map()
    return this.#params
  }
}

/** Every branch of RFC 3261 begins with it, and has something of its own behind it. */
export const magicCookie = 'z9hG4bK'

/** `SIP/2.0/UDP host:5060;branch=…`, blanks allowed round each separator: RFC 3261 §20.42. Host: lower case, IPv6 without brackets. */
export function parseVia(text: string): Via | undefined {
  const transportFrom = behindProtocol(text)
  if (transportFrom === -1) return undefined
  const transportTo = tokenEnd(text, transportFrom)
  const hostFrom = skipBlanks(text, transportTo)
  if (transportTo === transportFrom || hostFrom === transportTo) return undefined

  const bracketed = text.charCodeAt(hostFrom) === 91
  const hostTo = bracketed ? text.indexOf(']', hostFrom) + 1 : hostEnd(text, hostFrom)
  if (hostTo <= hostFrom) return undefined
  const host = bracketed ? ipv6(text, hostFrom, hostTo) : text.slice(hostFrom, hostTo).toLowerCase()
  if (host === undefined) return undefined

  let at = skipBlanks(text, hostTo)
  let port: number | undefined
  if (text.charCodeAt(at) === 58) {
    const portFrom = skipBlanks(text, at + 1)
    at = tokenEnd(text, portFrom)
    port = decimal(text.slice(portFrom, at), 65_535)
    if (port === undefined) return undefined
  }

  let branch: string | undefined
  const end = scanParams(text, at, (nameFrom, nameTo, valueFrom, valueTo) => {
    if (nameTo - nameFrom === 6 && valueFrom !== -1 && branch === undefined && isBranch(text, nameFrom))
      branch = text.slice(valueFrom, valueTo)
  })
  if (end === badParams) return undefined
  return new ReadVia(text, transportName(text.slice(transportFrom, transportTo)), host, port, at, branch)
}

/** Behind `SIP / 2.0 /`; -1 where that is not how it begins. */
function behindProtocol(text: string): number {
  if (text.startsWith('SIP/2.0/')) return 8
  const start = /^[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*/i.exec(text)
  return start ? start[0].length : -1
}

const common: Readonly<Record<string, string>> = { UDP: 'UDP', TCP: 'TCP', TLS: 'TLS', WS: 'WS', WSS: 'WSS' }

function transportName(written: string): string {
  return common[written] ?? written.toUpperCase()
}

/** A host name or an IPv4 address: letters, digits, dots, dashes; and underscores, which peers use. */
function hostEnd(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const letter = (code | 32) >= 97 && (code | 32) <= 122
    if (!letter && !(code >= 48 && code <= 57) && code !== 46 && code !== 45 && code !== 95) break
  }
  return at
}

function ipv6(text: string, from: number, to: number): string | undefined {
  const inner = text.slice(from + 1, to - 1)
  return /^[0-9A-Fa-f:.]{2,45}$/.test(inner) && inner.includes(':') ? inner.toLowerCase() : undefined
}

function isBranch(text: string, at: number): boolean {
  return text.slice(at, at + 6).toLowerCase() === 'branch'
}

/** What the Via says where its sender is to be found. RFC 3261 §18.2.2, RFC 3581 §4. */
export interface SeenFrom {
  /** Numeric, without brackets. */
  readonly address: string
  readonly port: number
}

/**
 * The topmost Via as the answer carries it: `received` and, where the sender asked for it, `rport` filled in with where the request came from.
 * RFC 3261 §18.2.1, RFC 3581 §4. `text` is the value as it was written; what it said of `received` itself is replaced.
 */
export function stampVia(text: string, via: Via, seen: SeenFrom): string {
  const asked = via.params.has('rport')
  if (!asked && via.host === seen.address && !via.params.has('received')) return text
  const cleaned = text.replace(
    /[ \t]*;[ \t]*(?:rport|received)[ \t]*(?:=[ \t]*(?:"[^"]*"|[^;,\s"]*))?(?=[ \t]*(?:;|$))/gi,
    '',
  )
  return `${cleaned};received=${seen.address}${asked ? `;rport=${seen.port}` : ''}`
}
