import type { Config } from '../config/load-config.ts'

/** A port this configuration listens at. */
export interface ListenerPlace {
  /** As the configuration calls it. */
  key: string
  transport: 'udp' | 'tcp'
  host: string
  port: number
}

/** Every port that is listened at, HTTP first. */
export function listenersOf({ http, sip, msrp }: Pick<Config, 'http' | 'sip' | 'msrp'>): ListenerPlace[] {
  const places: ListenerPlace[] = [{ key: 'http', transport: 'tcp', host: http.host, port: http.port }]
  for (const [protocol, { listen }] of [['sip', sip] as const, ['msrp', msrp] as const])
    for (const [i, { transport, host, port }] of listen.entries())
      places.push({ key: `${protocol}.listen[${i}]`, transport: transport === 'udp' ? 'udp' : 'tcp', host, port })
  return places
}
