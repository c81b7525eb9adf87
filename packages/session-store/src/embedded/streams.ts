import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cell } from './wire.ts'

export type StreamKind = 'feed' | 'log'

interface Stream {
  id: number
  first: number
  last: number
}

const rowsAtOnce = 8
const cellsPerRow = 4
/** A feed is trimmed when it has grown so much over its limit: many rows at a time cost less. SPEC ST-13 allows 200. */
const trimStep = 100
/** No step of removing takes longer than so many rows. */
const removeStep = 1000
const cacheLimit = 50_000

/** The feeds and logs of a file, as the one who writes knows them. All of it happens inside the writer's transaction. */
export class Streams {
  readonly #feedLimit: number
  readonly #known = new Map<string, Stream>()
  /** Rows that are written together at the end of the transaction. */
  #rows: Cell[] = []
  #seq = 0
  readonly #grown = new Set<Stream>()
  readonly #find: StatementSync
  readonly #create: StatementSync
  readonly #insertOne: StatementSync
  readonly #insertMany: StatementSync
  readonly #trim: StatementSync
  readonly #removeStream: StatementSync
  readonly #removeMessages: StatementSync
  readonly #findMessage: StatementSync
  readonly #addMessage: StatementSync

  constructor(db: DatabaseSync, feedLimit: number) {
    this.#feedLimit = feedLimit
    this.#find = db.prepare(
      `SELECT id, (SELECT min(pos) FROM entry WHERE stream = id) AS first, (SELECT max(pos) FROM entry WHERE stream = id) AS last
       FROM stream WHERE name = ? AND kind = ?`,
    )
    this.#create = db.prepare('INSERT INTO stream (name, kind) VALUES (?, ?)')
    const values = '(?, ?, ?, ?)'
    const insert = 'INSERT INTO entry (stream, pos, log, json) VALUES'
    this.#insertOne = db.prepare(`${insert} ${values}`)
    this.#insertMany = db.prepare(`${insert} ${Array(rowsAtOnce).fill(values).join(', ')}`)
    this.#trim = db.prepare('DELETE FROM entry WHERE stream = ? AND pos >= ? AND pos < ?')
    this.#removeStream = db.prepare('DELETE FROM stream WHERE id = ?')
    this.#removeMessages = db.prepare('DELETE FROM message WHERE stream = ?')
    this.#findMessage = db.prepare('SELECT pos, sent FROM message WHERE stream = ? AND id = ?')
    this.#addMessage = db.prepare('INSERT INTO message VALUES (?, ?, ?, ?)')
  }

  /** Appends an entry and answers its position. */
  append(kind: StreamKind, name: string, log: number | null, json: string): number {
    const stream = this.#stream(kind, name) ?? this.#createStream(kind, name)
    const pos = ++stream.last
    this.#rows.push(stream.id, pos, log, json)
    if (kind === 'feed' && pos - stream.first >= this.#feedLimit + trimStep) this.#grown.add(stream)
    return pos
  }

  /** Where a text with this id stands in a call's log and when it was sent, if it is remembered. */
  message(call: string, id: string): { pos: number; sent: number } | undefined {
    const stream = this.#stream('log', call)
    const found = stream && this.#findMessage.get(stream.id, id)
    return found && { pos: Number(found.pos), sent: Number(found.sent) }
  }

  /** Remembers the id of a text that was appended to the call's log. */
  remember(call: string, id: string, pos: number, sent: number): void {
    const stream = this.#stream('log', call)
    if (stream) this.#addMessage.run(stream.id, id, pos, sent)
  }

  /** Removes a log and its message ids, in steps; answers whether nothing is left. */
  removeLog(call: string, atOnce: boolean): boolean {
    this.flush()
    const stream = this.#stream('log', call)
    if (!stream) return true
    const end = atOnce ? stream.last + 1 : Math.min(stream.first + removeStep, stream.last + 1)
    this.#trim.run(stream.id, stream.first, end)
    stream.first = end
    if (end <= stream.last) return false
    this.#removeMessages.run(stream.id)
    this.#removeStream.run(stream.id)
    this.#known.delete(`log:${call}`)
    return true
  }

  /** Writes the appended rows and trims what has grown too long; answers the highest row number written since `reset`. */
  flush(): number {
    const rows = this.#rows
    const step = rowsAtOnce * cellsPerRow
    let at = 0
    for (; at + step <= rows.length; at += step) {
      this.#seq = Number(this.#insertMany.run(...rows.slice(at, at + step)).lastInsertRowid)
    }
    for (; at < rows.length; at += cellsPerRow) {
      this.#seq = Number(this.#insertOne.run(...rows.slice(at, at + cellsPerRow)).lastInsertRowid)
    }
    this.#rows = []
    for (const stream of this.#grown) {
      const first = Math.min(stream.last - this.#feedLimit + 1, stream.first + removeStep)
      this.#trim.run(stream.id, stream.first, first)
      stream.first = first
    }
    this.#grown.clear()
    return this.#seq
  }

  /** Forgets what was known of the file: somebody else has written, or what was appended is not going to be. */
  reset(): void {
    this.#known.clear()
    this.#grown.clear()
    this.#rows = []
    this.#seq = 0
  }

  #stream(kind: StreamKind, name: string): Stream | undefined {
    const key = `${kind}:${name}`
    const known = this.#known.get(key)
    if (known) return known
    const found = this.#find.get(name, kind)
    if (!found) return undefined
    const last = Number(found.last ?? 0)
    return this.#know(key, { id: Number(found.id), first: Number(found.first ?? last + 1), last })
  }

  #createStream(kind: StreamKind, name: string): Stream {
    const id = Number(this.#create.run(name, kind).lastInsertRowid)
    return this.#know(`${kind}:${name}`, { id, first: 1, last: 0 })
  }

  #know(key: string, stream: Stream): Stream {
    if (this.#known.size >= cacheLimit) {
      // What is not written yet is known here only.
      this.flush()
      this.#known.clear()
    }
    this.#known.set(key, stream)
    return stream
  }
}
