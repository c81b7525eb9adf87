import { expect, test } from 'vitest'
import { createMetrics } from '../metrics.ts'

test('[TR-3] what the trace holds, and what it has given up by reason, is on the page of metrics, and is no more at the next look', async () => {
  let overwritten = 5
  const state = () => ({ entries: 3, bytes: 600, discarded: { overwritten, tooLarge: 7 } })
  const metrics = createMetrics({ sessions: new Map(), trace: state })
  for (const bytes of [5, 5, 9]) {
    overwritten = bytes
    const lines = (await metrics.text()).split('\n')
    expect(lines).toContain('ringdown_trace_held{kind="bytes"} 600')
    expect(lines).toContain('ringdown_trace_held{kind="entries"} 3')
    expect(lines).toContain(`ringdown_trace_discarded_bytes_total{reason="overwritten"} ${bytes}`)
    expect(lines).toContain('ringdown_trace_discarded_bytes_total{reason="tooLarge"} 7')
  }
})
