import { defaultFacadeOptions, type FacadeOptions } from '@ringdown/facade'
import type { Config } from './config/load-config.ts'

/** What the configuration says, in the facade's words. */
export function facadeOptions({ http, login, cometd }: Config): FacadeOptions {
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
    },
    externalApiUrl: http.externalUrl === undefined ? null : `${http.externalUrl.replace(/\/$/, '')}/api/v2`,
    origins: http.corsOrigins,
    bodyLimit: http.bodyLimit,
    trustedProxies: http.trustedProxies,
    requestsPerMinute: http.requestsPerMinute,
    cometd,
  }
}
