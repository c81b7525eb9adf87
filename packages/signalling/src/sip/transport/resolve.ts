/** From a URI to addresses. RFC 3263. */
import type { SipUri } from '../message/message.ts'
import { parseUri } from '../message/uri.ts'
import type { Target, TransportName } from './flow.ts'
import { familyOf } from './host-port.ts'
import type { Resolver, SrvRecord } from './resolver.ts'

/** Targets given back at most, and servers looked at per SRV name. */
const maxTargets = 16
const maxServers = 8

/** RFC 3261 §19.1.2, RFC 7118 §5.3 (the ports of HTTP). */
export const defaultPort = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 } satisfies Record<TransportName, number>

/** RFC 3263 §4.1, RFC 7118 §8.2. */
const services = new Map<string, TransportName>([
  ['sips+d2t', 'tls'],
  ['sip+d2u', 'udp'],
  ['sip+d2t', 'tcp'],
  ['sips+d2w', 'wss'],
  ['sip+d2w', 'ws'],
])
const srvPrefix = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
  ws: '_sip._ws.',
  wss: '_sips._ws.',
} satisfies Record<TransportName, string>

export interface ResolveDeps {
  readonly resolver: Resolver
  /** What requests can be sent over to a name that leaves the choice to us. */
  readonly transports: ReadonlySet<TransportName>
  /** Whether there is an address to send from; targets without one are left out. */
  readonly reaches: (target: Target) => boolean
  readonly random: () => number
}

/** Where requests for the URI go, best first; empty where there is no way. Never rejects. */
export async function resolveUri(uri: string, deps: ResolveDeps): Promise<readonly Target[]> {
  const parsed = parseUri(uri)
  if (!parsed || (parsed.scheme !== 'sip' && parsed.scheme !== 'sips') || parsed.host === '') return []
  // SPEC SF-17: a maddr that is not the host would let whoever wrote the URI send us elsewhere than it says.
  const maddr = parsed.params.get('maddr')
  if (maddr !== undefined && maddr?.toLowerCase() !== parsed.host) return []
  const asked = askedTransport(parsed)
  if (asked === 'none') return []
  const targets = await locate(parsed, asked, deps)
  return targets.filter(deps.reaches).slice(0, maxTargets)
}

/** The transport the URI names; `none` where no such thing can be. RFC 3261 §26.2.2: sips is TLS on every transport. */
function askedTransport({ scheme, params }: SipUri): TransportName | 'none' | undefined {
  const secure = scheme === 'sips'
  if (!params.has('transport')) return undefined
  const name = params.get('transport')?.toLowerCase()
  if (name === 'udp') return secure ? 'none' : 'udp'
  if (name === 'tcp') return secure ? 'tls' : 'tcp'
  if (name === 'tls') return 'tls' // Deprecated by RFC 3261 §26.2.2, and written by many.
  if (name === 'ws') return secure ? 'wss' : 'ws' // RFC 7118 §5.2
  if (name === 'wss') return 'wss' // COMPAT: written by browser stacks.
  return 'none'
}

async function locate(uri: SipUri, asked: TransportName | undefined, deps: ResolveDeps): Promise<readonly Target[]> {
  const { host, port } = uri
  const secure = uri.scheme === 'sips'
  const plain = asked ?? (secure ? 'tls' : deps.transports.has('udp') ? 'udp' : 'tcp')
  // RFC 3263 §4.2: a number is where it goes.
  if (familyOf(host) !== 0) return [target(plain, host, port ?? defaultPort[plain], host)]
  // RFC 3263 §4.1, §4.2: with a port, addresses only.
  if (port !== undefined) return addressesOf(host, plain, port, host, deps)

  const ways = asked ? [asked] : await fromNaptr(host, secure, deps)
  const found = await Promise.all(
    ways.map(async (way) => {
      const name = typeof way === 'string' ? srvPrefix[way] + host : way.name
      const transport = typeof way === 'string' ? way : way.transport
      return fromSrv(name, transport, host, deps)
    }),
  )
  // A server that says "." for all it has offers nothing: not to be asked at its address either (RFC 2782).
  if (found.some((answer) => answer.known)) return found.flatMap((answer) => answer.targets)
  return addressesOf(host, plain, defaultPort[plain], host, deps)
}

/** The services the domain offers and we know, best first; where it does not say, all of ours. RFC 3263 §4.1. */
async function fromNaptr(
  host: string,
  secure: boolean,
  { resolver, transports }: ResolveDeps,
): Promise<readonly (TransportName | { readonly name: string; readonly transport: TransportName })[]> {
  const usable = (transport: TransportName): boolean =>
    transports.has(transport) && (!secure || transport === 'tls' || transport === 'wss')
  const records = [...(await resolver.naptr(host))]
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ flags, service, replacement }) => {
      const transport = services.get(service.toLowerCase())
      if (flags.toLowerCase() !== 's' || !transport || !usable(transport) || replacement === '') return []
      return [{ name: replacement.toLowerCase(), transport }]
    })
    .slice(0, maxServers)
  if (records.length > 0) return records
  // A name alone never leads to a WebSocket.
  return (['udp', 'tcp', 'tls'] as const).filter(usable)
}

async function fromSrv(
  name: string,
  transport: TransportName,
  host: string,
  deps: ResolveDeps,
): Promise<{ readonly known: boolean; readonly targets: readonly Target[] }> {
  const records = await deps.resolver.srv(name)
  const servers = inOrder(records, deps.random)
    .filter((record) => record.name !== '' && record.name !== '.')
    .slice(0, maxServers)
  const lists = await Promise.all(
    servers.map((server) => addressesOf(server.name.toLowerCase(), transport, server.port, host, deps)),
  )
  return { known: records.length > 0, targets: lists.flat() }
}

/** By priority; among equals by chance, in proportion to their weights. RFC 2782. */
function inOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  // Each draws -ln(u)/weight and the smallest goes first: the same odds as drawing one after the other.
  const draw = (weight: number): number => (weight > 0 ? -Math.log(1 - random()) / weight : Number.MAX_VALUE)
  return records
    .map((record) => ({ record, lot: draw(record.weight) }))
    .sort((a, b) => a.record.priority - b.record.priority || a.lot - b.lot)
    .map(({ record }) => record)
}

async function addressesOf(
  name: string,
  transport: TransportName,
  port: number,
  serverName: string,
  { resolver }: ResolveDeps,
): Promise<readonly Target[]> {
  const addresses = familyOf(name) !== 0 ? [name] : await resolver.addresses(name)
  return addresses.slice(0, maxServers).map((address) => target(transport, address, port, serverName))
}

/** RFC 5922 §4: the certificate shows the name of the URI, whatever the DNS made of it. */
function target(transport: TransportName, address: string, port: number, serverName: string): Target {
  return transport === 'tls' || transport === 'wss'
    ? { transport, address, port, serverName }
    : { transport, address, port }
}
