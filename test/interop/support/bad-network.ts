import { execFileSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { seededRandom } from '@ringdown/signalling/testing'

/** What happens to a datagram, each with a probability from 0 to 1. */
export interface Weather {
  readonly lose?: number
  readonly duplicate?: number
  /** Held back for a moment, so that others overtake it. */
  readonly delay?: number
}

/** A UDP proxy between clients and one server that loses, doubles and reorders datagrams, the same ones for the same seed and traffic. */
export class BadNetwork {
  readonly port: number
  /** What it did to how many datagrams. */
  readonly counts = { lose: 0, duplicate: 0, delay: 0 }
  readonly #outer: Socket
  readonly #inner = new Map<number, Socket>()
  readonly #server: number
  readonly #weather: Required<Weather>
  readonly #random: () => number
  #closed = false

  private constructor(outer: Socket, server: number, weather: Weather, seed: number) {
    this.#outer = outer
    this.port = outer.address().port
    this.#server = server
    this.#weather = { lose: 0, duplicate: 0, delay: 0, ...weather }
    const random = seededRandom(seed)
    this.#random = () => random() / 2 ** 32
    outer.on('message', (datagram, { port }) => {
      const inner = this.#innerFor(port)
      this.#pass(() => inner.send(datagram, this.#server, '127.0.0.1'))
    })
  }

  static async start(server: number, weather: Weather, seed: number): Promise<BadNetwork> {
    const outer = createSocket('udp4').bind(0, '127.0.0.1')
    await once(outer, 'listening')
    return new BadNetwork(outer, server, weather, seed)
  }

  close(): void {
    this.#closed = true
    this.#outer.close()
    for (const inner of this.#inner.values()) inner.close()
  }

  /** To the server each client has an address of its own, as behind a NAT. */
  #innerFor(client: number): Socket {
    const known = this.#inner.get(client)
    if (known) return known
    const inner = createSocket('udp4')
    inner.on('message', (datagram) => this.#pass(() => this.#outer.send(datagram, client, '127.0.0.1')))
    this.#inner.set(client, inner)
    return inner
  }

  #pass(send: () => void): void {
    const { lose, duplicate, delay } = this.#weather
    if (this.#random() < lose) {
      this.counts.lose++
      return
    }
    this.#send(send, delay)
    if (this.#random() >= duplicate) return
    this.counts.duplicate++
    this.#send(send, 0.5)
  }

  #send(send: () => void, delay: number): void {
    if (this.#random() >= delay) {
      send()
      return
    }
    this.counts.delay++
    setTimeout(() => this.#closed || send(), 5 + this.#random() * 60)
  }
}

/** Random loss in the kernel, by nftables, of UDP to these ports. */
export class KernelLoss {
  readonly #table = `ringdown_test_${process.pid}`

  /** Whether this machine lets us. */
  static isPossible(): boolean {
    if (process.getuid?.() !== 0) return false
    const trial = new KernelLoss()
    try {
      trial.start([9], 1)
      return true
    } catch {
      return false
    } finally {
      trial.stop()
    }
  }

  start(ports: readonly number[], percent: number): void {
    process.once('exit', this.#abandon)
    nft(`add table inet ${this.#table}`)
    nft(`add chain inet ${this.#table} input { type filter hook input priority 0 ; }`)
    const to = `udp dport { ${ports.join(', ')} }`
    nft(`add rule inet ${this.#table} input ${to} numgen random mod 100 < ${percent} counter drop`)
  }

  /** Datagrams lost so far. */
  get lost(): number {
    return Number(/counter packets (\d+)/.exec(nft(`list table inet ${this.#table}`))?.[1] ?? 0)
  }

  stop(): void {
    process.off('exit', this.#abandon)
    this.#abandon()
  }

  readonly #abandon = (): void => {
    try {
      nft(`delete table inet ${this.#table}`)
    } catch {
      // It is not there.
    }
  }
}

const nft = (command: string) => execFileSync('nft', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
