import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Target } from './balancer.ts'

/** What becomes of datagrams: parts from 0 to 1, and the most a datagram is kept back, milliseconds. */
export interface Weather {
  lost: number
  doubled: number
  lateMs: number
}

export const clear: Weather = { lost: 0, doubled: 0, lateMs: 0 }

/**
 * A UDP proxy on loopback between one phone and an engine. The phone sends to `near`; the engine sees, and answers to, `far`, which is
 * what the phone names as its contact. In both directions datagrams are lost, doubled, and overtake each other, as `random` decides.
 */
export class UdpProxy {
  weather: Weather = clear
  /** Datagrams that came, and what was done to them. */
  readonly counts = { passed: 0, lost: 0, doubled: 0 }
  readonly #target: () => Target
  readonly #random: () => number
  #near!: Socket
  #far!: Socket
  #phone: { address: string; port: number } | undefined
  #closed = false

  private constructor(target: () => Target, random: () => number) {
    this.#target = target
    this.#random = random
  }

  /** The target is asked for each datagram. */
  static async start(target: () => Target, random: () => number): Promise<UdpProxy> {
    const proxy = new UdpProxy(target, random)
    proxy.#near = await bound((bytes, from) => {
      proxy.#phone = from
      proxy.#pass(() => {
        const { host, port } = proxy.#target()
        proxy.#far.send(bytes, port, host, ignored)
      })
    })
    await proxy.move()
    return proxy
  }

  get near(): Target {
    return { host: '127.0.0.1', port: this.#near.address().port }
  }

  get far(): Target {
    return { host: '127.0.0.1', port: this.#far.address().port }
  }

  /** From now on the phone is seen at another address; what is sent to the former one is lost. */
  async move(): Promise<void> {
    const former: Socket | undefined = this.#far
    this.#far = await bound((bytes) => {
      const phone = this.#phone
      if (phone) this.#pass(() => this.#near.send(bytes, phone.port, phone.address, ignored))
    })
    former?.close()
  }

  stop(): void {
    this.#closed = true
    this.#near.close()
    this.#far.close()
  }

  #pass(send: () => void): void {
    const { lost, doubled, lateMs } = this.weather
    if (this.#random() < lost) {
      this.counts.lost++
      return
    }
    const copies = this.#random() < doubled ? 2 : 1
    this.counts.doubled += copies - 1
    this.counts.passed++
    for (let copy = 0; copy < copies; copy++) {
      const late = Math.floor(this.#random() * lateMs)
      if (late === 0) send()
      else
        setTimeout(() => {
          if (!this.#closed) send()
        }, late)
    }
  }
}

async function bound(onDatagram: (bytes: Buffer, from: RemoteInfo) => void): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  // A peer that is gone answers with ICMP; to UDP that is one more lost datagram.
  socket.on('error', ignored)
  socket.on('message', onDatagram)
  await once(socket, 'listening')
  return socket
}

const ignored = () => {}
