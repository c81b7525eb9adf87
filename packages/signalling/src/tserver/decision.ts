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
    }
  /** Accepted, and there is nothing to do. */
  | { kind: 'nothing'; callUUID?: CallUUID }
  | { kind: 'refused'; reason: ErrorName; detail: string }

/** A refusal; nothing changes. */
export function refuse(reason: ErrorName, detail: string): Decision {
  return { kind: 'refused', reason, detail }
}

export const noTimers: Change['timers'] = { set: [], cancel: [] }
