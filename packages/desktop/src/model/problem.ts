/** What was being done when something went wrong. */
export type Doing =
  | 'open'
  | 'signIn'
  | 'signOut'
  | 'takePlace'
  | 'changeState'
  | 'start'
  | 'send'
  | 'answer'
  | 'complete'
  | 'userData'
  | 'read'

/** How a request failed. */
export type Failure =
  | { failure: 'refused'; statusCode: number; httpStatus: number; message: string }
  /** Whether it was carried out is not known. */
  | { failure: 'noAnswer' }

/** Each has a sentence in every language. */
export type ProblemKind =
  | 'wrongPassword'
  | 'tooManyTries'
  | 'expired'
  /** Somebody else has signed in in the same browser. */
  | 'someoneElse'
  | 'noAnswer'
  | 'unavailable'
  | 'broken'
  | 'strange'
  | 'forbidden'
  | 'stalePage'
  | 'featureOff'
  | 'noSuchPlace'
  | 'placeTaken'
  | 'placeUnclear'
  | 'noDevice'
  | 'selfBusy'
  | 'peerBusy'
  | 'peerAway'
  | 'noSuchNumber'
  | 'sessionOver'
  | 'notLoggedIn'
  | 'tooLarge'
  | 'notAccepted'
  | 'gone'
  | 'conflict'
  | 'malformed'
  /** `detail` is the text. */
  | 'lostText'
  | 'refused'

export interface Problem {
  kind: ProblemKind
  /** The server's own words, where they tell more than the sentence. */
  detail?: string
}

type Refused = Failure & { failure: 'refused' }

/** SPEC DT-12: every failure is one sentence a person understands. */
export function problemOf(failure: Failure, doing: Doing): Problem {
  if (failure.failure === 'noAnswer') return { kind: 'noAnswer' }
  const kind = general(failure, doing) ?? particular(failure, doing)
  return plain.has(kind) ? { kind } : { kind, detail: failure.message }
}

/** Whether the same request may succeed later, without anybody changing anything. */
export function passes(problem: Problem): boolean {
  return (
    problem.kind === 'noAnswer' ||
    problem.kind === 'unavailable' ||
    problem.kind === 'broken' ||
    problem.kind === 'strange'
  )
}

/** Sentences to which the server's words add nothing. */
const plain: ReadonlySet<ProblemKind> = new Set([
  'wrongPassword',
  'tooManyTries',
  'expired',
  'unavailable',
  'broken',
  'strange',
  'stalePage',
  'featureOff',
  'selfBusy',
  'peerBusy',
])

function general({ httpStatus, statusCode, message }: Refused, doing: Doing): ProblemKind | undefined {
  if (statusCode === -1)
    return httpStatus === 502 || httpStatus === 503 || httpStatus === 504 ? 'unavailable' : 'strange'
  if (httpStatus === 429) return 'tooManyTries'
  if (httpStatus === 401) return doing === 'signIn' ? 'wrongPassword' : 'expired'
  if (httpStatus === 503) return 'unavailable'
  if (httpStatus >= 500) return 'broken'
  if (httpStatus === 413) return 'tooLarge'
  if (httpStatus === 403) return /csrf/i.test(message) ? 'stalePage' : 'forbidden'
  if (httpStatus === 404 && /feature/i.test(message)) return 'featureOff'
  return undefined
}

function particular({ httpStatus, statusCode, message }: Refused, doing: Doing): ProblemKind {
  switch (doing) {
    case 'takePlace':
      if (httpStatus === 409) return 'placeTaken'
      if (statusCode === 6) return 'noSuchPlace'
      if (statusCode === 1) return 'placeUnclear'
      break
    case 'start':
      if (/device/i.test(message)) return /not logged in/i.test(message) ? 'notLoggedIn' : 'noDevice'
      if (statusCode === 2) return 'peerBusy'
      break
    case 'send':
    case 'answer':
    case 'complete':
    case 'userData':
      if (statusCode === 6) return 'gone'
      if (statusCode === 2) return 'sessionOver'
      break
    case 'changeState':
      if (statusCode === 2) return 'notLoggedIn'
      break
    case 'open':
    case 'signIn':
    case 'signOut':
    case 'read':
  }
  if (httpStatus === 409) return 'conflict'
  if (httpStatus === 404) return 'gone'
  return statusCode === 1 || statusCode === 10 ? 'notAccepted' : 'refused'
}
