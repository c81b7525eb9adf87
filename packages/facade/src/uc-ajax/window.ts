import type { CwaEvent, NumberedEvent } from './event.ts'
import type { Projection } from './projection.ts'

/** How far a session has come, in the introduction or in the feed behind it. */
export interface Place {
  projection: Projection
  /** Within the introduction: the position in the log up to which texts have been told. */
  log?: number
}

/** What one entry of a feed or a log adds: its events, and the place behind them. */
export interface Step {
  events: readonly NumberedEvent[]
  after: Place
}

/** What a node holds of a session at most: a client that acknowledges nothing is read for no further. Characters of texts and names. */
export const windowLimits = { events: 1_024, characters: 1_048_576 } as const
/** What is held of acknowledged events, for a client that repeats an older poll. */
export const keptLimits = { events: 128, characters: 65_536 } as const
/** A batch has at most so many events and, but for a single longer one, characters. */
export const batchLimits = { events: 128, characters: 262_144 } as const

/** What an event takes beside its text. */
const frame = 256

/** The events of a session between a place and a later one, without holes. */
export class Window {
  /** Behind this the window begins; what is before is forgotten here. */
  base: Place
  #steps: Step[] = []
  #events = 0
  #characters = 0

  constructor(base: Place) {
    this.base = base
  }

  /** Where the window ends. */
  get tail(): Place {
    return this.#steps.at(-1)?.after ?? this.base
  }

  get full(): boolean {
    return this.#events >= windowLimits.events || this.#characters >= windowLimits.characters
  }

  get empty(): boolean {
    return this.#steps.length === 0
  }

  /** Appends what follows the tail. An entry that is nothing to the client moves the tail only. */
  push(step: Step): void {
    const last = this.#steps.at(-1)
    if (step.events.length > 0) {
      this.#steps.push(step)
      this.#count(step, 1)
    } else if (last) last.after = step.after
    else this.base = step.after
  }

  /** The events behind a number, as many as go into one answer; `more`: there are others. */
  batch(after: number): { events: readonly NumberedEvent[]; more: boolean } {
    const events: NumberedEvent[] = []
    let characters = 0
    for (const step of this.#steps)
      for (const event of step.events) {
        if (event.eid <= after) continue
        characters += sizeOf(event.event)
        const over = events.length >= batchLimits.events || characters > batchLimits.characters
        if (over && events.length > 0) return { events, more: true }
        events.push(event)
      }
    return { events, more: false }
  }

  /** Whether an event behind a number is what is looked for. */
  some(after: number, wanted: (event: CwaEvent) => boolean): boolean {
    return this.#steps.some(({ events }) => events.some(({ eid, event }) => eid > after && wanted(event)))
  }

  /** The last place that is not behind a number: one can go on from there. */
  placeAt(eid: number): Place {
    return this.#steps.findLast(({ after }) => after.projection.eid <= eid)?.after ?? this.base
  }

  /** Forgets all up to a number. */
  forget(eid: number): void {
    const count = this.#steps.findLastIndex(({ after }) => after.projection.eid <= eid) + 1
    this.#drop(count)
  }

  /** Forgets of what is acknowledged the oldest, where it is more than is kept of it. */
  forgetSurplus(acknowledged: number): void {
    let events = 0
    let characters = 0
    const surplus = this.#steps.findLastIndex((step) => {
      if (step.after.projection.eid > acknowledged) return false
      events += step.events.length
      characters += sizeOfStep(step)
      return events > keptLimits.events || characters > keptLimits.characters
    })
    this.#drop(surplus + 1)
  }

  #drop(count: number): void {
    if (count <= 0) return
    const gone = this.#steps.slice(0, count)
    this.base = (gone.at(-1) as Step).after
    for (const step of gone) this.#count(step, -1)
    // A new array: one that was pushed to keeps room for sixteen more.
    this.#steps = this.#steps.slice(count)
  }

  #count(step: Step, sign: 1 | -1): void {
    this.#events += sign * step.events.length
    this.#characters += sign * sizeOfStep(step)
  }
}

function sizeOfStep({ events }: Step): number {
  let size = 0
  for (const { event } of events) size += sizeOf(event)
  return size
}

function sizeOf(event: CwaEvent): number {
  return 'message' in event ? frame + event.message.content.length + event.message.format.length : frame
}
