import { randomBytes } from 'node:crypto'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  createServer,
  type SecureContextOptions,
  type TlsOptions,
} from 'node:tls'
import type { Open, Outgoing } from './connect.ts'
import type { Target } from './flow.ts'
import { familyOf } from './host-port.ts'
import type { Hub } from './hub.ts'
import { cannotListen } from './listen-error.ts'
import type { Listen, ListenTLS } from './options.ts'
import { checkSipServer, verifiedNames } from './peer-names.ts'
import { bindServer, type StreamListener } from './server.ts'
import { peerOf } from './socket.ts'
import { attachStream } from './stream.ts'

/** SIP over TLS, RFC 3261 §26.2, RFC 5922. */
export async function listenTls(hub: Hub, listen: Listen): Promise<StreamListener> {
  const server = createServer({ ...serverOptions(listen), handshakeTimeout: hub.limits.connectMs })
  const listener = await bindServer(hub, server, listen, (tls) => server.setSecureContext(secureContext(tls)))
  server.on('tlsClientError', (_error, socket) => {
    hub.drop('handshake-failed', 'tls', peerOf(socket))
    socket.destroy() // Node leaves one open that only took too long.
  })
  server.on('secureConnection', (socket) => {
    const peerNames = verifiedNames(socket)
    attachStream(hub, socket, { transport: 'tls', inbound: true, peerNames, sentBy: listener.sentBy })
  })
  return listener
}

export const openTls: Open = (hub, target, out, done) => {
  const socket = connect({ host: target.address, port: target.port, ...clientOptions(target, out) })
  socket.once('close', () => hub.connections.release(undefined))
  socket.once('error', done)
  socket.once('secureConnect', () => {
    socket.off('error', done)
    const peerNames = verifiedNames(socket)
    done(
      attachStream(hub, socket, { transport: 'tls', inbound: false, peerNames, sentBy: out.sentBy }) ??
        new Error('closed at once'),
    )
  })
  return () => socket.destroy()
}

/** What a TLS or HTTPS server begins with. Throws where certificate and key do not fit, in words. */
export function serverOptions(listen: Listen): TlsOptions {
  const { tls } = listen
  if (!tls) throw new Error(`${listen.transport} on port ${listen.port} needs a certificate`)
  const asks = tls.clientCertificate ?? 'none'
  const options = {
    ...secureContext(tls),
    requestCert: asks !== 'none',
    // Without a valid one the flow has no names; whether that is enough is for the trunks to say.
    rejectUnauthorized: asks === 'require',
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw cannotListen(listen, error)
  }
  return options
}

/** The part of TLS that can change while a server runs. */
export function secureContext({ cert, key, ca }: ListenTLS): SecureContextOptions & { ticketKeys: Buffer } {
  // RFC 8996 forbids what is older. Fresh ticket keys: nobody resumes on the strength of a certificate that is trusted no more.
  return { cert, key, ...(ca && { ca }), minVersion: 'TLSv1.2', ticketKeys: randomBytes(48) }
}

/** How we connect: our certificate where we have one, and the name the peer has to show. */
export function clientOptions(target: Target, { client, from }: Outgoing): ConnectionOptions {
  const name = target.serverName ?? target.address
  return {
    ...client,
    minVersion: 'TLSv1.2',
    // RFC 6066 §3: no addresses in SNI.
    servername: familyOf(name) === 0 ? name : '',
    // RFC 5922 §7.2 knows no wildcards. WebSockets go by the rules of HTTP (RFC 7118 §10.1).
    checkServerIdentity: (_host, certificate) =>
      target.transport === 'tls' ? checkSipServer(name, certificate) : checkServerIdentity(name, certificate),
    ...(from && { localAddress: from }),
  }
}
