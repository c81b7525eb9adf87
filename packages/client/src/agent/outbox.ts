import type { Sent } from '../contract.ts'
import { insist, NoAnswer, type Patience } from './insist.ts'

/** As much is waiting to be sent as may wait; this text was not taken. */
export class OutboxFull extends Error {
  constructor() {
    super('too many texts wait to be sent; wait until some are answered')
    this.name = 'OutboxFull'
  }
}

export interface OutboxOptions {
  patience: Patience
  /** Milliseconds after which a text is given up, from when it was written. */
  ms: number
  /** Texts, and characters of them, that wait at most. */
  limit: { texts: number; characters: number }
  /** One try. */
  send(sessionId: string, text: string, messageId: string): Promise<Sent>
  /** The session is there, and nobody has answered yet: its texts wait. */
  isEarly(sessionId: string): boolean
  /** Whether the transcript has this text under this id. */
  find(sessionId: string, text: string, messageId: string): Promise<Sent | undefined>
}

interface Waiting {
  messageId: string
  text: string
  /** When it is given up, by the clock. */
  end: number
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

  /** Resolves when the text is accepted. The same text under the same message id is the same one; another text is the server's to refuse. */
  send(sessionId: string, text: string, messageId: string): Promise<Sent> {
    const queue = this.#queues.get(sessionId) ?? []
    const known = find(queue, messageId, text)
    if (known) return known.answer.promise
    const { limit, patience, ms } = this.#options
    if (patience.ended) return Promise.reject(patience.ended)
    if (this.#texts >= limit.texts || this.#characters + text.length > limit.characters)
      return Promise.reject(new OutboxFull())

    const waiting: Waiting = { messageId, text, end: patience.clock.now() + ms, answer: Promise.withResolvers() }
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
  arrived(sessionId: string, text: string, messageId: string, sent: Sent): void {
    const found = find(this.#queues.get(sessionId) ?? [], messageId, text)
    if (found) found.seen = sent
  }

  async #work(sessionId: string, queue: Waiting[]): Promise<void> {
    for (let head = queue[0]; head; head = queue[0]) {
      const answered = await this.#deliver(sessionId, head).then(
        (sent) => () => head.answer.resolve(sent),
        (error: unknown) => () => head.answer.reject(error),
      )
      // First there is room again: whoever waited for the answer may send the next one at once.
      queue.shift()
      this.#texts--
      this.#characters -= head.text.length
      answered()
    }
    this.#queues.delete(sessionId)
  }

  async #deliver(sessionId: string, one: Waiting): Promise<Sent> {
    const { patience, send, isEarly, find } = this.#options
    const ms = one.end - patience.clock.now()
    if (ms <= 0 && !patience.ended) throw new NoAnswer('its time was over before it was its turn; it was never sent')
    const request = async () => {
      if (isEarly(sessionId)) throw new Error('nobody has answered the session yet')
      return send(sessionId, one.text, one.messageId)
    }
    return insist(request, {
      patience,
      ms,
      found: () => find(sessionId, one.text, one.messageId),
      known: () => one.seen,
    })
  }
}

function find(queue: readonly Waiting[], messageId: string, text: string): Waiting | undefined {
  return queue.find((one) => one.messageId === messageId && one.text === text)
}
