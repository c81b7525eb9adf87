/** The ends of `main.ts msrp`: a process of its own on the generator's core, told what to do over IPC. */
import { serve } from '../rpc.ts'
import { kamailio, type Measured, measure, ours, type Subject } from './bench.ts'

/** What is between the ends. `apart`: each of our ends has a connection of its own, as through a relay. */
export type Between = 'end' | 'bridge' | 'bridge apart' | 'kamailio'

export interface MsrpCalls {
  start(what: { between: Between; sessions: number; folder: string }): void
  measure(load: { size: number; seconds: number; warmUp: number; inFlight: number }): Measured & {
    /** Of this process, microseconds in the window and its warm-up. */
    generatorUs: number
    seconds: number
  }
  stop(nothing: null): void
}

let subject: Subject | undefined

serve<MsrpCalls>({
  async start({ between, sessions, folder }) {
    if (between === 'kamailio') subject = await kamailio(folder, sessions)
    else subject = await ours(between === 'end' ? 'end' : 'bridge', { sessions, apart: between === 'bridge apart' })
  },
  async measure(load) {
    if (!subject) throw new Error('nothing was started')
    const [before, began] = [process.cpuUsage(), performance.now()]
    const measured = await measure(subject, load)
    const { user, system } = process.cpuUsage(before)
    return { ...measured, generatorUs: user + system, seconds: (performance.now() - began) / 1_000 }
  },
  async stop() {
    await subject?.stop()
  },
})
