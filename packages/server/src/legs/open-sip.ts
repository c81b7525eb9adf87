import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { LabFlow, Page } from '@ringdown/facade'
import { createMsrpStack, type Drop, type MsrpStack, type OpenSession } from '@ringdown/msrp'
import {
  type Clock,
  createDrachtioStack,
  createSipStack,
  createTransports,
  type DrachtioStack,
  type FlowUser,
  type SipStack,
  type SocketTransports,
} from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import { isLoopback } from '../config/loopback.ts'
import type { Log } from '../log.ts'
import type { OnDropped } from '../metrics.ts'
import type { Trace } from '../trace/trace.ts'
import type { OpenSip } from './sip-endpoint.ts'

interface Parts {
  config: Config
  clock: Clock
  log: Log
  onDropped: OnDropped
  trace?: Pick<Trace, 'sip' | 'msrp'> & { wrapUser?: (user: FlowUser) => FlowUser }
}

type Listener = Config['sip' | 'msrp']['listen'][number]

/** A stack that is not open yet. */
export interface SipOpener {
  open: OpenSip
  /** Addresses of a SIP URI, RFC 3263; none before the stack is open. */
  resolve: (uri: string) => Promise<readonly { readonly address: string }[]>
  /** Takes certificates that have changed for what connects from now on. Throws where one cannot be used. */
  reload: () => void
  /** For metrics. */
  counts: () => { dialogs: number; transactions: number }
  /** Flows of this node after an id in their order; none where another server carries the SIP. */
  flows: (after: string | undefined, limit: number) => Page<LabFlow>
}

/** How SIP is opened as the configuration says; undefined where it is off. */
export function sipOpener(parts: Parts): SipOpener | undefined {
  const { drachtio, listen } = parts.config.sip
  if (drachtio) return drachtioOpener(parts, drachtio)
  return listen.length === 0 ? undefined : ownOpener(parts)
}

/** Our own stack. */
function ownOpener({ config, clock, log, onDropped, trace }: Parts): SipOpener {
  const { listen, reusePort } = config.sip
  let transports: SocketTransports | undefined
  let stack: SipStack | undefined
  const openTransports = async (user: FlowUser) => {
    transports = await createTransports({
      listen: listen.map((listener) => ({ ...addressOf(listener), transport: listener.transport, reusePort })),
      user: trace?.wrapUser ? trace.wrapUser(user) : user,
      clock,
      client: clientOf(config),
      onDrop: (reason, transport, remote) => {
        onDropped('sip', reason)
        log.debug({ reason, transport, remote: remote?.address }, 'SIP dropped')
      },
      ...(trace?.sip && { tap: trace.sip }),
      onError: (err) => log.error({ err }, 'a SIP transport failed'),
    })
    return transports
  }
  return {
    open: async (user) => {
      stack = await createSipStack({
        transports: openTransports,
        clock,
        tokens,
        random: Math.random,
        user,
        userAgent: 'Ringdown',
        onError: (err) => log.error({ err }, 'the SIP stack failed'),
      })
      return stack
    },
    reload: () => {
      for (const [i, listener] of listen.entries()) {
        const { tls } = addressOf(listener)
        if (tls) transports?.reload(tls, transports.listening[i])
      }
      transports?.reloadClient(clientOf(config))
    },
    counts: () => countsOf(stack),
    flows: (after, limit) => flowsOf(transports, after, limit),
    resolve: async (uri) => (await transports?.resolve(uri)) ?? [],
  }
}

/** A drachtio-server that carries the SIP: listeners and certificates are its own. */
function drachtioOpener(
  { clock, log }: Parts,
  { host, port, secret }: NonNullable<Config['sip']['drachtio']>,
): SipOpener {
  let stack: DrachtioStack | undefined
  return {
    open: async (user) => {
      stack = await createDrachtioStack({
        server: { host, port, secret: secret.reveal() },
        clock,
        tokens,
        random: Math.random,
        user,
        userAgent: 'Ringdown',
        onConnection: (connected) => {
          if (connected) log.info({ host, port }, 'connected to drachtio-server')
          else log.warn({ host, port }, 'drachtio-server is gone: no SIP until it is back')
        },
        onError: (err) => log.error({ err }, 'the SIP stack failed'),
      })
      return stack
    },
    reload: () => undefined,
    counts: () => countsOf(stack),
    flows: () => ({ items: [] }),
    resolve: async (uri) => (await stack?.resolve(uri)) ?? [],
  }
}

function flowsOf(transports: SocketTransports | undefined, after: string | undefined, limit: number): Page<LabFlow> {
  const { flows = [], more = false } = transports?.flows(after, limit) ?? {}
  const items = flows.map(({ id, transport, local, remote, openedAt }) => ({
    id,
    transport,
    local: addressText(local),
    remote: addressText(remote),
    opened: openedAt,
  }))
  const last = items.at(-1)
  return { items, ...(more && last && { next: last.id }) }
}

/** As it stands in a URI. */
export const addressText = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function countsOf(stack: SipStack | undefined): ReturnType<SipOpener['counts']> {
  const { dialogs = 0, server = 0, client = 0 } = stack?.counts ?? {}
  return { dialogs, transactions: server + client }
}

/** MSRP as the configuration says; undefined where it is off. */
export async function openMsrp({ config, clock, log, onDropped, trace }: Parts): Promise<MsrpStack | undefined> {
  const { listen } = config.msrp
  if (listen.length === 0) return undefined
  const options = {
    listen: listen.map((listener) => ({ ...addressOf(listener), transport: listener.transport })),
    clock,
    ...(trace?.msrp && { tap: trace.msrp }),
    mayConnect: mayConnect(listen.every(({ host }) => isLoopback(host))),
    onDrop: (drop: Drop) => {
      onDropped('msrp', drop.why)
      log.debug({ drop }, 'MSRP dropped')
    },
  }
  // Said with its own name: a bare EADDRINUSE would be taken for the HTTP port's.
  return createMsrpStack(options).catch((cause: unknown) => {
    throw new Error(`cannot listen for MSRP: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })
}

/** Takes certificates of MSRP listeners that have changed. Throws where one cannot be used. */
export function reloadMsrp(msrp: MsrpStack, { msrp: { listen } }: Config): void {
  for (const [i, listener] of listen.entries()) {
    const { tls } = addressOf(listener)
    if (tls) msrp.reload(tls, msrp.listening[i])
  }
}

/**
 * A peer's SDP can name any address for us to connect to: never one that only this machine can reach, unless all is on this machine,
 * and no port of a system service. SPEC SV-52.
 */
export function mayConnect(allLocal: boolean): (host: string, port: number) => boolean {
  return (host, port) => port >= 1024 && (allLocal || !(isLoopback(host) || isLinkLocal(host)))
}

// Where clouds keep their machines' credentials.
const isLinkLocal = (host: string) => /^(169\.254\.|\[?fe[89ab])/i.test(host)

/** How each MSRP session is opened. */
export function msrpOptions({ msrp: { relay, keepAliveMs } }: Config): Pick<OpenSession, 'relay' | 'keepAliveMs'> {
  return {
    ...(relay && { relay: { uri: relay.uri, user: relay.user, password: relay.password.reveal() } }),
    ...(keepAliveMs > 0 && { keepAliveMs }),
  }
}

function addressOf(listener: Listener) {
  const { host, port, advertiseHost, advertisePort, certFile, keyFile, caFile, clientCertificate, path, origins } =
    listener
  return {
    address: host,
    port,
    ...(path !== undefined && { path }),
    ...(origins.length > 0 && { origins }),
    ...(advertiseHost !== undefined && {
      advertise: { host: advertiseHost, ...(advertisePort !== undefined && { port: advertisePort }) },
    }),
    ...(certFile !== undefined &&
      keyFile !== undefined && {
        tls: {
          cert: readFileSync(certFile, 'utf8'),
          key: readFileSync(keyFile, 'utf8'),
          ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
          clientCertificate,
        },
      }),
  }
}

/** What we show and believe where we connect. */
function clientOf({ sip: { client = {} } }: Config) {
  const { certFile, keyFile, caFile } = client
  return {
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
  }
}

/**
 * Domains that tell a contact centre from the others: where there is one, all that are ours. Of several none is told by a domain, for
 * the file names them for the node; they are told by their numbers. SPEC SV-53.
 */
export function domainsOfCentre({ sip, contactCentres }: Pick<Config, 'sip' | 'contactCentres'>): readonly string[] {
  return contactCentres.length === 1 ? sip.domains : []
}

/** Hosts that mean this node besides the configured domains: what is advertised, and every address where all are listened at. */
export function ownHosts({ sip: { listen } }: Config): readonly string[] {
  const advertised = listen.flatMap(({ advertiseHost }) => (advertiseHost === undefined ? [] : [advertiseHost]))
  const isWild = listen.some(({ host }) => host === '0.0.0.0' || host === '::')
  const interfaces = isWild ? Object.values(networkInterfaces()).flatMap((each) => each ?? []) : []
  const inner = interfaces.filter(({ internal }) => !internal).concat(interfaces.filter(({ internal }) => internal))
  return [...advertised, ...inner.map(({ address }) => address)]
}

/** Chance is asked of the system for many tokens at once: a call each costs ten times the rest. */
const pool = Buffer.alloc(8_192)
let taken = pool.length

/** Letters and digits out of so many bits of chance at least. */
function tokens(bits: number): string {
  const bytes = Math.ceil(bits / 8)
  if (taken + bytes > pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += bytes
  return pool.toString('hex', taken - bytes, taken)
}
