import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Records } from './records.ts'
import { Streams } from './streams.ts'
import { type Cell, type CommitOp, outcomeCode, type WriteOp } from './wire.ts'

/** How many expired things one purge removes of each kind. */
const purgeStep = 200
/** Signals are hints to nodes that look many times a second. */
const signalLifeMs = 60_000

/** Carries out write operations, one after another, inside a transaction that the writer begins and ends. */
export class Transaction {
  readonly #streams: Streams
  readonly #records: Records
  readonly #readClaim: StatementSync
  readonly #setClaim: StatementSync
  readonly #freeClaim: StatementSync
  readonly #setTimer: StatementSync
  readonly #cancelTimer: StatementSync
  readonly #dueTimers: StatementSync
  readonly #leaseTimer: StatementSync
  readonly #setLive: StatementSync
  readonly #endLive: StatementSync
  readonly #raiseRevision: StatementSync
  readonly #putObject: StatementSync
  readonly #removeObject: StatementSync
  readonly #keep: StatementSync
  readonly #forget: StatementSync
  readonly #count: StatementSync
  readonly #purgeKept: StatementSync
  readonly #signal: StatementSync
  readonly #purgeSignals: StatementSync
  readonly #probe: StatementSync
  readonly #passed: StatementSync
  readonly #removePassed: StatementSync
  #lastSignal = 0

  constructor(db: DatabaseSync, feedLimit: number) {
    this.#streams = new Streams(db, feedLimit)
    this.#records = new Records(db)
    this.#readClaim = db.prepare('SELECT call FROM claim WHERE person = ?')
    this.#setClaim = db.prepare('INSERT OR REPLACE INTO claim VALUES (?, ?)')
    this.#freeClaim = db.prepare('DELETE FROM claim WHERE person = ?')
    this.#setTimer = db.prepare('INSERT OR REPLACE INTO timer VALUES (?, ?, ?)')
    this.#cancelTimer = db.prepare('DELETE FROM timer WHERE id = ?')
    this.#dueTimers = db.prepare('SELECT id, json FROM timer WHERE due <= ? ORDER BY due, id LIMIT ?')
    this.#leaseTimer = db.prepare('UPDATE timer SET due = ? WHERE id = ?')
    this.#setLive = db.prepare('INSERT OR REPLACE INTO live VALUES (?, ?, ?)')
    this.#endLive = db.prepare('DELETE FROM live WHERE call = ?')
    this.#raiseRevision = db.prepare(`UPDATE meta SET value = value + 1 WHERE name = 'revision' AND value = ?`)
    this.#putObject = db.prepare('INSERT OR REPLACE INTO object VALUES (?, ?, ?)')
    this.#removeObject = db.prepare('DELETE FROM object WHERE kind = ? AND id = ?')
    this.#keep = db.prepare('INSERT OR REPLACE INTO kept VALUES (?, ?, ?)')
    this.#forget = db.prepare('DELETE FROM kept WHERE name = ?')
    this.#count = db.prepare(
      `INSERT INTO kept VALUES (:name, '1', :expires) ON CONFLICT (name) DO UPDATE SET
         value = CASE WHEN expires > :now THEN CAST(value + 1 AS TEXT) ELSE '1' END,
         expires = CASE WHEN expires > :now THEN expires ELSE excluded.expires END
       RETURNING value`,
    )
    this.#purgeKept = db.prepare(
      'DELETE FROM kept WHERE name IN (SELECT name FROM kept WHERE expires <= ? ORDER BY expires LIMIT ?)',
    )
    this.#signal = db.prepare('INSERT INTO signal (node, message, sent) VALUES (?, ?, ?)')
    this.#purgeSignals = db.prepare('DELETE FROM signal WHERE sent <= ?')
    this.#passed = db.prepare(
      'SELECT until, stream, name, pos FROM passing JOIN stream ON id = stream WHERE until <= ? ORDER BY until LIMIT ?',
    )
    this.#removePassed = db.prepare('DELETE FROM passing WHERE until = ? AND stream = ? AND pos = ?')
    this.#probe = db.prepare('INSERT OR REPLACE INTO probe VALUES (1, zeroblob(?))')
  }

  /** Carries out one operation at a time `now` and answers it, as wire.ts says. */
  apply(op: WriteOp, now: number): Cell[] {
    switch (op.op) {
      case 'commit':
        return this.#commit(op, now)
      case 'claimTimers':
        return this.#claimTimers(op)
      case 'putObject':
        return [this.#writeObject(op) ? 1 : 0]
      case 'keep':
        this.#keep.run(op.name, op.value, op.expires)
        return []
      case 'forget':
        this.#forget.run(op.name)
        return []
      case 'count':
        return [Number(this.#count.get({ name: op.name, expires: op.expires, now })?.value)]
      case 'trimFeed': {
        const { person, upTo } = op
        return [(upTo === null ? this.#streams.trimFeed(person) : this.#streams.trimFeedTo(person, upTo)) ? 1 : 0]
      }
      case 'rewrite':
        return [this.#streams.rewrite(op.kind, op.name, op.entries)]
      case 'signal':
        this.#lastSignal = Number(this.#signal.run(op.node, op.message, now).lastInsertRowid)
        return []
      case 'purge':
        return [this.#purge(now) ? 1 : 0]
      case 'probe':
        this.#probe.run(op.bytes)
        return []
    }
  }

  /** To be called before the transaction's end; answers the highest rows of `entry` and `signal` written, or 0. */
  finish(): { entry: number; signal: number } {
    return { entry: this.#streams.flush(), signal: this.#lastSignal }
  }

  /** Forgets what was known of the file: somebody else has written, or what was done is not going to be. */
  reset(): void {
    this.#streams.reset()
    this.#records.reset()
    this.#lastSignal = 0
  }

  #commit(op: CommitOp, now: number): Cell[] {
    const { expect, put, claims, feeds, holds, log, setTimers, cancelTimers, live } = op
    if (log) {
      const [call, messageID] = log
      this.#version(`call:${call}`, now)
      const before = messageID === null ? undefined : this.#streams.message(call, messageID)
      if (before) return [outcomeCode.duplicate, before.pos, before.sent]
    }
    for (let i = 0; i < expect.length; i += 2) {
      if (this.#version(String(expect[i]), now) !== expect[i + 1]) return [outcomeCode.conflict]
    }
    if (claims) {
      for (let i = 0; i < claims.length; i += 3) {
        const held = this.#readClaim.get(claims[i] ?? null)?.call ?? null
        if (held !== claims[i + 1]) return [outcomeCode.conflict]
      }
      this.#moveClaims(claims)
    }
    if (put) this.#putRecords(put)
    if (live) this.#markLive(live)
    if (cancelTimers) for (const id of cancelTimers) this.#cancelTimer.run(id)
    if (setTimers) this.#setTimers(setTimers)
    if (holds) for (let i = 0; i < holds.length; i += 2) this.#streams.hold(String(holds[i]), Number(holds[i + 1]))
    const answer = this.#append(feeds, log)
    if (put && feeds) this.#passWithCall(put, feeds, answer)
    return answer
  }

  /** What the parties' feeds hold of a call that ends goes when the call does. */
  #passWithCall(put: Cell[], feeds: Cell[], [, , ...offsets]: Cell[]): void {
    for (let i = 0; i < put.length; i += 4) {
      const until = put[i + 3]
      if (typeof until !== 'number' || !String(put[i]).startsWith('call:')) continue
      for (const [at, pos] of offsets.entries()) this.#streams.pass(String(feeds[2 * at]), Number(pos), until)
    }
  }

  #append(feeds: Cell[] | undefined, log: CommitOp['log']): Cell[] {
    let position: number | null = null
    if (log) {
      const [call, messageID, sent, json] = log
      position = this.#streams.append('log', call, null, json)
      if (messageID !== null) this.#streams.remember(call, messageID, position, sent)
    }
    const answer: Cell[] = [outcomeCode.committed, position]
    if (feeds) {
      for (let i = 0; i < feeds.length; i += 2) {
        answer.push(this.#streams.append('feed', String(feeds[i]), position, String(feeds[i + 1])))
      }
    }
    return answer
  }

  /** The version of a record; what has outlived its time is removed first, so that what comes after starts anew (ST-10). */
  #version(name: string, now: number): number {
    const { version, expired } = this.#records.version(name, now)
    if (!expired) return version
    this.#removeRecord(name, true)
    return 0
  }

  #moveClaims(claims: Cell[]): void {
    for (let i = 0; i < claims.length; i += 3) {
      const person = claims[i] ?? null
      const to = claims[i + 2] ?? null
      if (to === null) this.#freeClaim.run(person)
      else this.#setClaim.run(person, to)
    }
  }

  #putRecords(put: Cell[]): void {
    for (let i = 0; i < put.length; i += 4) {
      const given = put[i + 3] ?? null
      const expires = given === null || given === 'asBefore' ? given : Number(given)
      this.#records.put(String(put[i]), Number(put[i + 1]), put[i + 2] ?? null, expires)
    }
  }

  #markLive([call, state, created]: [string, string | null, number]): void {
    if (state === null) this.#endLive.run(call)
    else this.#setLive.run(call, state, created)
  }

  #setTimers(timers: Cell[]): void {
    for (let i = 0; i < timers.length; i += 3) {
      this.#setTimer.run(timers[i] ?? null, timers[i + 1] ?? null, timers[i + 2] ?? null)
    }
  }

  #claimTimers({ now, limit, until }: Extract<WriteOp, { op: 'claimTimers' }>): Cell[] {
    return this.#dueTimers.all(now, limit).flatMap(({ id, json }) => {
      this.#leaseTimer.run(until, String(id))
      return [String(id), String(json)]
    })
  }

  #writeObject({ kind, id, json, revision }: Extract<WriteOp, { op: 'putObject' }>): boolean {
    if (this.#raiseRevision.run(revision).changes === 0) return false
    if (json === null) this.#removeObject.run(kind, id)
    else this.#putObject.run(kind, id, json)
    return true
  }

  #purge(now: number): boolean {
    const names = this.#records.expired(now, purgeStep)
    const left = names.filter((name) => !this.#removeRecord(name, false))
    const { changes } = this.#purgeKept.run(now, purgeStep)
    this.#purgeSignals.run(now - signalLifeMs)
    const passing = this.#passed.all(now, purgeStep)
    let feedsLeft = false
    for (const { until, stream, name, pos } of passing) {
      if (this.#streams.trimFeedTo(String(name), Number(pos))) feedsLeft = true
      else this.#removePassed.run(Number(until), Number(stream), Number(pos))
    }
    if (feedsLeft || passing.length === purgeStep) return true
    return left.length > 0 || names.length === purgeStep || changes === purgeStep
  }

  /** Answers whether nothing of it is left. */
  #removeRecord(name: string, atOnce: boolean): boolean {
    if (name.startsWith('call:') && !this.#streams.removeLog(name.slice('call:'.length), atOnce)) return false
    this.#records.remove(name)
    return true
  }
}
