/** A SIP stack with one flow in memory on either side, for measurements: no sockets, and a clock that is turned by hand. */
import { randomFillSync } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  createSipStack,
  type FlowUser,
  type SipDialog,
  type SipStack,
  type SipUser,
  type Transports,
} from '@ringdown/signalling'
import { FakeFlow, ManualClock, parseMessage, type SipRequest } from '@ringdown/signalling/testing'

setFlagsFromString('--expose-gc')
export const collect = runInNewContext('gc') as () => void

/** A flow that hands over what is sent, and keeps nothing. */
class OpenFlow extends FakeFlow {
  taken: Uint8Array[] = []

  override send(bytes: Uint8Array): boolean {
    this.taken.push(bytes)
    return true
  }

  drain(): Uint8Array[] {
    const { taken } = this
    this.taken = []
    return taken
  }
}

/** 192.0.2.2 calls, 192.0.2.3 is called. */
export interface BenchStack {
  readonly stack: SipStack
  readonly clock: ManualClock
  readonly caller: OpenFlow
  readonly callee: OpenFlow
  receive(bytes: Uint8Array, flow: OpenFlow): void
  close(): Promise<void>
}

export async function benchStack(user: SipUser): Promise<BenchStack> {
  const clock = new ManualClock()
  const caller = new OpenFlow('udp', '192.0.2.1:5060', '192.0.2.2:5060')
  const callee = new OpenFlow('udp', '192.0.2.1:5060', '192.0.2.3:5060')
  const to = (address: string) => (address === callee.remote.address ? callee : caller)
  let flows: FlowUser | undefined
  const transports: Transports = {
    flowTo: async (target) => to(target.address),
    flow: () => undefined,
    resolve: async (uri) => [
      { transport: 'udp', port: 5060, address: uri.includes('192.0.2.3') ? '192.0.2.3' : '192.0.2.2' },
    ],
    listening: [],
    close: async () => undefined,
  }
  const stack = await createSipStack({
    transports: async (given) => {
      flows = given
      return transports
    },
    clock,
    tokens: randomTokens(),
    random: Math.random,
    user,
    userAgent: 'Ringdown',
  })
  const receive = (bytes: Uint8Array, flow: OpenFlow) => {
    const message = parseMessage(bytes, undefined, flow.remote)
    if (message.kind === 'fault') throw new Error(message.why)
    flows?.onMessage(message, flow)
  }
  return { stack, clock, caller, callee, receive, close: () => stack.close() }
}

/** What runs when a promise is fulfilled has run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const sdp = [
  'v=0',
  'o=- 3890000000 1 IN IP4 192.0.2.2',
  's=-',
  'c=IN IP4 192.0.2.2',
  't=0 0',
  'm=message 2855 TCP/MSRP *',
  'a=accept-types:message/cpim text/plain',
  'a=accept-wrapped-types:text/plain text/html message/imdn+xml',
  'a=path:msrp://192.0.2.2:2855/9di4eae923wzd5f1;tcp',
  'a=max-size:1048576',
  'a=setup:actpass',
  '',
].join('\r\n')
export const sdpBytes = Buffer.from(sdp)

/** One call of a peer at 192.0.2.2, as bytes. */
export class BenchCall {
  readonly #n: number
  #to = '<sip:7001@192.0.2.1>'

  constructor(n: number) {
    this.#n = n
  }

  /** Learns the To tag of the answer. */
  answered(response: Uint8Array): void {
    const text = Buffer.from(response).toString('latin1')
    const at = text.indexOf('\r\nTo: ') + 6
    this.#to = text.slice(at, text.indexOf('\r\n', at))
  }

  invite(): Uint8Array {
    return this.#request('INVITE', 1, 'i', sdp)
  }

  ack(): Uint8Array {
    return this.#request('ACK', 1, 'a', '')
  }

  bye(): Uint8Array {
    return this.#request('BYE', 2, 'b', '')
  }

  #request(method: string, cseq: number, kind: string, body: string): Uint8Array {
    const n = this.#n
    return Buffer.from(
      `${method} sip:7001@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK-${kind}-${n};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: "Customer ${n}" <sip:customer${n}@example.net>;tag=from${n}\r\nTo: ${this.#to}\r\n` +
        `Call-ID: 7f3e9a02c1b84d56-${n}@192.0.2.2\r\nCSeq: ${cseq} ${method}\r\nContact: <sip:customer${n}@192.0.2.2:5060>\r\n` +
        `User-Agent: SomePhone/1.2.3 (build 4711)\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE\r\nSupported: timer\r\n` +
        `${body === '' ? '' : 'Content-Type: application/sdp\r\n'}Content-Length: ${body.length}\r\n\r\n${body}`,
      'latin1',
    )
  }
}

/** The answer of the peer at 192.0.2.3 to a request of the stack. */
export function okTo(request: SipRequest): Uint8Array {
  const isInvite = request.method === 'INVITE'
  const to = request.header('to') ?? ''
  return Buffer.from(
    `SIP/2.0 200 OK\r\nVia: ${request.header('via')}\r\nFrom: ${request.header('from')}\r\n` +
      `To: ${request.to.tag === undefined ? `${to};tag=callee` : to}\r\nCall-ID: ${request.callID}\r\n` +
      `CSeq: ${request.cseq.number} ${request.method}\r\n` +
      `${isInvite ? 'Contact: <sip:agent@192.0.2.3:5060>\r\nContent-Type: application/sdp\r\n' : ''}` +
      `Content-Length: ${isInvite ? sdp.length : 0}\r\n\r\n${isInvite ? sdp : ''}`,
    'latin1',
  )
}

/** A dialog nobody does anything with. */
export const idleDialogUser: NonNullable<SipDialog['user']> = {
  onOffer: async () => ({ status: 488 }),
  onRequest: async () => ({ status: 200 }),
  onEnd: () => undefined,
}

/** Random bytes are bought in bulk, as a server does. */
function randomTokens(): (bits: number) => string {
  const pool = Buffer.alloc(8_192)
  let at = pool.length
  return (bits) => {
    const bytes = Math.ceil(bits / 8)
    if (at + bytes > pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += bytes
    return pool.toString('hex', at - bytes, at)
  }
}
