import type { Clock } from '@ringdown/signalling'
import type { Logins } from '../login/logins.ts'
import type { Guard } from '../web-services/guard.ts'
import { ApiError } from '../web-services/status.ts'
import type { Lab } from './ports.ts'

/** What the lab console's routes are made from. */
export interface LabDeps {
  guard: Guard
  clock: Pick<Clock, 'now'>
  logins: Pick<Logins, 'lockOuts' | 'liftLockOut'>
  /** Absent: this node tells nothing of what only the server knows. */
  lab: Lab | undefined
}

/** Who may use the lab console. */
export const operators = { roles: ['admin'] } as const

export const tags = ['Lab']

/** Throws ApiError 3 where this node has none of it. */
export function present(lab: Lab | undefined): Lab {
  if (!lab) throw new ApiError(3, 'This node has no lab')
  return lab
}
