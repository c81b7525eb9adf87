import type { MsrpSession, MsrpStack, OpenSession, SessionUser } from '@ringdown/msrp'
import type { LocalMedia, MediaTransport } from '@ringdown/signalling'
import { acceptedTypes, wrappedTypes } from './bodies.ts'

export interface MediaDeps {
  /** Absent: MSRP is off here. */
  readonly msrp: MsrpStack | undefined
  /** How each MSRP session is opened: the relay it goes through, its keep-alive. */
  readonly msrpOptions: Pick<OpenSession, 'relay' | 'keepAliveMs'>
  /** For SDP's session id. */
  readonly random: () => number
  /** Largest message taken, bytes. */
  readonly maxSize: number
}

/** Our end of an MSRP session, and what it says of itself in SDP. */
export interface Media {
  session: MsrpSession
  local: LocalMedia
}

interface Opening {
  transport: MediaTransport
  sessmatch: boolean
  /** CEMA may be offered or answered (RFC 6714). */
  cema: boolean
}

/** Opens one. Rejects where MSRP is off or does not listen on the transport, or the relay refuses. */
export async function openMedia(
  { msrp, msrpOptions, random, maxSize }: MediaDeps,
  { transport, sessmatch, cema }: Opening,
  user: SessionUser,
): Promise<Media> {
  if (!msrp) throw new Error('MSRP is off')
  const session = await msrp.open({ transport, maxSize, sessmatch, ...msrpOptions, user })
  const local: LocalMedia = {
    origin: { sessionID: String(Math.floor(random() * 2 ** 48)), version: 1 },
    transport,
    path: session.path,
    acceptTypes: acceptedTypes,
    acceptWrappedTypes: wrappedTypes,
    maxSize,
    // RFC 6135 §4.2.1: behind a relay we always connect, to the relay.
    reachable: true,
    cema,
    sessmatch,
    ...(msrp.fingerprint !== undefined && { fingerprint: msrp.fingerprint }),
  }
  return { session, local }
}

/** Those of our transports that SDP has words for, the one we offer first. */
export function mediaTransports(msrp: MsrpStack | undefined): readonly MediaTransport[] {
  const listening = new Set((msrp?.listening ?? []).map(({ transport }) => transport))
  return (['tcp', 'tls'] as const).filter((transport) => listening.has(transport))
}
