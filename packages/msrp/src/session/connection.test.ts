import { describe, expect, test } from 'vitest'
import { bench, peerUri } from '../testing/bench.ts'

const hello = { messageID: 'out-0001', contentType: 'text/plain', body: Buffer.from('hello') }

describe('what goes out', () => {
  test('[MS-57] responses go first, then REPORTs, then SENDs, also into a long message', async () => {
    const { peer, session } = await bench().bound()
    peer.full = true
    void session.send({ ...hello, body: Buffer.alloc(200_000) })
    const before = await peer.told()
    expect(before.length).toBeLessThan(20)
    peer.send(session, { tid: 'tid1', headers: 'Success-Report: yes\r\n' })
    peer.send(session, { tid: 'tid2', body: null })
    expect(await peer.told()).toEqual([])
    peer.drain()
    const after = await peer.told()
    expect(after.slice(0, 3)).toEqual(['200 tid2', '200 tid1', 'REPORT 200 1-5/5'])
    expect(after[3]).toMatch(/^SEND/)
  })

  test('[MS-58] a peer that does not read for 30 s is closed', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    peer.full = true
    void session.send({ ...hello, failureReport: 'no' })
    await peer.written()
    await made.clock.advance(29_000)
    expect(peer.state.closed).toBe('no')
    await made.clock.advance(1_000)
    expect(peer.state.closed).toBe('now')
    expect(user.failures).toEqual(['does not read'])
    expect(made.drops).toEqual([{ why: 'does not read', remote: '192.0.2.1:9' }])
  })

  test('[MS-58] a peer that asks and does not read its answers is closed', async () => {
    const made = bench({ controlBytes: 1000 })
    const { peer, session } = await made.bound()
    peer.full = true
    for (let i = 0; i < 20; i++) peer.send(session, { body: null })
    await peer.written()
    for (let i = 0; i < 20; i++) peer.send(session, { body: null })
    expect(peer.state.closed).toBe('now')
  })

  test('[MS-58] a peer that reads slowly is not', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    void session.send({ ...hello, failureReport: 'no', body: Buffer.alloc(100_000) })
    for (let i = 0; i < 4; i++) {
      peer.full = true
      await peer.written()
      await made.clock.advance(20_000)
      peer.drain()
    }
    expect(user.failures).toEqual([])
  })
})

describe('what comes in', () => {
  test('[MS-59] a fault is answered 400 where it can be, and the connection is closed', async () => {
    const made = bench()
    const { peer, user } = await made.bound()
    peer.receive(`MSRP tid1 SEND\r\nTo-Path: msrp://us.example:2855/x;tcp\r\nFrom-Path: ${peerUri}\r\nnonsense\r\n`)
    expect(await peer.told()).toEqual(['400 tid1'])
    expect(peer.state.closed).toBe('flush')
    expect(user.failures).toEqual(['a line that is no header'])
    expect(made.drops).toHaveLength(1)
  })

  test('[MS-16] a fault whose paths are longer than any answer is not answered', async () => {
    const peer = bench().connection()
    const long = `msrp://${'r'.repeat(5000)};tcp`
    peer.receive(`MSRP tid1 SEND\r\nTo-Path: msrp://us.example:2855/x;tcp\r\nFrom-Path: ${long}\r\nnonsense\r\n`)
    expect(await peer.told()).toEqual([])
    expect(peer.state.closed).toBe('flush')
  })

  test('[MS-59] what is no MSRP at all closes the connection without an answer', async () => {
    const peer = bench().connection()
    peer.receive('GET / HTTP/1.1\r\n')
    expect(await peer.told()).toEqual([])
    expect(peer.state.closed).toBe('flush')
    peer.receive('GET / HTTP/1.1\r\n')
  })

  test('[MS-59] a response nobody waits for is ignored', async () => {
    const { peer, session } = await bench().bound()
    peer.receive(`MSRP unknown1 200 OK\r\nTo-Path: ${session.path[0]}\r\nFrom-Path: ${peerUri}\r\n-------unknown1$\r\n`)
    expect(await peer.told()).toEqual([])
    expect(peer.state.closed).toBe('no')
  })

  test('[MS-70] a WebSocket message is exactly one frame', async () => {
    const made = bench()
    const { session } = await made.bound()
    const frame = (tid: string) =>
      `MSRP ${tid} SEND\r\nTo-Path: ${session.path[0]}\r\nFrom-Path: ${peerUri}\r\nMessage-ID: aaaa\r\n-------${tid}$\r\n`
    const one = made.connection()
    one.connection.onBytes(Buffer.from(frame('tid1')), true)
    expect(one.state.closed).toBe('no')
    one.connection.onBytes(Buffer.from(frame('tid2').slice(0, -3)), true)
    expect(one.state.closed).toBe('flush')
  })

  test('[MS-71] a connection without a session is closed after 30 s, and one with a session after an idle hour', async () => {
    const made = bench()
    const [lonely, used] = [made.connection(), made.connection()]
    await made.bound({}, {}, used)
    await made.clock.advance(29_999)
    expect(lonely.state.closed).toBe('no')
    await made.clock.advance(1)
    expect([lonely.state.closed, used.state.closed]).toEqual(['flush', 'no'])
    await made.clock.advance(3_569_999)
    expect(used.state.closed).toBe('no')
    await made.clock.advance(1)
    expect(used.state.closed).toBe('flush')
  })

  test('[MS-71] a connection whose last session has ended is closed 30 s later', async () => {
    const made = bench()
    const { peer, session } = await made.bound()
    await made.clock.advance(100_000)
    session.close()
    await made.clock.advance(29_999)
    expect(peer.state.closed).toBe('no')
    await made.clock.advance(1)
    expect(peer.state.closed).toBe('flush')
    expect(made.clock.pending).toBe(0)
  })

  test('[MS-72] takes so many sessions', async () => {
    const made = bench({ sessionsPerConnection: 1 })
    const peer = made.connection()
    await made.bound({}, {}, peer)
    const { session } = made.open()
    peer.send(session, { tid: 'tid1' })
    expect(await peer.told()).toEqual(['413 tid1'])
  })
})

test('[MS-86] a tap sees what was written and what came, as it was cut', async () => {
  const seen: string[] = []
  const made = bench({}, (sent, { transport, local, remote }, pieces) => {
    const bytes = Buffer.concat(pieces).toString()
    seen.push(`${sent ? 'sent' : 'got'} ${transport} ${local.port} ${remote.port} ${bytes}`)
  })
  const { peer, session } = await made.bound()
  seen.length = 0
  peer.receive('MSRP tid00001 SE')
  peer.receive('ND\r\n')
  expect(seen).toEqual(['got tcp 2855 9 MSRP tid00001 SE', 'got tcp 2855 9 ND\r\n'])
  seen.length = 0
  void session.send(hello)
  const [frame] = await peer.written()
  expect(frame?.head.kind).toBe('request')
  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatch(/^sent tcp 2855 9 MSRP \S+ SEND\r\n[\s\S]*\r\n\r\nhello\r\n-------\S+\$\r\n$/)
})
