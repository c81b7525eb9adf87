import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where bytes are let through. */
type Mode =
  | 'open'
  /** Nothing passes in either direction, and nobody is told. */
  | 'hole'
  /** Requests pass, what the server writes is lost. */
  | 'deaf'
  /** What clients send is kept back. */
  | 'late'
  /** Every connection is refused. */
  | 'offline'

interface Pair {
  client: Socket
  server: Socket
  /** Bytes of this connection were lost: it can never be right again. */
  damaged: boolean
  /** Sent by the client, kept back. */
  late: Buffer[]
  /** The client is gone; what it sent is still on its way. */
  orphan: boolean
}

/**
 * A TCP proxy on loopback that does to connections what networks do. It knows nothing of HTTP.
 * A connection that has lost bytes is dead; when the fault is over it is reset, so that nobody reads half a stream as a whole one.
 */
export class FaultProxy {
  readonly #target: () => { host: string; port: number }
  readonly #pairs = new Set<Pair>()
  readonly #server: Server
  #mode: Mode = 'open'
  /** So many bytes still pass, whoever sends them, before everything is reset. */
  #untilCut = Number.POSITIVE_INFINITY
  /** Connections accepted, and bytes lost, so far. */
  connections = 0
  lostBytes = 0

  private constructor(target: () => { host: string; port: number }) {
    this.#target = target
    this.#server = createServer((client) => this.#accept(client))
  }

  /** Listens on a free port of `host`. The target is asked for each new connection. */
  static async start(host: string, target: () => { host: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, host, resolve)
    })
    return proxy
  }

  /** `http://host:port`, as a client is told. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  /** Resets every connection at both ends. */
  reset(): void {
    for (const pair of [...this.#pairs]) this.#kill(pair)
  }

  /** Lets so many bytes pass, from now on and of both directions together, and resets every connection in the middle of whatever is sent then. */
  cutAfter(bytes: number): void {
    this.#untilCut = bytes
  }

  /** For so many milliseconds nothing passes. Connections that lost bytes then die. */
  async hole(ms: number): Promise<void> {
    await this.#while('hole', ms)
  }

  /** For so many milliseconds the server is heard by nobody, though it hears. Connections that lost bytes then die. */
  async loseReplies(ms: number): Promise<void> {
    await this.#while('deaf', ms)
  }

  /** Resets everything and refuses every connection for so many milliseconds. */
  async offline(ms: number): Promise<void> {
    this.reset()
    await this.#while('offline', ms)
  }

  /**
   * Keeps requests back for so many milliseconds, resets their clients, and lets them reach the server only `late` milliseconds
   * after that: when the clients' repetitions on new connections have overtaken them.
   */
  async overtake(ms: number, late: number): Promise<void> {
    this.#mode = 'late'
    await sleep(ms)
    this.#mode = 'open'
    const orphans = [...this.#pairs].filter((pair) => pair.late.length > 0)
    for (const pair of orphans) {
      pair.orphan = true
      pair.client.resetAndDestroy()
    }
    await sleep(late)
    for (const { server, late } of orphans) if (!server.destroyed) server.write(Buffer.concat(late))
    await sleep(50)
    for (const pair of orphans) this.#kill(pair)
  }

  async stop(): Promise<void> {
    this.reset()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #while(mode: Mode, ms: number): Promise<void> {
    this.#mode = mode
    await sleep(ms)
    this.#mode = 'open'
    for (const pair of [...this.#pairs]) if (pair.damaged) this.#kill(pair)
  }

  #accept(client: Socket): void {
    this.connections++
    if (this.#mode === 'offline') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...this.#target(), noDelay: true })
    const pair: Pair = { client, server, damaged: false, late: [], orphan: false }
    this.#pairs.add(pair)
    client.setNoDelay(true)
    client.on('data', (bytes) => {
      if (this.#mode === 'late') pair.late.push(bytes)
      else this.#pass(pair, server, bytes, this.#mode === 'hole')
    })
    server.on('data', (bytes) => this.#pass(pair, client, bytes, this.#mode === 'hole' || this.#mode === 'deaf'))
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {
        if (!pair.orphan) this.#kill(pair)
      })
      from.on('end', () => {
        if (pair.orphan) return
        if (this.#mode === 'hole') pair.damaged = true
        else to.end()
      })
      from.on('close', () => {
        if (from.destroyed && to.destroyed) this.#pairs.delete(pair)
      })
    }
  }

  #pass(pair: Pair, to: Socket, bytes: Buffer, lost: boolean): void {
    if (lost || pair.damaged) {
      pair.damaged = true
      this.lostBytes += bytes.length
    } else if (bytes.length > this.#untilCut) {
      this.#cut(to, bytes.subarray(0, this.#untilCut))
    } else {
      this.#untilCut -= bytes.length
      if (!to.destroyed) to.write(bytes)
    }
  }

  /** The last bytes have to be seen: a reset overtakes what was only just written. */
  #cut(to: Socket, last: Buffer): void {
    this.#untilCut = Number.POSITIVE_INFINITY
    const cut = [...this.#pairs]
    for (const pair of cut) pair.damaged = true
    const reset = () => {
      for (const pair of cut) this.#kill(pair)
    }
    if (to.destroyed || last.length === 0) reset()
    else to.write(last, () => setTimeout(reset, 5))
  }

  #kill(pair: Pair): void {
    this.#pairs.delete(pair)
    for (const socket of [pair.client, pair.server]) if (!socket.destroyed) socket.resetAndDestroy()
  }
}
