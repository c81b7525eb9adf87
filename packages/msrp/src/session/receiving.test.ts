import { describe, expect, test } from 'vitest'
import { bench, header, peerUri } from '../testing/bench.ts'
import { settled } from '../testing/manual-clock.ts'
import type { Taken } from './ports.ts'

const text = (body: Uint8Array | undefined) => Buffer.from(body ?? []).toString()

/** A promise and its end. */
function pending<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe('a message', () => {
  test('[MS-20, MS-32] in two chunks is handed up once, each chunk is answered, and a success REPORT covers all', async () => {
    const { peer, session, user } = await bench().bound()
    const headers = 'Success-Report: yes\r\n'
    peer.send(session, { tid: 'a1b2c3d4e5f6a7b8', body: 'hello', range: '1-*/11', flag: '+', headers })
    expect(await peer.told()).toEqual(['200 a1b2c3d4e5f6a7b8'])
    peer.send(session, { tid: 'b2c3d4e5f6a7b8a1', body: ' world', range: '6-11/11', headers })
    const [answer, report] = await peer.written()
    expect(answer?.head).toMatchObject({
      status: 200,
      tid: 'b2c3d4e5f6a7b8a1',
      toPath: peerUri,
      fromPath: session.path[0],
    })
    expect(report?.head).toMatchObject({ method: 'REPORT', toPath: peerUri, fromPath: session.path[0], hasBody: false })
    expect(['message-id', 'byte-range', 'status'].map((name) => header(report, name))).toEqual([
      'm-0001',
      '1-11/11',
      '000 200 OK',
    ])
    expect(report?.head.tid).not.toBe('b2c3d4e5f6a7b8a1')
    expect(user.messages.map(({ body }) => text(body))).toEqual(['hello world'])
  })

  test('[MS-21] whose last chunk comes first is whole when the others are there', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { tid: 'last', body: ' world', range: '6-11/*' })
    expect(await peer.told()).toEqual(['200 last'])
    expect(user.messages).toEqual([])
    peer.send(session, { tid: 'frst', body: 'hello', range: '1-5/*', flag: '+' })
    expect(await peer.told()).toEqual(['200 frst'])
    expect(user.messages.map(({ body }) => text(body))).toEqual(['hello world'])
  })

  test('[MS-13] has as many octets as came, not as many as were announced', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { body: 'hel', range: '1-2048/3000', flag: '+' })
    peer.send(session, { body: 'lo', range: '4-*/*' })
    await settled()
    expect(user.messages.map(({ body }) => text(body))).toEqual(['hello'])
  })

  test('[MS-20] without Byte-Range is whole, and may be empty', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { body: '', id: 'empty' })
    peer.send(session, { body: 'x', id: 'one-octet' })
    await settled()
    expect(user.messages.map(({ messageID, body }) => [messageID, text(body)])).toEqual([
      ['empty', ''],
      ['one-octet', 'x'],
    ])
  })

  test('[MS-20] with a letter of UTF-8 cut between its chunks arrives octet for octet', async () => {
    const { peer, session, user } = await bench().bound()
    const body = Buffer.from('€')
    peer.send(session, { body: body.subarray(0, 1), range: '1-*/3', flag: '+' })
    peer.send(session, { body: body.subarray(1), range: '2-3/3' })
    await settled()
    expect(text(user.messages[0]?.body)).toBe('€')
  })

  test('[MS-21] may be ended by a chunk without a body', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { body: 'hello', range: '1-*/*', flag: '+' })
    peer.send(session, { body: null, range: '6-*/*' })
    await settled()
    expect(user.messages.map(({ body }) => text(body))).toEqual(['hello'])
  })

  test('[MS-21] with octets behind its end is refused', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { tid: 'tid1', body: 'world', range: '6-10/*', flag: '+' })
    peer.send(session, { tid: 'tid2', body: 'hell', range: '1-4/*' })
    expect(await peer.told()).toEqual(['200 tid1', '400 tid2'])
    expect(user.messages).toEqual([])
  })

  test('[MS-22] that is given up is thrown away, and may come again', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { tid: 'tid1', body: 'hello', range: '1-*/11', flag: '+' })
    peer.send(session, { tid: 'tid2', body: '', range: '6-*/11', flag: '#' })
    peer.send(session, { tid: 'tid3', body: ' world', range: '6-11/11' })
    expect(await peer.told()).toEqual(['200 tid1', '200 tid2', '200 tid3'])
    expect(user.messages).toEqual([])
    peer.send(session, { body: 'hello', range: '1-5/*', flag: '+' })
    await settled()
    expect(user.messages.map(({ body }) => text(body))).toEqual(['hello world'])
  })

  test('[MS-23] whose rest does not come is dropped after 120 s, and a failure REPORT tells', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    peer.send(session, { body: 'hello', range: '1-*/11', flag: '+' })
    await made.clock.advance(100_000)
    peer.send(session, { body: ' wor', range: '6-*/11', flag: '+' })
    await peer.written()
    await made.clock.advance(100_000)
    expect(await peer.told()).toEqual([])
    await made.clock.advance(20_000)
    expect(await peer.told()).toEqual(['REPORT 408 1-9/9'])
    expect(peer.connection.budget.held).toBe(0)
    expect(user.messages).toEqual([])
  })

  test('[MS-23] whose rest does not come and whose sender does not want to know is dropped in silence', async () => {
    const made = bench()
    const { peer, session } = await made.bound()
    peer.send(session, { range: '1-*/11', flag: '+', headers: 'Failure-Report: no\r\n' })
    await made.clock.advance(200_000)
    expect(await peer.told()).toEqual([])
  })

  test('[MS-35] is answered when the user has taken it, and not before', async () => {
    const { peer, session, user } = await bench().bound()
    const { promise, resolve } = pending<Taken>()
    user.take = () => promise
    peer.send(session, { tid: 'tid1', headers: 'Success-Report: yes\r\n' })
    expect(await peer.told()).toEqual([])
    resolve('accepted')
    expect(await peer.told()).toEqual(['200 tid1', 'REPORT 200 1-5/5'])
  })

  test('[MS-35] that the user refuses is answered with the reason, and reported by nothing', async () => {
    const { peer, session, user } = await bench().bound()
    user.take = () => ({ status: 403, comment: 'Not today' })
    peer.send(session, { headers: 'Success-Report: yes\r\n' })
    const frames = await peer.written()
    expect(frames.map(({ head }) => head)).toMatchObject([{ status: 403, comment: 'Not today' }])
  })

  test('[MS-35] that the user fails to take is answered 408', async () => {
    const { peer, session, user } = await bench().bound()
    user.take = () => Promise.reject(new Error('the store is gone'))
    peer.send(session, { tid: 'tid1' })
    expect(await peer.told()).toEqual(['408 tid1'])
  })

  test('[MS-35] comes in the order of its last chunks, whatever is taken first', async () => {
    const { peer, session, user } = await bench().bound()
    const [one, two] = [pending<Taken>(), pending<Taken>()]
    user.take = ({ messageID }) => (messageID === 'm-0001' ? one : two).promise
    peer.send(session, { tid: 'tid1', id: 'm-0001' })
    peer.send(session, { tid: 'tid2', id: 'm-0002' })
    expect(user.messages.map(({ messageID }) => messageID)).toEqual(['m-0001', 'm-0002'])
    two.resolve('accepted')
    expect(await peer.told()).toEqual(['200 tid2'])
    one.resolve('accepted')
    expect(await peer.told()).toEqual(['200 tid1'])
  })
})

describe('a repetition', () => {
  test('[MS-36] is acknowledged again, with its report, and handed up once', async () => {
    const { peer, session, user } = await bench().bound()
    const headers = 'Success-Report: yes\r\n'
    peer.send(session, { tid: 'tid1', headers })
    expect(await peer.told()).toEqual(['200 tid1', 'REPORT 200 1-5/5'])
    peer.send(session, { tid: 'tid2', headers })
    expect(await peer.told()).toEqual(['200 tid2', 'REPORT 200 1-5/5'])
    peer.send(session, { tid: 'tid3', body: 'he', range: '1-*/5', flag: '+', headers })
    peer.send(session, { tid: 'tid4', body: 'llo', range: '3-5/5', headers })
    expect(await peer.told()).toEqual(['200 tid3', '200 tid4', 'REPORT 200 1-5/5'])
    expect(user.messages).toHaveLength(1)
  })

  test('[MS-36] that comes while the first is being taken waits for the same result', async () => {
    const { peer, session, user } = await bench().bound()
    const { promise, resolve } = pending<Taken>()
    user.take = () => promise
    peer.send(session, { tid: 'tid1' })
    peer.send(session, { tid: 'tid2' })
    expect(await peer.told()).toEqual([])
    resolve('accepted')
    expect(await peer.told()).toEqual(['200 tid1', '200 tid2'])
    expect(user.messages).toHaveLength(1)
  })

  test('[MS-36] of what was refused is tried again', async () => {
    const { peer, session, user } = await bench().bound()
    user.take = () => ({ status: 408 })
    peer.send(session, { tid: 'tid1' })
    await settled()
    user.take = () => 'accepted'
    peer.send(session, { tid: 'tid2' })
    expect(await peer.told()).toEqual(['408 tid1', '200 tid2'])
  })

  test('[MS-36] is known among so many ids, and the oldest are forgotten', async () => {
    const { peer, session, user } = await bench({ rememberedIDs: 3 }).bound()
    for (const id of ['aaaa', 'bbbb', 'cccc', 'dddd']) {
      peer.send(session, { id })
      await settled()
    }
    for (const id of ['dddd', 'bbbb', 'aaaa']) peer.send(session, { id })
    await settled()
    expect(user.messages.map(({ messageID }) => messageID)).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd', 'aaaa'])
  })
})

describe('a SEND without a body', () => {
  test('[MS-37] is answered and not handed up, with Keep-Alive and without a Message-ID too', async () => {
    const { peer, session, user } = await bench().bound()
    peer.send(session, { tid: 'tid1', body: null, range: '1-0/0', id: 'ka-0001' })
    peer.send(session, { tid: 'tid2', body: null, id: 'ka-0002', headers: 'Keep-Alive: yes\r\n' })
    peer.send(session, { tid: 'tid3', body: null, id: 'ka-0003', headers: 'Failure-Report: no\r\n' })
    expect(await peer.told()).toEqual(['200 tid1', '200 tid2'])
    expect(user.messages).toEqual([])
  })
})

describe('what is refused', () => {
  // biome-ignore format: read it as a table
  test.each([
    ['[MS-39] no Message-ID',                  { id: '' },                                     '400'],
    ['[MS-39] a Message-ID that is none',      { id: 'a b' },                                  '400'],
    ['[MS-39] a Byte-Range that is none',      { range: '0-5/5' },                             '400'],
    ['[MS-39] a negative Byte-Range',          { range: '-1-5/5' },                            '400'],
    ['[MS-39] a huge Byte-Range',              { range: '99999999999999999999-*/*' },          '400'],
    ['[MS-39] an unknown Failure-Report',      { headers: 'Failure-Report: maybe\r\n' },       '400'],
    ['[MS-39] an unknown Success-Report',      { headers: 'Success-Report: maybe\r\n' },       '400'],
    ['[MS-39] a body without a type',          { type: '' },                                   '400'],
    ['[MS-38] a type that is not accepted',    { type: 'image/png' },                          '415'],
    ['[MS-38] a type that is no type',         { type: 'text' },                               '415'],
    ['[MS-25] a total over the limit',         { range: '1-*/100001', flag: '+' },             '413'],
    ['[MS-25] octets far behind the limit',    { range: '999999999999-*/*', flag: '+' },       '413'],
    ['[MS-25] a body over the limit',          { body: 'x'.repeat(100_001) },                  '413'],
    ['[MS-39] an unknown method',              { method: 'NICKNAME' },                         '501'],
    ['[MS-39] AUTH, as we are no relay',       { method: 'AUTH', body: null },                 '501'],
    ['[MS-39] another session',                { to: 'msrp://us.example:2855/other;tcp' },     '481'],
    ['[MS-39] another host',                   { to: 'msrp://them.example:2855/our;tcp' },     '481'],
    ['[MS-39] a path that goes on',            { to: 'msrp://us.example:2855/a;tcp msrp://b.example:1/b;tcp' }, '481'],
    ['[MS-39] a path that is none',            { to: 'sip:us' },                               '400'],
    ['[MS-16] a path too long to repeat',      { from: `msrp://${'r'.repeat(500)};tcp `.repeat(8) + peerUri }, '400'],
    ['[MS-39] another sender',                 { from: 'msrp://peer.example:2855/other;tcp' }, '481'],
  ])('%s: %j is answered %s', async (_what, what, status) => {
    const { peer, session, user } = await bench().bound({ acceptTypes: ['text/*'] })
    peer.send(session, { tid: 'tid1', ...what })
    expect(await peer.told()).toEqual([`${status} tid1`])
    expect(user.messages).toEqual([])
    peer.send(session, { tid: 'tid2', id: 'm-0002' })
    expect(await peer.told()).toEqual(['200 tid2'])
  })

  test('[MS-30] of a sender who wants to hear nothing is not answered', async () => {
    const { peer, session } = await bench().bound({ acceptTypes: ['text/*'] })
    const headers = 'Failure-Report: no\r\n'
    peer.send(session, { headers, type: 'image/png' })
    peer.send(session, { headers, body: 'x'.repeat(100_001), id: 'm-0002' })
    peer.send(session, { headers, to: 'msrp://us.example:2855/other;tcp', id: 'm-0003' })
    expect(await peer.told()).toEqual([])
  })

  test('[MS-25] is answered 413 in the middle of the chunk, and so are the chunks after it', async () => {
    const { peer, session, user } = await bench().bound()
    const paths = `To-Path: ${session.path[0]}\r\nFrom-Path: ${peerUri}\r\n`
    peer.receive(
      `MSRP tid1 SEND\r\n${paths}Message-ID: m-0001\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(100_001)}`,
    )
    expect(await peer.told()).toEqual(['413 tid1'])
    peer.receive(`${'x'.repeat(100_000)}\r\n-------tid1+\r\n`)
    peer.send(session, { tid: 'tid2', range: '200002-*/*' })
    expect(await peer.told()).toEqual(['413 tid2'])
    expect(user.messages).toEqual([])
  })

  test('[MS-24] more half messages at a time than the limit are answered 413', async () => {
    const { peer, session } = await bench({ halfMessages: 2 }).bound()
    for (const tid of ['tid1', 'tid2', 'tid3']) peer.send(session, { tid, id: `m-${tid}`, range: '1-*/9', flag: '+' })
    expect(await peer.told()).toEqual(['200 tid1', '200 tid2', '413 tid3'])
  })

  test('[MS-24] more bytes of half messages than the limit are answered 413, and given back with the message', async () => {
    const { peer, session } = await bench({ sessionBytes: 10_000 }).bound()
    const body = 'x'.repeat(6000)
    peer.send(session, { tid: 'tid1', id: 'aaaa', body, range: '1-*/*', flag: '+' })
    peer.send(session, { tid: 'tid2', id: 'bbbb', body, range: '1-*/*', flag: '+' })
    peer.send(session, { tid: 'tid3', id: 'aaaa', body: '', range: '6001-*/*', flag: '#' })
    peer.send(session, { tid: 'tid4', id: 'cccc', body, range: '1-*/*', flag: '+' })
    expect(await peer.told()).toEqual(['200 tid1', '413 tid2', '200 tid3', '200 tid4'])
    expect(peer.connection.budget.held).toBeGreaterThanOrEqual(6000)
    session.close()
    expect(peer.connection.budget.held).toBe(0)
  })

  test('[MS-24] sessions of one connection share its bytes', async () => {
    const made = bench({ connectionBytes: 10_000 })
    const peer = made.connection()
    const [one, two] = [await made.bound({}, {}, peer), await made.bound({}, {}, peer)]
    const body = 'x'.repeat(6000)
    peer.send(one.session, { tid: 'tid1', body, range: '1-*/*', flag: '+' })
    peer.send(two.session, { tid: 'tid2', body, range: '1-*/*', flag: '+' })
    expect(await peer.told()).toEqual(['200 tid1', '413 tid2'])
  })

  test('[MS-26] a peer that is faster than its messages are kept is not read from, until they are', async () => {
    const { peer, session, user } = await bench({ pendingMessages: 4 }).bound()
    const waiting: ((taken: Taken) => void)[] = []
    user.take = () => new Promise((resolve) => waiting.push(resolve))
    for (let i = 0; i < 4; i++) peer.send(session, { id: `m-000${i}` })
    await settled()
    expect(peer.state.paused).toBe(true)
    for (const resolve of waiting) resolve('accepted')
    await settled()
    expect(peer.state.paused).toBe(false)
    expect(peer.connection.budget.held).toBe(0)
  })
})

describe('the matrix of reports', () => {
  // RFC 4975 §7.1.2, at the wire: what comes back for each wish, when it goes well and when it fails at once.
  // biome-ignore format: read it as a table
  test.each([
    [undefined, undefined, ['200 tid1'],                       ['403 tid1']],
    ['yes',     'no',      ['200 tid1'],                       ['403 tid1']],
    ['yes',     'yes',     ['200 tid1', 'REPORT 200 1-5/5'],   ['403 tid1']],
    ['partial', 'no',      [],                                 ['403 tid1']],
    ['partial', 'yes',     ['REPORT 200 1-5/5'],               ['403 tid1']],
    ['no',      'no',      [],                                 []],
    ['no',      'yes',     ['REPORT 200 1-5/5'],               []],
    ['NO',      'YES',     ['REPORT 200 1-5/5'],               []],
  ])('[MS-30] Failure-Report %s, Success-Report %s', async (failure, success, onSuccess, onFailure) => {
    const headers =
      (failure === undefined ? '' : `Failure-Report: ${failure}\r\n`) +
      (success === undefined ? '' : `Success-Report: ${success}\r\n`)
    const { peer, session, user } = await bench().bound()
    peer.send(session, { tid: 'tid1', headers })
    expect(await peer.told()).toEqual(onSuccess)
    user.take = () => ({ status: 403 })
    peer.send(session, { tid: 'tid1', id: 'm-0002', headers })
    expect(await peer.told()).toEqual(onFailure)
  })
})

describe('paths of answers', () => {
  test('[MS-40] a SEND is answered to the hop it came from, a REPORT goes all the way back', async () => {
    const relay = 'msrp://relay.example:2855/r;tcp'
    const { peer, session } = await bench().bound()
    peer.send(session, { from: `${relay} ${peerUri}`, headers: 'Success-Report: yes\r\n' })
    const [answer, report] = await peer.written()
    expect(answer?.head.toPath).toBe(relay)
    expect(report?.head.toPath).toBe(`${relay} ${peerUri}`)
  })

  test('[MS-40] another method is answered all the way back', async () => {
    const relay = 'msrp://relay.example:2855/r;tcp'
    const { peer, session } = await bench().bound()
    peer.send(session, { method: 'NICKNAME', body: null, from: `${relay} ${peerUri}` })
    const [answer] = await peer.written()
    expect(answer?.head).toMatchObject({ status: 501, toPath: `${relay} ${peerUri}`, fromPath: session.path[0] })
  })
})
