import type { Clock, Directory, SessionStore } from '@ringdown/signalling'
import type { Log } from '../log.ts'
import type { Sender } from './sender.ts'
import type { Outcome } from './settle.ts'
import type { Webhook } from './webhook.ts'

export interface CourierDeps {
  centre: string
  webhook: Webhook
  sender: Pick<Sender, 'send' | 'close'>
  /** As it is, without what the T-Server's commits go through. */
  store: SessionStore
  directory: () => Directory
  clock: Clock
  /** From [0, 1). */
  random: () => number
  /** This node's run, unlike that of any other, and of itself before. */
  node: string
  log: Log
  onOutcome: (outcome: Outcome, count?: number) => void
}

/** How one webhook stands on the node that delivers for it. */
export interface CourierState {
  /** Events that are not delivered, those among them that are nothing to this webhook, as far as they were not looked at yet. */
  backlog: number
  /** How long the oldest of them waits, ms. */
  oldestMs: number
  gone: boolean
}
