import { type Check, untold } from './check.ts'
import { bound, numberText } from './finding.ts'

/** What Node asks for (net.Server.listen). */
const asked = 511
/** After a restart all clients come back within so long, seconds, with two connections each; so long nobody may accept. */
const backWithin = 10
const perAgent = 2
const stallSeconds = 0.25

const file = '/proc/sys/net/core/somaxconn'

/** Connections that may wait to be accepted. SPEC DR-5. */
export const backlog: Check = {
  name: 'TCP backlog',
  look: ({ scale, system }) => {
    if (system.platform !== 'linux')
      return [untold('TCP backlog', 'The backlog of listeners can be told on Linux only.')]
    const max = Number(system.readText(file)?.trim() ?? Number.NaN)
    if (!Number.isFinite(max)) return [untold('TCP backlog', `${file} cannot be read.`)]
    const waiting = Math.min(asked, max)
    const each = (perAgent / backWithin) * stallSeconds
    return [
      bound({
        check: 'TCP backlog',
        at: waiting / each,
        agents: scale.agents,
        what: `${numberText(waiting)} connections may wait to be accepted; so many come in ${stallSeconds} s when ${numberText(waiting / each)} agents come back within ${backWithin} s.`,
        lift:
          max < asked
            ? `sysctl -w net.core.somaxconn=${asked}, and the same in /etc/sysctl.d.`
            : 'Serve with more nodes: this is what a process asks the system for.',
        measured: waiting,
        needed: Math.ceil(scale.agents * each),
      }),
    ]
  },
}
