/** Failure-Report and Success-Report of a SEND: what the sender wants to hear. RFC 4975 §7.1.2. */
export interface Wanted {
  readonly failure: 'yes' | 'partial' | 'no'
  readonly success: boolean
}

/** How it went: it was taken; it failed while the request still waits for its response; it failed after that. */
export type Outcome = 'ok' | 'now' | 'later'

/** What goes back: a response on the transaction, a REPORT of its own, or nothing. */
export interface Due {
  readonly response: 'ok' | 'error' | null
  readonly report: 'success' | 'failure' | null
}

type Row = readonly [Wanted['failure'], success: boolean, Outcome, Due['response'], Due['report']]

// RFC 4975 §7.1.2 and §7.3.1.
// biome-ignore format: read it as a table
export const reportMatrix = [
  // Failure-  Success-  it went   response  REPORT
  ['yes',      false,    'ok',     'ok',     null],
  ['yes',      false,    'now',    'error',  null],
  ['yes',      false,    'later',  null,     'failure'],
  ['yes',      true,     'ok',     'ok',     'success'],
  ['yes',      true,     'now',    'error',  null],
  ['yes',      true,     'later',  null,     'failure'],
  ['partial',  false,    'ok',     null,     null],
  ['partial',  false,    'now',    'error',  null],
  ['partial',  false,    'later',  null,     'failure'],
  ['partial',  true,     'ok',     null,     'success'],
  ['partial',  true,     'now',    'error',  null],
  ['partial',  true,     'later',  null,     'failure'],
  ['no',       false,    'ok',     null,     null],
  ['no',       false,    'now',    null,     null],
  ['no',       false,    'later',  null,     null],
  ['no',       true,     'ok',     null,     'success'],
  ['no',       true,     'now',    null,     null],
  ['no',       true,     'later',  null,     null],
] as const satisfies readonly Row[]

const nothing: Due = { response: null, report: null }
const byWish = new Map(
  reportMatrix.map(([failure, success, outcome, response, report]) => [
    `${failure} ${success} ${outcome}`,
    { response, report } satisfies Due,
  ]),
)

/** What is sent back. */
export function dueFor(wanted: Wanted, outcome: Outcome): Due {
  return byWish.get(`${wanted.failure} ${wanted.success} ${outcome}`) ?? nothing
}

/** The wishes in a SEND's headers; undefined where they are none of the values of RFC 4975 §9. */
export function wantedOf(failureReport: string | undefined, successReport: string | undefined): Wanted | undefined {
  const failure = (failureReport ?? 'yes').toLowerCase()
  const success = (successReport ?? 'no').toLowerCase()
  if (failure !== 'yes' && failure !== 'partial' && failure !== 'no') return undefined
  if (success !== 'yes' && success !== 'no') return undefined
  return { failure, success: success === 'yes' }
}

const statusForm = /^(\d{3}) +(\d{3})(?: (.*))?$/s

/** The value of a REPORT's Status header; undefined where it is none, or of another namespace than that of RFC 4975. */
export function parseStatus(value: string | undefined): { status: number; comment: string } | undefined {
  const [, namespace, status, comment] = statusForm.exec(value ?? '') ?? []
  return namespace === '000' && status !== undefined
    ? { status: Number(status), comment: comment?.trimStart() ?? '' }
    : undefined
}
