import type { Change, Clock, CommitOutcome, FeedEntry, FeedEvent, FeedListener, PersonID } from '@ringdown/signalling'

interface Watcher {
  listener: FeedListener
  onDoubt: () => void
}

interface Watched {
  person: PersonID
  watchers: Set<Watcher>
  /** The highest offset the watchers were told of in this epoch; `unknown` before the first. */
  last: number
  /** Collected from the commits of one reply, not delivered yet. */
  news: FeedEntry[]
  /** Came before one that is still missing; by offset. */
  early: FeedEntry[]
  stopHolding: () => void
}

export interface FeedsOptions {
  clock: Clock
  subscribe(person: PersonID): void
  unsubscribe(person: PersonID): void
  /** A watcher has thrown. */
  onError(error: unknown): void
}

const unknown = -1
/** How long entries wait for one they have overtaken (ms), and how many do. */
const holdMs = 25
const maxHeld = 100
/** So many feeds are doubted at once, and so long apart (ms), lest all watchers read in one instant after a reconnect. */
const doubtsAtOnce = 100
const doubtPause = 5

/**
 * Who on this node watches which feed. Entries come from this node's own commits and, over pub/sub, from other nodes'; the two
 * ways overtake each other by a moment. SPEC ST-R4: the offsets a watcher is told of only grow. An entry that has overtaken
 * another waits for it, though not long; after that the watcher sees the hole and reads, and the late one is dropped.
 */
export class Feeds {
  readonly #options: FeedsOptions
  readonly #watched = new Map<PersonID, Watched>()
  #withNews: Watched[] = []
  readonly #doubted = new Set<Watched>()
  #stopDoubts: (() => void) | undefined

  constructor(options: FeedsOptions) {
    this.#options = options
  }

  watch(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void {
    let watched = this.#watched.get(person)
    if (!watched) {
      watched = { person, watchers: new Set(), last: unknown, news: [], early: [], stopHolding: () => {} }
      this.#watched.set(person, watched)
      this.#options.subscribe(person)
    }
    const { watchers } = watched
    const watcher = { listener, onDoubt }
    watchers.add(watcher)
    return () => {
      if (!watchers.delete(watcher) || watchers.size > 0) return
      this.#watched.delete(person)
      this.#options.unsubscribe(person)
    }
  }

  /** Who is watched on this node. */
  persons(): Iterable<PersonID> {
    return this.#watched.keys()
  }

  /** Takes in what one of our commits has appended; `deliver` tells the watchers. */
  collect({ feeds }: Change, { feeds: offsets, log }: CommitOutcome & { outcome: 'committed' }): void {
    for (const [i, { person, event }] of feeds.entries()) {
      const watched = this.#watched.get(person)
      const offset = offsets[i]
      if (!watched || offset === undefined) continue
      if (watched.news.length === 0) this.#withNews.push(watched)
      watched.news.push(log === undefined ? { offset, event } : { offset, event, log })
    }
  }

  deliver(): void {
    const all = this.#withNews
    this.#withNews = []
    for (const watched of all) {
      const { news } = watched
      watched.news = []
      this.#tell(watched, news)
    }
  }

  /** What another node has appended: `<offset> <log position or 0> <event JSON>`. */
  hint(person: PersonID, message: string): void {
    const watched = this.#watched.get(person)
    if (!watched) return
    const afterOffset = message.indexOf(' ')
    const afterLog = message.indexOf(' ', afterOffset + 1)
    const offset = Number(message.slice(0, afterOffset))
    if (offset <= watched.last) return
    const log = Number(message.slice(afterOffset + 1, afterLog))
    this.#tell(watched, [parseEntry(offset, log, message.slice(afterLog + 1))])
  }

  /** A watcher has read where the feed ends: what it is told next is the entry after that. */
  read(person: PersonID, last: number): void {
    const watched = this.#watched.get(person)
    if (watched?.last === unknown) watched.last = last
  }

  /** Hints for these feeds may have been lost. */
  doubt(persons: Iterable<PersonID>): void {
    for (const person of persons) {
      const watched = this.#watched.get(person)
      if (watched) this.#doubted.add(watched)
    }
    this.#stopDoubts ??= this.#options.clock.after(0, () => this.#doubtSome())
  }

  /** The offsets start again. */
  renew(): void {
    for (const watched of this.#watched.values()) {
      watched.last = unknown
      watched.early = []
      watched.stopHolding()
    }
    this.doubt(this.#watched.keys())
  }

  close(): void {
    this.#stopDoubts?.()
    for (const { watchers, stopHolding } of this.#watched.values()) {
      watchers.clear()
      stopHolding()
    }
    this.#watched.clear()
  }

  #doubtSome(): void {
    this.#stopDoubts = undefined
    let left = doubtsAtOnce
    for (const watched of this.#doubted) {
      if (left-- === 0) break
      this.#doubted.delete(watched)
      for (const { onDoubt } of [...watched.watchers]) this.#guard(onDoubt)
    }
    if (this.#doubted.size > 0) this.#stopDoubts = this.#options.clock.after(doubtPause, () => this.#doubtSome())
  }

  #tell(watched: Watched, news: readonly FeedEntry[]): void {
    const ready: FeedEntry[] = []
    for (const entry of news) {
      if (entry.offset <= watched.last) continue
      if (watched.last === unknown || entry.offset === watched.last + 1) {
        ready.push(entry)
        watched.last = entry.offset
        if (watched.early.length > 0) this.#takeEarly(watched, ready)
      } else {
        this.#hold(watched, entry)
      }
    }
    this.#pass(watched, ready)
    if (watched.early.length > maxHeld) this.#release(watched)
  }

  #pass({ watchers }: Watched, entries: readonly FeedEntry[]): void {
    if (entries.length === 0) return
    for (const { listener } of [...watchers]) this.#guard(() => listener(entries))
  }

  #hold(watched: Watched, entry: FeedEntry): void {
    const { early } = watched
    if (early.length === 0) watched.stopHolding = this.#options.clock.after(holdMs, () => this.#release(watched))
    const at = early.findIndex(({ offset }) => offset >= entry.offset)
    if (at < 0) early.push(entry)
    else if (early[at]?.offset !== entry.offset) early.splice(at, 0, entry)
  }

  /** What follows without a hole. */
  #takeEarly(watched: Watched, ready: FeedEntry[]): void {
    const { early } = watched
    let next = early[0]
    while (next && next.offset <= watched.last + 1) {
      early.shift()
      if (next.offset > watched.last) {
        ready.push(next)
        watched.last = next.offset
      }
      next = early[0]
    }
    if (!next) watched.stopHolding()
  }

  /** The missing one does not come: the watcher shall see the hole. */
  #release(watched: Watched): void {
    const { early } = watched
    watched.stopHolding()
    watched.early = []
    const last = early.at(-1)
    if (!last) return
    watched.last = last.offset
    this.#pass(watched, early)
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#options.onError(error)
    }
  }
}

/** An entry as it was stored: no log position is 0. */
export function parseEntry(offset: number, log: number, json: string): FeedEntry {
  const event: FeedEvent = JSON.parse(json)
  return log === 0 ? { offset, event } : { offset, event, log }
}
