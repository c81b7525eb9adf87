import type { Definition } from '../definition.ts'

export const trace = {
  ringdown_trace_held: {
    type: 'gauge',
    help: 'What the trace of this node holds: bytes, and entries',
    unit: 'see kind',
    labels: { kind: ['bytes', 'entries'] },
    act: 'Nothing: it fills up to `trace.bytes` and stays there.',
  },
  ringdown_trace_discarded_bytes_total: {
    type: 'counter',
    help: 'Bytes the trace has given up, by reason',
    unit: 'bytes',
    labels: { reason: ['overwritten', 'tooLarge', 'erased'] },
    act: 'Ladders of older sessions are not whole. Raise `trace.bytes` where you need to look back further.',
  },
} as const satisfies Record<string, Definition>
