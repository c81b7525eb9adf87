/** `SipPort` over a drachtio-server, which carries the SIP; the dialogs are ours. What differs from our own stack is said in SPEC.md, SD-60 to SD-69. */
import { ownAnswer } from '../sip/dialog/answer.ts'
import { createSipStack, type SipStack, type SipStackOptions } from '../sip/stack.ts'
import { DnsCache } from '../sip/transport/dns-cache.ts'
import type { Address, Transports } from '../sip/transport/flow.ts'
import { resolveUri } from '../sip/transport/resolve.ts'
import { systemResolver } from '../sip/transport/resolver.ts'
import { DrachtioLayer } from './layer.ts'
import { LibraryConnection, type LibraryUser, type ServerAddress } from './library.ts'
import { hopTo, Way, wayID } from './way.ts'
import { maxBody, readHostPorts } from './wire.ts'

export type { ServerAddress } from './library.ts'

export interface DrachtioOptions
  extends Pick<SipStackOptions, 'clock' | 'tokens' | 'random' | 'user' | 'userAgent' | 'sessionTimer' | 'maxDialogs'> {
  readonly server: ServerAddress
  /** How long the server may take to be there at first, ms. Default 30 000. */
  readonly patienceMs?: number
  /** Told when the connection to the server is made, and when it is lost. */
  readonly onConnection?: (connected: boolean) => void
  readonly onError?: (error: unknown) => void
}

export interface DrachtioStack extends SipStack {
  /** Addresses a SIP URI stands for, RFC 3263. */
  resolve(uri: string): Promise<readonly Address[]>
}

const usualPatienceMs = 30_000

/** Connects to the server. Rejects where it is not there in time, or does not know our secret. */
export async function createDrachtioStack(options: DrachtioOptions): Promise<DrachtioStack> {
  const { clock, random } = options
  const server = new Server(options)
  const stack = await createSipStack({
    ...options,
    transports: () => server.open(),
    layer: (user) => {
      server.layer = new DrachtioLayer({ ...options, user, connection: () => server.connection })
      return server.layer
    },
  })
  const resolver = new DnsCache(systemResolver(clock), clock)
  const transports = new Set(['udp', 'tcp', 'tls'] as const)
  const resolve = (uri: string) => resolveUri(uri, { resolver, transports, reaches: () => true, random })
  const request: SipStack['request'] = (asked) =>
    (asked.body?.length ?? 0) > maxBody ? Promise.resolve(ownAnswer(513)) : ask(asked)
  const ask = stack.request.bind(stack)
  return Object.assign(stack, { resolve, request })
}

/** The server as what carries our messages. */
class Server implements LibraryUser, Transports {
  layer: DrachtioLayer | undefined
  listening: Transports['listening'] = []
  readonly #options: DrachtioOptions
  #library: LibraryConnection | undefined
  #connected = false
  #opening: { resolve(): void; reject(error: Error): void } | undefined

  constructor(options: DrachtioOptions) {
    this.#options = options
  }

  /** undefined while the server is away. */
  get connection(): LibraryConnection | undefined {
    return this.#connected ? this.#library : undefined
  }

  async open(): Promise<Transports> {
    const { server, clock, patienceMs = usualPatienceMs } = this.#options
    const { host, port } = server
    const opened = new Promise<void>((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
    const stop = clock.after(patienceMs, () => {
      this.#opening?.reject(new Error(`no drachtio-server answers at ${host}:${port}`))
    })
    this.#library = new LibraryConnection(server, this)
    try {
      await opened
    } catch (error) {
      this.#library.close()
      throw error
    } finally {
      stop()
      this.#opening = undefined
    }
    return this
  }

  onRequest: LibraryUser['onRequest'] = (request, response) => {
    try {
      this.layer?.onRequest(request, response)
    } catch (error) {
      this.#options.onError?.(error)
    }
  }

  onConnected(hostPorts: string): void {
    this.#connected = true
    this.listening = readHostPorts(hostPorts)
    this.#opening?.resolve()
    this.layer?.connected()
    this.#options.onConnection?.(true)
  }

  onRefused(): void {
    const { host, port } = this.#options.server
    this.#opening?.reject(new Error(`the drachtio-server at ${host}:${port} does not know our secret`))
  }

  onClosed(): void {
    if (!this.#connected) return
    this.#connected = false
    this.layer?.disconnected()
    this.#options.onConnection?.(false)
  }

  // As transports.

  async flowTo(target: Parameters<Transports['flowTo']>[0]): Promise<Way> {
    if (!this.#connected) throw new Error('the drachtio-server is away')
    return new Way(target)
  }

  /** Dialogs may be bound to what came over a connection: which one is the server's matter. */
  flow(id: string): Way | undefined {
    return id === wayID && this.#connected ? new Way({ transport: 'udp', address: '', port: 0 }) : undefined
  }

  async resolve(uri: string): Promise<ReturnType<typeof hopTo>[]> {
    return [hopTo(uri)]
  }

  async close(): Promise<void> {
    this.#connected = false
    this.#library?.close()
  }
}
