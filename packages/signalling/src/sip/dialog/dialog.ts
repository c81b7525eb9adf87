/** Dialogs as plain data and what follows from it. RFC 3261 §12. */
import { isIPv4 } from '../message/ip-address.ts'
import type { HeaderLine, NameAddr, SipRequest, SipResponse } from '../message/message.ts'
import { parseNameAddr, printNameAddr } from '../message/name-addr.ts'
import { parseUri } from '../message/uri.ts'
import type { DialogState } from '../ports.ts'

/** What our INVITE said, as far as its dialogs are made of it. */
export interface SentInvite {
  readonly uri: string
  readonly callID: string
  readonly localTag: string
  readonly local: string
  readonly remote: string
  readonly cseq: number
}

/** The dialog a response with a To tag makes for us who asked. RFC 3261 §12.1.2. */
export function uacDialog(sent: SentInvite, response: SipResponse, flow: string | undefined): DialogState {
  return {
    callID: own(sent.callID),
    ownsCallID: true,
    localTag: sent.localTag,
    remoteTag: own(response.to.tag ?? ''),
    local: own(sent.local),
    remote: own(sent.remote),
    // COMPAT peers that forget Contact in a 2xx, which RFC 3261 §12.1.1 demands: the Request-URI led there once.
    remoteTarget: own(contactOf(response) ?? sent.uri),
    routeSet: response.headers('record-route').map(own).reverse(),
    localCSeq: keptCSeq(sent.cseq),
    remoteCSeq: 0,
    secure: isSecure(sent.uri),
    flow,
    session: null,
  }
}

/** The dialog our answer to a request makes. RFC 3261 §12.1.1. */
export function uasDialog(request: SipRequest, localTag: string, flow: string | undefined): DialogState {
  return {
    callID: own(request.callID),
    ownsCallID: false,
    localTag,
    // RFC 3261 §12.1.1: a peer of RFC 2543 may have none.
    remoteTag: own(request.from.tag ?? ''),
    local: own(bare(request.to)),
    remote: own(bare(request.from)),
    remoteTarget: own(contactOf(request) ?? request.from.uri),
    routeSet: request.headers('record-route').map(own),
    localCSeq: keptCSeq(0),
    remoteCSeq: request.cseq.number,
    secure: isSecure(request.uri),
    flow,
    session: null,
  }
}

/** The dialog with the Contact of a target refresh request, or of its 2xx; the same object where nothing changes. RFC 3261 §12.2.1.2, §12.2.2. */
export function refreshTarget(state: DialogState, message: SipRequest | SipResponse): DialogState {
  const target = contactOf(message)
  return target === undefined || target === state.remoteTarget ? state : { ...state, remoteTarget: own(target) }
}

/** The beginning of every request inside the dialog; CSeq and Contact are the sender's. RFC 3261 §12.2.1.1. */
export function dialogRequest(state: DialogState): {
  readonly uri: string
  readonly headers: HeaderLine[]
  readonly nextHop: string
} {
  const { uri, routes, nextHop } = route(state.remoteTarget, state.routeSet)
  const headers: HeaderLine[] = routes.map((each) => ['Route', each])
  headers.push(
    ['From', `${state.local};tag=${state.localTag}`],
    ['To', state.remoteTag === '' ? state.remote : `${state.remote};tag=${state.remoteTag}`],
    ['Call-ID', state.callID],
  )
  return { uri, headers, nextHop }
}

/** Request-URI, Route headers and next hop for a target and a route set; a strict router takes the place of the target. RFC 3261 §12.2.1.1. */
export function route(
  target: string,
  routeSet: readonly string[],
): { uri: string; routes: readonly string[]; nextHop: string } {
  const [first, ...rest] = routeSet
  if (first === undefined) return { uri: target, routes: [], nextHop: target }
  const hop = parseNameAddr(first)?.uri ?? first
  if (parseUri(hop)?.params.has('lr')) return { uri: target, routes: routeSet, nextHop: hop }
  return { uri: withoutHeaders(hop), routes: [...rest, `<${target}>`], nextHop: hop }
}

/** What is right to do with a request's CSeq: RFC 3261 §12.2.2 refuses a lower one. The same one again, in another transaction, is no news either. */
export function isInOrder(remoteCSeq: number, request: SipRequest): boolean {
  return request.cseq.number > remoteCSeq
}

/** How long to wait after a 491 before the next try, milliseconds: the owner of the Call-ID 2.1 to 4 s, the other side 0 to 2 s, in steps of 10 ms. RFC 3261 §14.1. */
export function glareWait(ownsCallID: boolean, random: () => number): number {
  return ownsCallID ? 2_100 + 10 * Math.floor(random() * 191) : 10 * Math.floor(random() * 201)
}

/** Steps in which the CSeq of kept states goes up: a node that takes over begins above everything its predecessor can have used. */
export const cseqStep = 64

/** The CSeq to keep for a dialog that uses this one now. */
export function keptCSeq(cseq: number): number {
  return (Math.floor(cseq / cseqStep) + 1) * cseqStep
}

/** A name-addr for From and To: brackets put where they are missing, parameters (and a tag) left out. Throws where it is no address: it is ours. */
export function plainAddress(text: string): string {
  const address = parseNameAddr(text)
  if (!address) throw new Error('From or To of a request is no address')
  return bare(address)
}

/** The URI of the first Contact. */
export function contactOf(message: SipRequest | SipResponse): string | undefined {
  const contact = message.header('contact')
  return contact === undefined ? undefined : parseNameAddr(contact)?.uri
}

/** Whether only the flow leads to a peer: a WebSocket client has no address (RFC 7118 §5), and one behind a NAT may say so by `ob` (RFC 5626 §5.4). */
export function needsFlow(target: string): boolean {
  const uri = parseUri(target)
  if (!uri) return true
  const transport = uri.params.get('transport')?.toLowerCase()
  return transport === 'ws' || transport === 'wss' || uri.host.endsWith('.invalid') || uri.params.has('ob')
}

/**
 * Whether a peer has a NAT before it that its Contact does not know of, so that only the flow its message came by leads back: a request that saw
 * no proxy and names another address than it came from; an answer that names a private address, from a public one.
 */
export function isBehindNat(message: SipRequest | SipResponse, remote: string): boolean {
  const contact = contactOf(message)
  const host = contact === undefined ? undefined : parseUri(contact)?.host
  if (host === undefined || !isAddress(host) || host === remote || message.header('record-route') !== undefined)
    return false
  if (message.kind === 'request') return message.headers('via').length === 1
  return privateAddress.test(host) && !privateAddress.test(remote)
}

/** RFC 1918, RFC 6598, RFC 4193. */
const privateAddress =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][\da-f]{2}:)/

function isAddress(host: string): boolean {
  return isIPv4(host) || host.includes(':')
}

/**
 * A copy that does not keep the message alive it was cut out of: V8 lets a slice point into its parent, here a whole message
 * for some dozens of characters.
 */
export function own(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1)
}

function bare(address: NameAddr): string {
  return printNameAddr({ display: address.display, uri: address.uri })
}

function isSecure(uri: string): boolean {
  return /^sips:/i.test(uri)
}

// RFC 3261 §19.1.1: a Request-URI has no headers part, and no method parameter.
function withoutHeaders(uri: string): string {
  return uri.split('?', 1)[0]?.replace(/;method=[^;]*/i, '') ?? uri
}
