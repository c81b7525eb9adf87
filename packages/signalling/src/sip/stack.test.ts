import { MemoryBenches } from '../testing/memory-bench.ts'
import { sipPortContract } from '../testing/sip-port.contract.ts'

const benches = new MemoryBenches()

sipPortContract('our own stack, in memory', {
  open: ({ user, sessionTimer }) => benches.open({ user, sessionTimer: sessionTimer ?? null }),
  clocked: true,
  ownsDialogs: true,
})
