import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Definition } from './definition.ts'
import { definitions } from './definitions.ts'

type Definitions = typeof definitions
/** Names of metrics of one type. */
type Named<T extends Definition['type']> = {
  [N in keyof Definitions]: Definitions[N]['type'] extends T ? N : never
}[keyof Definitions]
type LabelsOf<N extends keyof Definitions> = Definitions[N] extends { labels: infer L } ? keyof L & string : never
/** Sets the metric to what is true at a scrape. */
type Collect<M> = (metric: M) => void | Promise<void>

/** Makes instruments of definitions, in a registry of its own, so that two servers in one process do not meet. */
export class Instruments {
  readonly registry = new Registry()

  counter<N extends Named<'counter'>>(name: N, collect?: Collect<Counter<LabelsOf<N>>>): Counter<LabelsOf<N>> {
    const common = this.#common(name)
    return new Counter<LabelsOf<N>>(collect ? { ...common, collect: asThis(collect) } : common)
  }

  gauge<N extends Named<'gauge'>>(name: N, collect?: Collect<Gauge<LabelsOf<N>>>): Gauge<LabelsOf<N>> {
    const common = this.#common(name)
    return new Gauge<LabelsOf<N>>(collect ? { ...common, collect: asThis(collect) } : common)
  }

  histogram<N extends Named<'histogram'>>(name: N): Histogram<LabelsOf<N>> {
    return new Histogram<LabelsOf<N>>({ ...this.#common(name), buckets: [...definitions[name].buckets] })
  }

  #common<N extends keyof Definitions>(name: N) {
    const { help, labels = {} }: Definition = definitions[name]
    return { name, help, labelNames: Object.keys(labels) as LabelsOf<N>[], registers: [this.registry] }
  }
}

// prom-client hands the metric over as `this`.
function asThis<M>(collect: Collect<M>) {
  return function (this: M) {
    return collect(this)
  }
}

/** Takes a word to itself where the definition names it as a value of the label, and every other to `other`. SPEC SV-21. */
export function closed<N extends keyof Definitions>(name: N, label: LabelsOf<N>): (word: string) => string {
  const { labels = {} }: Definition = definitions[name]
  const values = labels[label]
  if (!Array.isArray(values)) throw new Error(`${name}: the values of ${label} are not listed`)
  const known = new Set<string>(values)
  return (word) => (known.has(word) ? word : 'other')
}

/** Words of ours as they come, as long as they are few; for labels whose values are not listed. SPEC SV-21. */
export function bounded(limit: number): (word: string | undefined) => string {
  const words = new Set<string>()
  return (word) => {
    if (word === undefined) return 'none'
    if (!words.has(word) && words.size >= limit) return 'other'
    words.add(word)
    return word
  }
}
