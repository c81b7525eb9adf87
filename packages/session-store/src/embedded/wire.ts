/** What the main thread and the writer's thread say to each other. Flat arrays of plain values: they are the cheapest to copy. */

export type Cell = string | number | null

/** One change, ready to be written; events and records are JSON already. Each array is flat, of rows as named beside it. */
export interface CommitOp {
  op: 'commit'
  /** name, version */
  expect: Cell[]
  /** name, version after, JSON, when it expires, null for never or `asBefore` */
  put?: Cell[]
  /** person, from or null, to or null */
  claims?: Cell[]
  /** person, JSON */
  feeds?: Cell[]
  /** person, how many entries their feed holds; for feeds that do not hold as many as others */
  holds?: Cell[]
  /** call, message id or null (not `once`), sent, JSON; one row */
  log?: [string, string | null, number, string]
  /** id, due, JSON */
  setTimers?: Cell[]
  /** id */
  cancelTimers?: Cell[]
  /** call, state or null, created; one row */
  live?: [string, string | null, number]
}

/** All that is written. The answer, a row of cells, stands beside each. */
export type WriteOp =
  /** `outcomeCode` and what it says */
  | CommitOp
  /** id, JSON, for each timer */
  | { op: 'claimTimers'; now: number; limit: number; until: number }
  /** 1 when written, 0 when the revision is another */
  | { op: 'putObject'; kind: string; id: string; json: string | null; revision: number }
  | { op: 'keep'; name: string; value: string; expires: number }
  | { op: 'forget'; name: string }
  /** the new count */
  | { op: 'count'; name: string; expires: number }
  /** 1 when there is more to remove */
  | { op: 'trimFeed'; person: string; upTo: number | null }
  /** how many were held; `entries`: position, JSON */
  | { op: 'rewrite'; kind: 'feed' | 'log'; name: string; entries: Cell[] }
  | { op: 'signal'; node: string; message: string }
  /** 1 when there is more to remove */
  | { op: 'purge' }
  /** Fills or frees some pages, to see whether there is room. */
  | { op: 'probe'; bytes: number }

/** First cell of a commit's answer. After `committed`: the log position or null, the offsets; after `duplicate`: position, sent. */
export const outcomeCode = { committed: 0, conflict: 1, duplicate: 2 } as const

export interface WriterOptions {
  file: string
  centre: string
  node: string
  feedLimit: number
  maxBytes: number | null
}

export type ToWriter =
  | {
      /** `now` is the store's clock; `deadline` is the machine's, in ms: past it nothing is begun. */
      batch: readonly WriteOp[]
      now: number
      deadline: number
    }
  | { close: true }

/** What other connections to the file did since the last time. */
export interface News {
  /** person, offset, log position or null, JSON */
  feeds: Cell[]
  /** Too much happened to tell all. */
  doubt: boolean
  signals: string[]
  objects: boolean
}

/** Why the writer could not do something: somebody else has the file locked, the disk is at fault, or the change is. */
export type FailureKind = 'busy' | 'unavailable' | 'invalid'
export interface Failure {
  kind: FailureKind
  message: string
}

export type FromWriter =
  | { opened: { epoch: string } }
  | { refused: string }
  /** The answers to a batch in its order, or why all of it failed. */
  | { results: (Cell[] | Failure)[]; news?: News }
  | { failure: Failure; news?: News }
  | { news: News }
