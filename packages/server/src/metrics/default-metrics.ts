import { collectDefaultMetrics, type Registry } from 'prom-client'

/** Gauges whose names are those of counters; the same numbers are there without the suffix. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** What prom-client measures of the process, by names `promtool check metrics` has nothing against. SPEC OB-2. */
export function addDefaultMetrics(register: Registry): void {
  collectDefaultMetrics({ register })
  for (const name of misnamed) register.removeSingleMetric(name)
}
