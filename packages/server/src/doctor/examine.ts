import { backlog } from './backlog.ts'
import { certificates } from './certificates.ts'
import type { Check, Context } from './check.ts'
import { clock } from './clock.ts'
import { cores } from './cores.ts'
import { embedded } from './embedded.ts'
import { type Finding, sorted } from './finding.ts'
import { memory } from './memory.ts'
import { names } from './names.ts'
import { numbers } from './numbers.ts'
import { openFiles } from './open-files.ts'
import { peers } from './peers.ts'
import { people } from './people.ts'
import { ports } from './ports.ts'
import { redis } from './redis.ts'
import { codeOf } from './system.ts'
import { trunks } from './trunks.ts'
import { udpBuffers } from './udp-buffers.ts'

/** Every check, in the order in which findings of the same weight are told. */
export const allChecks: readonly Check[] = [
  ports,
  redis(),
  embedded(),
  certificates,
  numbers,
  people,
  names,
  trunks(),
  peers,
  openFiles,
  udpBuffers,
  backlog,
  memory,
  cores,
  clock,
]

/** So long a check may take; each has shorter deadlines of its own. */
const deadlineMs = 10_000

/** Looks at everything at once; what takes too long, or fails, is a note. What will bite first stands first. SPEC DR-1, DR-15. */
export async function examine(context: Context, checks: readonly Check[] = allChecks): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => inTime(check, context)))
  return sorted(found.flat())
}

async function inTime({ name, look }: Check, context: Context): Promise<readonly Finding[]> {
  const late = Promise.withResolvers<readonly Finding[]>()
  const stop = context.system.clock.after(deadlineMs, () =>
    late.resolve([{ check: name, severity: 'note', what: `This could not be told within ${deadlineMs / 1_000} s.` }]),
  )
  try {
    return await Promise.race([Promise.resolve().then(() => look(context)), late.promise])
  } catch (error) {
    return [{ check: name, severity: 'note', what: `This could not be told (${codeOf(error)}).` }]
  } finally {
    stop()
  }
}
