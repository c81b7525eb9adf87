import { type ErrorName, TServerError } from '@ringdown/signalling'
import { ApiError } from '../web-services/status.ts'
import { type CwaCode, CwaError, type CwaFailure } from './error.ts'

/** The T-Server's refusals in CWA's codes, uc-ajax-api §1.8; null where nobody knows whether the request was carried out. */
const codeOf = {
  TERR_NOT_REGISTERED: 'InvalidOperation',
  TERR_RESOURCE_SEIZED: 'InvalidOperation',
  TERR_UNSUP_OPER: 'InvalidOperation',
  TERR_INTERNAL: 'InternalFailure',
  TERR_INVALID_ATTR: 'InvalidRequest',
  TERR_NO_SWITCH: null,
  TERR_INV_CONNID: 'InvalidOperation',
  TERR_TIMEOUT: null,
  TERR_OUT_OF_SERVICE: 'InvalidOperation',
  TERR_NOT_CONFIGURED: 'InvalidOperation',
  TERR_DEST_INV_STATE: 'InvalidOperation',
  TERR_RES_UNAVAIL: null,
  TERR_SET_WRONG_STATE: 'InvalidOperation',
  TERR_ACD_LOGOFF: 'InvalidOperation',
  TERR_AGENT_ID_INV: 'InvalidOperation',
  TERR_BAD_PARAM: 'InvalidRequest',
} as const satisfies Record<ErrorName, CwaCode | null>

/**
 * Why a request failed, for its own element of the answer. Undefined where that cannot be said: the store did not answer, or something
 * broke; then the whole POST fails, and the client repeats it under the same rids. SPEC UC-82.
 */
export function failureOf(error: unknown): CwaFailure | undefined {
  if (error instanceof CwaError) return error.failure
  // What Web Services says about places and devices is as true here.
  if (error instanceof ApiError) return new CwaError('InvalidOperation', error.message).failure
  const code = error instanceof TServerError ? codeOf[error.reason] : null
  return code === null ? undefined : new CwaError(code, (error as TServerError).message).failure
}

export function isRefusal(error: unknown, reason: ErrorName): boolean {
  return error instanceof TServerError && error.reason === reason
}
