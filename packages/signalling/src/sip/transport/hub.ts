/** What all listeners and connections of one process share. */

import type { Clock } from '../../tserver/ports.ts'
import type { SipMessage } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import type { ConnectionTable } from './connection-table.ts'
import type { Address, Flow, FlowUser, ParseFault, TransportName } from './flow.ts'
import type { LocalAddress } from './local-address.ts'
import type { DropReason, SipTap, TransportLimits } from './options.ts'

export interface Hub {
  readonly limits: TransportLimits
  readonly clock: Clock
  readonly user: FlowUser
  readonly connections: ConnectionTable
  readonly local: LocalAddress
  newID(): string
  drop(reason: DropReason, transport: TransportName, remote: Address | undefined): void
  fail(error: unknown, flow: Flow | undefined): void
  readonly tap?: SipTap | undefined
}

/** Reads one whole message; answers what cannot be read. Never throws. Undefined: it was none. */
export function read(hub: Hub, flow: Flow, bytes: Uint8Array): SipMessage | undefined {
  try {
    const parsed = parseMessage(bytes, hub.limits.message, flow.remote)
    if (parsed.kind !== 'fault') return parsed
    refuse(hub, flow, parsed)
  } catch (error) {
    hub.fail(error, flow)
  }
  return undefined
}

/** Hands a message to the user. Never throws: a broken invariant ends here, the next message has nothing to do with it. */
export function deliver(hub: Hub, flow: Flow, message: SipMessage): void {
  hub.tap?.(false, flow, message.bytes)
  try {
    hub.user.onMessage(message, flow)
  } catch (error) {
    hub.fail(error, flow)
  }
}

/** Sends back what the RFC asks for, and tells the user. */
export function refuse(hub: Hub, flow: Flow, fault: ParseFault): void {
  if (fault.answer) flow.send(fault.answer)
  hub.drop('malformed', flow.transport, flow.remote)
  try {
    hub.user.onFault(fault, flow)
  } catch (error) {
    hub.fail(error, flow)
  }
}

/** Tells the user that a flow is gone. */
export function tellClosed(hub: Hub, flow: Flow): void {
  try {
    hub.user.onClosed(flow)
  } catch (error) {
    hub.fail(error, flow)
  }
}
