import type { SipMessage } from '../sip/message/message.ts'
import type { Address, Flow, FlowUser, ParseFault, TransportName } from '../sip/transport/flow.ts'
import type { DropReason, SocketTransports, TransportsOptions } from '../sip/transport/options.ts'
import { createTransports } from '../sip/transport/transports.ts'
import type { Clock } from '../tserver/ports.ts'

/** The machine's clock, for tests over real sockets. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Keeps what transports hand over. */
export class Inbox implements FlowUser {
  readonly messages: { readonly message: SipMessage; readonly flow: Flow }[] = []
  readonly faults: { readonly fault: ParseFault; readonly flow: Flow }[] = []
  readonly closed: Flow[] = []
  readonly drops: DropReason[] = []
  readonly errors: unknown[] = []
  /** Called for each message after it was kept. */
  onEach: ((message: SipMessage, flow: Flow) => void) | undefined

  onMessage(message: SipMessage, flow: Flow): void {
    this.messages.push({ message, flow })
    this.onEach?.(message, flow)
  }

  onFault(fault: ParseFault, flow: Flow): void {
    this.faults.push({ fault, flow })
  }

  onClosed(flow: Flow): void {
    this.closed.push(flow)
  }
}

/** Transports over real sockets of this machine, and what came in. */
export interface LiveTransports {
  readonly transports: SocketTransports
  readonly inbox: Inbox
  /** Where the first listener of that transport is. */
  at(transport: TransportName): Address & { transport: TransportName }
}

/** Opens transports; listeners are on 127.0.0.1 and a free port unless they say otherwise. */
export async function liveTransports(
  listen: readonly (Partial<TransportsOptions['listen'][number]> & { transport: TransportName })[],
  options: Partial<Omit<TransportsOptions, 'listen' | 'user'>> = {},
): Promise<LiveTransports> {
  const inbox = new Inbox()
  const transports = await createTransports({
    listen: listen.map((one) => ({ address: '127.0.0.1', port: 0, ...one })),
    user: inbox,
    clock: realClock,
    onDrop: (reason) => inbox.drops.push(reason),
    onError: (error) => inbox.errors.push(error),
    ...options,
  })
  return {
    transports,
    inbox,
    at(transport) {
      const found = transports.listening.find((one) => one.transport === transport)
      if (!found) throw new Error(`nothing listens on ${transport}`)
      return found
    },
  }
}
