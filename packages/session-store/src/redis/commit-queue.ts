import { type Change, type CommitOutcome, checkChange, TServerError } from '@ringdown/signalling'
import { commitScript, decodeOutcome, type EncodedChange, encodeChange } from './commit.ts'
import type { Feeds } from './feeds.ts'
import type { StoreKeys } from './keys.ts'
import type { Link } from './link.ts'
import type { Waiter } from './waiting.ts'

/** What goes into one call at most: Redis serves nobody else meanwhile. */
const maxChanges = 128
const maxSize = 256 * 1024

interface Queued {
  change: Change
  encoded: EncodedChange
  waiter: Waiter
  resolve: (outcome: CommitOutcome) => void
  reject: (error: TServerError) => void
}

export interface CommitQueueOptions {
  link: Link
  keys: StoreKeys
  feeds: Feeds
  feedLimit: number
}

/** Group commit: what arrives while a commit is under way goes together in the next call, each change with its own outcome. */
export class CommitQueue {
  readonly #options: CommitQueueOptions
  #queue: Queued[] = []
  #busy = false

  constructor(options: CommitQueueOptions) {
    this.#options = options
  }

  async commit(change: Change): Promise<CommitOutcome> {
    checkChange(change)
    const encoded = encodeChange(this.#options.keys, change)
    return new Promise((resolve, reject) => {
      const waiter = this.#options.link.admit(reject)
      this.#queue.push({ change, encoded, waiter, resolve, reject })
      this.#next()
    })
  }

  #next(): void {
    if (this.#busy || this.#queue.length === 0) return
    this.#busy = true
    // After the input of this turn of the event loop: what came in together is committed together.
    setImmediate(() => {
      const group = this.#take()
      const done = () => {
        this.#busy = false
        this.#next()
      }
      if (group.length === 0) done()
      else void this.#send(group).then(done)
    })
  }

  #take(): Queued[] {
    // Who was told that it took too long must not be committed after all.
    const waiting = this.#queue.filter(({ waiter }) => !waiter.settled)
    let size = 0
    let count = 0
    for (const { encoded } of waiting) {
      size += encoded.size
      if (count > 0 && (count === maxChanges || size > maxSize)) break
      count++
    }
    this.#queue = waiting.slice(count)
    return waiting.slice(0, count)
  }

  /** Sends a group and tells each member; never rejects. An answer that comes late is still news to the watchers. */
  async #send(group: readonly Queued[]): Promise<void> {
    const { link, keys, feedLimit } = this.#options
    const allKeys = [keys.epoch, keys.nodes]
    const args = [link.token, ...trimming(feedLimit)]
    for (const { encoded } of group) {
      args.push(String(encoded.args.length), String(encoded.keys.length))
      for (const key of encoded.keys) allKeys.push(key)
      for (const arg of encoded.args) args.push(arg)
    }
    let reply: string
    try {
      reply = String(await link.answer(commitScript, allKeys, args))
    } catch (error) {
      this.#refuse(group, link.failed(error))
      return
    }
    try {
      await link.replicated()
    } catch (error) {
      this.#refuse(group, link.failed(error))
    }
    this.#tell(group, reply)
  }

  #tell(group: readonly Queued[], reply: string): void {
    const { link, feeds } = this.#options
    const words = reply.split(' ')
    let at = 1
    const outcomes = group.map(({ change }) => {
      const [outcome, next] = decodeOutcome(change, words, at)
      at = next
      return outcome
    })
    if (at !== words.length) {
      this.#refuse(group, new TServerError('TERR_INTERNAL', 'a commit was answered beside the question'))
      return
    }
    link.heard(words[0] ?? '')
    for (const [i, { change, waiter, resolve }] of group.entries()) {
      const outcome = outcomes[i]
      if (!outcome) continue
      if (link.settle(waiter)) resolve(outcome)
      if (outcome.outcome === 'committed') feeds.collect(change, outcome)
    }
    feeds.deliver()
  }

  #refuse(group: readonly Queued[], error: TServerError): void {
    for (const { waiter, reject } of group) if (this.#options.link.settle(waiter)) reject(error)
  }
}

/** Redis trims cheaply by whole blocks of 100 entries; where so few are held, that would be far too late. */
function trimming(feedLimit: number): [string, string] {
  return [feedLimit < 500 ? '=' : '~', String(feedLimit)]
}
