import { hepDropReasons } from '../../hep/sink.ts'
import { spanDropReasons } from '../../otel/span-queue.ts'
import type { Definition } from '../definition.ts'

/** What is handed to collectors, where they are configured. */
export const exports = {
  ringdown_hep_messages_total: {
    type: 'counter',
    help: 'SIP messages handed to the HEP3 collector, so far as we see',
    unit: 'messages',
    act: 'It follows the SIP traffic. Where it stands still, look at `ringdown_hep_drops_total`.',
  },
  ringdown_hep_drops_total: {
    type: 'counter',
    help: 'SIP messages that were not handed to the HEP3 collector, by reason',
    unit: 'messages',
    labels: { reason: hepDropReasons },
    act: 'Captures are not whole; traffic is not affected. `unresolved`, `unreachable`, `refused`, `connectionLost`: the collector. `full`: it takes less than we send. `tooLarge`: longer than HEP3 allows. `closed`: left when the node stopped.',
  },
  ringdown_hep_queued_bytes: {
    type: 'gauge',
    help: 'What waits for the HEP3 collector',
    unit: 'bytes',
    act: 'At `hep.bufferBytes` the oldest give way.',
  },
  ringdown_otel_spans_total: {
    type: 'counter',
    help: 'Spans handed to the OpenTelemetry collector',
    unit: 'spans',
    act: 'It follows the requests, by `otel.percent`.',
  },
  ringdown_otel_drops_total: {
    type: 'counter',
    help: 'Spans that were not handed to the OpenTelemetry collector, by reason',
    unit: 'spans',
    labels: { reason: spanDropReasons },
    act: 'Traces are not whole; traffic is not affected. `failed`: the collector did not take them. `full`: it takes less than we send, lower `otel.percent`. `closed`: left when the node stopped.',
  },
  ringdown_otel_queued_spans: {
    type: 'gauge',
    help: 'Spans that wait for the OpenTelemetry collector',
    unit: 'spans',
    act: 'At `otel.queue` new ones are dropped.',
  },
} as const satisfies Record<string, Definition>
