import type { Check, Context } from './check.ts'
import type { Finding } from './finding.ts'
import { collectorsIn } from './names.ts'

const deadlineMs = 4_000
/** Webhooks that are looked at, at most. */
const most = 64

interface Peer {
  what: string
  key: string
  host: string
  port: number
  tls: boolean
  ca?: string
  severity: 'problem' | 'limit'
}

/** Servers the configuration names besides Redis and trunks: whether they can be connected to. SPEC DR-10. */
export const peers: Check = {
  name: 'peers',
  look: async (context) => {
    const found = peersIn(context)
      .slice(0, most)
      .map((peer) => lookAt(peer, context))
    const silent = collectorsIn(context.config).filter(({ udp }) => udp)
    return [
      ...(await Promise.all(found)),
      ...silent.map(({ name, host, port }): Finding => {
        return {
          check: 'peers',
          severity: 'note',
          what: `Whether anybody listens at ${host}:${port} (${name}) cannot be told: UDP is not answered.`,
        }
      }),
    ]
  },
}

async function lookAt({ what, key, host, port, tls, ca, severity }: Peer, { system }: Context): Promise<Finding> {
  const failure = await system.tryConnect({ host, port }, { tls, ...(ca !== undefined && { ca }), deadlineMs })
  if (failure === undefined) return { check: 'peers', severity: 'ok', what: `${what} answers at ${host}:${port}.` }
  return {
    check: 'peers',
    severity,
    what: `${what} cannot be connected to at ${host}:${port} (${failure}).`,
    lift: /CERT|ALTNAME|SIGNATURE/.test(failure)
      ? `See that its certificate is for ${host} and signed by who ${key} trusts.`
      : `See that it runs, that a firewall lets us through, and that ${key} is right.`,
  }
}

function peersIn({ config }: Context): Peer[] {
  const { sip, msrp, contactCentres } = config
  const peers: Peer[] = []
  if (sip.drachtio)
    peers.push({
      what: 'drachtio-server',
      key: 'sip.drachtio',
      host: sip.drachtio.host,
      port: sip.drachtio.port,
      tls: false,
      severity: 'problem',
    })
  const relay = /^(msrps?):\/\/(\[[^\]]+\]|[^:;]+)(?::(\d+))?/.exec(msrp.relay?.uri ?? '')
  if (relay?.[2] !== undefined)
    // RFC 4975 §6: 2855 where no port is named.
    peers.push({
      what: 'The MSRP relay',
      key: 'msrp.relay',
      host: bare(relay[2]),
      port: Number(relay[3] ?? 2855),
      tls: relay[1] === 'msrps',
      severity: 'problem',
    })
  for (const { name, host, port, tls, udp } of collectorsIn(config))
    if (!udp)
      peers.push({ what: `The collector of ${name}`, key: name, host: bare(host), port, tls, severity: 'limit' })
  for (const { objects, webhooks } of contactCentres)
    for (const { name, url } of webhooks) {
      if (!URL.canParse(url)) continue
      const { hostname, port, protocol } = new URL(url)
      const tls = protocol === 'https:'
      peers.push({
        what: `The target of webhook ${name} of contact centre ${objects.id}`,
        key: `webhooks`,
        host: bare(hostname),
        port: Number(port || (tls ? 443 : 80)),
        tls,
        severity: 'limit',
      })
    }
  return peers
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')
