import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Server, ServerOptions } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { Config } from '../config/load-config.ts'

type HttpsConfig = NonNullable<Config['http']['tls']>

/** Forward secrecy and authenticated encryption only; what TLS 1.3 has comes besides. Every browser and HTTP client since 2014 has one of them. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** How long a peer may take to shake hands. Node waits two minutes. */
const handshakeTimeout = 15_000

/** What HTTPS begins with. Throws as the file system does. */
export function httpsOptions(tls: HttpsConfig): ServerOptions {
  return { ...context(tls), handshakeTimeout }
}

/** Shows the certificate that is in the files now to who connects from now on. Throws, and changes nothing, where it cannot be used. */
export function reloadHttps(server: Pick<Server, 'setSecureContext'>, tls: HttpsConfig): void {
  server.setSecureContext(context(tls))
}

function context({ certFile, keyFile }: HttpsConfig): SecureContextOptions & { ticketKeys: Buffer } {
  return {
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    ciphers,
    honorCipherOrder: false, // a telephone without AES in its processor knows that it wants the last of them
    minVersion: 'TLSv1.2', // RFC 8996
    // Nobody resumes a session that began under the certificate before.
    ticketKeys: randomBytes(48),
  }
}
