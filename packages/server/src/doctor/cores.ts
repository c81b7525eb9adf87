import type { Check } from './check.ts'
import { bound, type Finding, numberText } from './finding.ts'

/** Texts a second we take one process to bear on any core: an assumption on the safe side; `ringdown load` measures what this one does. */
const textsPerCore = 2_000
/** What an agent in a session writes and reads, a second. */
const textsPerAgent = 0.2

/** Cores and processes: one process uses one core. SPEC DR-6. */
export const cores: Check = {
  name: 'cores',
  look: ({ config, scale, system }) => {
    const found: Finding[] = [
      bound({
        check: 'cores',
        at: textsPerCore / textsPerAgent,
        agents: scale.agents,
        what: `One process works on one core: it is taken for ${numberText(textsPerCore)} texts a second, ${numberText(textsPerCore / textsPerAgent)} agents who write one in ${1 / textsPerAgent} s.`,
        lift: config.store.redis
          ? 'Start more processes on this store; any node serves any client.'
          : 'Keep sessions in Redis (store.redis): then any number of processes serve them.',
        measured: textsPerCore,
        needed: Math.ceil(scale.agents * textsPerAgent),
      }),
    ]
    if (system.cores < 2)
      found.push({
        check: 'cores',
        severity: 'note',
        what: 'There is one core: logins, which hash passwords, and Redis or a proxy on this machine take turns with the server.',
        lift: 'Give it two cores.',
        measured: system.cores,
        needed: 2,
      })
    else if (config.store.redis)
      found.push({
        check: 'cores',
        severity: 'note',
        what: `${system.cores} cores: up to ${system.cores} processes can share the work of this machine.`,
        lift: 'Start several with node names of their own; sip.reusePort lets them share SIP ports, a load balancer HTTP.',
        measured: system.cores,
      })
    return found
  },
}
