import { type FeedEntry, type FeedPage, type PersonID, TServerError } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import { type Topic, topics } from './channel.ts'
import type { Told } from './cursor.ts'
import { printPosition } from './position.ts'
import type { Subscriber } from './subscriber.ts'

/** Events of one person in memory, at most. What is older is read from the store again when a slow client asks. SPEC CD-25. */
export const ringLimits = { events: 256, characters: 262_144 } as const
/** Entries read from the store at once. */
export const pageSize = 128
/** What an event that nobody wanted yet is counted as. */
const unmade = 512

/** Makes the notification of a feed's entry: `data` as JSON text; undefined where the entry is nothing to a client. */
export type Notify = (entry: FeedEntry, centre: Centre, apiRoot: string) => { channel: Topic; data: string } | undefined

/** An entry and what was made of it, so that it is serialised once however many clients of the person there are. */
export interface Queued {
  readonly entry: FeedEntry
  told: Told | undefined
  apiRoot: string
}

/** What all feeds of a node share. */
export interface FeedDeps {
  notify: Notify
  /** There is something to read, or a reading failed and should be tried again. */
  onNews: (feed: PersonFeed) => void
  /** The store's memory is another one now: every cursor of the feed is worth nothing. */
  onRestart: (feed: PersonFeed, oldEpoch: string, offset: number) => void
  /** Characters held in memory have grown by so many. */
  onGrown: (characters: number) => void
}

/** A person's feed on this node: one watch and one short queue for all of the person's clients. */
export class PersonFeed {
  readonly person: PersonID
  /** Replaced by `concat`, never pushed to: an array that was pushed or spread to keeps room for sixteen more. */
  subscribers: readonly Subscriber[] = []
  epoch = ''
  /** The highest offset known to this node. */
  end = 0
  /** Who works with it without being one of the subscribers. */
  users = 0
  /** Handshakes in the second that began at `second`. */
  handshakes = 0
  second = 0
  /** A reading failed; the next tick tries again. */
  inDoubt = false
  readonly #deps: FeedDeps
  readonly #centre: Centre
  readonly #stop: () => void
  #ring: Queued[] = []
  #characters = 0
  /** Settles when the store has said for the first time where the feed ends. */
  #ready: Promise<void> | undefined
  #reading: Promise<void> | undefined
  #readAgain = false

  constructor(deps: FeedDeps, centre: Centre, person: PersonID) {
    this.#deps = deps
    this.#centre = centre
    this.person = person
    // Watched before the end is asked for, so that nothing falls between.
    this.#stop = centre.store.watchFeed(person, this.#onEntries, this.#onDoubt)
  }

  /** Resolves when epoch and end are known as they were not long before. Rejects with TServerError. */
  async fresh(): Promise<void> {
    if (this.epoch !== '') {
      await this.look()
      if (this.inDoubt) throw new TServerError('TERR_NO_SWITCH')
      return
    }
    this.#ready ??= this.#begin().finally(() => {
      this.#ready = undefined
    })
    return this.#ready
  }

  close(): void {
    this.#stop()
    this.#drop(this.#ring.length)
  }

  /** The events after an offset if all of them are in memory: where in `entries` they begin. */
  held(after: number): { first: number; entries: readonly Queued[]; start: number } | undefined {
    const first = this.#ring[0]?.entry.offset ?? this.end + 1
    return after + 1 < first ? undefined : { first, entries: this.#ring, start: after + 1 - first }
  }

  /** The same from the store. Rejects with TServerError. */
  async page(after: number): Promise<{ first: number; entries: readonly Queued[]; start: number }> {
    const end = this.end
    const page = await this.#centre.store.readFeed(this.person, after, pageSize)
    if (!this.#compare(page, end) && page.last > this.end) void this.look()
    return { first: page.first, entries: page.entries.map(queued), start: 0 }
  }

  /** What an entry is to clients that see the API at this address. */
  tell(item: Queued, apiRoot: string): Told {
    if (item.told && item.apiRoot === apiRoot) return item.told
    const { entry } = item
    const made = this.#deps.notify(entry, this.#centre, apiRoot)
    const told = { offset: entry.offset, topic: 0, text: '' }
    if (made) {
      told.topic = 1 << topics.indexOf(made.channel)
      const replay = printPosition(this.epoch, entry.offset)
      told.text = `{"channel":"${made.channel}","data":${made.data},"ext":{"replay":${JSON.stringify(replay)}}}`
    }
    this.#count(told.text.length - (item.told?.text.length ?? unmade), item)
    item.told = told
    item.apiRoot = apiRoot
    return told
  }

  /** Lets go of what every client has confirmed. */
  release(): void {
    let needed = this.end
    for (const { cursor } of this.subscribers) needed = Math.min(needed, cursor.from ?? this.end)
    const first = this.#ring[0]?.entry.offset
    if (first !== undefined && needed >= first) this.#drop(needed - first + 1)
  }

  /** Holds no events any more: they are read from the store again when a client needs them. */
  forget(): void {
    this.#drop(this.#ring.length)
  }

  /** Looks into the store for what hints may have missed. SPEC CD-26. */
  look(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#readAgain = true
      return this.#reading
    }
    this.#reading = this.#readOn().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #begin(): Promise<void> {
    const { epoch, offset } = await this.#centre.store.feedEnd(this.person)
    this.end = offset
    this.epoch = epoch
    if (this.inDoubt) void this.look()
  }

  readonly #onDoubt = (): void => {
    if (this.epoch === '') this.inDoubt = true
    else void this.look()
  }

  readonly #onEntries = (entries: readonly FeedEntry[]): void => {
    if (this.epoch === '') {
      this.inDoubt = true // the end is being asked for; it may or may not count this
      return
    }
    // A feed that starts over is another feed: the store has lost its memory.
    if (entries[0]?.offset === 1 && this.end > 1) void this.look()
    if (this.#append(entries)) this.#deps.onNews(this)
    else if ((entries.at(-1)?.offset ?? 0) > this.end) void this.look()
  }

  /** Appends what follows the end; false if nothing does. */
  #append(entries: readonly FeedEntry[]): boolean {
    const before = this.end
    for (const entry of entries) {
      if (entry.offset !== this.end + 1) continue
      this.end = entry.offset
      const item = queued(entry)
      this.#ring.push(item)
      this.#count(unmade, item)
    }
    // All or nothing: what is in memory has no holes.
    if (this.subscribers.length === 0) this.#drop(this.#ring.length)
    else this.#bound()
    return this.end > before
  }

  async #readOn(): Promise<void> {
    try {
      do {
        this.#readAgain = false
        const end = this.end
        const page = await this.#centre.store.readFeed(this.person, end, pageSize)
        if (this.#compare(page, end)) continue
        if (page.first > this.end + 1) {
          // Trimmed past us: the clients find out by themselves when they read on.
          this.#drop(this.#ring.length)
          this.end = page.first - 1
        }
        this.#append(page.entries)
        if (page.last > this.end) this.#readAgain = true
      } while (this.#readAgain)
      this.inDoubt = false
    } catch {
      this.inDoubt = true // the store does not answer; the next tick asks again
    }
    this.#deps.onNews(this)
  }

  /** Whether the store has forgotten what it had told us; then the feed starts over. `end`: what was known when the page was asked for. */
  #compare(page: FeedPage, end: number): boolean {
    if (page.epoch === this.epoch && page.last >= end) return false
    const old = this.epoch
    this.#drop(this.#ring.length)
    this.epoch = page.epoch
    this.end = page.last
    this.#deps.onRestart(this, old, page.epoch === old ? page.last : page.first - 1)
    return true
  }

  #bound(): void {
    let over = Math.max(0, this.#ring.length - ringLimits.events)
    let characters = this.#characters
    for (let at = 0; at < this.#ring.length; at++) {
      if (at >= over && characters <= ringLimits.characters) break
      characters -= sizeOf(this.#ring[at] as Queued)
      over = Math.max(over, at + 1)
    }
    if (over > 0) this.#drop(over)
  }

  #drop(count: number): void {
    let freed = 0
    for (let at = 0; at < count; at++) freed += sizeOf(this.#ring[at] as Queued)
    if (count < this.#ring.length) this.#ring.splice(0, count)
    else if (count > 0) this.#ring = []
    this.#characters -= freed
    if (freed > 0) this.#deps.onGrown(-freed)
  }

  /** Items of a page are not counted: they live as long as one reading. */
  #count(grown: number, item: Queued): void {
    const first = this.#ring[0]?.entry.offset
    if (first === undefined || this.#ring[item.entry.offset - first] !== item) return
    this.#characters += grown
    this.#deps.onGrown(grown)
  }
}

function queued(entry: FeedEntry): Queued {
  return { entry, told: undefined, apiRoot: '' }
}

function sizeOf({ told }: Queued): number {
  return told?.text.length ?? unmade
}
