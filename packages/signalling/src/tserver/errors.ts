/**
 * Every way the core refuses a T-request: the T-Library code, and what it means here.
 * Codes 40–58 are common to all T-Servers; the rest come from the list most deployments quote.
 */
export const errorCatalogue = {
  TERR_NOT_REGISTERED: { code: 41, text: 'The address is not registered by this client' },
  TERR_RESOURCE_SEIZED: { code: 42, text: 'The device is in use by somebody else' },
  TERR_UNSUP_OPER: { code: 51, text: 'Operation not supported' },
  TERR_INTERNAL: { code: 52, text: 'Internal error' },
  TERR_INVALID_ATTR: { code: 53, text: 'Invalid attribute value' },
  TERR_NO_SWITCH: { code: 54, text: 'The session store does not answer' },
  TERR_INV_CONNID: { code: 56, text: 'There is no such session' },
  TERR_TIMEOUT: { code: 57, text: 'The session store did not answer in time' },
  TERR_OUT_OF_SERVICE: { code: 58, text: 'The device is out of service' },
  TERR_NOT_CONFIGURED: { code: 59, text: 'The DN is not configured' },
  TERR_DEST_INV_STATE: { code: 93, text: 'Invalid state' },
  TERR_RES_UNAVAIL: { code: 166, text: 'Too many requests are under way' },
  TERR_SET_WRONG_STATE: { code: 185, text: 'The agent is not logged in on this device' },
  TERR_ACD_LOGOFF: { code: 187, text: 'The agent is logged out' },
  TERR_AGENT_ID_INV: { code: 192, text: 'Invalid agent id' },
  TERR_BAD_PARAM: { code: 223, text: 'Bad parameter' },
} as const satisfies Record<string, { code: number; text: string }>

export type ErrorName = keyof typeof errorCatalogue

/** A request the core refuses. Nothing has been changed; the asker gets an EventError with this code. */
export class TServerError extends Error {
  readonly reason: ErrorName
  /** The T-Library code, attribute ErrorCode of EventError. */
  readonly code: number

  constructor(reason: ErrorName, detail?: string, options?: ErrorOptions) {
    const { code, text } = errorCatalogue[reason]
    super(detail === undefined ? text : `${text}: ${detail}`, options)
    this.name = 'TServerError'
    this.reason = reason
    this.code = code
  }
}
