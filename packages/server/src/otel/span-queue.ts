import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Clock } from '@ringdown/signalling'
import type { SpanFigures } from '../metrics/export-metrics.ts'

/** Why a span did not reach the collector. SPEC OT-4. */
export const spanDropReasons = ['full', 'failed', 'closed'] as const
export type SpanDropReason = (typeof spanDropReasons)[number]

interface SpanQueueDeps {
  readonly exporter: SpanExporter
  readonly clock: Clock
  /** Spans that wait at most. */
  readonly limit: number
}

/** Spans printed and sent in one go: one or two milliseconds of work, then traffic has its turn. */
const batchSize = 256
const restMs = 1_000
/** After a batch that failed; what comes meanwhile waits as far as there is room. */
const backoffMs = 5_000
/** A collector that does not answer; the exporter's own limit is shorter. */
const hangMs = 12_000
/** What is left at the end gets so long. */
const farewellMs = 2_000

/** Hands ended spans over in batches, one at a time. It is the SDK's own batch processor, with every drop counted and an end in time. */
export class SpanQueue implements SpanProcessor {
  readonly #deps: SpanQueueDeps
  readonly #drops: Partial<Record<SpanDropReason, number>> = {}
  #queue: ReadableSpan[] = []
  #exported = 0
  #busy = false
  #failed = false
  #cancelRest: (() => void) | undefined
  #closing = false
  #emptied: (() => void) | undefined

  constructor(deps: SpanQueueDeps) {
    this.#deps = deps
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return
    const reason = this.#closing ? 'closed' : this.#queue.length >= this.#deps.limit ? 'full' : undefined
    if (reason) this.#drop(reason, 1)
    else this.#queue.push(span)
    // After a failure the collector has its rest, however much waits.
    if (reason || this.#busy || this.#failed) return
    if (this.#queue.length >= batchSize) this.#rest(0)
    else if (!this.#cancelRest) this.#rest(restMs)
  }

  state(): SpanFigures {
    return { exported: this.#exported, queued: this.#queue.length, drops: this.#drops }
  }

  async forceFlush(): Promise<void> {
    if (this.#queue.length === 0 && !this.#busy) return
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve
    })
    if (!this.#busy) this.#rest(0)
    await emptied
  }

  /** Hands over what is left, as far as it goes within the time; what does not is counted. SPEC OT-5. */
  async shutdown(): Promise<void> {
    if (this.#closing) return
    let cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#deps.clock.after(farewellMs, resolve)
    })
    await Promise.race([this.forceFlush(), late])
    cancel()
    this.#closing = true
    this.#cancelRest?.()
    this.#drop('closed', this.#queue.length)
    this.#queue = []
  }

  #rest(ms: number): void {
    this.#cancelRest?.()
    this.#cancelRest = this.#deps.clock.after(ms, () => {
      this.#cancelRest = undefined
      this.#failed = false
      this.#export()
    })
  }

  #export(): void {
    const batch = this.#queue.slice(0, batchSize)
    if (batch.length === 0) {
      this.#emptied?.()
      return
    }
    this.#queue = this.#queue.slice(batchSize)
    this.#busy = true
    let answered = false
    const ended = (taken: boolean) => {
      if (answered) return
      answered = true
      cancelHang()
      this.#busy = false
      this.#failed = !taken && this.#queue.length > 0
      if (taken) this.#exported += batch.length
      else this.#drop('failed', batch.length)
      if (this.#closing) return
      // Who waits for the end does not wait for a collector that has just failed.
      if (this.#queue.length === 0 || (!taken && this.#emptied)) this.#emptied?.()
      if (this.#queue.length > 0) this.#rest(!taken ? backoffMs : this.#queue.length >= batchSize ? 0 : restMs)
    }
    const cancelHang = this.#deps.clock.after(hangMs, () => ended(false))
    try {
      this.#deps.exporter.export(batch, ({ code }) => ended(code === 0))
    } catch {
      ended(false)
    }
  }

  #drop(reason: SpanDropReason, count: number): void {
    if (count > 0) this.#drops[reason] = (this.#drops[reason] ?? 0) + count
  }
}
