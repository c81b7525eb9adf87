import { type Check, type Context, untold } from './check.ts'
import { agentsText, bound, type Finding, numberText } from './finding.ts'
import { listenersOf } from './listeners.ts'
import { ownerOf } from './port-owner.ts'

/** Files a node has open with nobody there: libraries, databases, listeners, connections to Redis. */
const base = 100
/** An agent's browser: a WebSocket or a held request, and one more connection for what it asks. */
const perAgent = 2

/** Open files against connections. SPEC DR-3. */
export const openFiles: Check = {
  name: 'open files',
  look: (context) => {
    const { scale, system } = context
    if (system.platform !== 'linux') return [untold('open files', 'The limit of open files can be told on Linux only.')]
    const pid = runningServer(context)
    const limits = readLimits(system.readText(`/proc/${pid ?? 'self'}/limits`) ?? '')
    if (!limits) return [untold('open files', 'The limit of open files cannot be read from /proc/self/limits.')]
    const each = perAgent + filesOfSip(context)
    const whose = pid === undefined ? 'a process started from here' : `the server that runs (pid ${pid})`
    const needed = Math.ceil(base + each * scale.agents)
    // Node raises the soft limit to the hard one when it starts.
    const { hard } = limits
    const found = [
      bound({
        check: 'open files',
        at: (hard - base) / each,
        agents: scale.agents,
        what: `${whose[0]?.toUpperCase()}${whose.slice(1)} may have ${numberText(hard)} files open; for ${agentsText(scale.agents)} about ${numberText(needed)} are needed, ${Number(each.toFixed(1))} each.`,
        lift: 'Raise the hard limit: LimitNOFILE=1048576 in the systemd unit, --ulimit nofile for a container, nofile in /etc/security/limits.conf for a shell.',
        measured: hard,
        needed,
      }),
    ]
    const open = pid === undefined ? 0 : system.list(`/proc/${pid}/fd`).length
    if (open <= 0.8 * hard) return found
    const full: Finding = {
      check: 'open files',
      severity: 'problem',
      what: `${numberText(open)} of ${numberText(hard)} files of the server that runs are open.`,
      lift: `Raise LimitNOFILE now; look for what holds connections: ls -l /proc/${pid}/fd.`,
      measured: open,
      needed: hard,
    }
    return [full, ...found]
  },
}

/** Connections of endpoints, spread over the agents: one for SIP where it is no UDP, one for each MSRP session. */
function filesOfSip({ config: { sip, msrp }, scale }: Context): number {
  const connected = sip.listen.some(({ transport }) => transport !== 'udp')
  const each = (connected ? 1 : 0) + (msrp.listen.length > 0 ? 1 : 0)
  return (each * scale.sipNumbers) / Math.max(1, scale.agents)
}

function runningServer({ config, system }: Context): number | undefined {
  const [http] = listenersOf(config)
  const owner = http && ownerOf(system, 'tcp', http.port)
  return owner?.isRingdown ? owner.pid : undefined
}

/** `Max open files  1024  1048576  files` of `/proc/<pid>/limits`. */
export function readLimits(text: string): { soft: number; hard: number } | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text) ?? []
  if (soft === undefined || hard === undefined) return undefined
  const number = (word: string) => (word === 'unlimited' ? 1_048_576 : Number(word))
  return { soft: number(soft), hard: number(hard) }
}
