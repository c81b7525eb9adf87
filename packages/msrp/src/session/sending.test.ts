import { describe, expect, test } from 'vitest'
import { type Bench, bench, header, type PeerEnd, peerUri } from '../testing/bench.ts'
import type { Frame } from '../testing/frames.ts'
import { settled } from '../testing/manual-clock.ts'
import type { OutgoingMessage, Sent } from './ports.ts'
import type { Session } from './session.ts'

const message = (more: Partial<OutgoingMessage> & { text?: string } = {}): OutgoingMessage => ({
  messageID: 'out-0001',
  contentType: 'text/plain',
  body: Buffer.from(more.text ?? 'hello'),
  ...more,
})

/** What became of a message, `undefined` while it is under way. */
function watch(sent: Promise<Sent>) {
  const seen: { outcome: Sent | undefined } = { outcome: undefined }
  void sent.then((outcome) => {
    seen.outcome = outcome
  })
  return seen
}

const report = (peer: PeerEnd, session: Session, id: string, range: string, status = '000 200 OK') =>
  peer.receive(
    `MSRP rep12345 REPORT\r\nTo-Path: ${session.path[0]}\r\nFrom-Path: ${peerUri}\r\n` +
      `Message-ID: ${id}\r\n${range === '' ? '' : `Byte-Range: ${range}\r\n`}Status: ${status}\r\n-------rep12345$\r\n`,
  )

describe('a message of ours', () => {
  test('[MS-41] goes to the whole path of the peer, and is sent when it is answered', async () => {
    const relay = 'msrp://relay.example:2855/r;tcp'
    const { peer, session } = await bench().bound({}, { path: [relay, peerUri] })
    const sent = watch(session.send(message({ successReport: true })))
    const [frame] = await peer.written()
    expect(frame?.head).toMatchObject({ method: 'SEND', toPath: `${relay} ${peerUri}`, fromPath: session.path[0] })
    const names = ['message-id', 'byte-range', 'success-report', 'failure-report', 'content-type']
    expect(names.map((name) => header(frame, name))).toEqual(['out-0001', '1-5/5', 'yes', undefined, 'text/plain'])
    expect(frame?.head.headers.at(-1)?.[0]).toBe('content-type')
    expect(sent.outcome).toBeUndefined()
    peer.answer(frame as Frame)
    await settled()
    expect(sent.outcome).toEqual({ sent: true })
  })

  test('[MS-42] of more than 2048 octets goes in pieces of so many, with exact ranges', async () => {
    const { peer, session } = await bench().bound()
    const sent = watch(session.send(message({ body: Buffer.alloc(5000, 'x') })))
    const frames = await peer.written()
    expect(frames.map((frame) => [header(frame, 'byte-range'), frame.body.length, frame.flag])).toEqual([
      ['1-2048/5000', 2048, '+'],
      ['2049-4096/5000', 2048, '+'],
      ['4097-5000/5000', 904, '$'],
    ])
    expect(new Set(frames.map(({ head }) => head.tid)).size).toBe(3)
    for (const frame of frames.toReversed()) {
      expect(sent.outcome).toBeUndefined()
      peer.answer(frame)
      await settled()
    }
    expect(sent.outcome).toEqual({ sent: true })
  })

  test('[MS-42] that is empty goes as an empty body', async () => {
    const { peer, session } = await bench().bound()
    void session.send(message({ text: '' }))
    const [frame] = await peer.written()
    expect(frame).toMatchObject({ head: { hasBody: true }, flag: '$' })
    expect(header(frame, 'byte-range')).toBe('1-0/0')
  })

  test('[MS-43] has no more than so many chunks without their answer', async () => {
    const { peer, session } = await bench({ unanswered: 3 }).bound()
    void session.send(message({ body: Buffer.alloc(20_000) }))
    const first = await peer.written()
    expect(first).toHaveLength(3)
    expect(session.queued).toBe(20_000 - 3 * 2048)
    peer.answer(first[1] as Frame)
    expect(await peer.told()).toEqual(['SEND 6145-8192/20000 +'])
  })

  test.each([413, 415, 403, 400])('[MS-44] that is answered %d is sent no further', async (status) => {
    const { peer, session, user } = await bench({ unanswered: 1 }).bound()
    const sent = watch(session.send(message({ body: Buffer.alloc(5000) })))
    const next = watch(session.send(message({ messageID: 'out-0002', contentType: 'text/html' })))
    const [first] = await peer.written()
    peer.answer(first as Frame, status, 'No')
    expect(await peer.told()).toEqual(['SEND 1-5/5 $'])
    expect(sent.outcome).toEqual({ sent: false, status, comment: 'No' })
    expect(next.outcome).toBeUndefined()
    expect(session.queued).toBe(0)
    expect(user.failures).toEqual([])
  })

  test('[MS-44] of a type the peer has refused is not tried again', async () => {
    const { peer, session } = await bench().bound()
    void session.send(message({ contentType: 'text/html; charset=utf-8' }))
    peer.answer((await peer.written())[0] as Frame, 415, 'No')
    const again = await session.send(message({ messageID: 'out-0002', contentType: 'Text/HTML' }))
    expect(again).toMatchObject({ sent: false, status: 415 })
    expect(await peer.told()).toEqual([])
  })

  test('[MS-44] of a type the peer does not list, or larger than it takes, is not sent', async () => {
    const { peer, session } = await bench().bound({}, { acceptTypes: ['message/cpim', 'text/*'], maxSize: 10 })
    expect(await session.send(message({ contentType: 'image/png' }))).toMatchObject({ sent: false, status: 415 })
    expect(await session.send(message({ text: 'eleven char' }))).toMatchObject({ sent: false, status: 413 })
    expect(await peer.told()).toEqual([])
    void session.send(message({ text: 'ten  chars' }))
    expect(await peer.told()).toEqual(['SEND 1-10/10 $'])
  })

  test.each([481, 506])('[MS-45] that is answered %d ends the session', async (status) => {
    const { peer, session, user } = await bench().bound()
    const sent = watch(session.send(message()))
    peer.answer((await peer.written())[0] as Frame, status, 'Gone')
    await settled()
    expect(sent.outcome).toMatchObject({ sent: false, status })
    expect(user.failures).toHaveLength(1)
  })

  test('[MS-54] without an answer for 30 s has failed, and so has the session where the peer says nothing at all', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    const sent = watch(session.send(message()))
    await peer.written()
    await made.clock.advance(29_999)
    expect(sent.outcome).toBeUndefined()
    await made.clock.advance(1)
    expect(sent.outcome).toMatchObject({ sent: false, status: 408 })
    expect(user.failures).toEqual(['no answer'])
  })

  test('[MS-54] without an answer has failed alone where the peer answers others', async () => {
    const made = bench()
    const { peer, session, user } = await made.bound()
    const sent = watch(session.send(message()))
    await peer.written()
    await made.clock.advance(10_000)
    const other = watch(session.send(message({ messageID: 'out-0002' })))
    peer.answer((await peer.written())[0] as Frame)
    await made.clock.advance(20_000)
    expect(sent.outcome).toMatchObject({ sent: false, status: 408 })
    expect(other.outcome).toEqual({ sent: true })
    expect(user.failures).toEqual([])
  })

  test('[MS-54] answered later than that changes nothing', async () => {
    const made = bench()
    const { peer, session } = await made.bound()
    const sent = watch(session.send(message()))
    const [frame] = await peer.written()
    peer.send(session, { body: null })
    await made.clock.advance(30_000)
    peer.answer(frame as Frame)
    await settled()
    expect(sent.outcome).toMatchObject({ sent: false, status: 408 })
  })

  test.each(['partial', 'no'] as const)(
    '[MS-55] with Failure-Report %s waits for no answer and no timer',
    async (failureReport) => {
      const made = bench()
      const { peer, session, user } = await made.bound()
      const sent = watch(session.send(message({ failureReport, body: Buffer.alloc(100_000) })))
      const frames = await peer.written()
      expect(frames).toHaveLength(49)
      expect(header(frames[0], 'failure-report')).toBe(failureReport)
      expect(sent.outcome).toEqual({ sent: true })
      await made.clock.advance(40_000)
      expect(user.failures).toEqual([])
    },
  )

  test('[MS-55] with Failure-Report partial that is refused after all is reported', async () => {
    const { peer, session, user } = await bench().bound()
    void session.send(message({ failureReport: 'partial' }))
    const [frame] = await peer.written()
    peer.answer(frame as Frame, 403, 'No')
    peer.answer(frame as Frame, 403, 'Again')
    expect(user.reports).toEqual([{ messageID: 'out-0001', status: 403, comment: 'No', complete: false }])
  })

  test.each([
    ['a Message-ID that is none', { messageID: 'a b\r\n' }, 400],
    ['a type that is none', { contentType: 'text/plain\r\nX: y' }, 415],
  ])('[MS-44] with %s is not sent', async (_what, more, status) => {
    const { peer, session } = await bench().bound()
    expect(await session.send(message(more))).toMatchObject({ sent: false, status })
    expect(await peer.told()).toEqual([])
  })

  test('[MS-56] is refused where too much waits', async () => {
    const { session } = bench({ queuedBytes: 10, queuedMessages: 2 }).open()
    void session.send(message({ text: '12345678' }))
    expect(await session.send(message({ text: '123' }))).toMatchObject({ sent: false, status: 413 })
    void session.send(message({ text: '12' }))
    expect(await session.send(message({ text: '' }))).toMatchObject({ sent: false, status: 413 })
    expect(session.queued).toBe(10)
  })

  test('[MS-56] that waits when the session ends is told', async () => {
    const { session } = bench().open()
    const sent = session.send(message())
    session.close()
    expect(await sent).toMatchObject({ sent: false, status: 481 })
    expect(await session.send(message())).toMatchObject({ sent: false, status: 481 })
    expect(session.queued).toBe(0)
  })
})

describe('a REPORT', () => {
  async function given(made: Bench = bench()) {
    const { peer, session, user } = await made.bound()
    void session.send(message({ body: Buffer.alloc(5000), successReport: true }))
    for (const frame of await peer.written()) peer.answer(frame)
    await settled()
    return { peer, session, user }
  }

  test('[MS-31] is never answered, whatever it says', async () => {
    const { peer, session } = await given()
    report(peer, session, 'out-0001', '1-5000/5000')
    report(peer, session, 'unknown', '1-5/5')
    report(peer, session, 'out-0001', 'nonsense')
    peer.receive(
      `MSRP rep12345 REPORT\r\nTo-Path: msrp://us.example:2855/x;tcp\r\nFrom-Path: ${peerUri}\r\n-------rep12345$\r\n`,
    )
    expect(await peer.told()).toEqual([])
  })

  test('[MS-33] is complete when all octets are covered, in whatever order', async () => {
    const { peer, session, user } = await given()
    for (const range of ['4097-5000/5000', '1-2048/5000', '1-2048/5000', '2049-4096/*'])
      report(peer, session, 'out-0001', range)
    expect(user.reports.map(({ complete }) => complete)).toEqual([false, false, false, true])
  })

  test.each(['', '1-*/*'])('[MS-33] of the range %j stands for the whole message', async (range) => {
    const { peer, session, user } = await given()
    report(peer, session, 'out-0001', range)
    expect(user.reports).toEqual([{ messageID: 'out-0001', status: 200, comment: 'OK', complete: true }])
  })

  test('[MS-33] of a failure is passed on', async () => {
    const { peer, session, user } = await given()
    report(peer, session, 'out-0001', '1-5000/5000', '000 408 Too late')
    expect(user.reports).toEqual([{ messageID: 'out-0001', status: 408, comment: 'Too late', complete: false }])
  })

  test.each([undefined, 'partial'] as const)(
    '[MS-33] of a failure that a relay finds after its 200 is passed on, Failure-Report %s',
    async (failureReport) => {
      const { peer, session, user } = await bench().bound()
      void session.send(message({ ...(failureReport && { failureReport }) }))
      for (const frame of await peer.written()) peer.answer(frame)
      report(peer, session, 'out-0001', '1-5/5')
      report(peer, session, 'out-0001', '1-5/5', '000 408 Downstream')
      expect(user.reports).toEqual([{ messageID: 'out-0001', status: 408, comment: 'Downstream', complete: false }])
    },
  )

  test('[MS-33] of a failure stops a message that is under way', async () => {
    const { peer, session, user } = await bench({ unanswered: 1 }).bound()
    const sent = watch(session.send(message({ body: Buffer.alloc(5000) })))
    const [first] = await peer.written()
    report(peer, session, 'out-0001', '1-2048/5000', '000 413 Too much')
    peer.answer(first as Frame)
    expect(await peer.told()).toEqual([])
    expect(sent.outcome).toEqual({ sent: false, status: 413, comment: 'Too much' })
    expect(user.reports).toEqual([])
    expect(session.queued).toBe(0)
  })

  test('[MS-34] about a message that wanted none is ignored', async () => {
    const { peer, session, user } = await bench().bound()
    void session.send(message({ failureReport: 'no' }))
    await peer.written()
    report(peer, session, 'out-0001', '1-5/5', '000 408 Late')
    expect(user.reports).toEqual([])
  })

  test('[MS-34] about a message that is not known is ignored', async () => {
    const { peer, session, user } = await given()
    report(peer, session, 'unknown', '1-5/5')
    report(peer, session, 'out-0001', '1-5000/5000')
    report(peer, session, 'out-0001', '1-5000/5000')
    expect(user.reports).toHaveLength(1)
  })

  test('[MS-34] over a connection the session is not on is ignored', async () => {
    const made = bench()
    const { session, user } = await given(made)
    report(made.connection(), session, 'out-0001', '1-5000/5000')
    expect(user.reports).toEqual([])
  })
})
