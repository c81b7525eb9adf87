import type { Clock } from '@ringdown/signalling'
import type { Redis } from 'ioredis'
import { bare } from './errors.ts'
import type { OnNotice } from './link.ts'

/** How often the connection is tried, and how long it may be silent. Milliseconds. */
const pingMs = 1000
const silentMs = 2500
/** Channels in one SSUBSCRIBE at most. */
const batch = 1000

export interface SubscriberOptions {
  redis: Redis
  clock: Clock
  onNotice: OnNotice
  onMessage(channel: string, message: Buffer): void
  /** From now on messages of these channels arrive; what was published before may be lost. */
  onSubscribed(channels: readonly string[]): void
}

/** The connection that hints come over: one sharded subscription per channel, made again after each reconnect. */
export class Subscriber {
  readonly #options: SubscriberOptions
  readonly #redis: Redis
  readonly #channels = new Set<string>()
  readonly #fresh = new Set<string>()
  #scheduled = false
  #closed = false
  #troubled = false
  #lastSign: number
  #stopPing: () => void = () => {}

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#redis = options.redis
    this.#lastSign = options.clock.now()
    this.#redis.on('ready', () => {
      this.#fresh.clear()
      this.#subscribe([...this.#channels])
    })
    this.#redis.on('smessageBuffer', (channel: Buffer, message: Buffer) =>
      options.onMessage(channel.toString(), message),
    )
    // The slot has gone to another node of the cluster.
    this.#redis.on('moved', () => this.reconnect())
    this.#redis.on('error', (error) => this.#trouble(error))
    this.#redis.on('close', () => this.#trouble(new Error('connection lost')))
    this.#ping()
  }

  subscribe(channel: string): void {
    this.#channels.add(channel)
    this.#fresh.add(channel)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const fresh = [...this.#fresh].filter((name) => this.#channels.has(name))
      this.#fresh.clear()
      if (this.#redis.status === 'ready') this.#subscribe(fresh)
    })
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel)
    if (this.#fresh.delete(channel) || this.#redis.status !== 'ready') return
    // Where it fails the connection breaks, and the next one does not subscribe.
    this.#redis.sunsubscribe(channel).catch(() => {})
  }

  reconnect(): void {
    if (!this.#closed) this.#redis.disconnect(true)
  }

  close(): void {
    this.#closed = true
    this.#stopPing()
    this.#redis.disconnect()
  }

  #subscribe(channels: readonly string[]): void {
    this.#lastSign = this.#options.clock.now()
    for (let at = 0; at < channels.length; at += batch) {
      const some = channels.slice(at, at + batch)
      this.#redis.ssubscribe(...some).then(
        () => {
          this.#troubled = false
          this.#options.onSubscribed(some)
        },
        (error) => {
          this.#trouble(error)
          this.#options.clock.after(pingMs, () => this.reconnect())
        },
      )
    }
  }

  /** A connection that died without a word would leave us deaf. */
  #ping(): void {
    if (this.#closed) return
    const { clock } = this.#options
    this.#stopPing = clock.after(pingMs, () => this.#ping())
    if (this.#redis.status !== 'ready') return
    if (clock.now() - this.#lastSign > silentMs) {
      this.#lastSign = clock.now()
      this.reconnect()
      return
    }
    this.#redis.ping().then(
      () => {
        this.#lastSign = clock.now()
      },
      () => {},
    )
  }

  #trouble(error: unknown): void {
    if (this.#closed || this.#troubled) return
    this.#troubled = true
    this.#options.onNotice('hints from other nodes are interrupted', { cause: bare(error).message })
  }
}
