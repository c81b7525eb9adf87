import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type {
  Call,
  CallUUID,
  FeedPage,
  LiveState,
  LogEntry,
  Named,
  PersonID,
  ReadReply,
  ReadRequest,
  SessionRange,
  StoredObject,
} from '@ringdown/signalling'
import { markAt, type StreamKind } from './streams.ts'

type Row = ReturnType<StatementSync['all']>[number]

/** Reads on the calling thread: in WAL mode nobody who writes holds up a reader. */
export class Reader {
  readonly #db: DatabaseSync
  readonly #epoch: string
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #record: StatementSync
  readonly #claim: StatementSync
  readonly #head: StatementSync
  readonly #mark: StatementSync
  readonly #entries: StatementSync
  readonly #expired: StatementSync
  readonly #calls: StatementSync
  readonly #sessions: StatementSync
  readonly #names: Readonly<Record<'feed' | 'record' | 'kept', StatementSync>>
  readonly #counts: StatementSync
  readonly #revision: StatementSync
  readonly #objects: StatementSync
  readonly #kept: StatementSync

  constructor(file: string, epoch: string) {
    const db = new DatabaseSync(file, { timeout: 500 })
    this.#db = db
    this.#epoch = epoch
    db.exec('PRAGMA query_only = ON; PRAGMA cache_size = -16384')
    this.#begin = db.prepare('BEGIN')
    this.#end = db.prepare('COMMIT')
    this.#record = db.prepare('SELECT version, json FROM record WHERE name = ? AND (expires IS NULL OR expires > ?)')
    this.#claim = db.prepare('SELECT call FROM claim WHERE person = ?')
    this.#head = db.prepare(
      'SELECT id, first, last, seq FROM stream JOIN head ON stream = id WHERE name = ? AND kind = ?',
    )
    this.#mark = db.prepare('SELECT seq FROM mark WHERE stream = ? AND pos = ?')
    this.#entries = db.prepare(
      `WITH RECURSIVE chain (seq, pos, prev) AS (
         SELECT seq, pos, prev FROM entry WHERE seq = :seq
         UNION ALL
         SELECT entry.seq, entry.pos, entry.prev FROM chain JOIN entry ON entry.seq = chain.prev WHERE chain.pos > :from)
       SELECT entry.pos, log, json FROM chain JOIN entry USING (seq) WHERE chain.pos <= :to ORDER BY chain.pos`,
    )
    this.#expired = db.prepare('SELECT 1 FROM record WHERE name = ? AND expires <= ?')
    this.#calls = db.prepare(
      `SELECT call, created, (SELECT json FROM record WHERE name = 'call:' || call) AS json FROM live
       WHERE (created, call) > (?, ?) ORDER BY created, call LIMIT ?`,
    )
    this.#sessions = db.prepare(
      `SELECT name, json FROM record
       WHERE name GLOB 'call:*' AND json_extract(json, '$.created') >= :from AND json_extract(json, '$.created') < :until
         AND (json_extract(json, '$.created'), name) > (:after, :name) AND (expires IS NULL OR expires > :now)
       ORDER BY json_extract(json, '$.created'), name LIMIT :limit`,
    )
    const named = (table: string) =>
      db.prepare(
        `SELECT name FROM ${table} WHERE name > :after AND name < :end AND (expires IS NULL OR expires > :now)
         ORDER BY name LIMIT :limit`,
      )
    this.#names = {
      feed: db.prepare(`SELECT name FROM stream WHERE kind = 'feed' AND name > ? ORDER BY name LIMIT ?`),
      record: named('record'),
      kept: named('kept'),
    }
    this.#counts = db.prepare('SELECT state, count(*) AS calls FROM live GROUP BY state')
    this.#revision = db.prepare(`SELECT value FROM meta WHERE name = 'revision'`)
    this.#objects = db.prepare('SELECT kind, id, json FROM object ORDER BY kind, id')
    this.#kept = db.prepare('SELECT value FROM kept WHERE name = ? AND expires > ?')
  }

  read({ records, claims }: ReadRequest, now: number): ReadReply {
    return this.#inOneMoment(() => ({
      records: records.map(({ kind, id }) => {
        const row = this.#record.get(`${kind}:${id}`, now)
        return row && { version: Number(row.version), value: JSON.parse(String(row.json)) }
      }),
      claims: claims.map((person) => this.#claim.get(person)?.call as CallUUID | undefined),
    }))
  }

  feed(person: PersonID, after: number, limit: number): FeedPage {
    const { first, last, rows } = this.#stream('feed', person, after, limit)
    const entries = rows.map(({ pos, log, json }) => ({
      offset: Number(pos),
      event: JSON.parse(String(json)),
      ...(log !== null && { log: Number(log) }),
    }))
    return { epoch: this.#epoch, first, last, entries }
  }

  feedEnd(person: PersonID): { epoch: string; offset: number } {
    return { epoch: this.#epoch, offset: Number(this.#head.get(person, 'feed')?.last ?? 0) }
  }

  log(call: CallUUID, after: number, limit: number, now: number): LogEntry[] {
    if (this.#expired.get(`call:${call}`, now)) return []
    const { rows } = this.#stream('log', call, after, limit)
    return rows.map(({ pos, json }) => ({ position: Number(pos), text: JSON.parse(String(json)) }))
  }

  /** Cursors are the age and id of the last call of a page. */
  calls(after: string | undefined, limit: number): { calls: Call[]; next?: string } {
    const [, created, id] = /^(\d+):(.*)$/s.exec(after ?? '') ?? [undefined, '-1', '']
    const rows = this.#calls.all(Number(created), id ?? '', limit + 1)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      calls: page.flatMap(({ json }) => (json === null ? [] : [JSON.parse(String(json)) as Call])),
      ...(last && rows.length > limit && { next: `${last.created}:${last.call}` }),
    }
  }

  /** Cursors are as those of `calls`. */
  sessions({ from = 0, until, after, limit }: SessionRange, now: number): { sessions: Call[]; next?: string } {
    const [, created = '-1', id = ''] = /^(\d+):(.*)$/s.exec(after ?? '') ?? []
    const rows = this.#sessions.all({
      ...{ from, until: until ?? Number.MAX_SAFE_INTEGER, now, limit: limit + 1 },
      ...{ after: Number(created), name: `call:${id}` },
    })
    const sessions = rows.slice(0, limit).map(({ json }) => JSON.parse(String(json)) as Call)
    const last = sessions.at(-1)
    return { sessions, ...(last && rows.length > limit && { next: `${last.created}:${last.callUUID}` }) }
  }

  /** The cursor is the last name of a page. */
  names(of: Named, after: string | undefined, limit: number, now: number): { names: string[]; next?: string } {
    const [prefix, rows] =
      'feeds' in of ? ['', this.#names.feed.all(after ?? '', limit + 1)] : this.#named(of, after, limit + 1, now)
    const names = rows.slice(0, limit).map(({ name }) => String(name).slice(prefix.length))
    const last = names.at(-1)
    return { names, ...(last !== undefined && rows.length > limit && { next: last }) }
  }

  #named(of: Exclude<Named, { feeds: true }>, after = '', limit: number, now: number): [string, Row[]] {
    const [table, kind] = 'records' in of ? (['record', of.records] as const) : (['kept', of.kept] as const)
    // Names are `<kind>:<id>`; a semicolon is what follows a colon.
    const rows = this.#names[table].all({ after: `${kind}:${after}`, end: `${kind};`, now, limit })
    return [`${kind}:`, rows]
  }

  counts(): Record<LiveState, number> {
    const counts: Record<LiveState, number> = { dialing: 0, talking: 0 }
    for (const { state, calls } of this.#counts.all()) counts[state as LiveState] = Number(calls)
    return counts
  }

  objects(): { revision: number; objects: StoredObject[] } {
    return this.#inOneMoment(() => ({
      revision: Number(this.#revision.get()?.value),
      objects: this.#objects.all().map(({ kind, id, json }) => ({
        kind: String(kind),
        id: String(id),
        value: JSON.parse(String(json)),
      })),
    }))
  }

  kept(name: string, now: number): string | undefined {
    return this.#kept.get(name, now)?.value as string | undefined
  }

  close(): void {
    this.#db.close()
  }

  #stream(
    kind: StreamKind,
    name: string,
    after: number,
    limit: number,
  ): Pick<FeedPage, 'first' | 'last'> & { rows: Row[] } {
    return this.#inOneMoment(() => {
      const head = this.#head.get(name, kind)
      const last = Number(head?.last ?? 0)
      const first = Number(head?.first ?? 1)
      const from = Math.max(after + 1, first)
      const to = Math.min(from + limit - 1, last)
      if (!head || from > to) return { first, last, rows: [] }
      // Entries lead backwards only: begin at the next one that is marked, or at the end.
      const mark = this.#mark.get(Number(head.id), markAt(to))
      return { first, last, rows: this.#entries.all({ seq: Number(mark?.seq ?? head.seq), from, to }) }
    })
  }

  #inOneMoment<T>(read: () => T): T {
    this.#begin.run()
    try {
      return read()
    } finally {
      this.#end.run()
    }
  }
}
