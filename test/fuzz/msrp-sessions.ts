import { bench, peerUri } from '@ringdown/msrp/testing'
import { makeInput } from './fuzz.ts'
import { sessionInputs } from './msrp-targets.ts'

/**
 * Changed frames for a whole session: it answers what can be read, no message is handed up twice, and when all is over it
 * holds nothing. Throws, with the seed and index, where that is not so.
 */
export async function fuzzSessions(seed: number, count: number, first = 0): Promise<void> {
  for (let index = first; index < first + count; index++)
    try {
      await tryOne(makeInput(sessionInputs, seed, index), index)
    } catch (error) {
      throw new Error(`msrp-sessions: input ${index} of seed ${seed}`, { cause: error })
    }
}

async function tryOne(input: Uint8Array, index: number): Promise<void> {
  const made = bench({ sessionBytes: 20_000, pendingMessages: 4, halfMessages: 3, controlBytes: 1 << 20 })
  const { session, user } = made.open({ maxSize: 10_000, acceptTypes: ['text/*'] })
  user.take = ({ body }) => (body.length % 5 === 4 ? { status: 403 } : 'accepted')
  const peer = made.connection()
  if (index % 4 !== 0) await session.start({ path: [peerUri], role: 'passive' })
  const sent =
    index % 3 === 0 ? session.send({ messageID: 'out-0001', contentType: 'text/plain', body: input }) : undefined
  const middle = index % (input.length + 1)
  peer.receive(input.subarray(0, middle))
  await peer.written()
  peer.receive(input.subarray(middle))
  await peer.written()
  const taken = user.messages.filter(({ body }) => body.length % 5 !== 4).map(({ messageID }) => messageID)
  if (new Set(taken).size !== taken.length) throw new Error('a message twice')

  await made.clock.advance(200_000)
  session.close()
  peer.connection.close()
  await sent
  if (peer.connection.budget.held !== 0) throw new Error(`${peer.connection.budget.held} bytes are held`)
  if (made.clock.pending > 0) throw new Error('a timer runs on')
}

// A million with `node --expose-gc test/fuzz/msrp-sessions.ts 1000000`, and the seed behind it.
if (import.meta.main) {
  const [count = '100000', seed = '1'] = process.argv.slice(2)
  const heap = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  await fuzzSessions(Number(seed) + 1, 10_000)
  const [before, begin] = [heap(), performance.now()]
  await fuzzSessions(Number(seed), Number(count))
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`msrp-sessions: ${count} inputs in ${seconds} s, heap ${((heap() - before) / 1024).toFixed(0)} KiB`)
}
