import type { RequestParts } from '../message/message.ts'
import type { TransactionUser } from './ports.ts'
import type { InviteClient } from './run-invite-client.ts'
import type { NonInviteClient } from './run-non-invite-client.ts'
import type { Server } from './server-index.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { Durations, TimerName } from './timers.ts'

/** What the machines share: the layer, as they see it. */
export interface Machines {
  readonly wheel: TimerWheel<TimerName>
  readonly times: Durations
  readonly user: TransactionUser
  /** The user has answered; the transaction absorbs repetitions. `bytes`: what it holds besides itself. */
  settled(server: Server, bytes: number): void
  /** The client transaction has its final answer. */
  answered(client: InviteClient | NonInviteClient): void
  removeServer(server: Server): void
  removeClient(client: InviteClient | NonInviteClient): void
  /** Sends a CANCEL for the INVITE: a transaction of its own, of whose end nobody is told. */
  sendCancel(invite: InviteClient, parts: RequestParts): void
}
