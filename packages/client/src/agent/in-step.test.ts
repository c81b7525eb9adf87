import { afterEach, describe, expect, test } from 'vitest'
import { FakeServer, noAnswer, settled } from '../testing/fake-server.ts'
import { change, session, text } from '../testing/fixtures.ts'
import { AgentClient } from './agent-client.ts'

const clients: AgentClient[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** A client that is in step, and what it tells of sessions and texts from then on. */
async function connected(server: FakeServer) {
  const client = new AgentClient({ address: 'http://im' }, server.ports)
  clients.push(client)
  const told: string[] = []
  client.on('state', ({ state }) => told.push(state))
  client.on('session', ({ session, before }) => told.push(`${session.id} ${before ?? 'new'} ${session.state}`))
  client.on('text', ({ session, text }) => told.push(`${session.id}/${text.position}`))
  client.on('missing', ({ session, first, last }) => told.push(`${session.id} lacks ${first}-${last}`))
  const started = client.start()
  await settled()
  await server.becomes('handshaken', 'subscribed', 'connected')
  await started
  told.length = 0
  server.asked.length = 0
  return { client, told }
}

const gap = { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e:1', to: 'e:9' }
const of = (id: string) => ({ imSessionPath: `/im-sessions/${id}` })

describe('reading what was missed', () => {
  test('[CL-20] what began and ended in a gap is told also where reading it took two tries', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    server.has('Completed', [1], { id: 'short' })
    server.ended = ['short']
    server.fail('transcript', noAnswer)
    await server.tells(gap)
    await server.passes(10_000)
    expect(told).toEqual(['gap', 'short new Completed', 'short/1', 'resynchronised'])
  })

  test('[CL-18] [CL-20] what began and ended among too much that came meanwhile is told', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    server.has('Talking', [])
    server.hold('transcript')
    await server.becomes('broken', 'connected')
    const short = [
      change(session('Talking', { id: 'short' })),
      text(1, of('short')),
      change(session('Completed', { id: 'short' })),
    ]
    await server.tells(...short, ...Array.from({ length: 1_001 }, (_, i) => text(i + 1)))
    server.has('Completed', [1], { id: 'short' })
    server.ended = ['short']
    await server.release()
    expect(told.slice(0, 4)).toEqual(['reconnecting', 'S new Talking', 'short new Completed', 'short/1'])
  })

  test('[CL-17] a text that was lost behind what was being read is read, too', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    server.has('Talking', [1])
    await server.becomes('broken')
    server.hold('transcript')
    await server.becomes('connected')
    server.has('Talking', [1, 2, 3])
    await server.tells(text(3))
    await server.release()
    expect(told).toEqual(['reconnecting', 'S new Talking', 'S/1', 'gap', 'S/2', 'S/3', 'resynchronised'])
  })

  test('[CL-17] of a session that nobody told of and that has ended, its end is told, and the texts', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    server.has('Completed', [1])
    await server.tells(text(1))
    expect(told).toEqual(['S new Completed', 'S/1'])
    expect(client.session).toBe(undefined)
  })

  test('[CL-17] a text of a session that the server knows no more makes none that lives', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    await server.tells(text(1))
    expect(told).toEqual(['S new Completed', 'S/1'])
    expect(client.session).toBe(undefined)
  })

  test('[CL-17] texts that a session lacks are read also when it has ended', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1), change(session('Completed')))
    server.has('Completed', [1, 2, 3])
    await server.tells(text(3))
    expect(told.slice(3)).toEqual(['gap', 'S/2', 'S/3', 'resynchronised'])
  })

  test('[CL-12] [CL-16] sessions of long ago are not told again after a gap', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    const ids = Array.from({ length: 1_100 }, (_, i) => `s${i}`)
    for (const id of ids)
      await server.tells(change(session('Talking', { id })), text(1, of(id)), change(session('Completed', { id })))
    for (const id of ids) server.has('Completed', [1], { id })
    // As many as the server lists at most.
    server.ended = ids.slice(-100).reverse()
    told.length = 0
    await server.tells(gap)
    expect(told).toEqual(['gap', 'resynchronised'])
  })
})

describe('a listener that closes the client', () => {
  test('[CL-27] is told nothing more, and every listener in the order it happened', async () => {
    const server = new FakeServer()
    server.has('Talking', [1, 2, 3])
    const { client, told } = await connected(server)
    await server.becomes('broken')
    server.has('Talking', [1, 2, 3, 4, 5, 6])
    const second: string[] = []
    client.on('text', () => void client.close())
    client.on('text', ({ text }) => second.push(`${text.position}`))
    client.on('state', ({ state }) => second.push(state))
    told.length = 0
    await server.becomes('connected')
    expect(second).toEqual(['4', 'ended'])
    expect(told).toEqual(['S/4', 'ended'])
    expect(server.clock.pending).toBe(0)
  })
})
