import { CometD } from 'cometd'
import { afterEach, describe, expect, it } from 'vitest'
import { type Client, connect, disconnect, type Kind, kinds, until } from './client.ts'
import { type Engine, startEngine } from './engine.ts'

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

async function start(...options: Parameters<typeof startEngine>): Promise<Engine> {
  const engine = await startEngine(...options)
  engines.push(engine)
  return engine
}

/** Points the client to another address, as a load balancer would. */
function moveTo(url: string, { cometd }: Client, kind: Kind): void {
  cometd.configure({
    url: kind.transport === 'websocket' ? url.replace('://', '://anna:anna@') : url,
    requestHeaders: { Authorization: `Basic ${Buffer.from('anna:anna').toString('base64')}` },
    backoffIncrement: 100,
  })
}

describe.each(kinds)('the stock client, $transport, ack $ack', (kind) => {
  it('[CD-31] goes on where it was after it was thrown out', async () => {
    const engine = await start({ clientsPerPerson: 1 })
    const client = await connect(engine.first.url(), kind, { channels: ['/v2/me/devices', '/v2/me/im-sessions'] })
    await engine.say('one')
    await until('one', () => client.texts.includes('one'))
    // Another login of the person takes its place.
    const reply = await fetch(engine.first.url(), {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('anna:anna').toString('base64')}`,
        'content-type': 'application/json',
        cookie: `JSESSIONID=${'0'.repeat(40)}`,
      },
      body: JSON.stringify([{ channel: '/meta/handshake', version: '1.0' }]),
    })
    expect(await reply.json()).toMatchObject([{ successful: true }])
    await engine.say('two', 'three')
    await until('a second handshake', () => client.handshakes === 2)
    await engine.say('four')
    await until('all texts', () => client.texts.includes('four'))
    expect(client.texts).toEqual(['one', 'two', 'three', 'four'])
    await disconnect(client)
  })

  it('[CD-34] moves to another node when its own closes, without a handshake', async () => {
    const engine = await start()
    const leaving = await engine.node('leaving')
    const client = await connect(leaving.url(), kind)
    await engine.say('one')
    await until('one', () => client.texts.includes('one'))
    // Nobody knows whether a batch has arrived whose confirmation meets a node that is closing: it would rightly come again (CD-20).
    await until('its confirmation', () => leaving.unconfirmed() === 0)
    moveTo(engine.first.url(), client, kind)
    await leaving.close()
    await engine.say('two', 'three')
    await until('the others', () => client.texts.includes('three'))
    expect(client.texts).toEqual(['one', 'two', 'three'])
    expect(client.handshakes).toBe(1)
    await disconnect(client)
  })

  it('[IM-18] passes over news for clients of other facades, and loses nothing', async () => {
    const engine = await start()
    const other = await engine.node('other')
    const client = await connect(engine.first.url(), kind)
    await engine.tell('before')
    await engine.say('one')
    for (let i = 0; i < 300; i++) await engine.tell(`news ${i}`)
    await engine.say('two')
    await until('two', () => client.texts.includes('two'))
    await engine.tell('after')
    await until('its confirmation', () => engine.first.unconfirmed() === 0)
    moveTo(other.url(), client, kind)
    await engine.first.close()
    await engine.tell('between')
    await engine.say('three')
    await until('three', () => client.texts.includes('three'))
    expect([client.texts, client.gaps, client.handshakes]).toEqual([['one', 'two', 'three'], [], 1])
    expect(JSON.stringify(client.messages)).not.toContain('news')
    await disconnect(client)
  })

  it('[CD-24] is told of a gap when too much was said while it was away', async () => {
    const engine = await start({ timeoutMs: 500 }, 20)
    const client = await connect(engine.first.url(), kind)
    await engine.say('one')
    await until('one', () => client.texts.includes('one'))
    engine.store.loseHints(true)
    await engine.say(...Array.from({ length: 200 }, (_, i) => `t${i}`))
    engine.store.loseHints(false)
    await until('the last', () => client.texts.at(-1) === 't199')
    expect(client.gaps).toHaveLength(1)
    const at = client.messages.indexOf(client.gaps[0] as never)
    const after = client.messages.slice(at + 1).map(({ data }) => (data as { message: string }).message)
    expect(after).toEqual(Array.from({ length: after.length }, (_, i) => `t${200 - after.length + i}`))
    await disconnect(client)
  })
})

it('[CD-7] the stock client falls back to long-polling by itself when its websocket is refused', async () => {
  const engine = await start()
  const cometd = new CometD()
  cometd.configure({
    url: engine.first.url(),
    requestHeaders: { Authorization: `Basic ${Buffer.from('anna:anna').toString('base64')}` },
    backoffIncrement: 100,
    logLevel: 'warn',
  })
  const handshakes: boolean[] = []
  const texts: unknown[] = []
  cometd.addListener('/meta/handshake', ({ successful }) => {
    handshakes.push(successful === true)
    if (successful)
      cometd.subscribe('/v2/me/im-sessions', ({ data }) => texts.push((data as { message?: string }).message))
  })
  let subscribed = false
  cometd.addListener('/meta/subscribe', () => {
    subscribed = true
  })
  cometd.handshake()
  await until('a subscription', () => subscribed)
  expect(handshakes).toEqual([false, true])
  expect(cometd.getTransport()?.type).toBe('long-polling')
  await engine.say('hello')
  await until('the text', () => texts.includes('hello'))
  await new Promise<void>((resolve) => cometd.disconnect(() => resolve()))
})
