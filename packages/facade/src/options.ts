import { type CometdOptions, defaultCometdOptions } from './cometd/options.ts'
import { defaultLoginOptions, type LoginOptions } from './login/logins.ts'
import type { SipSocket } from './sip-socket.ts'
import { defaultUcAjaxOptions, type UcAjaxOptions } from './uc-ajax/options.ts'

/** What can be set about the facades; the composition fills it from the configuration. */
export interface FacadeOptions {
  login: LoginOptions
  /** `externalApiUrlV2`: the absolute address links begin with; it ends in `/api/v2`. Null: as the client addressed us. */
  externalApiUrl: string | null
  /** Origins whose pages may use the API with credentials, or `*` for any. Empty: none but our own. */
  origins: readonly string[]
  /** Bytes of a request body. */
  bodyLimit: number
  /** Addresses of proxies whose `X-Forwarded-*` is believed. Empty: nobody's. */
  trustedProxies: readonly string[]
  /** Requests one address may make in a minute; 0: any number. */
  requestsPerMinute: number
  /** Connections in all, and from one address that is neither this machine nor a trusted proxy; 0: any number. */
  connections: number
  connectionsPerAddress: number
  /** How long browsers ask this host over TLS only, seconds (RFC 6797); 0: they are not told. */
  hstsSeconds: number
  /** Origins are those above. */
  cometd: Omit<CometdOptions, 'origins'>
  ucAjax: UcAjaxOptions
  /** SIP for endpoints in browsers: where, and the host of its addresses; null: the one that is connected to. */
  sip: { sockets: readonly SipSocket[]; domain: string | null }
}

export const defaultFacadeOptions: FacadeOptions = {
  login: defaultLoginOptions,
  externalApiUrl: null,
  origins: [],
  // The most user data T-Library carries, each byte escaped in JSON.
  bodyLimit: 512 * 1024,
  trustedProxies: [],
  requestsPerMinute: 0,
  connections: 50_000,
  connectionsPerAddress: 5_000,
  hstsSeconds: 0,
  cometd: defaultCometdOptions,
  ucAjax: defaultUcAjaxOptions,
  sip: { sockets: [], domain: null },
}
