import { defaultFacadeOptions, type FacadeOptions, type SipSocket } from '@ringdown/facade'
import type { Config } from './config/load-config.ts'

/** What the configuration says, in the facade's words. */
export function facadeOptions({ http, login, cometd, ucAjax, sip }: Config): FacadeOptions {
  const https = http.tls !== undefined || http.externalUrl?.startsWith('https:') === true
  return {
    ...defaultFacadeOptions,
    login: {
      ...defaultFacadeOptions.login,
      csrf: login.csrf,
      sameSite: login.sameSite,
      secureCookie: login.secureCookie === 'auto' ? https : login.secureCookie === 'always',
      sessionIdleMs: login.sessionIdleMs,
      attempts: login.attempts,
      requestsPerMinute: http.requestsPerMinutePerPerson,
    },
    externalApiUrl: http.externalUrl === undefined ? null : `${http.externalUrl.replace(/\/$/, '')}/api/v2`,
    origins: http.corsOrigins,
    bodyLimit: http.bodyLimit,
    trustedProxies: http.trustedProxies,
    requestsPerMinute: http.requestsPerMinute,
    connections: http.connections,
    connectionsPerAddress: http.connectionsPerAddress,
    hstsSeconds: isOnlyHttps(http) ? http.hstsSeconds : 0,
    cometd,
    ucAjax: { ...ucAjax, domain: ucAjax.domain ?? null },
    sip: { sockets: sip.listen.flatMap(socketOf), domain: sip.domains[0] ?? null },
  }
}

/**
 * Whether clients reach us by HTTPS at port 443. HSTS holds for all ports of a host (RFC 6797 §8.3): said at another one, it would cut off
 * what else is served there without TLS.
 */
function isOnlyHttps({ tls, port, externalUrl }: Config['http']): boolean {
  if (externalUrl === undefined) return tls !== undefined && port === 443
  const { protocol, port: seen } = new URL(externalUrl)
  return protocol === 'https:' && seen === ''
}

/** A listener that pages can reach: its port is known before it listens. */
function socketOf({
  transport,
  port,
  path,
  advertiseHost,
  advertisePort,
}: Config['sip']['listen'][number]): SipSocket[] {
  const seen = advertisePort ?? port
  if ((transport !== 'ws' && transport !== 'wss') || seen === 0) return []
  return [{ scheme: transport, host: advertiseHost ?? null, port: seen, path: path ?? '/' }]
}
