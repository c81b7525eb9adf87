import type { Server } from 'node:https'
import type { MsrpStack } from '@ringdown/msrp'
import type { Config } from '../config/load-config.ts'
import { reloadMsrp, type SipOpener } from '../legs/open-sip.ts'
import type { Log } from '../log.ts'
import { reloadHttps } from './https.ts'

export interface Reloadable {
  config: Config
  http: Pick<Server, 'setSecureContext'> | undefined
  opener: SipOpener | undefined
  msrp: MsrpStack | undefined
  log: Log
}

/**
 * Every listener shows what is in its files now to who connects from now on; connections that are there go on. SPEC SE-30. The files were
 * tried when the configuration was read: what fails here changed in between, replaces nothing and is told in the log.
 */
export function reloadCertificates({ config, http, opener, msrp, log }: Reloadable): void {
  const { tls } = config.http
  const one = (listener: string, reload: () => void) => {
    try {
      reload()
    } catch (err) {
      log.error({ err, listener }, 'a certificate could not be reloaded; the one before stays')
    }
  }
  if (tls && http) one('http', () => reloadHttps(http, tls))
  if (opener) one('sip', () => opener.reload())
  if (msrp) one('msrp', () => reloadMsrp(msrp, config))
}
