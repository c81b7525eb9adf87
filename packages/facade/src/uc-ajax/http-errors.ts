import { TServerError } from '@ringdown/signalling'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../web-services/status.ts'
import { type CwaCode, CwaError, type CwaFailure } from './error.ts'
import { printResponses } from './print.ts'

/** A request that is refused before, or instead of, what its XML says: uc-ajax-api §1.9. The detail is for the client. */
export class CwaHttpError extends Error {
  readonly status: number
  readonly failure: CwaFailure
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: CwaCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.name = 'CwaHttpError'
    this.status = status
    this.failure = new CwaError(code, detail).failure
    this.headers = headers
  }
}

interface Answer {
  status: number
  failure: CwaFailure
  headers?: Readonly<Record<string, string>>
}

/** The one place that turns an error into an answer of this facade: an `error` element, never the framework's shape. SPEC UC-47. */
export function sendCwaError(
  error: Error & { code?: string; statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
  o: { namespace: boolean },
): FastifyReply {
  const { status, failure, headers = {} } = answerTo(error)
  if (status === 500) request.log.error({ err: error }, 'request failed')
  const body = printResponses({ processed: 0, unexpected: 0, answers: [{ answer: 'error', failure }] }, o)
  return sendXml(reply.code(status).headers(headers), body)
}

/** No `Accept` is looked at, uc-ajax-api §1.2; answers are one person's. */
export function sendXml(reply: FastifyReply, body: string): FastifyReply {
  return reply
    .header('content-type', 'text/xml; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .send(body)
}

/** What was read and is not as it should be is 200, uc-ajax-api §1.9. */
const statusOf: Partial<Record<CwaCode, number>> = {
  InvalidFormat: 200,
  InvalidRequest: 200,
  SessionNotFound: 404,
  RequestThrottled: 429,
}

function answerTo(error: Error & { code?: string; statusCode?: number }): Answer {
  if (error instanceof CwaHttpError) return error
  if (error instanceof CwaError) return { status: statusOf[error.failure.code] ?? 500, failure: error.failure }
  // SPEC UC-48: whatever the T-Server refuses has been answered by now; what is left is a store that does not answer.
  if (error instanceof TServerError)
    return answer(503, 'InternalFailure', 'The store does not answer; send the request again', { 'retry-after': '1' })
  if (error instanceof ApiError && error.http === 429) return answer(429, 'RequestThrottled', error.message)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return answer(413, 'InvalidFormat', 'The body is too large')
  const { statusCode: status = 500 } = error
  if (status >= 400 && status < 500) return answer(status, 'InvalidFormat', error.message)
  return answer(500, 'InternalFailure', 'Something went wrong here')
}

function answer(status: number, code: CwaCode, detail: string, headers?: Readonly<Record<string, string>>): Answer {
  return { status, failure: new CwaError(code, detail).failure, ...(headers && { headers }) }
}
