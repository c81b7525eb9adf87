import type { EntryKind, LabSession, Ladder, LadderEntry } from '../contract.ts'
import type { LadderPage } from './page.ts'

/** A session's ladder on the page. */
export interface LadderState {
  id: string
  /** Null: not read yet. */
  session: LabSession | null
  ladder: Ladder | null
  /** Contents with their texts, by entry, as far as they were asked for. */
  shown: ReadonlyMap<string, string>
  /** Somebody has agreed to be named in the audit log. */
  asked: boolean
  /** Readings that may still bring something: a session that has ended is read a few times more. */
  left: number
  /** Seconds until it is read again: a large one costs every node some time. */
  rest: number
}

/** What still arrives after the end — reports, last deliveries — does so within these readings. */
const readingsAfterEnd = 4

/** A ladder of more entries than this is read every so many seconds. */
const large = { entries: 2_000, everyS: 5 } as const

export function newLadder(id: string): LadderState {
  return { id, session: null, ladder: null, shown: new Map(), asked: false, left: readingsAfterEnd, rest: 0 }
}

/** The ladder was read, its texts masked. */
export function ladderRead(state: LadderState, ladder: Ladder): LadderState {
  const left = state.session?.state === 'ended' ? Math.max(0, state.left - 1) : readingsAfterEnd
  const rest = ladder.entries.length > large.entries ? large.everyS : 0
  return { ...state, ladder: sameLadder(state.ladder, ladder) ? state.ladder : ladder, left, rest }
}

// A ladder that says the same as before is the one before: nothing has to be drawn.
function sameLadder(one: Ladder | null, other: Ladder): boolean {
  return (
    one !== null &&
    one.lanes.length === other.lanes.length &&
    one.entries.length === other.entries.length &&
    one.entries.at(-1)?.id === other.entries.at(-1)?.id &&
    one.entries[0]?.id === other.entries[0]?.id &&
    JSON.stringify([one.discarded, one.silent]) === JSON.stringify([other.discarded, other.silent])
  )
}

/** The ladder was read with its texts. Those are kept apart: what is read every second is masked, and leaves no trace in the audit log. */
export function textsRead(state: LadderState, ladder: Ladder): LadderState {
  const shown = new Map(ladder.entries.map(({ id, content }) => [id, content]))
  return { ...ladderRead(state, ladder), ladder: state.ladder ?? ladder, shown }
}

export function hideTexts(state: LadderState): LadderState {
  return { ...state, shown: new Map(), asked: false }
}

/** A second has gone by. */
export function rested(state: LadderState): LadderState {
  return state.rest > 0 ? { ...state, rest: state.rest - 1 } : state
}

/** Whether its session has to be looked at once more. */
export function isLive(state: LadderState): boolean {
  return state.left > 0
}

/** An entry's content as it may be seen. */
export function contentOf({ shown }: Pick<LadderState, 'shown'>, { id, content }: LadderEntry): string {
  return shown.get(id) ?? content
}

/** Entries that came since the texts were asked for: they are masked still. */
export function maskedSince({ ladder, shown }: LadderState): number {
  return ladder === null || shown.size === 0 ? 0 : ladder.entries.filter(({ id }) => !shown.has(id)).length
}

/** A rung of the ladder as it is drawn. */
export interface Rung {
  entry: LadderEntry
  /** Lanes by their place from the left. */
  from: number
  to: number
  /** Milliseconds since the first entry of the session, and since the rung above. */
  since: number
  pause: number
}

/** The rungs that the filter lets through. SPEC DT-43. */
export function rungsOf(
  state: Pick<LadderState, 'ladder' | 'shown'>,
  filter: Pick<LadderPage, 'kinds' | 'search'>,
): readonly Rung[] {
  const { ladder } = state
  if (ladder === null) return []
  const at = new Map(ladder.lanes.map(({ id }, i) => [id, i]))
  const label = new Map(ladder.lanes.map(({ id, label }) => [id, label]))
  const wanted = filter.search.trim().toLowerCase()
  const fits = (entry: LadderEntry) =>
    (filter.kinds === null || filter.kinds.includes(entry.kind)) &&
    (wanted === '' ||
      [entry.title, label.get(entry.from), label.get(entry.to), entry.node, contentOf(state, entry)]
        .join('\n')
        .toLowerCase()
        .includes(wanted))
  const first = ladder.entries[0]?.at ?? 0
  let above: number | undefined
  return ladder.entries.filter(fits).map((entry) => {
    const pause = entry.at - (above ?? entry.at)
    above = entry.at
    return { entry, from: at.get(entry.from) ?? 0, to: at.get(entry.to) ?? 0, since: entry.at - first, pause }
  })
}

/** How many entries there are of each kind. */
export function kindsOf(ladder: Ladder | null): ReadonlyMap<EntryKind, number> {
  const counts = new Map<EntryKind, number>()
  for (const { kind } of ladder?.entries ?? []) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** The kinds that are shown after one of them was switched; null: all there are. */
export function switched(
  kinds: readonly EntryKind[] | null,
  kind: EntryKind,
  all: readonly EntryKind[],
): readonly EntryKind[] | null {
  const now = kinds ?? all
  const after = all.filter((one) => (one === kind ? !now.includes(kind) : now.includes(one)))
  return after.length === all.length ? null : after
}
