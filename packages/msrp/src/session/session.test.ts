import { describe, expect, test } from 'vitest'
import { bench, header, peerUri } from '../testing/bench.ts'
import type { Frame } from '../testing/frames.ts'
import { settled } from '../testing/manual-clock.ts'
import { sessionStates, sessionStep } from './session-states.ts'

const relay = 'msrp://relay.example:2855/r;tcp'
const hello = { messageID: 'out-0001', contentType: 'text/plain', body: Buffer.from('hello') }

describe('an active session', () => {
  test('[MS-61] connects to the first hop, and its first SEND is an empty one, at once', async () => {
    const made = bench()
    const peer = made.connection()
    made.next = peer
    const { session } = made.open()
    const waiting = session.send(hello)
    await session.start({ path: [relay, peerUri], role: 'active' })
    expect(made.dialled).toEqual([{ path: [relay, peerUri] }])
    const [first, second] = await peer.written()
    expect(first?.head).toMatchObject({ method: 'SEND', hasBody: false, toPath: `${relay} ${peerUri}` })
    expect(header(first, 'byte-range')).toBe('1-0/0')
    expect(second?.body.toString()).toBe('hello')
    for (const frame of [first, second]) peer.answer(frame as Frame)
    expect(await waiting).toEqual({ sent: true })
  })

  test('[MS-61] that cannot connect says so, and is over', async () => {
    const { session, user } = bench().open()
    const waiting = session.send(hello)
    await expect(session.start({ path: [peerUri], role: 'active' })).rejects.toThrow('refused')
    expect(await waiting).toMatchObject({ sent: false })
    expect(user.failures).toEqual([])
    expect(session.state).toBe('failed')
  })

  test('[MS-61] that hears 481 to its first SEND has failed', async () => {
    const made = bench()
    const peer = made.connection()
    made.next = peer
    const { session, user } = made.open()
    await session.start({ path: [peerUri], role: 'active' })
    peer.answer((await peer.written())[0] as Frame, 481, 'Who?')
    expect(user.failures).toEqual(['the peer answered 481'])
  })

  test('[MS-61] to which the peer has connected meanwhile uses that connection', async () => {
    const made = bench()
    const [mine, theirs] = [made.connection(), made.connection()]
    made.next = mine
    const { session } = made.open()
    const started = session.start({ path: [peerUri], role: 'active' })
    theirs.send(session, { tid: 'tid1', body: null })
    await started
    void session.send(hello)
    expect(await theirs.told()).toEqual(['200 tid1', 'SEND 1-5/5 $'])
    expect(await mine.told()).toEqual([])
  })

  test('[MS-61] is started once, with URIs', async () => {
    const { session } = bench().open()
    await expect(session.start({ path: [], role: 'passive' })).rejects.toThrow()
    await expect(session.start({ path: ['sip:x'], role: 'passive' })).rejects.toThrow()
    await session.start({ path: [peerUri], role: 'passive' })
    await expect(session.start({ path: [peerUri], role: 'passive' })).rejects.toThrow()
  })
})

describe('a passive session', () => {
  test('[MS-62] is silent until the peer has sent something', async () => {
    const made = bench()
    const peer = made.connection()
    const { session } = made.open()
    await session.start({ path: [peerUri], role: 'passive' })
    void session.send(hello)
    expect(await peer.told()).toEqual([])
    peer.send(session, { tid: 'tid1', body: null })
    expect(await peer.told()).toEqual(['200 tid1', 'SEND 1-5/5 $'])
  })

  test('[MS-62] whose peer does not come for 30 s has failed', async () => {
    const made = bench()
    const { session, user } = made.open()
    await session.start({ path: [peerUri], role: 'passive' })
    await made.clock.advance(30_000)
    expect(user.failures).toEqual(['the peer did not come'])
    const peer = made.connection()
    peer.send(session, { tid: 'tid1' })
    expect(await peer.told()).toEqual(['481 tid1'])
  })

  test('[MS-63] whose peer is faster than its SDP is bound, and speaks when it is started', async () => {
    const made = bench()
    const peer = made.connection()
    const { session, user } = made.open()
    peer.send(session, { tid: 'tid1' })
    void session.send(hello)
    expect(await peer.told()).toEqual(['200 tid1'])
    expect(user.messages).toHaveLength(1)
    await session.start({ path: [peerUri], role: 'passive' })
    expect(await peer.told()).toEqual(['SEND 1-5/5 $'])
  })

  test('[MS-63] whose early guest is not the one of the SDP waits for the right one', async () => {
    const made = bench()
    const [guest, peer] = [made.connection(), made.connection()]
    const { session } = made.open()
    guest.send(session, { tid: 'tid1', body: null, from: 'msrp://guest.example:2855/g;tcp' })
    await session.start({ path: [peerUri], role: 'passive' })
    guest.send(session, { tid: 'tid2', from: 'msrp://guest.example:2855/g;tcp' })
    peer.send(session, { tid: 'tid3' })
    expect(await guest.told()).toEqual(['200 tid1', '481 tid2'])
    expect(await peer.told()).toEqual(['200 tid3'])
  })

  test('[MS-63] whose early guest goes away waits for the next one', async () => {
    const made = bench()
    const [first, second] = [made.connection(), made.connection()]
    const { session, user } = made.open()
    first.send(session, { body: null })
    first.connection.onClosed('reset')
    second.send(session, { tid: 'tid2' })
    expect(await second.told()).toEqual(['200 tid2'])
    expect(user.failures).toEqual([])
  })
})

describe('a connection', () => {
  test('[MS-64] of a session is the only one; another is answered 506', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    const other = made.connection()
    other.send(session, { tid: 'tid1' })
    expect(await other.told()).toEqual(['506 tid1'])
    expect(user.messages).toEqual([])
    peer.send(session, { tid: 'tid2' })
    expect(await peer.told()).toEqual(['200 tid2'])
  })

  test('[MS-64] may have several sessions, and interleaves their chunks', async () => {
    const made = bench()
    const peer = made.connection()
    const [one, two] = [await made.bound({}, {}, peer), await made.bound({}, {}, peer)]
    void one.session.send({ ...hello, body: Buffer.alloc(6000) })
    void two.session.send({ ...hello, body: Buffer.alloc(4000) })
    const order = (await peer.written()).map(({ head }) => (head.fromPath === one.session.path[0] ? 1 : 2))
    expect(order).toEqual([1, 2, 1, 2, 1])
    peer.send(one.session, { tid: 'tid1', body: 'for one', range: '1-*/*', flag: '+' })
    peer.send(two.session, { tid: 'tid2', body: 'for two' })
    peer.send(one.session, { tid: 'tid3', body: '!', range: '8-8/8' })
    await settled()
    expect(Buffer.from(one.user.messages[0]?.body ?? []).toString()).toBe('for one!')
    expect(Buffer.from(two.user.messages[0]?.body ?? []).toString()).toBe('for two')
  })

  test('[MS-65] that is gone fails all its sessions, and what waits is told', async () => {
    const made = bench()
    const peer = made.connection()
    const [one, two] = [await made.bound({}, {}, peer), await made.bound({}, {}, peer)]
    const sent = one.session.send(hello)
    await peer.written()
    peer.connection.onClosed('ECONNRESET')
    expect(await sent).toEqual({ sent: false, status: 481, comment: 'ECONNRESET' })
    expect([one.user.failures, two.user.failures]).toEqual([['ECONNRESET'], ['ECONNRESET']])
    expect(made.clock.pending).toBe(0)
  })

  test('[MS-65] a session that is closed is told nothing more', async () => {
    const { peer, session, user } = await bench().bound()
    session.close()
    peer.send(session, { tid: 'tid1' })
    peer.connection.onClosed('reset')
    expect(await peer.told()).toEqual(['481 tid1'])
    expect(user.failures).toEqual([])
  })

  test('[MS-66] is kept alive by empty SENDs where that is wanted, and the session fails if none is answered', async () => {
    const made = bench()
    const { peer, user } = await made.bound({ keepAliveMs: 60_000 })
    await made.clock.advance(60_000)
    const [first] = await peer.written()
    expect(first?.head).toMatchObject({ method: 'SEND', hasBody: false })
    peer.answer(first as Frame)
    await made.clock.advance(60_000)
    expect(await peer.told()).toEqual(['SEND 1-0/0 $'])
    await made.clock.advance(30_000)
    expect(user.failures).toEqual(['no answer to an empty SEND'])
  })
})

describe('whose the session is', () => {
  test('[MS-67] a path that was changed on its way is another one, but with sessmatch the session id alone counts', async () => {
    for (const sessmatch of [false, true]) {
      const made = bench()
      const peer = made.connection()
      const { session } = made.open({ sessmatch })
      await session.start({ path: [peerUri], role: 'passive' })
      const to = (session.path[0] ?? '').replace('us.example:2855', '198.51.100.7:4444')
      const from = peerUri.replace('peer.example', '198.51.100.8')
      peer.send(session, { tid: 'tid1', to, from })
      expect(await peer.told()).toEqual([sessmatch ? '200 tid1' : '481 tid1'])
      expect(made.drops).toHaveLength(sessmatch ? 1 : 0)
      peer.send(session, { tid: 'tid2', to: to.replace('/our', '/OUR'), from })
      expect(await peer.told()).toEqual(['481 tid2'])
    }
  })

  test('[MS-68] a certificate without the fingerprint of the SDP is answered 403', async () => {
    const made = bench()
    const [guest, peer] = [made.connection(), made.connection()]
    peer.state.fingerprints.push('sha-256 AA')
    const { session, user } = made.open()
    await session.start({ path: [peerUri], role: 'passive', fingerprints: ['sha-256 AA'] })
    guest.send(session, { tid: 'tid1' })
    peer.send(session, { tid: 'tid2' })
    expect(await guest.told()).toEqual(['403 tid1'])
    expect(await peer.told()).toEqual(['200 tid2'])
    expect(user.messages).toHaveLength(1)
  })

  test('[MS-68] an early guest without the certificate is left when the SDP is there', async () => {
    const made = bench()
    const guest = made.connection()
    const { session } = made.open()
    guest.send(session, { tid: 'tid1', body: null })
    await session.start({ path: [peerUri], role: 'passive', fingerprints: ['sha-256 AA'] })
    guest.send(session, { tid: 'tid2' })
    expect(await guest.told()).toEqual(['200 tid1', '403 tid2'])
  })
})

describe('the table', () => {
  test('[MS-69] has each pair once, ends in closed, and leaves nothing of what is over', () => {
    const pairs = sessionStates.map(([from, on]) => `${from} ${on}`)
    expect(new Set(pairs).size).toBe(pairs.length)
    for (const state of new Set(sessionStates.map(([from]) => from)))
      expect(sessionStep(state, 'close')?.to).toBe('closed')
    expect(sessionStep('closed', 'peerCame')).toBeUndefined()
    for (const [from, , to, does] of sessionStates)
      if (from !== 'failed' && (to === 'failed' || to === 'closed'))
        expect(does.some((action) => action === 'fail' || action === 'end')).toBe(true)
  })
})
