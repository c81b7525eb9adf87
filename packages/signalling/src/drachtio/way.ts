import type { Address, Flow, Target, TransportName } from '../sip/transport/flow.ts'
import { transportIn } from './wire.ts'

/** The id of every way: which connection leads to a peer is the server's matter. */
export const wayID = 'drachtio'

/** A next hop for the server to find its way to. */
export interface Hop extends Target {
  readonly uri: string
}

export function hopTo(uri: string): Hop {
  return { transport: transportIn(uri), address: '', port: 0, uri }
}

/** What stands for a flow where a drachtio-server holds it. */
export class Way implements Flow {
  readonly id = wayID
  /** As far as we can tell: what was sent or came over it is not bound to it. */
  readonly reliable = false
  readonly open = true
  readonly peerNames: readonly string[] = []
  /** The server puts its own address in the place of this. */
  readonly sentBy = 'localhost'
  readonly local: Address = { address: '', port: 0 }
  readonly transport: TransportName
  readonly remote: Address
  /** Where a request goes first; undefined where the server knows. */
  readonly uri: string | undefined

  constructor({ transport, address, port, uri }: Target & { readonly uri?: string }) {
    this.transport = transport
    this.remote = { address, port }
    this.uri = uri
  }

  send(): boolean {
    return false
  }

  close(): void {
    // Not ours to close.
  }
}
