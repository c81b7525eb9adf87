import type { Answer } from './contract.ts'

/** The server refused: nothing has changed. Any other failure leaves open whether the request was carried out. */
export class RequestRefused extends Error {
  /** The answer's `statusCode`; -1 where the body was none of the API's. */
  readonly statusCode: number
  readonly httpStatus: number

  constructor(httpStatus: number, answer: Answer) {
    super(answer.statusMessage ?? `refused with status code ${answer.statusCode}`)
    this.name = 'RequestRefused'
    this.statusCode = answer.statusCode
    this.httpStatus = httpStatus
  }
}
