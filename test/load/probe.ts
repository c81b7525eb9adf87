/** Loaded into a server under test with `--import`, beside its own code: measures and profiles it from within when the driver asks. */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import type { ProbeCalls } from './protocol.ts'
import { serve } from './rpc.ts'

let session: Session | undefined

serve<ProbeCalls>({
  memory() {
    // The plain collection keeps most of the emptied pages: what a server used while it started would pass for what it needs.
    for (let i = 0; i < 2; i++) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss, heapUsed, external }
  },
  async startProfile() {
    session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 500 })
    await session.post('Profiler.start')
  },
  async stopProfile(file) {
    if (!session) throw new Error('no profile was started')
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    writeFileSync(file, JSON.stringify(profile))
  },
})
// A server ends when its own work ends, not when its driver hangs up.
process.channel?.unref()
