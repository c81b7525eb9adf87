import type { ConnectionFlow } from './connection-flow.ts'
import type { Target } from './flow.ts'
import { hostPort } from './host-port.ts'
import type { Hub } from './hub.ts'
import type { TLSIdentity } from './options.ts'

/** How a connection of ours leaves this machine. */
export interface Outgoing {
  /** Sent from; undefined leaves it to the kernel. */
  readonly from: string | undefined
  /** Where the peer reaches us, if it sees `local` as our address; undefined where nothing listens for this transport. */
  readonly sentBy: ((local: string) => string) | undefined
  readonly client: Partial<TLSIdentity>
}

/** Begins to connect; calls `done` once. The answer gives up. */
export type Open = (
  hub: Hub,
  target: Target,
  out: Outgoing,
  done: (outcome: ConnectionFlow | Error) => void,
) => () => void

/** Connects within the limits. `closing` gives up. Rejects with what is wrong, in words. */
export function connectTo(
  hub: Hub,
  target: Target,
  out: Outgoing,
  open: Open,
  closing: AbortSignal,
): Promise<ConnectionFlow> {
  return new Promise((resolve, reject) => {
    const where = `${target.transport} ${hostPort(target.address, target.port)}`
    const fail = (why: string, cause?: unknown): void =>
      reject(new Error(`no connection to ${where}: ${why}`, { cause }))
    const refused = hub.connections.admit(undefined)
    if (refused) {
      hub.drop(refused, target.transport, target)
      fail('too many connections')
      return
    }
    let abort = (): void => {}
    const finish = (): void => {
      stopTimer()
      closing.removeEventListener('abort', onClosing)
    }
    const giveUp = (why: string): void => {
      finish()
      fail(why)
      abort()
    }
    const onClosing = (): void => giveUp('shutting down')
    const stopTimer = hub.clock.after(hub.limits.connectMs, () => giveUp(`no answer in ${hub.limits.connectMs} ms`))
    closing.addEventListener('abort', onClosing)
    const done = (outcome: ConnectionFlow | Error): void => {
      finish()
      if (outcome instanceof Error) fail(outcome.message, outcome)
      else resolve(outcome)
    }
    try {
      abort = open(hub, target, out, done)
    } catch (error) {
      // An address that no socket takes: nothing was opened that would give its place back.
      hub.connections.release(undefined)
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
