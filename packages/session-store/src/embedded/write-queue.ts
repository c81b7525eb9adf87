import { Worker } from 'node:worker_threads'
import { type Clock, TServerError } from '@ringdown/signalling'
import { toTServerError } from './failure.ts'
import type { Cell, Failure, FailureKind, FromWriter, News, ToWriter, WriteOp, WriterOptions } from './wire.ts'

/** One transaction takes no more operations than this; with texts it lasts a few milliseconds then. */
const batchLimit = 500
/** More than this are refused at once. */
const queueLimit = 20_000
/** SPEC ST-25 gives 2 s; the writer stops trying earlier, so that its answer still counts. */
const answerMs = 1750
const tryMs = 1500
const watchMs = 100
const purgeMs = 1000
const probeMs = 500
const probeBytes = 64 * 1024

interface Pending {
  op: WriteOp
  since: number
  settle: (answer: Cell[]) => void
  reject: (error: TServerError) => void
}

export interface WriteQueueEvents {
  /** All answers of one batch have been settled. */
  batchSettled: () => void
  /** Other connections have written. */
  news: (news: News) => void
  /** Hints may have been lost. */
  doubt: () => void
}

/**
 * The way to the writer's thread. One batch is under way at a time; what arrives meanwhile goes into the next (SPEC ST-42).
 * It watches over the thread: nobody waits longer than 2 s, and a thread that ends is started again.
 */
export class WriteQueue {
  readonly #options: WriterOptions
  readonly #clock: Clock
  readonly #events: WriteQueueEvents
  #worker: Worker | undefined
  #waiting: Pending[] = []
  #underWay: Pending[] | undefined
  #sending = false
  #healthy = true
  #cancelWatch: (() => void) | undefined
  #cancelCare: (() => void) | undefined
  #closing: (() => void) | undefined

  constructor(options: WriterOptions, clock: Clock, events: WriteQueueEvents) {
    this.#options = options
    this.#clock = clock
    this.#events = events
  }

  /** Starts the thread and answers the file's epoch; rejects when it cannot use the file. */
  async open(): Promise<string> {
    const epoch = await this.#start()
    this.#care(purgeMs)
    return epoch
  }

  healthy(): boolean {
    return this.#healthy && this.#worker !== undefined && this.#closing === undefined
  }

  /** Writes, and resolves with what `settle` makes of the answer; `settle` runs in the order of the batch. */
  write<T>(op: WriteOp, settle: (answer: Cell[]) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(new TServerError('TERR_NO_SWITCH', 'the store is closed'))
      if (this.#waiting.length >= queueLimit) return reject(new TServerError('TERR_TIMEOUT', 'too many changes wait'))
      this.#waiting.push({ op, since: this.#clock.now(), settle: (answer) => resolve(settle(answer)), reject })
      this.#sendSoon()
    })
  }

  /** Does what was asked before, then ends the thread. */
  close(): Promise<void> {
    this.#cancelCare?.()
    return new Promise((resolve) => {
      this.#closing = () => {
        this.#cancelWatch?.()
        const worker = this.#worker
        this.#worker = undefined
        if (!worker) return resolve()
        worker.once('exit', () => resolve())
        // A batch without an answer by now will never have one, and what is posted behind it would wait for ever.
        if (this.#underWay) worker.terminate().catch(() => undefined)
        else worker.postMessage({ close: true } satisfies ToWriter)
      }
      this.#closeIfDone()
    })
  }

  #start(): Promise<string> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: this.#options })
      let opened = false
      let fault = 'the writer has ended'
      worker.on('message', (message: FromWriter) => {
        if ('opened' in message) {
          opened = true
          // Closed while a lost thread was being replaced: nobody needs this one.
          if (this.#closing) worker.postMessage({ close: true } satisfies ToWriter)
          else this.#worker = worker
          resolve(message.opened.epoch)
          this.#send()
        } else if ('refused' in message) fault = message.refused
        else this.#receive(message)
      })
      worker.on('error', (error) => {
        fault = error instanceof Error ? error.message : String(error)
      })
      worker.on('exit', () => {
        if (opened) this.#lost(worker, fault)
        else reject(new Error(fault))
      })
    })
  }

  // What comes in with one turn of the event loop goes together: each sync costs far more than what it carries. SPEC ST-42.
  #sendSoon(): void {
    if (this.#sending || this.#underWay || !this.#worker) return
    this.#sending = true
    setImmediate(() => {
      this.#sending = false
      this.#send()
    })
  }

  #send(): void {
    if (this.#underWay || !this.#worker || this.#waiting.length === 0) return
    const batch = this.#waiting.length > batchLimit ? this.#waiting.splice(0, batchLimit) : this.#waiting.splice(0)
    this.#underWay = batch
    this.#worker.postMessage({
      batch: batch.map(({ op }) => op),
      now: this.#clock.now(),
      deadline: Date.now() + tryMs,
    } satisfies ToWriter)
    this.#watch()
  }

  #receive(message: Exclude<FromWriter, { opened: unknown } | { refused: unknown }>): void {
    if (message.news) this.#events.news(message.news)
    if (!('results' in message) && !('failure' in message)) return
    const batch = this.#underWay ?? []
    this.#underWay = undefined
    if (this.#waiting.length > 0) this.#sendSoon()
    if ('failure' in message) this.#refuse(batch, message.failure)
    else this.#settle(batch, message.results)
    this.#closeIfDone()
  }

  #settle(batch: Pending[], results: (Cell[] | Failure)[]): void {
    this.#healthy = true
    for (const [i, { settle, reject }] of batch.entries()) {
      const result = results[i]
      if (Array.isArray(result)) settle(result)
      else reject(toTServerError(result ?? { kind: 'invalid', message: 'the writer did not answer' }))
    }
    this.#events.batchSettled()
  }

  #refuse(batch: Pending[], failure: Failure): void {
    if (batch.length === 0) return // nothing refused says nothing of the store
    const unhealthy = { busy: true, unavailable: true, invalid: false } satisfies Record<FailureKind, boolean>
    if (unhealthy[failure.kind]) this.#healthy = false
    for (const { reject } of batch) reject(toTServerError(failure))
  }

  // The thread ended by itself. What it was doing may have happened; the rest waits for the next thread.
  #lost(worker: Worker, fault: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#healthy = false
    const batch = this.#underWay ?? []
    this.#underWay = undefined
    this.#refuse(batch, { kind: 'unavailable', message: fault })
    this.#watch()
    this.#restart()
    this.#closeIfDone()
  }

  #restart(): void {
    this.#clock.after(probeMs, () => {
      if (this.#closing) return
      this.#start().then(
        () => this.#events.doubt(),
        () => this.#restart(),
      )
    })
  }

  // One look at a time at what waits, however many do.
  #watch(): void {
    this.#cancelWatch ??= this.#clock.after(watchMs, () => {
      this.#cancelWatch = undefined
      const late = this.#clock.now() - answerMs
      const failure: Failure = { kind: 'busy', message: 'the disk does not answer' }
      const stuck = (this.#underWay?.[0]?.since ?? Number.POSITIVE_INFINITY) <= late
      // Its answer, if it comes, finds nobody: rejecting twice does nothing.
      if (stuck) this.#refuse(this.#underWay ?? [], failure)
      const due = this.#waiting.findIndex(({ since }) => since > late)
      this.#refuse(this.#waiting.splice(0, due < 0 ? this.#waiting.length : due), failure)
      if (this.#closing && (stuck || !this.#underWay) && this.#waiting.length === 0) this.#closing()
      else if (this.#underWay || this.#waiting.length > 0) this.#watch()
    })
  }

  // Removes what has expired, and finds out whether a store that failed takes writes again.
  #care(ms: number): void {
    this.#cancelCare = this.#clock.after(ms, () => {
      this.#careOnce().then(
        (more) => this.#careAgain(more ? 1 : purgeMs),
        () => this.#careAgain(probeMs),
      )
    })
  }

  #careAgain(ms: number): void {
    if (!this.#closing) this.#care(ms)
  }

  /** Answers whether more has expired. */
  async #careOnce(): Promise<boolean> {
    const probe = !this.#healthy
    const more = await this.write({ op: 'purge' }, ([left]) => left === 1)
    if (probe) {
      // A purge takes no room, so it says nothing; this does. It is taken back at once.
      this.#healthy = false
      await this.write({ op: 'probe', bytes: probeBytes }, () => undefined)
      await this.write({ op: 'probe', bytes: 0 }, () => undefined)
    }
    return more
  }

  #closeIfDone(): void {
    if (this.#underWay || this.#waiting.length > 0) return
    this.#closing?.()
  }
}
