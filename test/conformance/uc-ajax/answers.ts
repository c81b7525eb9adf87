import type { HttpReply } from './http.ts'
import { type SeenError, type SeenEvent, seenError, seenEvent } from './seen-event.ts'
import { type Element, find, Malformed, needNumber, readStrictly } from './strict-xml.ts'

/** A request that was refused at once, whole or by its rid: uc-ajax-api §1.7, §1.8. */
export class Refused extends Error {
  override name = 'Refused'
  readonly answer: 'requestInvalid' | 'requestFailed' | 'error'
  readonly error: SeenError
  /** The HTTP status it came with. */
  readonly status: number

  constructor(answer: Refused['answer'], error: SeenError, status: number) {
    super(`${answer} ${error.code}: ${error.detail}`)
    this.answer = answer
    this.error = error
    this.status = status
  }
}

/** `requestFailed` on the data channel. */
export class Failed extends Error {
  override name = 'Failed'
  readonly error: SeenError

  constructor(rid: string, error: SeenError) {
    super(`request ${rid} failed, ${error.code} ${error.sip?.code ?? ''}: ${error.detail}`)
    this.error = error
  }
}

/** One answer of the data channel. */
export interface Batch {
  sid: number
  ackId: number
  pollWaitTime: number
  sessionTimeout: number
  events: readonly SeenEvent[]
}

/** An answer of the data channel, with the elements its events were made from. */
export interface ReadBatch extends Batch {
  elements: readonly Element[]
}

/** The `cwaResponses` of an answer; a refusal of the whole body throws. */
export function readResponses({ status, body }: HttpReply): Element {
  const root = readStrictly(body)
  if (root.name !== 'cwaResponses') throw new Malformed('no cwaResponses', body)
  strictly(body, () => ['requestProcessed', 'unexpectedElement'].map((name) => needNumber(root, name)))
  const error = find(root, 'error')
  if (error)
    throw new Refused(
      'error',
      strictly(body, () => seenError(error)),
      status,
    )
  if (status >= 400) throw new Malformed(`HTTP ${status} without an error`, body)
  return root
}

/** The answer to one request; a refusal throws. */
export function readAccepted(reply: HttpReply, rid: string): Element {
  const responses = readResponses(reply)
  const [answer, second] = responses.children
  if (!answer || second) throw new Malformed(`${responses.children.length} answers to one request`, reply.body)
  if (answer.attributes.rid !== rid) throw new Malformed(`the answer is not about ${rid}`, reply.body)
  if (answer.name === 'requestInvalid' || answer.name === 'requestFailed') throw refusal(answer, reply)
  if (answer.name !== 'requestAccepted') throw new Malformed('no requestAccepted', reply.body)
  return answer
}

export function refusal(answer: Element, { status, body }: HttpReply): Refused {
  const name = answer.name === 'requestInvalid' ? answer.name : 'requestFailed'
  const error = find(answer, 'error')
  if (!error) throw new Malformed(`${name} without an error`, body)
  return new Refused(
    name,
    strictly(body, () => seenError(error)),
    status,
  )
}

/**
 * The `cwaEvents` of an answer to a poll that had acknowledged up to `asked`. What follows must be the very next events, and
 * `ackId` the last of them: uc-ajax-api §1.5.
 */
export function readBatch(reply: HttpReply, asked: { sid: number; ackId: number }): ReadBatch {
  const { status, body } = reply
  if (status >= 400) {
    readResponses(reply)
    throw new Malformed('an error without an error', body)
  }
  return strictly(body, () => {
    const root = readStrictly(body)
    if (root.name !== 'cwaEvents') throw new Error('no cwaEvents')
    const events = root.children.map(seenEvent)
    events.forEach(({ eid }, i) => {
      if (eid !== asked.ackId + 1 + i) throw new Error(`event ${eid} where ${asked.ackId + 1 + i} has to be`)
    })
    const sid = needNumber(root, 'sid')
    if (sid !== asked.sid) throw new Error(`events of session ${sid}`)
    const ackId = needNumber(root, 'ackId')
    if (ackId !== (events.at(-1)?.eid ?? asked.ackId)) throw new Error(`ackId ${ackId} is not the last eid`)
    const [pollWaitTime, sessionTimeout] = [needNumber(root, 'pollWaitTime'), needNumber(root, 'sessionTimeout')]
    return { sid, ackId, pollWaitTime, sessionTimeout, events, elements: root.children }
  })
}

/** What a strict reader stumbles over is told with the answer it was in. */
export function strictly<T>(body: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Malformed) throw error
    throw new Malformed((error as Error).message, body)
  }
}
