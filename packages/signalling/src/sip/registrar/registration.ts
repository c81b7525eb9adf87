import type { Binding, Registration } from '../../tserver/registration.ts'
import { bracketed, canonicalIPv6, isIPv4 } from '../message/ip-address.ts'
import { parseUri, sameUri } from '../message/uri.ts'
import type { SipDestination, SipSource } from '../ports.ts'
import { canonicalHost } from './canonical-host.ts'

/** Bounds of what a DN may register. */
export interface RegistrarLimits {
  /** Seconds: what is shorter is refused (unless it is an hour or more), longer is shortened, and what holds where nothing is asked for. */
  readonly minExpires: number
  readonly maxExpires: number
  readonly defaultExpires: number
  /** How many addresses one DN can have. */
  readonly bindings: number
  /** Seconds within which an outbound flow must show life. RFC 5626 §4.4.1. */
  readonly flowTimer: number
}

export const defaultRegistrarLimits: RegistrarLimits = {
  minExpires: 60,
  maxExpires: 7200,
  defaultExpires: 3600,
  bindings: 10,
  flowTimer: 120,
}

/** The most one binding takes in the store: characters of its JSON. SPEC SR-25. */
export const largestBinding = 1024

/** One Contact of a REGISTER, read; seconds, 0 removes. */
export interface ContactInput {
  readonly contact: string
  readonly expiresIn: number
  readonly q?: number
  readonly instance?: string
  readonly regID?: number
  readonly methods?: readonly string[]
}

/** A REGISTER, read. `common` is what all its bindings share. */
export interface RegisterInput {
  /** `*` removes all; an empty list only asks. */
  readonly contacts: '*' | readonly ContactInput[]
  readonly common: Pick<
    Binding,
    'callID' | 'cseq' | 'path' | 'proxied' | 'source' | 'node' | 'flow' | 'bound' | 'userAgent'
  >
}

export type RegisterOutcome =
  /** `added`: an address that was not there before. */
  | { readonly registration: Registration; readonly added: boolean }
  | { readonly refused: 'late' | 'tooMany' | 'tooLong' | 'twice' }

const none: Registration = { bindings: [] }

/** What a REGISTER makes of a DN's bindings: all of it, or nothing. RFC 3261 §10.3 steps 6 and 7. */
export function register(
  before: Registration | undefined,
  { contacts, common }: RegisterInput,
  now: number,
  limits: Pick<RegistrarLimits, 'bindings'>,
): RegisterOutcome {
  const bindings = (before ?? none).bindings.filter(({ expires }) => expires > now)
  const isLate = (binding: Binding) => binding.callID === common.callID && binding.cseq >= common.cseq
  if (contacts === '*') return bindings.some(isLate) ? { refused: 'late' } : { registration: none, added: false }

  const touched = new Set<Binding>()
  let added = false
  for (const contact of contacts) {
    const at = bindings.findIndex((binding) => isSame(binding, contact))
    const old = bindings[at]
    if (old && touched.has(old)) return { refused: 'twice' }
    if (old && isLate(old)) return { refused: 'late' }
    if (contact.expiresIn === 0) {
      if (old) bindings.splice(at, 1)
      continue
    }
    const binding = bind(contact, common, now)
    if (!binding) return { refused: 'tooLong' }
    touched.add(binding)
    added ||= !old
    if (old) bindings[at] = binding
    else bindings.push(binding)
  }
  if (touched.size > limits.bindings) return { refused: 'tooMany' }
  return { registration: { bindings: newest(bindings, touched, limits.bindings) }, added }
}

/**
 * As many as there may be: who has moved on often must not be locked out by the addresses they left, so the one that was silent
 * longest gives way. SPEC SR-25.
 */
function newest(bindings: readonly Binding[], touched: ReadonlySet<Binding>, limit: number): readonly Binding[] {
  if (bindings.length <= limit) return bindings
  const others = bindings.filter((binding) => !touched.has(binding)).sort((a, b) => b.updated - a.updated)
  const kept = new Set([...touched, ...others.slice(0, limit - touched.size)])
  return bindings.filter((binding) => kept.has(binding))
}

/** RFC 5626 §6: with outbound, instance and reg-id name a binding; without it the URI does (RFC 3261 §10.3). */
function isSame(binding: Binding, { contact, instance, regID }: ContactInput): boolean {
  if (regID !== undefined || binding.regID !== undefined)
    return binding.regID === regID && binding.instance === instance
  return binding.contact === contact || sameUri(binding.contact, contact)
}

/** Undefined: it does not fit, not even without what is only nice to know. */
function bind(
  { contact, expiresIn, q, instance, regID, methods }: ContactInput,
  { userAgent, ...common }: RegisterInput['common'],
  now: number,
): Binding | undefined {
  const binding: Binding = {
    contact,
    expires: now + expiresIn * 1000,
    updated: now,
    ...(q !== undefined && { q }),
    ...common,
    ...(instance !== undefined && { instance }),
    ...(regID !== undefined && { regID }),
  }
  const full = { ...binding, ...(methods && { methods }), ...(userAgent !== undefined && { userAgent }) }
  return [full, binding].find((candidate) => JSON.stringify(candidate).length <= largestBinding)
}

/** The bindings that have not run out: the preferred first, of these the most recent (RFC 3261 §16.6 step 4). */
export function reachable(registration: Registration | undefined, now: number): readonly Binding[] {
  return (registration ?? none).bindings
    .filter(({ expires }) => expires > now)
    .sort((a, b) => (b.q ?? 1000) - (a.q ?? 1000) || b.updated - a.updated)
}

/** Whether a request can reach the binding: one bound to a flow is gone with the run of the node that held it. */
export function usable({ bound, node }: Binding, isAlive: (node: string) => boolean): boolean {
  return !bound || isAlive(node)
}

/** Whether a request comes from where the binding was made: over its flow, or from its address. Behind a proxy nobody can tell. */
export function isFrom(binding: Binding, source: SipSource, node: string): boolean {
  if (binding.proxied) return false
  if (binding.flow !== undefined || source.flow !== undefined)
    return binding.node === node && binding.flow === source.flow
  const { transport, address, port } = binding.source
  return transport === source.transport && address === canonicalHost(source.address) && port === source.port
}

/** What is left when a flow is gone: bindings that can be reached another way stay. RFC 5626 §6. */
export function withoutFlow(registration: Registration, node: string, flow: string): Registration {
  const bindings = registration.bindings.filter(
    (binding) => !(binding.bound && binding.node === node && binding.flow === flow),
  )
  return bindings.length === registration.bindings.length ? registration : { bindings }
}

/** What a node knows of flows. */
export interface FlowsHere {
  /** Names this run of this node. */
  readonly node: string
  readonly hasFlow: (flow: string) => boolean
}

/**
 * Where this node sends a request for the binding: along its Path; over its flow where that is bound to it, or still open here (clients behind a
 * NAT expect it, outbound or not); else to the Contact, or where a NAT made that unreachable, to where it came from. SPEC SR-34.
 */
export function destinationOf(binding: Binding, { node, hasFlow }: FlowsHere): SipDestination {
  const { contact: uri, path, flow, bound } = binding
  if (flow !== undefined && (bound || (binding.node === node && hasFlow(flow))))
    return { uri, flow, ...(path && { route: path }) }
  if (path) return { uri, route: path }
  const source = natSource(binding)
  return source === undefined ? { uri } : { uri, route: [source] }
}

/** A client that wrote a numeric address into its Contact and came over UDP from another one: that one. */
function natSource({ contact, source, proxied }: Binding): string | undefined {
  const host = canonicalHost(parseUri(contact)?.host ?? '')
  if (proxied || source.transport !== 'udp' || host === source.address) return undefined
  if (!isIPv4(host) && canonicalIPv6(host) === undefined) return undefined
  return `<sip:${bracketed(source.address)}:${source.port};transport=udp;lr>`
}
