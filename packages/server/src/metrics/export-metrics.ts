import { type HepDropReason, hepDropReasons } from '../hep/sink.ts'
import { type SpanDropReason, spanDropReasons } from '../otel/span-queue.ts'
import type { Instruments } from './instruments.ts'

/** What the HEP3 exporter has done and holds. */
export interface HepFigures {
  readonly messages: number
  readonly queuedBytes: number
  readonly drops: Readonly<Partial<Record<HepDropReason, number>>>
}

/** What the exporter of spans has done and holds. */
export interface SpanFigures {
  readonly exported: number
  readonly queued: number
  readonly drops: Readonly<Partial<Record<SpanDropReason, number>>>
}

/** Adds what is handed to Homer. */
export function addHepMetrics(instruments: Instruments, hep: () => HepFigures): void {
  instruments.counter('ringdown_hep_messages_total', (counter) => {
    counter.reset()
    counter.inc(hep().messages)
  })
  instruments.gauge('ringdown_hep_queued_bytes', (gauge) => gauge.set(hep().queuedBytes))
  instruments.counter('ringdown_hep_drops_total', (counter) => {
    counter.reset()
    const { drops } = hep()
    for (const reason of hepDropReasons) counter.inc({ reason }, drops[reason] ?? 0)
  })
}

/** Adds what is handed to the OpenTelemetry collector. */
export function addSpanMetrics(instruments: Instruments, otel: () => SpanFigures): void {
  instruments.counter('ringdown_otel_spans_total', (counter) => {
    counter.reset()
    counter.inc(otel().exported)
  })
  instruments.gauge('ringdown_otel_queued_spans', (gauge) => gauge.set(otel().queued))
  instruments.counter('ringdown_otel_drops_total', (counter) => {
    counter.reset()
    const { drops } = otel()
    for (const reason of spanDropReasons) counter.inc({ reason }, drops[reason] ?? 0)
  })
}
