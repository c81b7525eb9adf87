import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeServer, noAnswer, refusal, settled } from '../testing/fake-server.ts'
import { change, session, text } from '../testing/fixtures.ts'
import { AgentClient } from './agent-client.ts'

/** What may happen between a text and the next. */
const happening = fc.constantFrom(
  'told', // the peer's text, as it should be
  'told twice',
  'told again', // one of before
  'lost', // the server has it, its notification never comes
  'broken',
  'back',
  'begun anew', // another CometD session
  'gap',
  'malformed',
  'answers lost', // the next requests to read get none
  'slow', // what is read waits
  'time',
  'said', // the agent's own text
  'said, no answer',
)
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never

/** The server's side of a session in which these things happen, and what the client told of it. */
async function live(history: readonly Happening[]) {
  const server = new FakeServer()
  server.has('Talking')
  const client = new AgentClient({ address: 'http://im' }, server.ports)
  const told: number[] = []
  const missing: number[] = []
  const words: string[] = []
  const sent: Promise<unknown>[] = []
  client.on('text', ({ text }) => {
    told.push(text.position ?? 0)
    words.push(text.message)
  })
  client.on('missing', ({ first }) => missing.push(first))
  const started = client.start()
  await settled()
  await server.becomes('handshaken', 'subscribed', 'connected')
  await started
  await server.tells(change(session('Talking')))

  const log = () => server.texts.get('S') ?? []
  let heard = 0
  let isBroken = false
  // The stream tells what the log has, in its order, unless it is broken or loses one.
  const stream = async () => {
    for (; !isBroken && heard < log().length; heard++) await server.tells(text(heard + 1, log()[heard]))
  }
  const say = () => {
    const position = log().length + 1
    log().push({ position, messageId: `m${position}`, message: `text ${position}`, from: '7002', timestamp: '' })
  }
  let own = 0
  for (const one of history) {
    if (one === 'told' || one === 'told twice' || one === 'lost') say()
    if (one === 'lost') heard = log().length
    if (one === 'told twice' && !isBroken) await server.tells(text(log().length, log().at(-1)))
    if (one === 'told again' && !isBroken && heard > 0) await server.tells(text(1, log()[0]))
    if (one === 'broken') await server.becomes('broken')
    if (one === 'back' && isBroken) await server.becomes('connected')
    if (one === 'begun anew') await server.becomes('broken', 'handshaken', 'subscribed', 'connected')
    if (one === 'gap') await server.tells({ messageType: 'IMSessionGapMessage', from: 'e:1', to: 'e:9' })
    if (one === 'malformed') await server.tells({ messageType: 'IMLogUpdateMessage' })
    if (one === 'answers lost')
      for (const name of ['sessions', 'transcript'] as const) server.fail(name, noAnswer, refusal(503, 4))
    if (one === 'slow') server.hold('transcript')
    if (one === 'time') await server.release().then(() => server.passes(1_000))
    if (one === 'said, no answer') server.fail('send', undefined, noAnswer)
    if (one === 'said' || one === 'said, no answer') sent.push(client.send('S', `own ${own++}`))
    isBroken = one === 'broken' || (isBroken && one !== 'back' && one !== 'begun anew')
    await settled()
    await stream()
  }
  // In the end there is a way, and time.
  await server.becomes('broken', 'handshaken', 'subscribed', 'connected')
  await server.release()
  await server.passes(120_000)
  isBroken = false
  await stream()
  await Promise.all(sent)
  const state = client.state
  await client.close()
  return { told, missing, words, own, state, log: log(), pending: server.clock.pending }
}

test('[CL-16] [CL-22] [CL-23] in any history each text is told once and in order, and each own one is accepted once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (history) => {
      const { told, missing, words, own, state, log, pending } = await live(history)
      expect(told).toEqual(log.map((_, i) => i + 1))
      expect(words).toEqual(log.map(({ message }) => message))
      expect(missing).toEqual([])
      const said = log.map(({ message }) => message).filter((message) => message.startsWith('own'))
      expect(said).toEqual(Array.from({ length: own }, (_, i) => `own ${i}`))
      expect(['connected', 'resynchronised']).toContain(state)
      expect(pending).toBe(0)
    }),
    { numRuns: 300 },
  )
})
