/** The thread that writes: its fsyncs never hold up the event loop that serves clients. */

import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { prepareSchema } from './schema.ts'
import { failureOf } from './sqlite-error.ts'
import { Transaction } from './transaction.ts'
import type { Cell, Failure, FromWriter, News, ToWriter, WriteOp, WriterOptions } from './wire.ts'

/** How often the file is looked at for what other processes have written; it costs some microseconds. */
const lookMs = 20
/** How long to wait before another try for the file while somebody else writes. */
const retryMs = 0.5
const newsLimit = 5000

class Writer {
  readonly #db: DatabaseSync
  readonly #transaction: Transaction
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #dataVersion: StatementSync
  readonly #newEntries: StatementSync
  readonly #newSignals: StatementSync
  readonly #revision: StatementSync
  readonly #node: string
  readonly epoch: string
  /** What this connection has seen of the file: it is told of the rest as news. */
  #seen: { version: number; entry: number; signal: number; revision: number }
  #wait = new Int32Array(new SharedArrayBuffer(4))

  constructor({ file, centre, node, feedLimit, maxBytes }: WriterOptions) {
    this.#node = node
    const db = new DatabaseSync(file, { timeout: 1000 })
    this.#db = db
    this.epoch = prepareSchema(db, file, centre)
    // NORMAL would sync at checkpoints only: a commit must be on the disk before it is answered (SPEC ST-41).
    db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY`)
    // What is forgotten leaves no bytes in the pages that are written anyway.
    db.exec('PRAGMA secure_delete = FAST')
    if (maxBytes !== null) {
      const pageSize = Number(db.prepare('PRAGMA page_size').get()?.page_size)
      db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`)
    }
    this.#transaction = new Transaction(db, feedLimit)
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#dataVersion = db.prepare('PRAGMA data_version')
    this.#newEntries = db.prepare(
      `SELECT seq, name, pos, log, json FROM entry JOIN stream ON stream.id = entry.stream
       WHERE seq > ? AND kind = 'feed' ORDER BY seq LIMIT ${newsLimit + 1}`,
    )
    this.#newSignals = db.prepare(`SELECT seq, message FROM signal WHERE seq > ? AND node IN (?, '*') ORDER BY seq`)
    this.#revision = db.prepare(`SELECT value FROM meta WHERE name = 'revision'`)
    this.#seen = { version: this.#version(), entry: this.#last('entry'), signal: this.#last('signal'), revision: 0 }
    this.#seen.revision = Number(this.#revision.get()?.value)
    // From here on waiting is ours, in shorter steps than SQLite's.
    db.exec('PRAGMA busy_timeout = 0')
  }

  /** Carries out a batch as one transaction; one that SQLite refuses for what it says is left out, and the others done. */
  batch(ops: readonly WriteOp[], now: number, deadline: number): FromWriter {
    const news: News[] = []
    const answer = this.#try(ops, now, deadline, news)
    const told = news.length > 0 ? { news: merge(news) } : {}
    if ('results' in answer) return { ...answer, ...told }
    if (answer.failure.kind !== 'invalid' || ops.length === 1) return { ...answer, ...told }
    const results: (Cell[] | Failure)[] = []
    for (const op of ops) {
      const alone = this.#try([op], now, deadline, news)
      if ('results' in alone) results.push(...alone.results)
      else results.push(alone.failure)
    }
    return { results, ...(news.length > 0 && { news: merge(news) }) }
  }

  /** What other connections have written since the last look. */
  look(): News | undefined {
    const version = this.#version()
    if (version === this.#seen.version) return undefined
    this.#transaction.reset()
    const rows = this.#newEntries.all(this.#seen.entry)
    const doubt = rows.length > newsLimit
    const last = doubt ? this.#last('entry') : Number(rows.at(-1)?.seq ?? 0)
    this.#seen.entry = Math.max(this.#seen.entry, last)
    const feeds = doubt
      ? []
      : rows.flatMap(({ name, pos, log, json }): Cell[] => [
          String(name),
          Number(pos),
          log === null ? null : Number(log),
          String(json),
        ])
    const signals = this.#newSignals.all(this.#seen.signal, this.#node)
    this.#seen.signal = Math.max(this.#seen.signal, Number(signals.at(-1)?.seq ?? 0))
    const revision = Number(this.#revision.get()?.value)
    const objects = revision !== this.#seen.revision
    this.#seen.revision = revision
    // Last, and as it was before the rows were read: what comes in between is looked for again.
    this.#seen.version = version
    if (feeds.length === 0 && !doubt && signals.length === 0 && !objects) return undefined
    return { feeds, doubt, signals: signals.map(({ message }) => String(message)), objects }
  }

  close(): void {
    this.#db.close()
  }

  /** Tries until the deadline, as long as somebody else has the file. */
  #try(
    ops: readonly WriteOp[],
    now: number,
    deadline: number,
    news: News[],
  ): { results: Cell[][] } | { failure: Failure } {
    for (;;) {
      try {
        return { results: this.#once(ops, now, news) }
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
        this.#transaction.reset()
        const failure = failureOf(error)
        if (failure.kind !== 'busy' || Date.now() >= deadline) return { failure }
        // A little chance in it, so that waiting processes do not keep step.
        Atomics.wait(this.#wait, 0, 0, retryMs * (0.5 + Math.random()))
      }
    }
  }

  #once(ops: readonly WriteOp[], now: number, news: News[]): Cell[][] {
    this.#begin.run()
    const others = this.look()
    if (others) news.push(others)
    const results = ops.map((op) => this.#transaction.apply(op, now))
    const { entry, signal } = this.#transaction.finish()
    this.#commit.run()
    this.#seen.entry = Math.max(this.#seen.entry, entry)
    this.#seen.signal = Math.max(this.#seen.signal, signal)
    for (const [i, op] of ops.entries()) if (op.op === 'putObject' && results[i]?.[0] === 1) this.#seen.revision++
    return results
  }

  #version(): number {
    return Number(this.#dataVersion.get()?.data_version)
  }

  #last(table: 'entry' | 'signal'): number {
    return Number(this.#db.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').get(table)?.seq ?? 0)
  }
}

function merge(news: readonly News[]): News {
  return {
    feeds: news.flatMap(({ feeds }) => feeds),
    doubt: news.some(({ doubt }) => doubt),
    signals: news.flatMap(({ signals }) => signals),
    objects: news.some(({ objects }) => objects),
  }
}

function serve(port: MessagePort, options: WriterOptions): void {
  const tell = (message: FromWriter) => port.postMessage(message)
  let writer: Writer
  try {
    writer = new Writer(options)
  } catch (error) {
    tell({ refused: error instanceof Error ? error.message : String(error) })
    port.close()
    return
  }
  tell({ opened: { epoch: writer.epoch } })
  const look = setInterval(() => {
    try {
      const news = writer.look()
      if (news) tell({ news })
    } catch {
      // Somebody recovers the file just now, or the disk is at fault: the next write finds out, and the next look repeats this.
    }
  }, lookMs)
  port.on('message', (message: ToWriter) => {
    if ('batch' in message) {
      tell(writer.batch(message.batch, message.now, message.deadline))
      return
    }
    clearInterval(look)
    writer.close()
    port.close()
  })
}

if (parentPort) serve(parentPort, workerData as WriterOptions)
