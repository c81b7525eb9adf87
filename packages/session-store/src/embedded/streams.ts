import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cell } from './wire.ts'

export type StreamKind = 'feed' | 'log'

interface Stream {
  id: number
  kind: StreamKind
  /** The lowest position that is held, `last + 1` when nothing is. */
  first: number
  last: number
  /** The row of the last entry; 0 when nothing was ever appended. */
  seq: number
  /** How many entries of a feed are held. */
  hold: number
}

/** Every so many entries of a stream one is marked; readers walk no further than that, and streams are trimmed by as many. */
const markEvery = 64
const rowsAtOnce = 8
const cellsPerRow = 6
/** No step of removing takes longer than so many rows. */
const removeStep = 1000
const cacheLimit = 50_000

/** The first marked position from a position on. */
export function markAt(pos: number): number {
  return Math.ceil(pos / markEvery) * markEvery
}

/** The feeds and logs of a file, as the one who writes knows them. All of it happens inside the writer's transaction. */
export class Streams {
  readonly #feedLimit: number
  /** Of feeds that do not hold as many entries as others, by person. */
  readonly #holds = new Map<string, number>()
  readonly #known = new Map<string, Stream>()
  /** Rows that are written together at the end of the transaction, and the streams they are of. */
  #rows: Cell[] = []
  readonly #touched = new Set<Stream>()
  /** Those of them that were appended to: how many entries a feed holds is known from who appends. */
  readonly #grown = new Set<Stream>()
  /** The row written last; undefined when somebody else may have written. */
  #seq: number | undefined
  readonly #lastSeq: StatementSync
  readonly #find: StatementSync
  readonly #create: StatementSync
  readonly #insertOne: StatementSync
  readonly #insertMany: StatementSync
  readonly #setHead: StatementSync
  readonly #setMark: StatementSync
  readonly #findMark: StatementSync
  readonly #removeChain: StatementSync
  readonly #removeUpTo: StatementSync
  readonly #findEntries: StatementSync
  readonly #setEntry: StatementSync
  readonly #pass: StatementSync
  readonly #removeMark: StatementSync
  readonly #removals: readonly StatementSync[]
  readonly #findMessage: StatementSync
  readonly #addMessage: StatementSync

  constructor(db: DatabaseSync, feedLimit: number) {
    this.#feedLimit = feedLimit
    this.#lastSeq = db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'entry'`)
    this.#find = db.prepare(
      'SELECT id, first, last, seq FROM stream JOIN head ON stream = id WHERE name = ? AND kind = ?',
    )
    this.#create = db.prepare('INSERT INTO stream (name, kind) VALUES (?, ?)')
    const values = '(?, ?, ?, ?, ?, ?)'
    const insert = 'INSERT INTO entry (seq, stream, pos, prev, log, json) VALUES'
    this.#insertOne = db.prepare(`${insert} ${values}`)
    this.#insertMany = db.prepare(`${insert} ${Array(rowsAtOnce).fill(values).join(', ')}`)
    this.#setHead = db.prepare('INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?)')
    this.#setMark = db.prepare('INSERT INTO mark VALUES (?, ?, ?)')
    this.#findMark = db.prepare('SELECT seq FROM mark WHERE stream = ? AND pos = ?')
    const between = `WITH RECURSIVE chain (seq, pos, prev) AS (
         SELECT seq, pos, prev FROM entry WHERE seq = :seq
         UNION ALL
         SELECT entry.seq, entry.pos, entry.prev FROM chain JOIN entry ON entry.seq = chain.prev WHERE chain.pos > :first)`
    this.#removeChain = db.prepare(`${between} DELETE FROM entry WHERE seq IN (SELECT seq FROM chain)`)
    this.#removeUpTo = db.prepare(`${between} DELETE FROM entry WHERE seq IN (SELECT seq FROM chain WHERE pos <= :to)`)
    this.#findEntries = db.prepare(`${between} SELECT pos, seq FROM chain WHERE pos <= :to`)
    this.#setEntry = db.prepare('UPDATE entry SET json = ? WHERE seq = ?')
    this.#pass = db.prepare('INSERT OR IGNORE INTO passing VALUES (?, ?, ?)')
    this.#removeMark = db.prepare('DELETE FROM mark WHERE stream = ? AND pos = ?')
    this.#removals = ['message WHERE stream', 'head WHERE stream', 'stream WHERE id'].map((from) =>
      db.prepare(`DELETE FROM ${from} = ?`),
    )
    this.#findMessage = db.prepare('SELECT pos, sent FROM message WHERE stream = ? AND id = ?')
    this.#addMessage = db.prepare('INSERT INTO message VALUES (?, ?, ?, ?)')
  }

  /** From now on this feed holds so many entries. */
  hold(person: string, entries: number): void {
    if (this.#holds.get(person) === entries) return
    this.#holds.set(person, entries)
    const stream = this.#stream('feed', person)
    if (stream) stream.hold = entries
  }

  /** Appends an entry and answers its position. */
  append(kind: StreamKind, name: string, log: number | null, json: string): number {
    const stream = this.#stream(kind, name) ?? this.#createStream(kind, name)
    this.#seq ??= this.#loadSeq()
    const seq = ++this.#seq
    const pos = ++stream.last
    this.#rows.push(seq, stream.id, pos, stream.seq, log, json)
    stream.seq = seq
    if (pos % markEvery === 0) this.#setMark.run(stream.id, pos, seq)
    this.#touched.add(stream)
    this.#grown.add(stream)
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
    this.#remove(stream, stream.last, atOnce ? Number.POSITIVE_INFINITY : removeStep)
    if (stream.first <= stream.last) {
      this.#touched.add(stream)
      return false
    }
    for (const removal of this.#removals) removal.run(stream.id)
    this.#known.delete(`log:${call}`)
    return true
  }

  /** Removes a feed's entries but for the newest, a step of them; answers whether there are more. */
  trimFeed(person: string): boolean {
    this.flush()
    const stream = this.#stream('feed', person)
    if (!stream) return false
    // What follows the last mark stays: entries go a mark at a time, and the last one tells where the feed ends.
    const upTo = stream.last - 1
    this.#remove(stream, upTo, removeStep)
    this.#touched.add(stream)
    return Math.min(markAt(stream.first), stream.last) <= upTo
  }

  /** Removes every entry of a feed up to a position, a step of them; answers whether there are more. */
  trimFeedTo(person: string, upTo: number): boolean {
    this.flush()
    const stream = this.#stream('feed', person)
    if (!stream) return false
    const to = Math.min(upTo, stream.last)
    this.#remove(stream, to, removeStep)
    this.#touched.add(stream)
    const { first, last } = stream
    if (first > to) return false
    if (Math.min(markAt(first), last) <= to) return true
    // What is left of it lies before the next mark.
    this.#removeUpTo.run({ seq: this.#seqFrom(stream, first), first, to })
    stream.first = to + 1
    return false
  }

  /** Writes other words over entries: position, JSON by turns. Answers how many of them are held. */
  rewrite(kind: StreamKind, name: string, cells: readonly Cell[]): number {
    this.flush()
    const stream = this.#stream(kind, name)
    if (!stream) return 0
    const words = new Map<number, Cell>()
    for (let i = 0; i < cells.length; i += 2) {
      const pos = Number(cells[i])
      if (pos >= stream.first && pos <= stream.last) words.set(pos, cells[i + 1] ?? null)
    }
    // A page between two marks at a time: however far apart they lie, no more is walked through than what is between.
    const pages = new Map<number, number[]>()
    for (const pos of words.keys()) pages.set(markAt(pos), [...(pages.get(markAt(pos)) ?? []), pos])
    for (const [mark, positions] of pages) {
      const [first, to] = [Math.min(...positions), Math.max(...positions)]
      for (const { pos, seq } of this.#findEntries.all({ seq: this.#seqFrom(stream, mark), first, to })) {
        const json = words.get(Number(pos))
        if (json !== undefined) this.#setEntry.run(json, Number(seq))
      }
    }
    return words.size
  }

  /** What a feed holds now up to a position passes at a time. */
  pass(person: string, pos: number, until: number): void {
    const stream = this.#stream('feed', person)
    if (stream) this.#pass.run(until, stream.id, pos)
  }

  /** Writes the appended rows and trims what has grown too long; answers the row written last, by whomever. */
  flush(): number {
    const rows = this.#rows
    const step = rowsAtOnce * cellsPerRow
    let at = 0
    for (; at + step <= rows.length; at += step) this.#insertMany.run(...rows.slice(at, at + step))
    for (; at < rows.length; at += cellsPerRow) this.#insertOne.run(...rows.slice(at, at + cellsPerRow))
    this.#rows = []
    for (const stream of this.#touched) {
      if (stream.kind === 'feed' && this.#grown.has(stream)) this.#remove(stream, stream.last - stream.hold, removeStep)
      this.#setHead.run(stream.id, stream.first, stream.last, stream.seq)
    }
    this.#touched.clear()
    this.#grown.clear()
    return this.#seq ?? 0
  }

  /** Forgets what was known of the file: somebody else has written, or what was appended is not going to be. */
  reset(): void {
    this.#known.clear()
    this.#touched.clear()
    this.#grown.clear()
    this.#rows = []
    this.#seq = undefined
  }

  /** Removes the oldest entries up to a position, a mark at a time, and begins no more when so many rows are gone. */
  #remove(stream: Stream, upTo: number, rows: number): void {
    for (let removed = 0; removed < rows; ) {
      const { id, first, last } = stream
      const end = Math.min(markAt(first), last)
      if (first > last || end > upTo) return
      const seq = end === last ? stream.seq : Number(this.#findMark.get(id, end)?.seq)
      this.#removeChain.run({ seq, first })
      this.#removeMark.run(id, end)
      removed += end - first + 1
      stream.first = end + 1
    }
  }

  /** A row from which the entry at a position is reached backwards. */
  #seqFrom({ id, last, seq }: Stream, pos: number): number {
    const mark = markAt(pos)
    return mark > last ? seq : Number(this.#findMark.get(id, mark)?.seq)
  }

  #stream(kind: StreamKind, name: string): Stream | undefined {
    const key = `${kind}:${name}`
    const known = this.#known.get(key)
    if (known) return known
    const row = this.#find.get(name, kind)
    if (!row) return undefined
    const { id, first, last, seq } = row
    return this.#know(name, { id: Number(id), kind, first: Number(first), last: Number(last), seq: Number(seq) })
  }

  #createStream(kind: StreamKind, name: string): Stream {
    const id = Number(this.#create.run(name, kind).lastInsertRowid)
    return this.#know(name, { id, kind, first: 1, last: 0, seq: 0 })
  }

  #know(name: string, known: Omit<Stream, 'hold'>): Stream {
    const stream = { ...known, hold: this.#holds.get(name) ?? this.#feedLimit }
    if (this.#known.size >= cacheLimit) {
      // What is not written yet is known here only.
      this.flush()
      this.#known.clear()
    }
    this.#known.set(`${known.kind}:${name}`, stream)
    return stream
  }

  #loadSeq(): number {
    return Number(this.#lastSeq.get()?.seq ?? 0)
  }
}
