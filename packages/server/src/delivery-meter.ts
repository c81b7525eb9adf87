import type { Instruments } from './metrics/instruments.ts'

/** Whom a text was written to. */
export type DeliveredTo = 'cometd' | 'ucajax' | 'sip'
/** A text was written to a client or endpoint, so many milliseconds after it was accepted. */
export type OnDelivered = (to: DeliveredTo, ms: number) => void

/** Deliveries that took so many seconds at most, all shorter ones among them. */
export interface Bucket {
  within: number
  count: number
}

/** Counts how long texts take from their acceptance to their writing. SPEC SV-24. */
export interface DeliveryMeter {
  delivered: OnDelivered
  /** In the order of their bounds. */
  buckets(): Promise<readonly Bucket[]>
}

/** A text older than this says nothing of the engine: its client was away. Milliseconds. */
const lateMs = 60_000

export function createDeliveryMeter(instruments: Instruments): DeliveryMeter {
  const times = instruments.histogram('ringdown_delivery_seconds')
  const late = instruments.counter('ringdown_late_deliveries_total')
  return {
    delivered(to, ms) {
      if (ms > lateMs) late.inc({ to })
      else times.observe({ to }, Math.max(0, ms) / 1000)
    },
    async buckets() {
      const counts = new Map<number, number>()
      for (const { value, labels } of (await times.get()).values) {
        const within = 'le' in labels ? labels.le : undefined
        if (typeof within === 'number') counts.set(within, (counts.get(within) ?? 0) + value)
      }
      return [...counts].map(([within, count]) => ({ within, count })).sort((a, b) => a.within - b.within)
    },
  }
}
