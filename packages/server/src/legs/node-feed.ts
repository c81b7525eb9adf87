import { type Clock, type FeedEntry, nodeFeed, type SessionStore } from '@ringdown/signalling'
import { Naps } from './naps.ts'

export interface NodeFeedDeps {
  store: SessionStore
  clock: Clock
  node: string
  /** Each event of the legs this node owns, in order, once. Must not throw. */
  onEntry: (entry: FeedEntry) => void
  /**
   * Events were missed for good (the feed was trimmed, or the store's memory is another one): look at every leg anew. Called before
   * any later entry, so that none is taken for the next one. Must not throw.
   */
  onGap: () => void
  onError: (error: unknown) => void
}

const pageSize = 500
/** Until a feed that could not be read is read again, ms. */
const retryMs = 500

/** Reads the feed of this node from its end at the start, without a hole, however many hints get lost. */
export class NodeFeed {
  readonly #deps: NodeFeedDeps
  readonly #feed
  readonly #naps: Naps
  #epoch = ''
  #offset = 0
  #reading: Promise<void> | undefined
  #again = false
  #stopWatching: (() => void) | undefined

  constructor(deps: NodeFeedDeps) {
    this.#deps = deps
    this.#feed = nodeFeed(deps.node)
    this.#naps = new Naps(deps.clock)
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
    // What was committed before the watch had begun gave no hint.
    this.look()
  }

  stop(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#naps.end()
  }

  /** Reads what is there, whatever was hinted at. */
  look(): void {
    this.#again = true
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
      // Asked for while the last reading came to its end.
      if (this.#again && this.#stopWatching) this.look()
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
    while (this.#again && this.#stopWatching) {
      this.#again = false
      try {
        await this.#readPage()
      } catch (error) {
        this.#deps.onError(error)
        this.#again = true
        await this.#naps.take(retryMs)
      }
    }
  }

  async #readPage(): Promise<void> {
    const page = await this.#deps.store.readFeed(this.#feed, this.#offset, pageSize)
    if (!this.#stopWatching) return
    if (page.epoch !== this.#epoch || page.first > this.#offset + 1) {
      this.#epoch = page.epoch
      this.#offset = page.last
      this.#deps.onGap()
      return
    }
    for (const entry of page.entries) {
      this.#offset = entry.offset
      this.#deps.onEntry(entry)
    }
    if (page.entries.length > 0 && this.#offset < page.last) this.#again = true
  }
}
