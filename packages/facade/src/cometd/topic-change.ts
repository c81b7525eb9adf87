import { objectOf } from './bayeux.ts'
import { coveredBy, type Pattern, patternOf, topics } from './channel.ts'
import type { Cursor } from './cursor.ts'
import { type Position, parsePosition, printPosition } from './position.ts'

/** Where a topic begins: after an offset, and after a gap when `gap` names a position that is lost. */
export interface Start {
  offset: number
  gap?: string
}

/** Where topics that are not subscribed yet will start, because the client was here before. */
export interface Resume {
  /** By topic; null: at the feed's end, as for any new client. */
  readonly after: (Start | null)[]
  /** Until when it counts, milliseconds since 1970. */
  readonly until: number
}

/** What a session has subscribed and how far it has come. */
export interface Subscriptions {
  patterns: readonly Pattern[]
  readonly cursor: Cursor
  resume: Resume | null
}

/** A subscribe or unsubscribe as it is applied, on the node it reached or by a signal on the one that serves the session. */
export type TopicChange =
  | {
      op: 'subscribe'
      patterns: readonly string[]
      /** The feed's end when it was asked for: where topics start that have no other place to. */
      end: number
      /** By topic: what the client asked for in `ext.replay`. */
      replay: readonly (Start | null)[]
    }
  | { op: 'unsubscribe'; patterns: readonly string[] }

/**
 * Applies it. A topic starts where the client asks, else where its login had left it, else at the feed's end; one that other patterns
 * cover already goes on as it is. `unseen`: another node may have sent more than is known here. SPEC CD-22, CD-23.
 */
export function applyChange(to: Subscriptions, change: TopicChange, now: number, unseen: boolean): void {
  const patterns = change.patterns.flatMap((name) => patternOf(name) ?? [])
  if (change.op === 'unsubscribe') {
    to.patterns = to.patterns.filter((pattern) => !patterns.includes(pattern))
    const left = coveredBy(to.patterns)
    for (let topic = 0; topic < topics.length; topic++) if ((left & (1 << topic)) === 0) to.cursor.unsubscribe(topic)
    return
  }
  const asked = coveredBy(patterns)
  const fresh = asked & ~to.cursor.subscribed
  to.patterns = to.patterns.concat(patterns.filter((pattern) => !to.patterns.includes(pattern))) // exactly as long as needed
  for (let topic = 0; topic < topics.length; topic++) {
    const replay = (asked & (1 << topic)) === 0 ? null : change.replay[topic]
    if (!replay && (fresh & (1 << topic)) === 0) continue
    const left = to.resume && now < to.resume.until ? to.resume.after[topic] : null
    const start = replay ?? left ?? { offset: change.end }
    to.cursor.subscribe(topic, start.offset, start.gap, unseen && start.offset < change.end)
    if (to.resume) to.resume.after[topic] = null
  }
  if (to.resume?.after.every((one) => one === null)) to.resume = null
}

/**
 * What `ext.replay` asks for, by topic: the position under the topic's own name, else under the first pattern that covers it.
 * A position of another epoch, or behind the feed's end, is one the feed cannot go on from: a gap. Undefined where it is malformed.
 */
export function parseReplay(replay: unknown, feed: { epoch: string; end: number }): (Start | null)[] | undefined {
  const none = topics.map(() => null)
  if (replay === undefined || replay === null) return none
  const entries = Object.entries(objectOf(replay) ?? { '': replay })
  const starts: (Start | null)[] = none
  // The topic's own name comes last and wins; of the patterns, the first in the client's order does.
  const known = entries.map(([name, text]) => ({ pattern: patternOf(name), position: parsePosition(text) }))
  for (const { pattern, position } of known.reverse()) {
    if (!pattern || !position) return undefined
    for (let topic = 0; topic < topics.length; topic++)
      if (pattern.covers & (1 << topic)) starts[topic] = startAt(position, feed)
  }
  for (const { pattern, position } of known) {
    const topic = (topics as readonly string[]).indexOf(pattern?.name ?? '')
    if (topic >= 0 && position) starts[topic] = startAt(position, feed)
  }
  return starts
}

/** The same after the feed has become another one. */
export function restartedResume(resume: Resume | null, oldEpoch: string, offset: number): Resume | null {
  if (!resume) return null
  const after = resume.after.map(
    (start) => start && { offset, gap: start.gap ?? printPosition(oldEpoch, start.offset) },
  )
  return { after, until: resume.until }
}

/** A position as a start in the feed as it is now. */
export function startAt({ epoch, offset }: Position, feed: { epoch: string; end: number }): Start {
  if (epoch === feed.epoch && offset <= feed.end) return { offset }
  return { offset: epoch === feed.epoch ? feed.end : 0, gap: printPosition(epoch, offset) }
}
