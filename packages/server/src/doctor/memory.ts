import type { Check, Context } from './check.ts'
import { bound, bytesText, type Finding } from './finding.ts'

const mebibyte = 1024 * 1024
/** A node with nobody there, and what garbage it may hold before it is collected. */
const base = 200 * mebibyte
/** An agent: a CometD client (12 kB), an HTTP session, two connections with TLS. */
const perAgent = 96 * 1024
/** What recorded references take in the heap for each byte that is counted. */
const traceFactor = 1.5
/** A transaction, a dialog and a binding; with MSRP a session and its connection. */
const perPhone = 64 * 1024

/** Memory against what the configuration lets queues and the trace hold. SPEC DR-6. */
export const memory: Check = {
  name: 'memory',
  look: (context) => {
    const { config, scale, system } = context
    const there = available(context)
    const trace = config.trace.enabled ? traceFactor * config.trace.bytes : 0
    const each = perAgent + (perPhone * scale.sipNumbers) / Math.max(1, scale.agents)
    const fixed = base + trace
    const needed = fixed + each * scale.agents
    const queues = config.cometd.queuedLimit
    const found: Finding[] = [
      bound({
        check: 'memory',
        at: (there - fixed) / each,
        agents: scale.agents,
        what: `${bytesText(there)} of memory; the process takes ${bytesText(base)}, the trace up to ${bytesText(trace)}, an agent about ${bytesText(each)}.`,
        lift: 'Give it more memory, lower trace.bytes, or serve with more nodes.',
        measured: there,
        needed: Math.ceil(needed),
      }),
    ]
    const heap = Math.min(there, system.heapLimit)
    if (needed + queues > heap)
      found.push({
        check: 'memory',
        severity: needed > heap ? 'problem' : 'limit',
        what: `The heap may grow to ${bytesText(heap)}, and what slow clients let wait (cometd.queuedLimit) to ${bytesText(queues)}: together with the rest ${bytesText(needed + queues)}.`,
        lift: `Start with NODE_OPTIONS=--max-old-space-size=${Math.ceil((needed + queues) / mebibyte)} where there is so much memory, or lower cometd.queuedLimit or trace.bytes.`,
        measured: heap,
        needed: Math.ceil(needed + queues),
      })
    return found
  },
}

/** Of the machine, or of the control group where that has less (cgroups(7), versions 2 and 1). */
function available({ system }: Context): number {
  const limits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map((path) =>
    Number(system.readText(path)?.trim() ?? Number.NaN),
  )
  return Math.min(system.memory, ...limits.filter((limit) => Number.isFinite(limit) && limit > 0))
}
