/** The process that is measured: takes messages, or passes them on to a second session as the engine does between two legs. */
import { createMsrpStack, type MsrpSession, type SessionUser } from '@ringdown/msrp'
import { realClock } from '@ringdown/msrp/testing'

/** What the generator asks of it, and is answered. */
export type Ask =
  | { ask: 'open' }
  | { ask: 'start'; index: number; path: readonly string[] }
  | { ask: 'join'; from: number; to: number }
export type Told = { told: 'opened'; index: number; path: readonly string[] } | { told: 'done' }

const maxSize = 10_000_000
const stack = await createMsrpStack({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }], clock: realClock })
const sessions: MsrpSession[] = []
const onward = new Map<number, MsrpSession>()

async function answer(asked: Ask): Promise<Told> {
  switch (asked.ask) {
    case 'open': {
      const index = sessions.length
      const session = await stack.open({ transport: 'tcp', user: userOf(index), maxSize })
      sessions.push(session)
      return { told: 'opened', index, path: session.path }
    }
    case 'start':
      await sessions[asked.index]?.start({ path: asked.path, role: 'passive' })
      return { told: 'done' }
    case 'join': {
      const to = sessions[asked.to]
      if (to) onward.set(asked.from, to)
      return { told: 'done' }
    }
  }
}

function userOf(index: number): SessionUser {
  return {
    onMessage: async ({ messageID, contentType, body }) => {
      const next = onward.get(index)
      if (!next) return 'accepted'
      // As the engine, which has it in its log: answered at once, whatever becomes of it at the other leg.
      void next.send({ messageID, contentType, body })
      return 'accepted'
    },
    onReport: () => {},
    onFailed: (why) => process.send?.({ failed: why }),
  }
}

process.on('message', (asked: Ask) => void answer(asked).then((told) => process.send?.(told)))
process.send?.({ told: 'done' } satisfies Told)
// An end by exit: a CPU profile is written then.
for (const end of ['SIGTERM', 'disconnect']) process.once(end, () => process.exit())
