import { httpRequest } from './http-connection.ts'
import { HttpPool, httpTarget } from './http-pool.ts'
import type { Plan } from './plan/plan.ts'

/** The version an engine says it is; null where it is not ours. Rejects where there is none. */
export async function serverVersion({ address, ca }: Pick<Plan, 'address' | 'ca'>): Promise<string | null> {
  const pool = new HttpPool(httpTarget(address, ca), 1)
  try {
    const reply = await pool.send(httpRequest('GET', '/api/v2/diagnostics/version', '', '', pool.host))
    const found = (JSON.parse(reply.body) as { version?: unknown }).version
    return typeof found === 'string' ? found : null
  } finally {
    pool.close()
  }
}
