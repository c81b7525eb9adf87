import { isIP } from 'node:net'
import { parseUri } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import type { Check } from './check.ts'
import type { Finding } from './finding.ts'

const deadlineMs = 4_000
const slowMs = 500
/** A directory may name thousands of trunks; more names than these say nothing new of the resolver. */
const most = 64

/** Names in the configuration that are looked up while it runs, and where they stand. */
export function namesIn({
  http,
  sip,
  msrp,
  store: { redis },
  contactCentres,
  ...rest
}: Config): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const add = (host: string | undefined, where: string) => {
    const bare = host?.replace(/^\[(.*)\]$/, '$1')
    if (bare !== undefined && bare !== '' && isIP(bare) === 0 && !names.has(bare)) names.set(bare, where)
  }
  const hostOf = (url: string | undefined) =>
    url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined
  add(hostOf(redis?.url), 'store.redis.url')
  for (const { host } of redis?.sentinels ?? []) add(host, 'store.redis.sentinels')
  for (const { host } of redis?.cluster ?? []) add(host, 'store.redis.cluster')
  add(hostOf(http.externalUrl), 'http.externalUrl')
  add(sip.drachtio?.host, 'sip.drachtio')
  add(/^msrps?:\/\/([^:;]+)/.exec(msrp.relay?.uri ?? '')?.[1], 'msrp.relay')
  for (const { advertiseHost } of [...sip.listen, ...msrp.listen]) add(advertiseHost, 'advertiseHost')
  add(http.host, 'http.host')
  for (const { name, host } of collectorsIn(rest)) add(host, name)
  for (const { objects, webhooks } of contactCentres) {
    for (const { number, annex } of objects.dns) {
      const { contact = '' } = annex?.TServer ?? {}
      const uri =
        contact === '' || contact === '*' ? undefined : parseUri(/^sips?:/i.test(contact) ? contact : `sip:${contact}`)
      add(uri?.host, `contact of DN ${number}`)
    }
    for (const { name, url } of webhooks) add(hostOf(url), `webhook ${name}`)
  }
  return names
}

/** Where traces and captures are sent, where that is configured. */
export function collectorsIn({ hep, otel }: Pick<Config, 'hep' | 'otel'>): {
  name: string
  host: string
  port: number
  tls: boolean
  udp: boolean
}[] {
  const url = otel && URL.canParse(otel.url) ? new URL(otel.url) : undefined
  return [
    ...(hep
      ? [{ name: 'hep', host: hep.host, port: hep.port, tls: hep.transport === 'tls', udp: hep.transport === 'udp' }]
      : []),
    ...(url
      ? [
          {
            name: 'otel',
            host: url.hostname,
            port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
            tls: url.protocol === 'https:',
            udp: false,
          },
        ]
      : []),
  ]
}

/** Whether names resolve, and soon. SPEC DR-7. */
export const names: Check = {
  name: 'DNS',
  look: async ({ config, system }) => {
    const wanted = [...namesIn(config)]
    if (wanted.length === 0) return []
    const found: Finding[] = []
    let slowest = 0
    const lookUp = async ([name, where]: readonly [string, string]) => {
      const begun = system.monotonic()
      const late = Promise.withResolvers<string>()
      const stop = system.clock.after(deadlineMs, () => late.resolve('timeout'))
      const answer = await Promise.race([system.lookup(name), late.promise])
      stop()
      slowest = Math.max(slowest, system.monotonic() - begun)
      if (typeof answer === 'string')
        found.push({
          check: 'DNS',
          // These are for others to look up.
          severity: /externalUrl|advertiseHost/.test(where) ? 'note' : 'problem',
          what: `The name ${name} (${where}) does not resolve (${answer}).`,
          lift:
            answer === 'timeout'
              ? 'See which servers /etc/resolv.conf names, and whether they answer.'
              : `Correct it, or enter it in DNS or /etc/hosts.`,
        })
    }
    await Promise.all(wanted.slice(0, most).map(lookUp))
    if (found.length === 0)
      found.push({
        check: 'DNS',
        severity: slowest > slowMs ? 'note' : 'ok',
        what: `${wanted.length === 1 ? 'One name resolves' : `${Math.min(most, wanted.length)} names resolve`}; the slowest took ${Math.round(slowest)} ms.`,
        ...(slowest > slowMs && {
          lift: 'A resolver on this machine (systemd-resolved, unbound) spares each connection that wait.',
        }),
        measured: Math.round(slowest),
        needed: slowMs,
      })
    return found
  },
}
