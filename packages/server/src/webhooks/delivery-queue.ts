import type { FeedEntry, Gap, WaitingDelivery } from '@ringdown/signalling'
import type { EventType } from './event-types.ts'

/** A delivery that is held in memory until it is taken or given up. */
export interface Item {
  offset: number
  /** Deliveries of one lane go out in order, one at a time. */
  lane: string
  what: { type: EventType; entry: FeedEntry } | { gap: Gap }
  attempts: number
  /** The first attempt and the next one, milliseconds since 1970; 0: none yet, at once. */
  since: number
  next: number
  sending: boolean
  /** It goes before its time because the target was back (`now`), or has gone so (`done`): that is done once for each pause. */
  early: 'no' | 'now' | 'done'
  /** What is sent again leaves the webhook's position alone. */
  replay: boolean
}

/**
 * What a webhook holds in memory: lanes of deliveries, each in order. A lane whose first delivery has failed is parked: it is written
 * down by itself, so that the position goes on without it. Time comes in; nothing is sent here. SPEC WH-20.
 */
export class DeliveryQueue {
  readonly #lanes = new Map<string, Item[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Items of one lane are added in the order they have to go out. */
  add(item: Item): void {
    const lane = this.#lanes.get(item.lane)
    if (lane) lane.push(item)
    else this.#lanes.set(item.lane, [item])
    this.#size++
  }

  /** Whether the delivery of an offset is held; a gap's notice bears an offset too, and is none. */
  has(offset: number): boolean {
    for (const lane of this.#lanes.values())
      if (lane.some((item) => 'entry' in item.what && item.offset === offset)) return true
    return false
  }

  /** What can be sent now: the lane that has been behind for longest first. */
  next(now: number): Item | undefined {
    let found: Item | undefined
    for (const [head] of this.#lanes.values()) {
      if (!head || head.sending || head.next > now) continue
      if (!found || head.offset < found.offset) found = head
    }
    return found
  }

  /** When the next one may be sent that cannot yet, milliseconds since 1970. */
  nextDue(): number | undefined {
    let due: number | undefined
    for (const [head] of this.#lanes.values())
      if (head && !head.sending && head.next < (due ?? Number.POSITIVE_INFINITY)) due = head.next
    return due
  }

  /** It was delivered, or given up: the next one of its lane may go. */
  remove(item: Item): void {
    const lane = this.#lanes.get(item.lane)
    if (lane?.[0] !== item) throw new Error('only the first of a lane is ever sent')
    lane.shift()
    this.#size--
    if (lane.length === 0) this.#lanes.delete(item.lane)
  }

  /** The target is back: what waits for its time need not, once. */
  wake(now: number): void {
    for (const [head] of this.#lanes.values()) {
      if (!head || head.sending || head.early !== 'no' || head.next <= now) continue
      head.next = now
      head.early = 'now'
    }
  }

  /**
   * Up to where everything is done or written down by itself. `read` is the last offset taken in, `before` the position so far, which
   * never goes back: what is not done below it stays written down.
   */
  position(read: number, before: number): number {
    let lowest = read + 1
    for (const lane of this.#lanes.values()) {
      if (isParked(lane)) continue
      for (const { offset, replay } of lane) if (!replay && offset > before && offset < lowest) lowest = offset
    }
    return lowest - 1
  }

  /** Where sending again stands: the lowest offset that is held for it and not written down; undefined where there is none. */
  lowestReplay(): number | undefined {
    let lowest: number | undefined
    for (const lane of this.#lanes.values())
      for (const { offset, replay } of lane)
        if (replay && offset < (lowest ?? Number.POSITIVE_INFINITY)) lowest = offset
    return lowest
  }

  /** What has to be written down beside a position. What is sent again and has to wait is one of these from now on. */
  waiting(position: number): WaitingDelivery[] {
    const out: WaitingDelivery[] = []
    for (const lane of this.#lanes.values()) {
      const parked = isParked(lane)
      for (const item of lane) {
        if (parked && item.offset <= position) item.replay = false
        // The offset of a notice may be of another epoch.
        if (item.replay || (item.offset > position && 'entry' in item.what)) continue
        const { offset, attempts, since, next, what } = item
        out.push({ offset, attempts, since, next, ...('gap' in what && { gap: what.gap }) })
      }
    }
    return out.sort((a, b) => a.offset - b.offset)
  }

  /** The lowest offset of a delivery that is held. */
  lowest(): number | undefined {
    let lowest: number | undefined
    for (const lane of this.#lanes.values())
      for (const { offset, what } of lane)
        if ('entry' in what && offset < (lowest ?? Number.POSITIVE_INFINITY)) lowest = offset
    return lowest
  }

  /** When the oldest of what is held happened, milliseconds since 1970; `parked`: whether what waits for another attempt counts. */
  oldest(parked: boolean): number | undefined {
    let oldest: number | undefined
    for (const lane of this.#lanes.values()) {
      if (!parked && isParked(lane)) continue
      for (const { what, replay } of lane) {
        if (!('entry' in what) || replay) continue
        oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, what.entry.event.time)
      }
    }
    return oldest
  }

  /** What waits for a time after this one waits until then; milliseconds since 1970. */
  notAfter(latest: number): void {
    for (const lane of this.#lanes.values()) for (const item of lane) item.next = Math.min(item.next, latest)
  }

  /** Lets go of all but the notices of gaps, which may be sent at once again. */
  keepGaps(): void {
    const gaps = [...this.#lanes.values()].flat().filter(({ what }) => 'gap' in what)
    this.clear()
    for (const gap of gaps) this.add({ ...gap, sending: false })
  }

  clear(): void {
    this.#lanes.clear()
    this.#size = 0
  }
}

/** A gap's notice has no entry it could be read from again, so it is written down as soon as it is due. */
function isParked([head]: readonly Item[]): boolean {
  return head !== undefined && (head.attempts > 0 || 'gap' in head.what)
}

/** The notice of a gap that ends with an offset of the gap's epoch. */
export function gapItem(gap: Gap, to: number): Item {
  const fresh = { attempts: 0, since: 0, next: 0, sending: false, early: 'no', replay: false } as const
  return { offset: to, lane: `gap ${gap.epoch} ${gap.from}`, what: { gap }, ...fresh }
}
