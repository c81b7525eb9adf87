import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, disconnect, kinds, until } from './client.ts'
import { type Engine, startEngine } from './engine.ts'

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `text ${from + i}`)

describe.each(kinds)('the stock client, $transport, ack $ack', (kind) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.close())

  it('gets every text in order', async () => {
    const client = await connect(engine.first.url(), kind)
    await engine.say(...numbered(300))
    await until('all texts', () => client.texts.length >= 300)
    expect(client.texts).toEqual(numbered(300))
    expect(client.handshakes).toBe(1)
    await disconnect(client)
  })
})
