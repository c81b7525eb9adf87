import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { socketWire } from './socket-wire.ts'
import { connected, type DialParts, type Identity, type Listener, type ListenParts, listening } from './tcp.ts'

/** What we show and believe where we connect. */
export interface TlsTrust {
  /** Ours, shown to a server that asks: a peer may know it by its fingerprint. */
  readonly identity: Identity | undefined
  /** Authorities of other peers, PEM; absent: those of the system. */
  readonly ca: string | undefined
}

const minVersion = 'TLSv1.2' as const // RFC 8996
/** A peer that connects and does not shake hands. */
const handshakeMs = 10_000
/** RFC 8122 §5: MD5 and MD2 must not be used, and SHA-1 is as weak by now. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
])

/** Takes MSRP over TLS. Peers are asked for a certificate, which sessions compare with the fingerprint in their SDP. */
export async function listenTls(parts: ListenParts & { readonly identity: Identity }): Promise<Listener> {
  const { clock, admits, attach, identity } = parts
  const options = {
    ...identity,
    minVersion,
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeMs,
  }
  const server = createServer({ ...options, noDelay: true }, (socket) => {
    socketWire(socket, clock, (wanted) => hasFingerprint(socket, wanted), attach)
  })
  server.on('connection', (socket) => {
    if (!admits(socket.remoteAddress ?? '')) socket.destroy()
  })
  server.on('tlsClientError', () => {}) // the socket is destroyed already
  const reload = (next: Identity) => server.setSecureContext({ ...options, ...next })
  return { ...(await listening(server, parts)), reload }
}

/** Connects over TLS: the certificate has one of the fingerprints, or the name and an authority we trust. RFC 4975 §14.1, §14.4. */
export async function dialTls(
  parts: DialParts & TlsTrust & { readonly fingerprints: readonly string[] },
): Promise<void> {
  const { host, port, clock, timeoutMs, attach, identity, ca, fingerprints } = parts
  const selfSigned = fingerprints.length > 0
  const socket = connect({
    host,
    port,
    minVersion,
    ...(isIP(host) === 0 && { servername: host }),
    ...identity,
    ...(ca !== undefined && { ca }),
    rejectUnauthorized: !selfSigned,
  })
  await connected(socket, 'secureConnect', clock, timeoutMs)
  if (selfSigned && !hasFingerprint(socket, fingerprints)) {
    socket.destroy()
    throw new Error('the certificate has none of the fingerprints')
  }
  socketWire(socket, clock, (wanted) => hasFingerprint(socket, wanted), attach)
}

/** Whether the peer has shown a certificate with one of these fingerprints, as `a=fingerprint` writes them. RFC 8122 §5. */
export function hasFingerprint(socket: TLSSocket, wanted: readonly string[]): boolean {
  const raw = socket.getPeerX509Certificate()?.raw
  return raw !== undefined && wanted.some((fingerprint) => isOf(raw, fingerprint))
}

/** `sha-256 AB:CD…` of a certificate. */
export function fingerprintOf(cert: string): string {
  return `sha-256 ${new X509Certificate(cert).fingerprint256}`
}

function isOf(raw: Uint8Array, fingerprint: string): boolean {
  const [name = '', digits = ''] = fingerprint.trim().split(/ +/)
  const hash = hashes.get(name.toLowerCase())
  if (hash === undefined) return false
  return createHash(hash).update(raw).digest('hex') === digits.replaceAll(':', '').toLowerCase()
}
