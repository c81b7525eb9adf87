import { describe, expect, test } from 'vitest'
import { FakeServer, noAnswer, refusal, settled } from '../testing/fake-server.ts'
import { change, session, text } from '../testing/fixtures.ts'
import { AgentClient, type AgentClientOptions } from './agent-client.ts'

async function talking(options: Partial<AgentClientOptions> = {}) {
  const server = new FakeServer()
  const client = new AgentClient({ address: 'http://im', ...options }, server.ports)
  const started = client.start()
  await settled()
  await server.becomes('handshaken', 'subscribed', 'connected')
  await started
  await server.tells(change(session('Talking')))
  server.asked.length = 0
  const outcome = (sent: Promise<unknown>) =>
    sent.then(
      (answer) => (answer as { position?: number }).position,
      (error: Error) => error.name,
    )
  return { server, client, outcome }
}
const sent = (server: FakeServer) => server.asked.filter(([name]) => name === 'send').map(([, , words]) => words)
const accepted = (server: FakeServer) => server.texts.get('S')?.map(({ message }) => message)

describe('a text', () => {
  test('[CL-22] without an answer is sent again under the same id, and accepted once', async () => {
    const { server, client } = await talking()
    server.fail('send', noAnswer, undefined, refusal(503, 4))
    const answer = client.send('S', 'hello')
    await server.passes(10_000)
    expect(await answer).toMatchObject({ statusCode: 0, position: 1, messageId: 'id1' })
    expect(server.asked).toEqual(new Array(4).fill(['send', 'S', 'hello', 'id1']))
    expect(accepted(server)).toEqual(['hello'])
    await client.close()
  })

  test('[CL-23] waits for those before it, in its session only', async () => {
    const { server, client, outcome } = await talking()
    server.fail('send', noAnswer)
    const answers = [client.send('S', 'a'), client.send('S', 'b'), client.send('T', 'c')]
    await settled()
    expect(sent(server)).toEqual(['a', 'c'])
    await server.passes(1_000)
    expect(sent(server)).toEqual(['a', 'c', 'a', 'b'])
    expect(await Promise.all(answers.map(outcome))).toEqual([1, 2, 1])
    await client.close()
  })

  test('[CL-23] goes out in the order of the calls, whatever fails in between', async () => {
    const { server, client } = await talking()
    const names = Array.from({ length: 40 }, (_, i) => `t${i}`)
    server.fail(
      'send',
      ...names.flatMap((_, i) => (i % 3 === 0 ? [noAnswer] : i % 3 === 1 ? [undefined] : [refusal(503, 4)])),
    )
    const answers = names.map((name) => client.send('S', name))
    for (let i = 0; i < 20; i++) await server.passes(10_000)
    await Promise.all(answers)
    expect(accepted(server)).toEqual(names)
    await client.close()
  })

  test('[CL-22] goes out at once when the way is there again', async () => {
    const { server, client } = await talking()
    server.fail('send', ...new Array(6).fill(noAnswer))
    const answer = client.send('S', 'a')
    await server.passes(7_000)
    const before = server.count('send')
    await server.becomes('broken', 'connected')
    expect(server.count('send')).toBe(before + 1)
    await answer
    await client.close()
  })

  test('[CL-22] that is seen in its session is accepted, whatever became of the answer', async () => {
    const { server, client, outcome } = await talking()
    server.fail('send', ...new Array(50).fill(noAnswer))
    const answer = client.send('S', 'a')
    await settled()
    await server.tells(text(1, { from: '7001', messageId: 'id1', message: 'a' }))
    await server.passes(300)
    expect(await outcome(answer)).toBe(1)
    await client.close()
  })

  test('[CL-22] that is refused after it had no answer is looked for before that counts', async () => {
    const { server, client, outcome } = await talking()
    server.has('Talking')
    server.fail('send', undefined, refusal(409, 2), refusal(409, 2))
    const [first, second] = [client.send('S', 'a'), client.send('S', 'b')]
    await server.passes(1_000)
    expect([await outcome(first), await outcome(second)]).toEqual([1, 'RequestRefused'])
    await client.close()
  })

  test('[CL-22] that is refused is told so, and holds up no other', async () => {
    const { server, client, outcome } = await talking()
    server.fail('send', refusal(413, 10))
    expect(await Promise.all([client.send('S', 'a'), client.send('S', 'b')].map(outcome))).toEqual([
      'RequestRefused',
      1,
    ])
    await client.close()
  })

  test('[CL-22] is given up when its time is over', async () => {
    const { server, client, outcome } = await talking({ textPatienceMs: 20_000 })
    server.fail('send', ...new Array(200).fill(noAnswer))
    const answer = client.send('S', 'a')
    await server.passes(19_000)
    const before = server.count('send')
    await server.passes(1_000)
    expect(await outcome(answer)).toBe('NoAnswer')
    await server.passes(60_000)
    expect(server.count('send')).toBeLessThanOrEqual(before + 2)
    await client.close()
  })

  test('[CL-23] written before the peer has answered waits for that', async () => {
    const { server, client, outcome } = await talking()
    await server.tells(change(session('Completed')), change(session('Initiating', { id: 'N' })))
    const answer = client.send('N', 'a')
    await server.passes(60_000)
    expect(sent(server)).toEqual([])
    await server.tells(change(session('Talking', { id: 'N' })))
    expect(await outcome(answer)).toBe(1)
    await client.close()
  })

  test('[CL-23] under an id that waits already is the same text', async () => {
    const { server, client, outcome } = await talking()
    const answers = [client.send('S', 'a', 'mine'), client.send('S', 'a', 'mine')]
    expect(await Promise.all(answers.map(outcome))).toEqual([1, 1])
    expect(sent(server)).toEqual(['a'])
    await client.close()
  })

  test('[CL-23] that would be one too many is not taken, until there is room', async () => {
    const { server, client, outcome } = await talking({ outbox: { texts: 2, characters: 10 } })
    server.fail('send', noAnswer)
    const answers = ['a', 'b', 'c'].map((words) => outcome(client.send('S', words)))
    expect(await answers[2]).toBe('OutboxFull')
    await server.passes(1_000)
    expect(await Promise.all(answers)).toEqual([1, 2, 'OutboxFull'])
    expect(await outcome(client.send('S', 'more than ten'))).toBe('OutboxFull')
    expect(await outcome(client.send('S', 'ten at mos'))).toBe(3)
    await client.close()
    expect(await outcome(client.send('S', 'late'))).toBe('NoAnswer')
  })
})

describe('what is claimed of a text', () => {
  test('[CL-22] after a try without an answer a refusal waits until the transcript can be asked', async () => {
    const { server, client, outcome } = await talking()
    server.has('Talking')
    server.fail('send', undefined, refusal(409, 2), refusal(409, 2))
    server.fail('transcript', noAnswer)
    const answer = client.send('S', 'a')
    await server.passes(5_000)
    expect(await outcome(answer)).toBe(1)
    await client.close()
  })

  test('[CL-22] a login that is refused after a try without an answer leaves open whether the text was accepted', async () => {
    const { server, client } = await talking()
    server.has('Talking')
    server.fail('send', undefined, refusal(401, 20))
    server.fail('transcript', refusal(401, 20))
    const failed = [client.send('S', 'a'), client.send('S', 'b')].map((sent) => sent.catch((error: unknown) => error))
    await server.passes(5_000)
    expect(await failed[0]).toMatchObject({ name: 'NoAnswer', cause: { httpStatus: 401 } })
    expect(await failed[1]).toMatchObject({ name: 'RequestRefused', httpStatus: 401 })
    expect(client.state).toBe('refused')
  })

  test('[CL-23] its time runs from the call, not from its turn', async () => {
    const { server, client, outcome } = await talking({ textPatienceMs: 20_000 })
    server.fail('send', ...new Array(200).fill(noAnswer))
    const answers = ['a', 'b', 'c'].map((words) => outcome(client.send('S', words)))
    await server.passes(20_000)
    expect(await Promise.all(answers)).toEqual(['NoAnswer', 'NoAnswer', 'NoAnswer'])
    expect(sent(server)).not.toContain('b')
    await client.close()
  })

  test('[CL-23] another text under the id of one that waits is not taken for it', async () => {
    const { server, client, outcome } = await talking()
    server.fail('send', undefined, refusal(400, 1))
    const answers = [client.send('S', 'a', 'mine'), client.send('S', 'b', 'mine')]
    await settled()
    await server.passes(1_000)
    expect(sent(server)).toContain('b')
    expect(await outcome(answers[0] as Promise<unknown>)).toBe(1)
    await client.close()
  })

  test('[CL-23] the peer’s text under the same id is not taken for it', async () => {
    const { server, client, outcome } = await talking()
    server.fail('send', noAnswer, refusal(400, 1))
    const answer = outcome(client.send('S', 'a', 'm1'))
    await settled()
    server.has('Talking', [1])
    await server.tells(text(1))
    await server.passes(1_000)
    expect(await answer).toBe('RequestRefused')
    await client.close()
  })

  test('[CL-23] who waited for the answer finds room for the next one', async () => {
    const { client } = await talking({ outbox: { texts: 1, characters: 10 } })
    for (const words of ['a', 'b', 'c']) await client.send('S', words)
    await client.close()
  })

  test('[CL-24] an id that no header can carry is refused at once', async () => {
    const { server, client } = await talking()
    for (const id of ['', 'zwölf', 'a b', 'a\n', 'x'.repeat(129)])
      await expect(client.send('S', 'a', id)).rejects.toThrow('message id')
    expect(sent(server)).toEqual([])
    await client.close()
  })
})
