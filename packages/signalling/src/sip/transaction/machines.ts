import type { RequestParts } from '../message/message.ts'
import type { TransactionUser } from './ports.ts'
import type { InviteClient } from './run-invite-client.ts'
import type { InviteServer } from './run-invite-server.ts'
import type { NonInviteClient } from './run-non-invite-client.ts'
import type { NonInviteServer } from './run-non-invite-server.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { Durations, TimerName } from './timers.ts'

/** What the machines share: the layer, as they see it. */
export interface Machines {
  readonly wheel: TimerWheel<TimerName>
  readonly times: Durations
  readonly user: TransactionUser
  /** The server transaction has nothing left to do but to absorb repetitions. */
  settled(server: InviteServer | NonInviteServer): void
  /** The client transaction has its final answer. */
  answered(client: InviteClient | NonInviteClient): void
  removeInviteServer(server: InviteServer): void
  removeNonInviteServer(server: NonInviteServer): void
  removeClient(client: InviteClient | NonInviteClient): void
  /** Sends a CANCEL for the INVITE: a transaction of its own, of whose end nobody is told. */
  sendCancel(invite: InviteClient, parts: RequestParts): void
}
