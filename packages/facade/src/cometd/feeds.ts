import type { PersonID } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { type FeedDeps, type Notify, PersonFeed } from './feed.ts'

export interface FeedsDeps {
  notify: Notify
  /** Runs once what is under way has run; several events of one tick then go into one reply. */
  soon: (run: () => void) => void
  /** There may be something to say to the feed's clients. */
  onNews: (feed: PersonFeed) => void
  /** The store's memory is another one now. */
  onRestart: (feed: PersonFeed, oldEpoch: string, offset: number) => void
  /** Characters held in memory, after a change. */
  onQueued: (characters: number) => void
}

/** The feeds this node watches: one for each person who has a client here, and only as long as they have. */
export class Feeds {
  /** Characters of events held in memory for all of them. */
  queued = 0
  readonly #deps: FeedsDeps
  readonly #shared: FeedDeps
  readonly #byCentre = new Map<Centre, Map<PersonID, PersonFeed>>()
  readonly #news = new Set<PersonFeed>()
  readonly #doubtful = new Set<PersonFeed>()

  constructor(deps: FeedsDeps) {
    const { notify, onRestart } = deps
    this.#deps = deps
    this.#shared = { notify, onRestart, onNews: this.#onNews, onGrown: this.#onGrown }
  }

  /** Works with a person's feed as it is now. Rejects with TServerError when the store does not answer. */
  async with<T>(centre: Centre, person: PersonID, work: (feed: PersonFeed) => Promise<T>): Promise<T> {
    const feed = this.#of(centre, person)
    feed.users++
    try {
      await feed.fresh()
      return await work(feed)
    } finally {
      feed.users--
      this.closeUnused(centre, feed)
    }
  }

  closeUnused(centre: Centre, feed: PersonFeed): void {
    if (feed.users > 0 || feed.subscribers.length > 0) return
    this.#byCentre.get(centre)?.delete(feed.person)
    this.#news.delete(feed)
    this.#doubtful.delete(feed)
    feed.close()
  }

  /** Holds no events of this contact centre any more. */
  forget(centre: Centre): void {
    for (const feed of this.#byCentre.get(centre)?.values() ?? []) feed.forget()
  }

  /** A reading failed: `retry` reads again. */
  doubt(feed: PersonFeed): void {
    feed.inDoubt = true
    this.#doubtful.add(feed)
  }

  /** Reads what could not be read before. */
  retry(): void {
    const feeds = [...this.#doubtful]
    this.#doubtful.clear()
    for (const feed of feeds) void feed.look()
  }

  #of(centre: Centre, person: PersonID): PersonFeed {
    const feeds = this.#byCentre.get(centre) ?? new Map<PersonID, PersonFeed>()
    this.#byCentre.set(centre, feeds)
    const known = feeds.get(person)
    if (known) return known
    const feed = new PersonFeed(this.#shared, centre, person)
    feeds.set(person, feed)
    return feed
  }

  readonly #onNews = (feed: PersonFeed): void => {
    if (feed.inDoubt) this.#doubtful.add(feed)
    if (this.#news.size === 0) this.#deps.soon(this.#flush)
    this.#news.add(feed)
  }

  readonly #flush = (): void => {
    const feeds = [...this.#news]
    this.#news.clear()
    for (const feed of feeds) this.#deps.onNews(feed)
  }

  readonly #onGrown = (characters: number): void => {
    this.queued += characters
    this.#deps.onQueued(this.queued)
  }
}
