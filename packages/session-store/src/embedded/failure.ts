import { type ErrorName, TServerError } from '@ringdown/signalling'
import type { Failure, FailureKind } from './wire.ts'

/** The refusal each kind of failure becomes. */
const reasons = {
  busy: 'TERR_TIMEOUT',
  unavailable: 'TERR_NO_SWITCH',
  invalid: 'TERR_INTERNAL',
} as const satisfies Record<FailureKind, ErrorName>

export function toTServerError({ kind, message }: Failure): TServerError {
  return new TServerError(reasons[kind], message)
}
