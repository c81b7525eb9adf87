import { type Topic, type TopicSet, topics } from './channel.ts'
import { canRaise, printBatch, printPosition } from './position.ts'

/** An event of a feed, ready to be written. `topic` is its bit; 0 and an empty text where it is nothing to a client. */
export interface Told {
  readonly offset: number
  readonly topic: TopicSet
  readonly text: string
}

/** Part of a feed: consecutive entries from `entries[start]` on. `first` is the lowest offset that is known to be still held. */
export interface FeedPart<Entry> {
  readonly epoch: string
  readonly first: number
  readonly entries: readonly Entry[]
  readonly start: number
}

/** What goes into one connect's reply: event messages as JSON texts, and the offset up to which the feed was looked at. */
export interface Batch {
  readonly texts: string[]
  readonly upTo: number
}

/** A batch has at most so many events and, but for a single longer one, characters. */
export const batchLimits = { events: 128, characters: 262_144 } as const

/** The cursor as it is saved; see the fields of `Cursor`. */
export interface SavedCursor {
  subscribed: TopicSet
  confirmed: readonly number[]
  generations: readonly number[]
  generation: number
  sent: readonly [generation: number, offset: number]
  gaps?: readonly (string | null)[]
}

/**
 * How far a client has come in its person's feed, topic by topic; pure.
 *
 * `confirmed[k]` is the offset up to which the client surely has everything said on topic k. Reading goes on from the smallest of the
 * subscribed ones, and an event is sent when it lies behind the `confirmed` of its topic, so nothing is sent twice after a good reply.
 *
 * A batch is known by one number that the client (or, without the ack extension, its next connect) gives back: everything up to that
 * offset has been received. That is true of the topics read for the batch, and of no others: a subscription that starts *behind* what was
 * sent (each one but the first of a client that resumes, or one that asks for a replay) would be said to be read by an echo of an older
 * batch. Hence the generation: such a subscription starts a new one, batches carry it, and an echo only speaks for the topics that were
 * subscribed in its generation or before. SPEC CD-21.
 */
export class Cursor {
  subscribed: TopicSet = 0
  readonly confirmed: number[] = topics.map(() => 0)
  readonly #generations: number[] = topics.map(() => 0)
  #generation = 0
  /** The last batch: the only one a reply is on its way for. -1: none. */
  #sentGeneration = 0
  #sent = -1
  /** For each topic, the position that is lost and has to be told as a gap; null while nothing is. */
  #gaps: (string | null)[] | null = null

  /**
   * Starts a topic after an offset. `gap` is the position the client had, when it says nothing to this feed any more.
   * `unseen`: what was sent is only known to another node, so the worst is taken for granted.
   */
  subscribe(topic: number, after: number, gap?: string, unseen = false): void {
    const reachesBack = unseen || (this.#sentGeneration === this.#generation && after < this.#sent)
    // Out of generations (8 191 replays on one session): the topic goes on where it can be counted.
    if ((reachesBack || gap !== undefined) && canRaise(this.#generation)) this.#generation++
    else if (reachesBack) after = Math.max(after, this.#sent)
    this.subscribed |= 1 << topic
    this.#generations[topic] = this.#generation
    this.confirmed[topic] = after
    this.#setGap(topic, gap ?? null)
  }

  unsubscribe(topic: number): void {
    this.subscribed &= ~(1 << topic)
    this.#setGap(topic, null)
  }

  /** The feed is another one: everything subscribed starts after `offset` there, behind a gap. */
  restart(oldEpoch: string, offset: number): void {
    for (let topic = 0; topic < topics.length; topic++)
      if (this.#has(topic))
        this.subscribe(topic, offset, this.#gaps?.[topic] ?? printPosition(oldEpoch, this.confirmed[topic] as number))
  }

  /** Where reading goes on; undefined while nothing is subscribed. */
  get from(): number | undefined {
    let from: number | undefined
    for (let topic = 0; topic < topics.length; topic++)
      if (this.#has(topic)) from = Math.min(from ?? Number.MAX_SAFE_INTEGER, this.confirmed[topic] as number)
    return from
  }

  /** Whether a gap waits to be told although there may be nothing to read. */
  get owesGap(): boolean {
    return this.#gaps !== null
  }

  /** The number of the last batch, for the reply's `ext.ack`. */
  get batch(): number {
    return this.#sent < 0 ? 0 : printBatch(this.#sentGeneration, this.#sent)
  }

  /**
   * The client echoes a batch number. False when no such batch was sent from here: another node did, or the client makes it up.
   * Never moves back: an older number only means that what came after it is sent again.
   */
  acknowledge(generation: number, offset: number): boolean {
    const ours =
      generation < this.#sentGeneration ||
      (generation === 0 && offset === 0) ||
      (generation === this.#sentGeneration && offset <= this.#sent)
    if (ours) this.#echoed(generation, offset)
    return ours
  }

  /** An echo of what another node sent, at most up to the feed's end. */
  acknowledgeUnseen(generation: number, offset: number, end: number): void {
    if (generation <= this.#generation) this.#echoed(generation, Math.min(offset, end))
  }

  // What the client did not get has not been sent: a reply without events, too, has a number, and that must cover nothing more.
  #echoed(generation: number, offset: number): void {
    this.#received(generation, offset)
    this.#sentGeneration = generation
    this.#sent = offset
  }

  /** Whether a batch was sent of which nothing has been heard. */
  get unconfirmed(): boolean {
    for (let topic = 0; topic < topics.length; topic++)
      if (
        this.#has(topic) &&
        this.#counts(topic, this.#sentGeneration) &&
        (this.confirmed[topic] as number) < this.#sent
      )
        return true
    return false
  }

  /** The client has got the last batch: without the ack extension its next connect says so. */
  acknowledgeSent(): boolean {
    return this.#sent >= 0 && this.#received(this.#sentGeneration, this.#sent)
  }

  /** Nobody knows whether the client has got the last batch, so it will be sent again, and until then there is none to confirm. */
  forgetSent(): void {
    this.#sent = -1
  }

  /**
   * The next batch out of a part of the feed that begins at or before `from + 1`, or with the first entry that is left. `onTaken` is
   * told of each entry that goes into it.
   */
  read<Entry>(
    { epoch, first, entries, start }: FeedPart<Entry>,
    tell: (entry: Entry) => Told,
    onTaken?: (entry: Entry, told: Told) => void,
  ): Batch {
    const texts: string[] = []
    let upTo = Math.max(this.from ?? 0, first - 1)
    for (let topic = 0; topic < topics.length; topic++) if (this.#has(topic)) this.#tellGap(topic, epoch, first, texts)
    let characters = 0
    for (let at = start; at < entries.length && texts.length < batchLimits.events; at++) {
      const entry = entries[at] as Entry
      const told = tell(entry)
      const { offset, topic, text } = told
      if ((topic & this.subscribed) !== 0 && offset > (this.confirmed[31 - Math.clz32(topic)] as number)) {
        if (texts.length > 0 && characters + text.length > batchLimits.characters) break
        texts.push(text)
        characters += text.length
        onTaken?.(entry, told)
      }
      upTo = offset
    }
    return { texts, upTo }
  }

  /** The batch is on its way to the client. */
  sent(upTo: number): void {
    this.#sentGeneration = this.#generation
    this.#sent = upTo
  }

  /** There was nothing for the client up to here, so there is nothing it could miss. */
  skip(upTo: number): void {
    for (let topic = 0; topic < topics.length; topic++)
      if (this.#has(topic)) this.confirmed[topic] = Math.max(this.confirmed[topic] as number, upTo)
  }

  save(): SavedCursor {
    return {
      subscribed: this.subscribed,
      confirmed: [...this.confirmed],
      generations: [...this.#generations],
      generation: this.#generation,
      sent: [this.#sentGeneration, this.#sent],
      ...(this.#gaps && { gaps: [...this.#gaps] }),
    }
  }

  static load(saved: SavedCursor): Cursor {
    const cursor = new Cursor()
    cursor.subscribed = saved.subscribed
    for (let topic = 0; topic < topics.length; topic++) {
      cursor.confirmed[topic] = saved.confirmed[topic] ?? 0
      cursor.#generations[topic] = saved.generations[topic] ?? 0
      const gap = saved.gaps?.[topic]
      if (gap) cursor.#setGap(topic, gap)
    }
    cursor.#generation = saved.generation
    cursor.#sentGeneration = saved.sent[0]
    cursor.#sent = saved.sent[1]
    return cursor
  }

  #has(topic: number): boolean {
    return (this.subscribed & (1 << topic)) !== 0
  }

  /** Whether a batch of that generation speaks of the topic. */
  #counts(topic: number, generation: number): boolean {
    return (this.#generations[topic] as number) <= generation
  }

  #received(generation: number, offset: number): boolean {
    let moved = false
    for (let topic = 0; topic < topics.length; topic++) {
      if (!this.#has(topic) || !this.#counts(topic, generation)) continue
      if (offset > (this.confirmed[topic] as number)) {
        this.confirmed[topic] = offset
        moved = true
      }
      // A generation that began with a gap told it in its first batch.
      if (generation > 0) this.#setGap(topic, null)
    }
    return moved
  }

  #setGap(topic: number, gap: string | null): void {
    if (gap === null && this.#gaps === null) return
    this.#gaps ??= topics.map(() => null)
    this.#gaps[topic] = gap
    if (this.#gaps.every((one) => one === null)) this.#gaps = null
  }

  #tellGap(topic: number, epoch: string, first: number, texts: string[]): void {
    const confirmed = this.confirmed[topic] as number
    const lost = this.#gaps?.[topic] ?? (confirmed + 1 < first ? printPosition(epoch, confirmed) : null)
    if (lost !== null) {
      const to = printPosition(epoch, Math.max(confirmed, first - 1))
      texts.push(printGap(topics[topic] as Topic, lost, to))
    }
  }
}

const gapMessageTypes = {
  '/v2/me/im-sessions': 'IMSessionGapMessage',
  '/v2/me/devices': 'DeviceGapMessage',
} as const satisfies Record<Topic, string>

/** Says plainly that what was between two positions is not to be had any more. SPEC CD-24. */
export function printGap(channel: Topic, from: string, to: string): string {
  const data = { messageType: gapMessageTypes[channel], notificationType: 'Gap', from, to }
  return JSON.stringify({ channel, data, ext: { replay: to } })
}
