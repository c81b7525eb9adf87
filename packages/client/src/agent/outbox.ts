import type { Sent } from '../contract.ts'
import { insist, type Patience } from './insist.ts'

/** As much is waiting to be sent as may wait; this text was not taken. */
export class OutboxFull extends Error {
  constructor() {
    super('too many texts wait to be sent; wait until some are answered')
    this.name = 'OutboxFull'
  }
}

export interface OutboxOptions {
  patience: Patience
  /** Milliseconds after which a text is given up. */
  ms: number
  /** Texts, and characters of them, that wait at most. */
  limit: { texts: number; characters: number }
  /** One try. */
  send(sessionId: string, text: string, messageId: string): Promise<Sent>
  /** The session is there, and nobody has answered yet: its texts wait. */
  isEarly(sessionId: string): boolean
  /** Whether the transcript has this text. */
  find(sessionId: string, messageId: string): Promise<Sent | undefined>
}

interface Waiting {
  messageId: string
  text: string
  /** The text was seen in the session: it was accepted, whatever became of the answer. */
  seen?: Sent
  answer: PromiseWithResolvers<Sent>
}

/** Texts that were written and not answered yet: of each session one at a time, in the order of writing. SPEC CL-23. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #queues = new Map<string, Waiting[]>()
  #texts = 0
  #characters = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Resolves when the text is accepted. The same message id again is the same text. */
  send(sessionId: string, text: string, messageId: string): Promise<Sent> {
    const queue = this.#queues.get(sessionId) ?? []
    const known = queue.find((one) => one.messageId === messageId)
    if (known) return known.answer.promise
    const { limit, patience } = this.#options
    if (patience.ended) return Promise.reject(patience.ended)
    if (this.#texts >= limit.texts || this.#characters + text.length > limit.characters)
      return Promise.reject(new OutboxFull())

    const waiting: Waiting = { messageId, text, answer: Promise.withResolvers() }
    this.#texts++
    this.#characters += text.length
    queue.push(waiting)
    if (queue.length === 1) {
      this.#queues.set(sessionId, queue)
      void this.#work(sessionId, queue)
    }
    return waiting.answer.promise
  }

  /** A text stands in its session: if it is one that waits, it was accepted. */
  arrived(sessionId: string, messageId: string, sent: Sent): void {
    const found = this.#queues.get(sessionId)?.find((one) => one.messageId === messageId)
    if (found) found.seen = sent
  }

  async #work(sessionId: string, queue: Waiting[]): Promise<void> {
    for (let head = queue[0]; head; head = queue[0]) {
      await this.#deliver(sessionId, head).then(head.answer.resolve, head.answer.reject)
      queue.shift()
      this.#texts--
      this.#characters -= head.text.length
    }
    this.#queues.delete(sessionId)
  }

  #deliver(sessionId: string, one: Waiting): Promise<Sent> {
    const { patience, ms, send, isEarly, find } = this.#options
    const request = async () => {
      if (isEarly(sessionId)) throw new Error('nobody has answered the session yet')
      return send(sessionId, one.text, one.messageId)
    }
    return insist(request, { patience, ms, found: () => find(sessionId, one.messageId), known: () => one.seen })
  }
}
