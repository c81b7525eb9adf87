import { schemaTable } from '../../config/config-table.ts'
import { PlanSchema } from './plan-schema.ts'

/** All keys of a load plan as a Markdown table, from the schema that reads it. SPEC LD-2. */
export const planTable = (): string => schemaTable(PlanSchema)
