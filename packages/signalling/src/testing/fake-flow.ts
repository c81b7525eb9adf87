import { parseMessage } from '../sip/message/parse.ts'
import type { Address, Flow, FlowUser, TransportName } from '../sip/transport/flow.ts'
import type { Clock } from '../tserver/ports.ts'

/** What the network between two fake flows does to datagrams. */
export interface FakeNetwork {
  /** Of a thousand datagrams, so many are lost, and so many come twice. */
  readonly lost?: number
  readonly repeated?: number
  /** Each takes between so many milliseconds: where the two differ, they overtake each other. */
  readonly delayMs?: readonly [min: number, max: number]
}

let flows = 0

/** A flow in memory. Alone it keeps what is sent; as one of a pair it hands it to the other. */
export class FakeFlow implements Flow {
  readonly id = `fake-${flows++}`
  readonly transport: TransportName
  readonly reliable: boolean
  readonly local: Address
  readonly remote: Address
  readonly peerNames: readonly string[] = []
  readonly sentBy: string
  open = true
  /** Everything that was sent, oldest first. */
  readonly sent: Uint8Array[] = []
  /** Who gets what comes in. */
  user: FlowUser | undefined = undefined
  /** What happens to what is sent, besides being kept. */
  onSend: ((bytes: Uint8Array) => void) | undefined = undefined
  peer: FakeFlow | undefined = undefined

  constructor(transport: TransportName = 'udp', local = '192.0.2.1:5060', remote = '192.0.2.2:5060') {
    this.transport = transport
    this.reliable = transport !== 'udp'
    this.local = addressOf(local)
    this.remote = addressOf(remote)
    this.sentBy = local
  }

  send(bytes: Uint8Array): boolean {
    if (!this.open) return false
    this.sent.push(bytes)
    this.onSend?.(bytes)
    return true
  }

  close(): void {
    if (!this.open) return
    this.open = false
    this.user?.onClosed(this)
    this.peer?.close()
  }

  /** What a transport does with a whole message. */
  receive(bytes: Uint8Array): void {
    if (!this.open) return
    const message = parseMessage(bytes, undefined, this.remote)
    if (message.kind !== 'fault') this.user?.onMessage(message, this)
    else {
      if (message.answer) this.send(message.answer)
      this.user?.onFault(message, this)
    }
  }

  /** Takes out what was sent since the last time, as text. */
  take(): string[] {
    return this.sent.splice(0).map((bytes) => Buffer.from(bytes).toString())
  }
}

/** Two ends of one flow. What one sends the other receives later, by the clock; a UDP pair loses, repeats and reorders as the network says. */
export function fakeFlowPair(options: {
  readonly clock: Clock
  readonly transport?: TransportName
  readonly network?: FakeNetwork
  /** 32-bit numbers, e.g. of `seededRandom`. */
  readonly random?: () => number
}): readonly [FakeFlow, FakeFlow] {
  const { clock, transport = 'udp', network = {}, random = () => 0 } = options
  const left = new FakeFlow(transport, '192.0.2.1:5060', '192.0.2.2:5060')
  const right = new FakeFlow(transport, '192.0.2.2:5060', '192.0.2.1:5060')
  const [min, max] = network.delayMs ?? [1, 1]
  const chance = (outOfThousand = 0) => random() % 1000 < outOfThousand
  const join = (from: FakeFlow, to: FakeFlow) => {
    from.peer = to
    from.onSend = (bytes) => {
      if (from.reliable) {
        clock.after(min, () => to.receive(bytes))
        return
      }
      const copies = chance(network.lost) ? 0 : chance(network.repeated) ? 2 : 1
      for (let copy = 0; copy < copies; copy++)
        clock.after(min + (random() % (max - min + 1)), () => to.receive(Uint8Array.from(bytes)))
    }
  }
  join(left, right)
  join(right, left)
  return [left, right]
}

function addressOf(hostPort: string): Address {
  const colon = hostPort.lastIndexOf(':')
  return { address: hostPort.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(hostPort.slice(colon + 1)) }
}
