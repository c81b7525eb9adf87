import type { Change, CommitOutcome, PersonID } from '@ringdown/signalling'
import { type Cell, type CommitOp, outcomeCode } from './wire.ts'

/** A change as the writer gets it; every event and record is turned into JSON here, once. */
export function toCommitOp(change: Change, now: number): CommitOp {
  const { expect, put, claims, feeds, log, timers, live } = change
  const op: CommitOp = {
    op: 'commit',
    expect: expect.flatMap(({ kind, id, version }) => [`${kind}:${id}`, version]),
  }
  if (put.length > 0) {
    op.put = put.flatMap(({ kind, id, value, expireMs }) => {
      const version = expect.find((record) => record.kind === kind && record.id === id)?.version ?? 0
      const expires = typeof expireMs === 'number' ? now + expireMs : (expireMs ?? null)
      return [`${kind}:${id}`, version + 1, JSON.stringify(value), expires]
    })
  }
  if (claims.length > 0) op.claims = claims.flatMap(({ person, from, to }) => [person, from ?? null, to ?? null])
  if (feeds.length > 0) op.feeds = feedCells(feeds)
  const holds = feeds.flatMap(({ person, hold }) => (hold === undefined ? [] : [person, hold]))
  if (holds.length > 0) op.holds = holds
  if (log) op.log = [log.callUUID, log.once ? log.text.messageID : null, log.text.sent, JSON.stringify(log.text)]
  if (timers.cancel.length > 0) op.cancelTimers = [...timers.cancel]
  if (timers.set.length > 0) {
    op.setTimers = timers.set.flatMap(({ id, due, timer }) => [id, due, JSON.stringify(timer)])
  }
  if (live) op.live = [live.callUUID, live.to, live.created]
  return op
}

/** The writer's answer to a commit; `appended` is told where each feed entry went. */
export function toOutcome(
  answer: Cell[],
  feeds: Change['feeds'],
  appended: (person: PersonID, index: number, offset: number, log: number | undefined) => void,
): CommitOutcome {
  if (answer[0] === outcomeCode.conflict) return { outcome: 'conflict' }
  if (answer[0] === outcomeCode.duplicate) {
    return { outcome: 'duplicate', log: Number(answer[1]), sent: Number(answer[2]) }
  }
  const log = answer[1] === null ? undefined : Number(answer[1])
  const offsets = answer.slice(2).map(Number)
  for (const [i, { person }] of feeds.entries()) appended(person, i, offsets[i] ?? 0, log)
  return { outcome: 'committed', feeds: offsets, ...(log !== undefined && { log }) }
}

function feedCells(feeds: Change['feeds']): Cell[] {
  const cells: Cell[] = []
  for (const { person, event } of feeds) cells.push(person, JSON.stringify(event))
  return cells
}
