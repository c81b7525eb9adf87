import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cell } from './wire.ts'

interface Known {
  version: number
  expires: number | null
}

const cacheLimit = 50_000
const missing: Known = { version: 0, expires: null }

/** The versioned records of a file, as the one who writes knows them. All of it happens inside the writer's transaction. */
export class Records {
  readonly #known = new Map<string, Known>()
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #findExpired: StatementSync

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT version, expires FROM record WHERE name = ?')
    this.#put = db.prepare(
      `INSERT INTO record (name, version, json, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET version = excluded.version, json = excluded.json, expires = excluded.expires`,
    )
    this.#remove = db.prepare('DELETE FROM record WHERE name = ?')
    this.#findExpired = db.prepare('SELECT name FROM record WHERE expires <= ? ORDER BY expires LIMIT ?')
  }

  /** The record's version; 0 when there is none. `expired` says that it is there, but has outlived its time. */
  version(name: string, now: number): { version: number; expired: boolean } {
    const { version, expires } = this.#known.get(name) ?? this.#load(name)
    return { version, expired: expires !== null && expires <= now }
  }

  put(name: string, version: number, json: Cell, given: number | 'asBefore' | null): void {
    const expires = given === 'asBefore' ? (this.#known.get(name) ?? this.#load(name)).expires : given
    this.#put.run(name, version, json, expires)
    this.#know(name, { version, expires })
  }

  remove(name: string): void {
    this.#remove.run(name)
    this.#known.delete(name)
  }

  /** Names of records that have outlived their time, oldest first. */
  expired(now: number, limit: number): string[] {
    return this.#findExpired.all(now, limit).map(({ name }) => String(name))
  }

  /** Forgets what was known of the file. */
  reset(): void {
    this.#known.clear()
  }

  #load(name: string): Known {
    const row = this.#find.get(name)
    if (!row) return missing
    return this.#know(name, {
      version: Number(row.version),
      expires: row.expires === null ? null : Number(row.expires),
    })
  }

  #know(name: string, known: Known): Known {
    if (this.#known.size >= cacheLimit) this.#known.clear()
    this.#known.set(name, known)
    return known
  }
}
