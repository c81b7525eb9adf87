import { Counter, Histogram, type Registry } from 'prom-client'

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

export function createDeliveryMeter(registers: Registry[]): DeliveryMeter {
  const times = new Histogram({
    name: 'ringdown_delivery_seconds',
    help: 'From the acceptance of a text to its writing to a client; texts older than a minute are counted apart',
    labelNames: ['to'] as const,
    // biome-ignore format: one line
    buckets: [0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
    registers,
  })
  const late = new Counter({
    name: 'ringdown_late_deliveries_total',
    help: 'Texts that were older than a minute when they were written to a client, which was away',
    labelNames: ['to'] as const,
    registers,
  })
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
