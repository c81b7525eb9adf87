/** Offers and answers for one MSRP session. RFC 3264, RFC 4975 §8, RFC 6135 (who connects), RFC 6714 (CEMA). */
import { type Direction, type MediaTransport, type MessageMedia, matches, readMessageMedia } from './message-media.ts'
import { leadsTo, parseHop } from './msrp-path.ts'
import {
  addressType,
  printOrigin,
  printSdp,
  type Sdp,
  type SdpAttribute,
  type SdpMedia,
  type SdpProblem,
} from './sdp.ts'

/** Our end of the session. */
export interface LocalMedia {
  /** Names our session description; the version goes up with each change of it (RFC 8866 §5.2). */
  readonly origin: { readonly sessionID: string; readonly version: number }
  readonly transport: MediaTransport
  /** Relay hops first, our own URI last. */
  readonly path: readonly string[]
  readonly acceptTypes: readonly string[]
  readonly acceptWrappedTypes: readonly string[]
  /** Bytes of a whole message. */
  readonly maxSize: number
  /** Whether a peer can connect to the first URI of our path. Where it cannot, we connect. */
  readonly reachable: boolean
  /** Whether CEMA is offered and answered (RFC 6714). */
  readonly cema: boolean
  /** `sha-256 AB:CD…` of our certificate, where it is self-signed (RFC 8122). */
  readonly fingerprint?: string
  readonly direction?: Direction
  /** Take a peer whose c= line and path differ: something between us rewrites SDP (reference: sessmatch). */
  readonly sessmatch?: boolean
}

/** What the peer's description means for the MSRP session. */
export interface RemoteMedia {
  readonly path: readonly string[]
  /** What WE are: `active` opens the connection and sends the first SEND (RFC 6135 §4.2). */
  readonly role: 'active' | 'passive'
  readonly maxSize: number | undefined
  /** Where to connect instead of the first URI of the path (RFC 6714 §4.1). */
  readonly connectTo: { readonly host: string; readonly port: number } | undefined
  readonly fingerprints: readonly string[]
  readonly acceptTypes: readonly string[]
  readonly acceptWrappedTypes: readonly string[]
  /** As the peer said it: `sendonly` means that we must not send texts. */
  readonly direction: Direction
  /** The peer's `o=`: the same one in a later offer means that nothing has changed. */
  readonly origin: string
}

/** Refusal of an offer: the status, and the value of a Warning header. RFC 3261 §20.43. */
export interface OfferRefused {
  readonly status: 488
  readonly warning: string
}

export type Answer = { readonly sdp: Uint8Array; readonly remote: RemoteMedia } | OfferRefused

/** A reading of the peer's answer. `offerAgain`: it has to be asked once more, without CEMA (RFC 6714 §4.3). */
export type AnswerReading = { readonly remote: RemoteMedia } | (SdpProblem & { readonly offerAgain?: 'withoutCema' })

/** Our offer. RFC 6135 §4.2.1: actpass where we can be reached, else active; never passive. */
export function makeOffer(local: LocalMedia): Uint8Array {
  const setup = local.reachable ? 'actpass' : 'active'
  return printSdp(description(local, [messageLine(local, setup, local.cema)]))
}

/** Answers an offer: its first usable m=message line is taken, every other line refused with port 0 (RFC 3264 §6). */
export function makeAnswer(offer: Uint8Array, local: LocalMedia): Answer {
  const media = readMessageMedia(offer, [local.transport])
  if ('problem' in media) return refused(media.problem)
  const setup = answeredSetup(media, local)
  if (!setup) return refused('nobody could open the connection')
  if (!haveInCommon(media, local)) return refused('no content type in common', 304)
  // SPEC SD-38. RFC 6714 §4.2: without CEMA the c= line repeats the path; where it does not, somebody between us has changed it.
  if (!media.cema && !local.sessmatch && setup === 'active' && !isConsistent(media))
    return refused('c= line and a=path differ without msrp-cema', 399)

  const cema = local.cema && media.cema && media.setup !== undefined
  const line = messageLine(
    { ...local, direction: answeredDirection(media.direction, local.direction ?? 'sendrecv') },
    setup,
    cema,
  )
  const lines = media.sdp.media.map((each, i) =>
    i === media.index ? { ...line, protocol: each.protocol } : refusedLine(each),
  )
  return {
    sdp: printSdp({ ...description(local, lines), timing: media.sdp.timing }),
    remote: remoteOf(media, setup, cema),
  }
}

/** Reads the answer to an offer `makeOffer` made of the same local end. */
export function readAnswer(answer: Uint8Array, local: LocalMedia): AnswerReading {
  const media = readMessageMedia(answer, [local.transport])
  if ('problem' in media) return media
  if (!haveInCommon(media, local)) return { problem: 'no content type in common' }
  const role = offererRole(media.setup, local.reachable)
  const cema = local.cema && media.cema
  // RFC 6714 §4.3: somebody in between counts on the c= line, and the peer does not.
  if (local.cema && !media.cema && (role === 'passive' || local.path.length > 1) && !isConsistent(media))
    return { problem: 'c= line and a=path of the answer differ without msrp-cema', offerAgain: 'withoutCema' }
  return { remote: remoteOf(media, role, cema) }
}

/** Whether an offer only repeats the description whose `o=` is given: the same answer holds. RFC 3264 §8. */
export function isRefresh(offer: Uint8Array, origin: string): boolean {
  const media = readMessageMedia(offer)
  return 'sdp' in media && media.sdp !== undefined && printOrigin(media.sdp.origin) === origin
}

/** RFC 6135 §4.2.2, and the base rule of RFC 4975 §5.4 (the offerer connects) where the offer does not say. */
function answeredSetup(media: MessageMedia, local: LocalMedia): 'active' | 'passive' | undefined {
  switch (media.setup) {
    case 'actpass':
      return local.reachable ? 'passive' : 'active'
    case 'passive':
      // COMPAT FreeSWITCH 1.10: offers passive, which RFC 6135 forbids, and never connects.
      return 'active'
    case 'active':
    case undefined:
      return local.reachable ? 'passive' : undefined
  }
}

function offererRole(answered: MessageMedia['setup'], reachable: boolean): 'active' | 'passive' {
  // An answer of actpass says nothing, like none at all: RFC 4975 §5.4, the offerer connects.
  return answered === 'active' && reachable ? 'passive' : 'active'
}

function haveInCommon(media: MessageMedia, local: LocalMedia): boolean {
  if (media.acceptTypes.some((type) => matches(local.acceptTypes, type))) return true
  return (
    matches(media.acceptTypes, 'message/cpim') &&
    media.acceptWrappedTypes.some((type) => matches(local.acceptWrappedTypes, type))
  )
}

function isConsistent(media: MessageMedia): boolean {
  const hop = parseHop(media.path[0] ?? '')
  if (!hop || media.connection === undefined) return true
  // RFC 6135 §4.2.1: whoever connects says port 9.
  return leadsTo(media.setup === 'active' ? { ...hop, port: undefined } : hop, media.connection, media.port)
}

function remoteOf(media: MessageMedia, role: 'active' | 'passive', cema: boolean): RemoteMedia {
  const connectTo =
    cema && role === 'active' && media.connection !== undefined
      ? { host: media.connection, port: media.port }
      : undefined
  return {
    path: media.path,
    role,
    maxSize: media.maxSize,
    connectTo,
    fingerprints: media.fingerprints,
    acceptTypes: media.acceptTypes,
    acceptWrappedTypes: media.acceptWrappedTypes,
    direction: media.direction,
    origin: printOrigin(media.sdp.origin),
  }
}

function description(local: LocalMedia, media: readonly SdpMedia[]): Sdp {
  const host = firstHop(local).host
  return {
    origin: {
      username: '-',
      sessionID: local.origin.sessionID,
      version: String(local.origin.version),
      addressType: addressType(host),
      address: host,
    },
    connection: host,
    timing: '0 0',
    attributes: [],
    media,
  }
}

function messageLine(local: LocalMedia, setup: 'active' | 'passive' | 'actpass', cema: boolean): SdpMedia {
  const attributes: SdpAttribute[] = [['accept-types', local.acceptTypes.join(' ')]]
  // RFC 4975 §8.6: what is in accept-types is not said again.
  const wrapped = local.acceptWrappedTypes.filter((type) => !local.acceptTypes.includes(type))
  if (wrapped.length > 0) attributes.push(['accept-wrapped-types', wrapped.join(' ')])
  attributes.push(['path', local.path.join(' ')], ['max-size', String(local.maxSize)], ['setup', setup])
  if (cema) attributes.push(['msrp-cema', null])
  if (local.fingerprint !== undefined && local.transport === 'tls') attributes.push(['fingerprint', local.fingerprint])
  if (local.direction !== undefined && local.direction !== 'sendrecv') attributes.push([local.direction, null])
  return {
    kind: 'message',
    // RFC 4145 §4.1: 9, the discard port, where nobody is to connect.
    port: setup === 'active' ? 9 : (firstHop(local).port ?? 2855),
    protocol: local.transport === 'tls' ? 'TCP/TLS/MSRP' : 'TCP/MSRP',
    formats: ['*'],
    connection: undefined,
    attributes,
  }
}

function refusedLine(media: SdpMedia): SdpMedia {
  return { ...media, port: 0, connection: undefined, attributes: [] }
}

function answeredDirection(offered: Direction, ours: Direction): Direction {
  const toPeer = offered !== 'sendonly' && offered !== 'inactive' && ours !== 'recvonly' && ours !== 'inactive'
  const fromPeer = offered !== 'recvonly' && offered !== 'inactive' && ours !== 'sendonly' && ours !== 'inactive'
  if (toPeer && fromPeer) return 'sendrecv'
  return toPeer ? 'sendonly' : fromPeer ? 'recvonly' : 'inactive'
}

function firstHop(local: LocalMedia): { host: string; port: number | undefined } {
  const hop = parseHop(local.path[0] ?? '')
  if (!hop) throw new Error('our own path is no MSRP path')
  return hop
}

/** RFC 3261 §20.43: 304 a media type, 305 a format, 399 anything else. */
function refused(text: string, code = 305): OfferRefused {
  return { status: 488, warning: `${code} ringdown "${text}"` }
}
