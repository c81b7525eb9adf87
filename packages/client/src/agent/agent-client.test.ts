import { afterEach, describe, expect, test } from 'vitest'
import { FakeServer, noAnswer, refusal, settled } from '../testing/fake-server.ts'
import { change, session, text } from '../testing/fixtures.ts'
import { AgentClient, type AgentClientOptions } from './agent-client.ts'

const clients: AgentClient[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** A client with everything it tells, in short, in the order it was told. */
function make(server: FakeServer, options: Partial<AgentClientOptions> = {}) {
  const client = new AgentClient({ address: 'http://im', userName: 'anna', password: 'x', ...options }, server.ports)
  clients.push(client)
  const told: string[] = []
  client.on('state', ({ state }) => told.push(state))
  client.on('session', ({ session }) => told.push(`${session.id} ${session.state}`))
  client.on('text', ({ session, text, own }) => told.push(`${session.id}/${text.position} ${own ? 'own' : 'theirs'}`))
  client.on('missing', ({ session, first, last }) => told.push(`${session.id} lacks ${first}-${last}`))
  client.on('userData', ({ userData }) => told.push(JSON.stringify(userData)))
  client.on('notice', ({ notice }) => told.push(notice.notificationType))
  return { client, told }
}

async function connected(server: FakeServer, options: Partial<AgentClientOptions> = {}) {
  const made = make(server, options)
  const started = made.client.start()
  await settled()
  await server.becomes('handshaken', 'subscribed', 'connected')
  await started
  made.told.length = 0
  server.asked.length = 0
  return made
}

const gap = { messageType: 'IMSessionGapMessage', notificationType: 'Gap', from: 'e:1', to: 'e:9' }

describe('the start', () => {
  test('[CL-21] signs in, logs in at the place, subscribes, reads, and only then is connected', async () => {
    const server = new FakeServer()
    server.has('Talking', [1, 2])
    const { client, told } = make(server, { place: 'desk' })
    const started = client.start()
    await settled()
    expect(server.asked).toEqual([['whoAmI'], ['startSession', 'desk', undefined]])
    await server.becomes('handshaken', 'connected')
    expect(told).toEqual(['connecting'])
    await server.becomes('subscribed')
    await started
    expect(told).toEqual(['connecting', 'S Talking', 'S/1 theirs', 'S/2 theirs', 'connected'])
    expect(client.me?.userName).toBe('anna')
    expect(client.session?.lines).toHaveLength(2)
  })

  test('[CL-21] is refused with the server’s words, and nothing goes on', async () => {
    const server = new FakeServer()
    server.fail('whoAmI', refusal(401, 20, 'Unauthorized'))
    const { client, told } = make(server)
    await expect(client.start()).rejects.toMatchObject({ name: 'RequestRefused', httpStatus: 401 })
    expect(told).toEqual(['connecting', 'refused'])
    expect([server.open, server.clock.pending]).toEqual([0, 0])
    await expect(client.start()).rejects.toThrow('once')
  })

  test('[CL-22] waits for a server that does not answer, and gives up when its patience is over', async () => {
    const server = new FakeServer()
    server.fail('whoAmI', noAnswer, noAnswer, refusal(503, 4))
    const { client } = make(server)
    const started = client.start()
    await server.passes(5_000)
    expect(server.count('startSession')).toBe(1)
    await server.becomes('subscribed', 'connected')
    await started

    const silent = new FakeServer()
    silent.fail('whoAmI', ...new Array(100).fill(noAnswer))
    const other = make(silent, { patienceMs: 10_000 })
    const failed = other.client.start().catch((error: unknown) => error)
    await silent.passes(10_000)
    expect(await failed).toMatchObject({ name: 'NoAnswer' })
    expect(other.told).toEqual(['connecting', 'ended'])
  })
})

describe('texts', () => {
  test('[CL-16] are told in order, each once', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1), text(1), text(2, { from: '7001' }), text(1), text(3))
    expect(told).toEqual(['S Talking', 'S/1 theirs', 'S/2 own', 'S/3 theirs'])
    expect(server.asked).toEqual([])
  })

  test('[CL-17] behind one that never came wait for it', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1))
    server.has('Talking', [1, 2, 3])
    server.hold('sessions')
    await server.tells(text(3), text(4))
    expect(told).toEqual(['S Talking', 'S/1 theirs', 'gap'])
    await server.release()
    expect(server.asked).toContainEqual(['transcript', 'S', 1])
    expect(told.slice(3)).toEqual(['S/2 theirs', 'S/3 theirs', 'S/4 theirs', 'resynchronised'])
  })

  test('[CL-17] that are not to be had any more are told as missing', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1))
    server.has('Talking', [5])
    await server.tells(text(6))
    expect(told.slice(2)).toEqual(['gap', 'S lacks 2-4', 'S/5 theirs', 'S/6 theirs', 'resynchronised'])
  })

  test('[CL-17] of a session nobody told of bring it along', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    server.has('Talking', [1])
    await server.tells(text(1))
    expect(told).toEqual(['S Talking', 'S/1 theirs'])
  })
})

describe('what was missed', () => {
  test('[CL-19] is read after a break, from where the texts were told', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1), text(2))
    await server.becomes('broken', 'broken')
    server.has('Talking', [1, 2, 3], { userData: { k: 1 } })
    await server.becomes('handshaken', 'subscribed', 'connected')
    expect(told.slice(3)).toEqual(['reconnecting', '{"k":1}', 'S/3 theirs', 'resynchronised'])
    expect(server.asked.filter(([name]) => name === 'transcript')[0]).toEqual(['transcript', 'S', 2])
  })

  test('[CL-19] is asked for until it is read', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.becomes('broken')
    server.fail('sessions', noAnswer, refusal(503, 4))
    await server.becomes('connected')
    expect(told).toEqual(['reconnecting'])
    await server.passes(10_000)
    expect(told).toEqual(['reconnecting', 'resynchronised'])
  })

  test('[CL-18] what comes while it is read waits, and changes nothing twice', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    await server.tells(change(session('Talking', { userData: { k: 1 } })), text(1))
    await server.becomes('broken')
    server.has('Talking', [1, 2], { userData: { k: 1 } })
    server.hold('sessions')
    await server.becomes('connected')
    await server.tells(text(2), change(session('Talking', { userData: { k: 2 } })), text(3))
    expect(told.slice(2)).toEqual(['reconnecting'])
    await server.release()
    expect(told.slice(3)).toEqual(['S/2 theirs', '{"k":2}', 'S/3 theirs', 'resynchronised'])
    expect(client.session?.userData).toEqual({ k: 2 })
  })

  test('[CL-18] of too much that comes meanwhile nothing is kept: it is read again', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')))
    await server.becomes('broken')
    server.has('Talking', [])
    server.hold('transcript')
    await server.becomes('connected')
    const many = Array.from({ length: 1_001 }, (_, i) => i + 1)
    await server.tells(...many.map((position) => text(position)))
    server.has('Talking', many)
    await server.release()
    expect(told.filter((one) => one.startsWith('S/'))).toEqual(many.map((position) => `S/${position} theirs`))
    expect(server.count('sessions')).toBe(2)
  })

  test('[CL-19] a session that has ended meanwhile tells its last texts before its end', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), text(1))
    server.has('Completed', [1, 2])
    await server.becomes('broken', 'connected')
    expect(told.slice(2)).toEqual(['reconnecting', 'S/2 theirs', 'S Completed', 'resynchronised'])
  })

  test('[CL-19] a session that is not kept any more has ended', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')))
    await server.becomes('broken', 'connected')
    expect(told.slice(1)).toEqual(['reconnecting', 'S Completed', 'resynchronised'])
  })

  test('[CL-20] a gap is told with its positions, then all is read, also what began and ended in it', async () => {
    const server = new FakeServer()
    server.has('Completed', [1], { id: 'old' })
    server.ended = ['old']
    const { client, told } = await connected(server)
    const gaps: unknown[] = []
    client.on('state', ({ gap }) => gap && gaps.push(gap))
    server.has('Completed', [1, 2], { id: 'short' })
    server.ended = ['short', 'old']
    server.has('Talking', [1])
    await server.tells(gap)
    expect(gaps).toEqual([{ from: 'e:1', to: 'e:9' }])
    const short = ['short Completed', 'short/1 theirs', 'short/2 theirs']
    expect(told).toEqual(['gap', ...short, 'S Talking', 'S/1 theirs', 'resynchronised'])
  })

  test('[CL-20] where a break alone loses nothing, ended sessions are not looked for', async () => {
    const server = new FakeServer()
    await connected(server)
    await server.becomes('broken', 'connected')
    expect(server.count('endedSessions')).toBe(0)
  })

  test('[CL-19] a notification that is malformed makes everything be read, one that is unknown nothing', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells({ messageType: 'IMSomethingNew' })
    expect(server.asked).toEqual([])
    await server.tells({ messageType: 'IMLogUpdateMessage' })
    expect(server.count('sessions')).toBe(1)
    expect(told).toEqual([])
  })
})

describe('a login that is not good any more', () => {
  test('[CL-21] ends everything, wherever it shows', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    server.fail('whoAmI', refusal(401, 20))
    await server.becomes('refused')
    expect(told).toEqual(['refused'])
    await expect(client.complete('S')).rejects.toMatchObject({ httpStatus: 401 })
    expect([server.open, server.clock.pending]).toEqual([0, 0])

    const other = new FakeServer()
    const { client: second, told: toldToo } = await connected(other)
    other.fail('attachUserData', refusal(401, 20))
    await expect(second.attachUserData('S', {})).rejects.toMatchObject({ httpStatus: 401 })
    expect(toldToo).toEqual(['refused'])
  })

  test('[CL-21] shows where connects fail and nobody says why', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    server.fail('whoAmI', noAnswer, undefined, refusal(503, 4), refusal(401, 20))
    for (let i = 0; i < 11; i++) await server.becomes('broken')
    expect([told, server.count('whoAmI')]).toEqual([['reconnecting'], 3])
    await server.becomes('broken')
    expect(told).toEqual(['reconnecting', 'refused'])
    expect([server.open, server.clock.pending]).toEqual([0, 0])
  })

  test('[CL-21] is told from a connection that has lost its own: that one begins anew', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.becomes('refused')
    expect(told).toEqual(['reconnecting'])
    await server.passes(1_000)
    await server.becomes('handshaken', 'subscribed', 'connected')
    expect(told).toEqual(['reconnecting', 'resynchronised'])
    expect(server.open).toBe(1)
  })
})

describe('beginning a session', () => {
  test('[CL-25] resolves to it when it is told', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    const begun = client.begin('7002', { topic: 'tea' })
    await settled()
    expect(server.asked).toEqual([['initiate', '7002', { topic: 'tea' }]])
    await server.tells(change(session('Initiating')))
    expect((await begun).id).toBe('S')
  })

  test('[CL-25] does not take somebody else’s call for its own', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    const begun = client.begin('7002')
    await server.tells(change(session('Alerting', { id: 'T' })), change(session('Completed', { id: 'T' })))
    await server.tells(change(session('Initiating')))
    expect((await begun).id).toBe('S')
  })

  test('[CL-22] finds the one whose answer was lost', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    server.fail('initiate', noAnswer, refusal(409, 2, 'Invalid state'))
    const begun = client.begin('7002')
    server.has('Initiating')
    await server.tells(change(session('Initiating')))
    await server.passes(1_000)
    expect((await begun).id).toBe('S')
    expect(server.count('initiate')).toBe(2)
  })

  test('[CL-25] is refused with the server’s words', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    server.fail('initiate', refusal(409, 2, 'Invalid state'))
    await expect(client.begin('7002')).rejects.toMatchObject({ message: 'Invalid state' })
  })

  test('[CL-25] is given up when nothing is told', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    const begun = client.begin('7002').catch((error: unknown) => error)
    await server.passes(30_000)
    expect(await begun).toMatchObject({ name: 'NoAnswer' })
  })
})

describe('what is done with a session', () => {
  test('[CL-22] that had no answer and is refused has succeeded where it shows', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    server.fail('complete', noAnswer, refusal(409, 2))
    server.has('Completed')
    const done = client.complete('S')
    await server.passes(1_000)
    await done
    server.fail('accept', refusal(409, 2))
    await expect(client.accept('S')).rejects.toMatchObject({ statusCode: 2 })
  })

  test('[CL-26] notices are tried once, and fail without a sound', async () => {
    const server = new FakeServer()
    const { client } = await connected(server)
    server.fail('composing', noAnswer)
    server.fail('displayed', refusal(409, 2))
    expect(await client.composing('S', true)).toBe(false)
    expect(await client.displayed('S', 'm1')).toBe(false)
    expect(await client.composing('S', false)).toBe(true)
    expect(server.asked).toHaveLength(3)
  })

  test('[CL-26] the peer writes until they stop, or their time is over', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    const writes = (more: object) => ({
      messageType: 'IMNoticeMessage',
      notificationType: 'Composing',
      imSessionPath: '/im-sessions/S',
      from: '7002',
      timestamp: '',
      composing: true,
      ...more,
    })
    await server.tells(change(session('Talking')), writes({ refreshSeconds: 60 }))
    expect(client.session?.composing).not.toBe(null)
    await server.passes(60_000)
    expect(client.session?.composing).toBe(null)
    expect(told).toEqual(['S Talking', 'Composing', 'Composing'])
    await server.tells(writes({}), text(1))
    expect([client.session?.composing, server.clock.pending]).toEqual([null, 0])
  })

  test('[CL-5] changed user data are told, and an unchanged session is not', async () => {
    const server = new FakeServer()
    const { told } = await connected(server)
    await server.tells(change(session('Talking')), change(session('Talking', { userData: { k: 1 } })))
    await server.tells(change(session('Talking', { userData: { k: 1 } })))
    expect(told).toEqual(['S Talking', '{"k":1}'])
  })
})

describe('the end', () => {
  test('[CL-27] leaves nothing that runs, and gives up what waits', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    server.fail('send', ...new Array(20).fill(noAnswer))
    const sent = client.send('S', 'a').catch((error: unknown) => error)
    const begun = client.begin('7002').catch((error: unknown) => error)
    await server.passes(1_000)
    await client.close()
    expect(await sent).toMatchObject({ name: 'NoAnswer' })
    expect(await begun).toMatchObject({ name: 'NoAnswer' })
    expect(told).toEqual(['ended'])
    expect([server.open, server.clock.pending]).toEqual([0, 0])
    await server.tells(change(session('Talking')))
    await client.close()
    expect(told).toEqual(['ended'])
  })

  test('[CL-27] closing while it starts makes the start fail', async () => {
    const server = new FakeServer()
    const { client } = make(server)
    const started = client.start().catch((error: unknown) => error)
    await settled()
    await client.close()
    expect(await started).toMatchObject({ name: 'NoAnswer', message: 'the client was closed' })
    expect(server.clock.pending).toBe(0)
  })

  test('[CL-27] signing out is done where its answer is lost and the login ends with it', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    server.fail('endSession', undefined, refusal(401, 20))
    server.fail('whoAmI', refusal(401, 20))
    const done = client.signOut()
    await server.passes(1_000)
    await done
    expect(told).toEqual(['ended'])

    const other = new FakeServer()
    const { client: second, told: toldToo } = await connected(other)
    other.fail('endSession', refusal(401, 20))
    await expect(second.signOut()).rejects.toMatchObject({ httpStatus: 401 })
    expect(toldToo).toEqual(['refused'])
  })

  test('[CL-27] signing out logs out first', async () => {
    const server = new FakeServer()
    const { client, told } = await connected(server)
    await client.signOut()
    expect(server.asked).toEqual([['endSession']])
    expect(told).toEqual(['ended'])
  })
})
