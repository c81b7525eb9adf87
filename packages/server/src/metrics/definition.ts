/** What one metric is. Its instrument, its help on `/metrics` and its row in METRICS.md are made of this. SPEC OB-1. */
export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What is counted; Prometheus shows it as the metric's help. No full stop. */
  readonly help: string
  /** What one of it is, such as `texts` or `seconds`. */
  readonly unit: string
  /** Of each label, the values it can take, or in a sentence what bounds them: a client must not make series. SPEC SV-21. */
  readonly labels?: Readonly<Record<string, readonly string[] | string>>
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[]
  /** What an operator does when it moves. A sentence. */
  readonly act: string
}
