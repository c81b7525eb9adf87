import { type Static, Type } from 'typebox'

const Whole = (description: string) => Type.Integer({ minimum: 0, description })
const Milliseconds = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

/** Latencies in milliseconds, null where nothing was timed. */
const Latency = Type.Object(
  {
    count: Whole('How many were timed.'),
    mean: Milliseconds('Mean.'),
    p50: Milliseconds('Half are not longer.'),
    p90: Milliseconds('90 % are not longer.'),
    p99: Milliseconds('99 % are not longer.'),
    p999: Milliseconds('99.9 % are not longer.'),
    max: Milliseconds('The longest.'),
  },
  { description: 'Milliseconds from when it was due.' },
)

/** The buckets that hold something: `[from, to, count]`, microseconds. */
const Buckets = Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Integer()]), {
  description: 'Filled buckets of the histogram: from and to in microseconds, both included, and how many.',
})

const Counts = Type.Object({
  due: Whole('Texts that were due by the plan.'),
  unsent: Whole('Of these, not sent: no session to say it in, or too many under way.'),
  sent: Whole('Texts that were sent.'),
  accepted: Whole('Of these, taken by the engine: statusCode 0, requestAccepted, SIP 200 or 202, MSRP 200.'),
  delivered: Whole('Texts that the receiver has.'),
  failed: Whole('Refused by the engine, or not answered.'),
  undelivered: Whole('Accepted, and then the sender was told that they were not delivered.'),
  lost: Whole('Accepted, and not there within `lostAfter`.'),
  duplicated: Whole('Deliveries of a text that had been delivered.'),
  outOfOrder: Whole('Delivered after a text of the same sender that was sent when this one had been accepted.'),
  late: Whole('Came after they had been given up as lost or failed.'),
  repeated: Whole('Deliveries that came again under the position or id by which clients pass over them; no fault.'),
})

const Sessions = Type.Object({
  due: Whole('Sessions that were due.'),
  unsent: Whole('Of these, not begun: all pairs were in one.'),
  begun: Whole('Sessions that both were in.'),
  failed: Whole('Sessions that did not come about.'),
})

const Way = Type.Object({
  way: Type.String({ description: 'From which kind to which.' }),
  counts: Counts,
  sessions: Sessions,
  delivery: Latency,
  answer: Latency,
  send: Latency,
  setup: Latency,
  histogram: Buckets,
})

const Point = Type.Object({
  at: Type.Number({ description: 'Seconds from the beginning to the end of the step.' }),
  wanted: Type.Number({ description: 'Texts a second that were due.' }),
  achieved: Type.Number({ description: 'Texts a second that were delivered.' }),
  failures: Whole('Texts and sessions that failed, were lost, duplicated, out of order, undelivered or unsent.'),
  p50: Milliseconds('Delivery.'),
  p90: Milliseconds('Delivery.'),
  p99: Milliseconds('Delivery.'),
  max: Milliseconds('Delivery.'),
  waiting: Whole('Texts under way at its end.'),
  busy: Type.Number({ description: 'Part of the time the busiest process of agents had work to do.' }),
  ways: Type.Record(
    Type.String(),
    Type.Object({ delivered: Type.Integer(), p50: Milliseconds('Delivery.'), p99: Milliseconds('Delivery.') }),
  ),
})

/** What `ringdown load --json` writes. Format `ringdown-load/2`. SPEC LD-17. */
export const ResultSchema = Type.Object({
  format: Type.Literal('ringdown-load/2'),
  run: Type.String({ description: 'Six hex digits; in the names of what the run made.' }),
  started: Type.String({ description: 'ISO 8601.' }),
  seconds: Type.Number({ description: 'From the first text to the last.' }),
  ended: Type.Union([Type.Literal('done'), Type.Literal('stopped'), Type.Literal('failed')]),
  problem: Type.Optional(Type.String({ description: 'Why it failed, a sentence.' })),
  passed: Type.Boolean({ description: 'Whether the exit code is 0.' }),
  verdict: Type.Array(Type.String(), { description: 'What the run is failed for, a sentence each.' }),
  warnings: Type.Array(Type.String(), { description: 'What to know before believing the numbers, a sentence each.' }),
  plan: Type.Unknown({ description: 'The plan as it was run, without passwords.' }),
  versions: Type.Object({ load: Type.String(), server: Type.Union([Type.String(), Type.Null()]), node: Type.String() }),
  machine: Type.Object({
    system: Type.String(),
    processor: Type.String(),
    cores: Type.Integer(),
    memory: Type.Number({ description: 'Bytes.' }),
    loadBefore: Type.Number({ description: 'Load average of the minute before.' }),
  }),
  totals: Way,
  ways: Type.Array(Way),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'Why something went wrong, and how often.' }),
  step: Type.Number({ description: 'Seconds of a point of the series: 1, or more in runs of over an hour.' }),
  series: Type.Array(Point),
})
export type LoadResult = Static<typeof ResultSchema>
export type WayResult = Static<typeof Way>
export type Point = Static<typeof Point>
export type Latency = Static<typeof Latency>
