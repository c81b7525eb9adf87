import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'
import { between, oneOf, randomFrom } from './random.ts'

describe('through the proxy', () => {
  let echo: Server
  let heard: string[]
  let proxy: FaultProxy
  beforeEach(async () => {
    heard = []
    echo = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        heard.push(String(bytes))
        socket.write(`<${bytes}>`)
      })
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const { port } = echo.address() as AddressInfo
    proxy = await FaultProxy.start('127.0.0.1', () => ({ host: '127.0.0.1', port }))
  })
  afterEach(async () => {
    await proxy.stop()
    await new Promise((resolve) => echo.close(resolve))
  })

  /** A client, what it has read, and how it ended. */
  function client() {
    const { hostname, port } = new URL(proxy.address)
    const socket: Socket = connect({ host: hostname, port: Number(port) })
    const seen = { socket, read: '', error: '' }
    socket.on('data', (bytes) => {
      seen.read += bytes
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      seen.error = error.code ?? error.message
    })
    return seen
  }
  const until = async (what: () => boolean) => {
    await expect.poll(what, { interval: 5, timeout: 2000 }).toBe(true)
  }

  test('bytes pass in both directions', async () => {
    const one = client()
    one.socket.write('a')
    await until(() => one.read === '<a>')
    expect(proxy.lostBytes).toBe(0)
  })

  test('a reset reaches the client as a reset', async () => {
    const one = client()
    one.socket.write('a')
    await until(() => one.read === '<a>')
    proxy.reset()
    await until(() => one.error === 'ECONNRESET')
  })

  test('a hole swallows without a sign, kills what it damaged, and spares what was silent', async () => {
    const [damaged, silent] = [client(), client()]
    for (const one of [damaged, silent]) one.socket.write('a')
    await until(() => damaged.read === '<a>' && silent.read === '<a>')
    const over = proxy.hole(60)
    damaged.socket.write('b')
    await over
    await until(() => damaged.error === 'ECONNRESET')
    expect(heard).toEqual(['a', 'a'])
    silent.socket.write('c')
    await until(() => silent.read === '<a><c>')
  })

  test('a lost reply was heard by the server', async () => {
    const one = client()
    one.socket.write('a')
    await until(() => one.read === '<a>')
    const over = proxy.loseReplies(60)
    one.socket.write('b')
    await over
    await until(() => one.error === 'ECONNRESET')
    expect(heard).toEqual(['a', 'b'])
    expect(one.read).toBe('<a>')
    expect(proxy.lostBytes).toBe(3)
  })

  test('what is cut after so many bytes is heard up to there', async () => {
    const one = client()
    proxy.cutAfter(5)
    one.socket.write('abc')
    // Five bytes back: two of them pass.
    await until(() => one.error === 'ECONNRESET')
    expect([heard, one.read]).toEqual([['abc'], '<a'])
    const after = client()
    after.socket.write('c')
    await until(() => after.read === '<c>')
  })

  test('offline, nobody gets in; afterwards everybody does', async () => {
    const before = client()
    before.socket.write('a')
    await until(() => before.read === '<a>')
    const over = proxy.offline(60)
    const during = client()
    await until(() => before.error === 'ECONNRESET' && during.error !== '')
    await over
    const after = client()
    after.socket.write('c')
    await until(() => after.read === '<c>')
  })
})

describe('the random source', () => {
  test('gives the same for the same seed, and something else for another', () => {
    const ten = (seed: number) => Array.from({ length: 10 }, randomFrom(seed))
    expect(ten(7)).toEqual(ten(7))
    expect(ten(7)).not.toEqual(ten(8))
  })

  test('reaches both ends of a range', () => {
    const random = randomFrom(1)
    const drawn = Array.from({ length: 200 }, () => between(random, 1, 3))
    expect(new Set(drawn)).toEqual(new Set([1, 2, 3]))
    expect(['a', 'b']).toContain(oneOf(random, ['a', 'b']))
  })
})
