import { Type } from 'typebox'
import { Flag, SecretText, Text, Thing, Whole } from './schema-words.ts'

/** SPEC OT-1. */
export const Otel = Thing(
  {
    url: Text('Where the collector takes traces by OTLP/HTTP, such as `http://collector:4318/v1/traces`.', {
      pattern: '^https?://[^\\s@]+$',
      hint: 'like http://collector:4318/v1/traces, without user and password: they belong in authorization',
    }),
    authorization: Type.Optional(SecretText('Value of the header Authorization, such as `Bearer …`.')),
    percent: Whole(10, 1, 100, 'How many of a hundred traces are recorded.'),
    followParents: Flag(true, 'Record what a `traceparent` of the client says is recorded, and nothing else of it.'),
    service: Text('The name of the service in the traces.', { default: 'ringdown' }),
    queue: Whole(4_096, 256, 65_536, 'Spans that wait for the collector at most; what is more is dropped.'),
  },
  'Send traces to an OpenTelemetry collector.',
)
