import type { Call } from './call.ts'
import type { ErrorName } from './errors.ts'
import type { CallUUID } from './ids.ts'
import type { Change, Versioned } from './ports.ts'

/** What `decide` says: all that has to become true, or why not. */
export type Decision =
  | {
      kind: 'change'
      change: Change
      /** The call as it stands after the change. */
      call?: Versioned<Call>
      callUUID?: CallUUID
      /** Where a text that came over SIP goes. */
      delivery?: Delivery
    }
  /** Accepted, and there is nothing to do. */
  | { kind: 'nothing'; callUUID?: CallUUID; delivery?: Delivery }
  | { kind: 'refused'; reason: ErrorName; detail: string }

/** Into an agent's feed, on to another SIP endpoint, or into a mailbox until somebody can be reached. */
export type Delivery = 'agent' | 'leg' | 'stored'

/** A refusal; nothing changes. */
export function refuse(reason: ErrorName, detail: string): Decision {
  return { kind: 'refused', reason, detail }
}

export const noTimers: Change['timers'] = { set: [], cancel: [] }
