import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type {
  Call,
  CallUUID,
  FeedPage,
  LiveState,
  LogEntry,
  PersonID,
  ReadReply,
  ReadRequest,
  StoredObject,
} from '@ringdown/signalling'

/** Reads on the calling thread: in WAL mode nobody who writes holds up a reader. */
export class Reader {
  readonly #db: DatabaseSync
  readonly #epoch: string
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #record: StatementSync
  readonly #claim: StatementSync
  readonly #feedEnds: StatementSync
  readonly #feedEntries: StatementSync
  readonly #log: StatementSync
  readonly #calls: StatementSync
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
    this.#feedEnds = db.prepare(
      `SELECT id, (SELECT min(pos) FROM entry WHERE stream = id) AS first, (SELECT max(pos) FROM entry WHERE stream = id) AS last
       FROM stream WHERE name = ? AND kind = 'feed'`,
    )
    this.#feedEntries = db.prepare('SELECT pos, log, json FROM entry WHERE stream = ? AND pos > ? ORDER BY pos LIMIT ?')
    this.#log = db.prepare(
      `SELECT pos, json FROM entry WHERE stream = (SELECT id FROM stream WHERE name = :call AND kind = 'log')
         AND pos > :after AND NOT EXISTS (SELECT 1 FROM record WHERE name = 'call:' || :call AND expires <= :now)
       ORDER BY pos LIMIT :limit`,
    )
    this.#calls = db.prepare(
      `SELECT call, created, (SELECT json FROM record WHERE name = 'call:' || call) AS json FROM live
       WHERE (created, call) > (?, ?) ORDER BY created, call LIMIT ?`,
    )
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
    return this.#inOneMoment(() => {
      const ends = this.#feedEnds.get(person)
      const last = Number(ends?.last ?? 0)
      const page = { epoch: this.#epoch, first: Number(ends?.first ?? last + 1), last }
      if (!ends || after >= last) return { ...page, entries: [] }
      const entries = this.#feedEntries.all(Number(ends.id), after, limit).map(({ pos, log, json }) => ({
        offset: Number(pos),
        event: JSON.parse(String(json)),
        ...(log !== null && { log: Number(log) }),
      }))
      return { ...page, entries }
    })
  }

  feedEnd(person: PersonID): { epoch: string; offset: number } {
    return { epoch: this.#epoch, offset: Number(this.#feedEnds.get(person)?.last ?? 0) }
  }

  log(call: CallUUID, after: number, limit: number, now: number): LogEntry[] {
    const rows = this.#log.all({ call, after, limit, now })
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

  #inOneMoment<T>(read: () => T): T {
    this.#begin.run()
    try {
      return read()
    } finally {
      this.#end.run()
    }
  }
}
