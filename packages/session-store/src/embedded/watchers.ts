import type { FeedEntry, FeedListener, PersonID } from '@ringdown/signalling'

interface Watch {
  listener: FeedListener
  onDoubt: () => void
}

/** Who wants to know what at this node. */
export class Watchers {
  /** Nearly every feed has one watcher, and a set is some 200 bytes: it is made for the second. */
  readonly #feeds = new Map<PersonID, Watch | Set<Watch>>()
  /** What was appended and is not told yet. */
  readonly #news = new Map<PersonID, FeedEntry[]>()
  readonly #objects = new Set<() => void>()
  readonly #signals = new Set<(message: string) => void>()

  watchFeed(person: PersonID, listener: FeedListener, onDoubt: () => void): () => void {
    const watch = { listener, onDoubt }
    const others = this.#feeds.get(person)
    if (others instanceof Set) others.add(watch)
    else this.#feeds.set(person, others ? new Set([others, watch]) : watch)
    return () => {
      const watches = this.#feeds.get(person)
      if (watches === watch) this.#feeds.delete(person)
      else if (watches instanceof Set && watches.delete(watch) && watches.size === 0) this.#feeds.delete(person)
    }
  }

  onObjects(listener: () => void): () => void {
    this.#objects.add(listener)
    return () => this.#objects.delete(listener)
  }

  onSignal(listener: (message: string) => void): () => void {
    this.#signals.add(listener)
    return () => this.#signals.delete(listener)
  }

  watched(person: PersonID): boolean {
    return this.#feeds.has(person)
  }

  /** Notes an entry; `flush` tells of it together with the others. */
  appended(person: PersonID, entry: FeedEntry): void {
    const entries = this.#news.get(person)
    if (entries) entries.push(entry)
    else this.#news.set(person, [entry])
  }

  flush(): void {
    if (this.#news.size === 0) return
    const news = [...this.#news]
    this.#news.clear()
    for (const [person, entries] of news) {
      for (const { listener } of each(this.#feeds.get(person))) call(() => listener(entries))
    }
  }

  doubt(): void {
    for (const watches of this.#feeds.values()) for (const { onDoubt } of each(watches)) call(onDoubt)
  }

  objectsChanged(): void {
    for (const listener of this.#objects) call(listener)
  }

  signalled(message: string): void {
    for (const listener of this.#signals) call(() => listener(message))
  }

  /** Nobody is told anything from now on. */
  clear(): void {
    this.#feeds.clear()
    this.#news.clear()
    this.#objects.clear()
    this.#signals.clear()
  }
}

function each(watches: Watch | Set<Watch> | undefined): Iterable<Watch> {
  if (watches === undefined) return []
  return watches instanceof Set ? watches : [watches]
}

// A listener that throws is its owner's mistake: it must not keep the others, and those who wait for their commit, from theirs.
function call(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
