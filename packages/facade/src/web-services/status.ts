import { type ErrorName, TServerError } from '@ringdown/signalling'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type OperationsSchema, operationNames } from './schema/operations.ts'

/** The status codes of web-services-api §1.4 that this facade answers with, and the HTTP status each comes with. */
export const httpStatus = {
  1: 400,
  2: 400,
  3: 403,
  4: 500,
  5: 403,
  6: 404,
  10: 400,
  11: 403,
  15: 500,
  18: 403,
  19: 409,
  20: 401,
} as const satisfies Record<number, number>
export type StatusCode = keyof typeof httpStatus

/** What every refused request is answered with, and nothing else. */
export interface Failure {
  statusCode: StatusCode
  statusMessage: string
}

/** A request that Web Services itself refuses. The message is for the client. */
export class ApiError extends Error {
  readonly api: StatusCode
  readonly http: number

  constructor(api: StatusCode, message: string, http: number = httpStatus[api]) {
    super(message)
    this.name = 'ApiError'
    this.api = api
    this.http = http
  }
}

interface Status {
  api: StatusCode
  http: number
}
const invalidState: Status = { api: 2, http: 400 }
const outOfRange: Status = { api: 10, http: 400 }
const notFound: Status = { api: 6, http: 404 }
const unavailable: Status = { api: 4, http: 503 }

/** The T-Server's refusals in the words of web-services-api §1.4 and §2.6. */
export const statusOf = {
  TERR_NOT_REGISTERED: invalidState,
  TERR_RESOURCE_SEIZED: { api: 19, http: 409 },
  TERR_UNSUP_OPER: { api: 3, http: 403 },
  TERR_INTERNAL: { api: 4, http: 500 },
  TERR_INVALID_ATTR: outOfRange,
  TERR_NO_SWITCH: unavailable,
  TERR_INV_CONNID: notFound,
  TERR_TIMEOUT: unavailable,
  TERR_OUT_OF_SERVICE: invalidState,
  TERR_NOT_CONFIGURED: notFound,
  TERR_DEST_INV_STATE: invalidState,
  TERR_RES_UNAVAIL: unavailable,
  TERR_SET_WRONG_STATE: invalidState,
  TERR_ACD_LOGOFF: invalidState,
  TERR_AGENT_ID_INV: outOfRange,
  TERR_BAD_PARAM: outOfRange,
} as const satisfies Record<ErrorName, Status>

/** The one place that turns an error into an answer. SPEC WS-1: no answer has the framework's shape or a stack. */
export function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { api, http, message } = failureOf(error, request)
  if (http >= 500 && !(error instanceof TServerError)) request.log.error({ err: error }, 'request failed')
  return reply.code(http).send({ statusCode: api, statusMessage: message } satisfies Failure)
}

function failureOf(error: FastifyError, request: FastifyRequest): Status & { message: string } {
  if (error instanceof ApiError) return { api: error.api, http: error.http, message: error.message }
  if (error instanceof TServerError) return { ...statusOf[error.reason], message: error.message }
  if (error.validation) return invalid(error, request)
  switch (error.code) {
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { api: 1, http: 400, message: 'The request has no body; send a JSON object' }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { api: 10, http: 415, message: 'Send the body as application/json' }
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { api: 10, http: 413, message: `The body is larger than ${request.routeOptions.bodyLimit} bytes` }
  }
  // Whatever else the framework found wrong in the request: malformed JSON, a bad content length or a bad URL.
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return { api: 10, http: error.statusCode, message: error.message }
  return { api: 4, http: 500, message: 'Internal error' }
}

function invalid(
  { validation, validationContext }: FastifyError,
  request: FastifyRequest,
): Status & { message: string } {
  const first = validation?.[0]
  const where = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
  const missing = (message: string) => ({ api: 1, http: 400, message }) as const
  switch (first?.keyword) {
    case 'required': {
      const name = String(first.params.missingProperty)
      if (name === 'operationName') return missing(`operationName is missing; ${known(request)}`)
      return missing(`${where ? `${where}.${name}` : name} is missing`)
    }
    case 'discriminator': {
      if (first.params.error !== 'mapping') return missing(`operationName is missing; ${known(request)}`)
      const name = String(first.params.tagValue).slice(0, 64)
      return { api: 3, http: 403, message: `Unknown operation '${name}'; ${known(request)}` }
    }
    case 'type':
      if (validationContext === 'body' && (request.body === undefined || request.body === null))
        return missing('The request has no body; send a JSON object')
      break
  }
  return { ...outOfRange, message: `${where || (validationContext ?? 'body')} ${first?.message ?? 'is not valid'}` }
}

function known(request: FastifyRequest): string {
  const body = request.routeOptions.schema?.body as Partial<OperationsSchema> | undefined
  return `this resource knows ${operationNames(body).join(', ')}`
}
