import { randomFillSync } from 'node:crypto'
import { isIP } from 'node:net'
import { type MsrpUri, printMsrpUri } from '../message/msrp-uri.ts'
import { hex, type Random } from '../message/print.ts'
import { RelayUse } from '../relay/relay-use.ts'
import { type MsrpLimits, msrpLimits } from '../session/limits.ts'
import type { MsrpSession, MsrpStack, MsrpTransport, OpenSession } from '../session/ports.ts'
import { Session } from '../session/session.ts'
import type { Clock, Drop, MsrpTap } from '../session/wire.ts'
import { Pool } from './pool.ts'
import { type Identity, type Listener, type ListenParts, listenTcp } from './tcp.ts'
import { fingerprintOf, listenTls } from './tls.ts'
import { listenWs, type WebParts } from './ws.ts'

/** One port MSRP is taken at. */
export interface MsrpListen {
  readonly transport: MsrpTransport
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  /** Host, or host and port, that stand in our URIs where peers reach us by others than we listen at. */
  readonly advertise?: { readonly host: string; readonly port?: number }
  /** For tls and wss. */
  readonly tls?: Identity
  /** For ws and wss; `/` unless named. */
  readonly path?: string
  /** For ws and wss: the web origins whose pages may connect. Absent: all, and clients that are no browser. */
  readonly origins?: readonly string[]
}

/** Where a stack listens, and what it works with. */
export interface MsrpStackOptions {
  readonly listen: readonly MsrpListen[]
  readonly clock: Clock
  /** Of a cryptographic source; absent: the system's. */
  readonly random?: Random
  readonly limits?: Partial<MsrpLimits>
  /** Authorities of peers' certificates, PEM; absent: the system's. */
  readonly ca?: string
  /** Whether to connect to what a peer's SDP names, which may be any address; absent: everywhere. */
  readonly mayConnect?: (host: string, port: number) => boolean
  /** Told of what peers sent and we did not take, for a log. Must not throw. */
  readonly onDrop?: (drop: Drop) => void
  readonly tap?: MsrpTap | undefined
}

interface Listening {
  readonly listener: Listener
  readonly transport: MsrpTransport
  readonly host: string
  readonly port: number
}

/** Connections that may shake hands while all others are taken. */
const handshakes = 1_000

/** 128 random bits: whoever knows a session id is let into the session. RFC 4975 §14.1 asks for 80. */
const sessionIDBytes = 16

/** Listens, and opens MSRP sessions. Rejects where a port cannot be had, or a listener for all addresses says not by which name it is reached. */
export async function createMsrpStack(options: MsrpStackOptions): Promise<MsrpStack> {
  const { listen, clock, random = pooledRandom(), onDrop, mayConnect } = options
  const limits: MsrpLimits = { ...msrpLimits, ...options.limits }
  const sessions = new Map<string, Session>()
  const trust = { identity: listen.find(({ tls }) => tls !== undefined)?.tls, ca: options.ca }
  const pool = new Pool({ clock, limits, trust, find: (id) => sessions.get(id), mayConnect, onDrop, tap: options.tap })
  const listeners: Listening[] = []
  try {
    for (const one of listen) listeners.push(await start(one, clock, limits, pool))
  } catch (error) {
    await Promise.all(listeners.map(({ listener }) => listener.close()))
    throw error
  }

  const open = async (session: OpenSession): Promise<MsrpSession> => {
    const at = listeners.find(({ transport }) => transport === session.transport)
    if (!at) throw new Error(`MSRP does not listen for ${session.transport}`)
    const sessionID = hex(random(sessionIDBytes))
    const own = ownUri(at, sessionID)
    const from = printMsrpUri(own)
    let opened: Session | undefined
    const relay = session.relay && (await useRelay(session.relay, from, (why) => opened?.break(why)))
    opened = new Session({
      options: session,
      own,
      ownUri: from,
      usePath: relay?.usePath ?? [],
      relayed: relay?.connection,
      clock,
      random,
      limits,
      connect: (remote) => pool.connect(remote),
      onSessmatch: ({ wire }) => {
        onDrop?.({ why: 'the path was changed on its way, sessmatch was needed', remote: wire.remote })
      },
      onEnd: () => {
        sessions.delete(sessionID)
        relay?.use.close()
      },
    })
    sessions.set(sessionID, opened)
    return opened
  }

  const useRelay = async (relay: NonNullable<OpenSession['relay']>, from: string, onEnd: (why: string) => void) => {
    const { uri: relayUri, ...credentials } = relay
    const connection = await pool.connect({ path: [relayUri] }, true)
    const use = new RelayUse({ connection, relayUri, credentials, from, clock, random, onEnd })
    return { use, connection, usePath: await use.open() }
  }

  return {
    open,
    listening: listeners.map(({ transport, listener: { address, port } }) => ({ transport, address, port })),
    get fingerprint() {
      return trust.identity && fingerprintOf(trust.identity.cert)
    },
    reload: (tls, at) => {
      const secure = listeners.filter(({ listener }) => listener.reload)
      for (const { listener } of secure)
        if (!at || (at.address === listener.address && at.port === listener.port)) {
          listener.reload?.(tls)
          if (listener === secure[0]?.listener) trust.identity = tls
        }
    },
    get counts() {
      return { sessions: sessions.size, connections: pool.size }
    },
    close: async () => {
      for (const session of [...sessions.values()]) session.close()
      pool.close()
      await Promise.all(listeners.map(({ listener }) => listener.close()))
    },
  }
}

async function start(one: MsrpListen, clock: Clock, limits: MsrpLimits, pool: Pool): Promise<Listening> {
  const { transport, address, port, advertise, tls, path = '/', origins } = one
  const everywhere = address === '0.0.0.0' || address === '::'
  if (everywhere && !advertise) throw new Error(`MSRP over ${transport}: say what to advertise for ${address}`)
  const parts: ListenParts = {
    ...{ address, port, clock, maxConnections: limits.connections + handshakes },
    admits: (from) => pool.admits(from),
    attach: (wire) => pool.accept(wire),
  }
  const listener = await listeners[transport]({ ...parts, path, origins, identity: tls })
  return {
    listener,
    transport,
    host: advertise?.host ?? listener.address,
    port: advertise?.port ?? listener.port,
  }
}

type Start = (parts: ListenParts & WebParts & { identity: Identity | undefined }) => Promise<Listener>

const listeners: Record<MsrpTransport, Start> = {
  tcp: listenTcp,
  tls: ({ identity, ...parts }) => listenTls({ ...parts, identity: needed(identity) }),
  ws: (parts) => listenWs({ ...parts, identity: undefined }),
  wss: ({ identity, ...parts }) => listenWs({ ...parts, identity: needed(identity) }),
}

function needed(identity: Identity | undefined): Identity {
  if (!identity) throw new Error('MSRP over TLS needs a certificate and its key')
  return identity
}

function ownUri({ transport, host, port }: Listening, sessionID: string): MsrpUri {
  const secure = transport === 'tls' || transport === 'wss'
  const name = transport === 'ws' || transport === 'wss' ? 'ws' : 'tcp'
  return {
    secure,
    host: isIP(host) === 6 ? host.toLowerCase() : host,
    port,
    sessionID,
    transport: name,
    parameters: [],
  }
}

/** The system's random bytes, fetched some kilobytes at a time: a frame takes ten of them. None is given out twice. */
function pooledRandom(): Random {
  let pool = new Uint8Array(0)
  let used = 0
  return (bytes) => {
    if (used + bytes > pool.length) {
      pool = randomFillSync(new Uint8Array(Math.max(4096, bytes)))
      used = 0
    }
    used += bytes
    return pool.subarray(used - bytes, used)
  }
}
