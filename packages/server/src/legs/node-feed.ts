import { type FeedEntry, nodeFeed, type SessionStore } from '@ringdown/signalling'

export interface NodeFeedDeps {
  store: SessionStore
  node: string
  /** Each event of the legs this node owns, in order, once. Must not throw. */
  onEntry: (entry: FeedEntry) => void
  /** Events were missed for good (the feed was trimmed, or the store's memory is another one): look at every leg anew. */
  onGap: () => void
  onError: (error: unknown) => void
}

const pageSize = 500

/** Reads the feed of this node from its end at the start, without a hole, however many hints get lost. */
export class NodeFeed {
  readonly #deps: NodeFeedDeps
  readonly #feed
  #epoch = ''
  #offset = 0
  #reading: Promise<void> | undefined
  #again = false
  #stopWatching: (() => void) | undefined

  constructor(deps: NodeFeedDeps) {
    this.#deps = deps
    this.#feed = nodeFeed(deps.node)
  }

  /** Resolves when nothing that is committed from now on can be missed. */
  async start(): Promise<void> {
    const { store } = this.#deps
    const { epoch, offset } = await store.feedEnd(this.#feed)
    this.#epoch = epoch
    this.#offset = offset
    this.#stopWatching = store.watchFeed(
      this.#feed,
      (entries) => this.#hear(entries),
      () => this.look(),
    )
  }

  stop(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  /** Reads what is there, whatever was hinted at. */
  look(): void {
    this.#again = true
    this.#reading ??= this.#read()
      .catch((error: unknown) => this.#deps.onError(error))
      .finally(() => {
        this.#reading = undefined
      })
  }

  #hear(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      if (entry.offset <= this.#offset) continue
      if (this.#reading || entry.offset !== this.#offset + 1) {
        this.look()
        return
      }
      this.#offset = entry.offset
      this.#deps.onEntry(entry)
    }
  }

  async #read(): Promise<void> {
    while (this.#again) {
      this.#again = false
      const page = await this.#deps.store.readFeed(this.#feed, this.#offset, pageSize)
      if (!this.#stopWatching) return
      const another = page.epoch !== this.#epoch
      if (another || page.first > this.#offset + 1) {
        this.#epoch = page.epoch
        this.#offset = page.last
        this.#deps.onGap()
        continue
      }
      for (const entry of page.entries) {
        this.#offset = entry.offset
        this.#deps.onEntry(entry)
      }
      if (page.entries.length > 0 && this.#offset < page.last) this.#again = true
    }
  }
}
