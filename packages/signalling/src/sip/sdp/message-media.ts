/** What an SDP body says about its MSRP session: m=message with RFC 4975 §8, RFC 6135, RFC 6714 and RFC 8122. */
import { parseHop, parsePath } from './msrp-path.ts'
import { attribute, parseSdp, type Sdp, type SdpAttribute, type SdpMedia, type SdpProblem } from './sdp.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** The protocol part of the m-line: `TCP/MSRP`, `TCP/TLS/MSRP`. MSRP over WebSocket is said as TLS (RFC 7977 §5.1). */
export type MediaTransport = 'tcp' | 'tls'

export interface MessageMedia {
  /** The whole body it was found in. */
  readonly sdp: Sdp
  /** Its place among the m-lines. */
  readonly index: number
  readonly port: number
  readonly transport: MediaTransport
  /** First hop first, the peer itself last. */
  readonly path: readonly string[]
  /** Lower case, without parameters, in the peer's order; `*` and `type/*` stand for many. */
  readonly acceptTypes: readonly string[]
  /** Types that are taken inside a container only. */
  readonly acceptWrappedTypes: readonly string[]
  /** The largest message the peer takes, bytes. */
  readonly maxSize: number | undefined
  /** undefined: not said, or `holdconn`; the base rule of RFC 4975 holds. */
  readonly setup: 'active' | 'passive' | 'actpass' | undefined
  readonly cema: boolean
  /** Host of the c= line that holds for the m-line. */
  readonly connection: string | undefined
  /** `sha-256 AB:CD…` */
  readonly fingerprints: readonly string[]
  readonly direction: Direction
}

/** The m=message line that was meant, or why there is none: it cannot be read, or nothing of it can be used. */
export type MediaReading = MessageMedia | (SdpProblem & { readonly sdp?: Sdp })

/** How many types a list may have, in our eyes; more are not looked at. */
const typesLimit = 64

/** The first m=message line whose transport is among `transports`. File transfers (RFC 5547) have lines of their own; they are passed over. */
export function readMessageMedia(
  body: Uint8Array,
  transports: readonly MediaTransport[] = ['tcp', 'tls'],
): MediaReading {
  const sdp = parseSdp(body)
  if ('problem' in sdp) return sdp
  let problem = 'no m=message line'
  for (const [index, media] of sdp.media.entries()) {
    if (media.kind !== 'message') continue
    if (attribute(media.attributes, 'file-selector') !== undefined) continue
    const found = readMedia(sdp, media, index)
    if ('problem' in found) problem = found.problem
    else if (transports.includes(found.transport)) return found
    else problem = `transport ${media.protocol} not available`
  }
  return { problem, sdp }
}

/** How something may be sent to this peer: as it is, inside message/cpim, or not at all. RFC 4975 §8.6: a type that was not listed must not be sent. */
export function howToSend(
  peer: Pick<MessageMedia, 'acceptTypes' | 'acceptWrappedTypes'>,
  contentType: string,
): 'plain' | 'wrapped' | undefined {
  const type = bareType(contentType)
  if (matches(peer.acceptTypes, type)) return 'plain'
  if (!matches(peer.acceptTypes, 'message/cpim')) return undefined
  return matches(peer.acceptWrappedTypes, type) ? 'wrapped' : undefined
}

/** Whether a type, or a pattern of types, is among those of a list. */
export function matches(list: readonly string[], type: string): boolean {
  return list.some(
    (each) =>
      each === type ||
      each === '*' ||
      type === '*' ||
      (each.endsWith('/*') && type.startsWith(each.slice(0, -1))) ||
      (type.endsWith('/*') && each.startsWith(type.slice(0, -1))),
  )
}

function readMedia(sdp: Sdp, media: SdpMedia, index: number): MessageMedia | SdpProblem {
  if (media.port === 0) return { problem: 'm=message has port 0' }
  const protocol = media.protocol.toUpperCase()
  const transport = protocol === 'TCP/MSRP' ? 'tcp' : protocol === 'TCP/TLS/MSRP' ? 'tls' : undefined
  if (!transport) return { problem: 'm=message is not MSRP' }

  const path = parsePath(attribute(media.attributes, 'path') ?? '')
  if (!path) return { problem: 'a=path missing or not readable' }
  // RFC 4975 §8.1: TLS in the m-line and msrps in the path are one statement. A relay in between may speak otherwise.
  if (path.length === 1 && parseHop(path[0] ?? '')?.secure !== (transport === 'tls'))
    return { problem: 'm=message and a=path differ on TLS' }

  const acceptTypes = typesOf(attribute(media.attributes, 'accept-types'))
  if (acceptTypes.length === 0) return { problem: 'a=accept-types missing' }
  const both = [...media.attributes, ...sdp.attributes]
  return {
    sdp,
    index,
    port: media.port,
    transport,
    path,
    acceptTypes,
    acceptWrappedTypes: typesOf(attribute(media.attributes, 'accept-wrapped-types')),
    maxSize: sizeOf(attribute(media.attributes, 'max-size')),
    setup: setupOf(attribute(both, 'setup')),
    cema: attribute(media.attributes, 'msrp-cema') !== undefined,
    connection: media.connection ?? sdp.connection,
    fingerprints: both.flatMap(([name, value]) => (name === 'fingerprint' && value ? [value] : [])),
    direction: directionOf(both),
  }
}

function typesOf(value: string | null | undefined): readonly string[] {
  const types = (value ?? '').split(/\s+/).filter((type) => type !== '')
  return types.slice(0, typesLimit).map(bareType)
}

/** Parameters do not count when types are compared. RFC 4975 §8.6. */
function bareType(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase()
}

function sizeOf(value: string | null | undefined): number | undefined {
  return value && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function setupOf(value: string | null | undefined): MessageMedia['setup'] {
  const setup = value?.toLowerCase()
  // RFC 6135 §4.2.2: holdconn is not for MSRP; whoever says it all the same is taken as having said nothing.
  return setup === 'active' || setup === 'passive' || setup === 'actpass' ? setup : undefined
}

function directionOf(attributes: readonly SdpAttribute[]): Direction {
  for (const [name] of attributes)
    if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive') return name
  return 'sendrecv'
}
