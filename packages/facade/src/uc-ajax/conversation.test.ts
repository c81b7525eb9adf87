import { describe, expect, test } from 'vitest'
import { anna, ben, cwaPair, directory } from '../testing/cwa-pair.ts'
import { cwaView } from '../testing/cwa-view.ts'

const nothing = '{"format":"text/plain","content":""}'

describe('the beginning', () => {
  test('[UC-21] another facade: the same under the next free number, without a rid', async () => {
    const { a, b, agents } = await cwaPair()
    await agents.anna.call('7002')
    await b.accept('2')
    await agents.anna.release((await a.now()).talk?.callUUID ?? ('' as never))
    await agents.anna.call('7002')
    expect(await a.since(2)).toEqual([
      '3 [1] escalationMode invitingPeer',
      '4 [1] imSessionState connecting',
      '5 [1] escalationMode peer',
      `6 [1] participant ${ben}`,
      '7 [1] imSessionState connected',
      '8 [1] imSessionState terminated',
      '9 [2] escalationMode invitingPeer',
      '10 [2] imSessionState connecting',
    ])
    expect((await a.now()).talk).toMatchObject({ confId: 2, held: false })
  })

  test('[UC-21] the number is the client’s; the next conversation has one above', async () => {
    const { a, b } = await cwaPair()
    await a.initiate('2', '7002', { confId: 7 })
    await b.terminate('3')
    await b.initiate('4', '7001')
    expect(await a.since(6)).toEqual([
      '7 [7] inviteFailed sip:ben@demo',
      '8 requestFailed 2 OcsFailureResponse 603',
      '9 [7] imSessionState terminated',
      `10 [8] imSessionReceived ${ben} invitingPeer  {"format":"text/plain","content":"hi"}`,
      '11 [8] imSessionState incoming',
      '12 [8] escalationMode peer',
      `13 [8] participant ${ben}`,
      '14 [8] imSessionState connected',
    ])
  })

  test('[UC-21] a number below others leaves the next one where it was', async () => {
    const { a, b } = await cwaPair()
    await a.initiate('2', '7002', { confId: 7 })
    await b.terminate('3')
    await a.initiate('4', '7002', { confId: 2 })
    expect(await a.now()).toMatchObject({ highest: 7, talk: { confId: 2 }, ended: { confId: 7 } })
  })

  test('[UC-21] the peer is shown under the URI that was called', async () => {
    const { a, b } = await cwaPair()
    await a.initiate('2', '7002', { peer: 'sip:7002@demo' })
    await b.accept('2')
    await b.say('3', 'yes')
    await b.terminate('4')
    expect(await a.since(6)).toEqual([
      '7 [1] participant {"uri":"sip:7002@demo","name":"Ben Clarke"}',
      '8 [1] imSessionState connected',
      '9 requestSucceeded 2',
      '10 [1] messageReceived sip:7002@demo {"format":"text/plain","content":"yes"}',
      '11 [1] participantRemoved sip:7002@demo',
      '12 [1] imSessionState terminated',
    ])
  })

  test('[UC-22, UC-39] an invitation with a format, and one without text or subject', async () => {
    const { a, b, agents } = await cwaPair()
    const format = 'X-MMS-IM-Format: FN=Arial; EF=; CO=000000; CS=1; PF=00'
    await a.initiate('2', '7002', { formats: ['text/plain', `${format}]`], content: 'Lunch?', subject: 'Food' })
    await a.terminate('3')
    await agents.anna.call('7002', { userData: { Subject: '  ', other: 'x' } })
    expect(await b.since(2)).toEqual([
      `3 [1] imSessionReceived ${anna} invitingPeer Food {"format":"${format}","content":"Lunch?"}`,
      '4 [1] imSessionState incoming',
      '5 [1] imSessionState terminated',
      `6 [2] imSessionReceived ${anna} invitingPeer    ${nothing}`,
      '7 [2] imSessionState incoming',
    ])
  })

  test('[UC-22] from a SIP endpoint with MESSAGE: the first text once, further ones before anybody has answered', async () => {
    const { b, bench } = await cwaPair()
    const phone = bench.endpoint('8003')
    await phone.messages('7002', 'one')
    await phone.messages('7002', 'two')
    await b.accept('2')
    await phone.messages('7002', 'three')
    const peer = '{"uri":"sip:8003@demo","name":"8003"}'
    const text = (content: string) => `sip:8003@demo {"format":"text/plain","content":"${content}"}`
    expect(await b.since(2)).toEqual([
      `3 [1] imSessionReceived ${peer} invitingPeer  {"format":"text/plain","content":"one"}`,
      '4 [1] imSessionState incoming',
      `5 [1] messageReceived ${text('two')}`,
      '6 [1] escalationMode peer',
      `7 [1] participant ${peer}`,
      '8 [1] imSessionState connected',
      '9 requestSucceeded 2',
      `10 [1] messageReceived ${text('three')}`,
    ])
  })

  test('[UC-23] the engine answers: nobody’s rid has succeeded but that of the initiator', async () => {
    const { a, b } = await cwaPair()
    await b.initiate('2', '7001')
    expect(await a.since(2)).toEqual([
      `3 [1] imSessionReceived ${ben} invitingPeer  {"format":"text/plain","content":"hi"}`,
      '4 [1] imSessionState incoming',
      '5 [1] escalationMode peer',
      `6 [1] participant ${ben}`,
      '7 [1] imSessionState connected',
    ])
    expect(await b.since(2)).toEqual([
      '3 [1] initiateImSessionAccepted 2',
      '4 [1] escalationMode invitingPeer',
      '5 [1] imSessionState connecting',
      '6 [1] escalationMode peer',
      `7 [1] participant ${anna}`,
      '8 [1] imSessionState connected',
      '9 requestSucceeded 2',
    ])
  })
})

describe('a conversation that does not come about', () => {
  const over = (code: number) => [
    '6 [1] escalationMode none',
    '7 [1] inviteFailed sip:8002@demo',
    `8 requestFailed 2 OcsFailureResponse ${code}`,
    '9 [1] imSessionState terminated',
  ]

  test.each([
    [486, 'Busy Here'],
    [603, 'Decline'],
    [480, 'Away'],
    [404, 'Nobody'],
    [488, 'Not Acceptable Here'],
  ])('[UC-25] a SIP endpoint answers %i', async (status, reason) => {
    const { a, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '8002')
    await bench.endpoint('8002').input(callUUID, { input: 'refused', status, reason })
    expect(await a.since(5)).toEqual(over(status))
    const failed = (await a.events()).map(({ event }) => event).find((event) => event.event === 'requestFailed')
    expect(failed).toMatchObject({
      failure: {
        reason: 'Operation failed',
        detail: 'The requested operation failed.',
        sip: { code: status, reason },
      },
    })
  })

  test.each([
    [486, 'Busy Here'],
    [488, 'Failed'],
  ])('[UC-25] a SIP endpoint answers %i without a reason: %s', async (status, reason) => {
    const { a, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '8002')
    await bench.endpoint('8002').input(callUUID, { input: 'refused', status, reason: '' })
    const failed = (await a.events()).map(({ event }) => event).find((event) => event.event === 'requestFailed')
    expect(failed).toMatchObject({ failure: { sip: { code: status, reason } } })
  })

  test('[UC-25] nobody answers in time, and the endpoint hangs up before it has answered', async () => {
    const { a, b, bench } = await cwaPair()
    bench.tserver.start()
    await a.initiate('2', '7002')
    for (let half = 0; half < 12; half++) {
      bench.clock.advance(500)
      await new Promise(setImmediate)
    }
    await bench.tserver.stop()
    expect((await a.since(5))[2]).toBe('8 requestFailed 2 OcsFailureResponse 480')
    expect(await b.since(4)).toEqual(['5 [1] imSessionState terminated'])
    const callUUID = await a.initiate('3', '8002')
    await bench.endpoint('8002').input(callUUID, { input: 'released', why: 'lost' })
    expect((await a.since(14))[0]).toBe('15 requestFailed 3 OcsFailureResponse 500')
  })

  test('[UC-25] the callee is logged out while it rings', async () => {
    const { a, b, agents } = await cwaPair()
    await a.initiate('2', '7002')
    await agents.ben.logOut()
    expect((await a.since(5))[2]).toBe('8 requestFailed 2 OcsFailureResponse 480')
    expect(await b.since(4)).toEqual(['5 [1] imSessionState terminated'])
  })

  test('[UC-25] there is no such number: 404', async () => {
    const { a } = await cwaPair()
    await a.initiate('2', '4711')
    expect(await a.since(4)).toEqual([
      '5 [1] escalationMode none',
      '6 [1] inviteFailed sip:4711@demo',
      '7 requestFailed 2 OcsFailureResponse 404',
      '8 [1] imSessionState terminated',
    ])
  })

  test('[UC-25] it is given up here: by this session, by another one, by another facade, by logging out', async () => {
    const { a, b, agents, view } = await cwaPair()
    const other = await view('anna', 12)
    const cancelled = (rid: string) => [
      '[1] escalationMode none',
      '[1] imSessionState terminated',
      `requestFailed ${rid} OcsFailureResponse 487`,
    ]
    const seen = async (from: number) => (await a.since(from)).map((line) => line.replace(/^\d+ /, ''))
    await a.initiate('2', '7002', { confId: 1 })
    await a.terminate('3')
    expect(await seen(5)).toEqual([...cancelled('2'), 'requestSucceeded 3'])

    const second = await a.initiate('4', '7002', { confId: 1 })
    await agents.anna.release(second)
    expect(await seen(12)).toEqual(cancelled('4'))

    await a.initiate('5', '7002', { confId: 1 })
    await agents.anna.logOut()
    expect(await seen(18)).toEqual(cancelled('5'))
    expect(await other.since(2)).toEqual([])
    expect((await b.since(2)).filter((line) => line.endsWith('terminated'))).toHaveLength(3)
  })

  test('[UC-26] of three URIs one is called', async () => {
    const { a, b } = await cwaPair()
    await a.initiate('2', '7002', { rest: ['sip:carl@demo', 'sip:x@elsewhere'] })
    await b.accept('2')
    expect(await a.since(2)).toEqual([
      '3 [1] initiateImSessionAccepted 2',
      '4 [1] escalationMode invitingPeer',
      '5 [1] inviteFailed sip:carl@demo',
      '6 [1] inviteFailed sip:x@elsewhere',
      '7 requestFailed 2 InvalidOperation',
      '8 [1] imSessionState connecting',
      '9 [1] escalationMode peer',
      `10 [1] participant ${ben}`,
      '11 [1] imSessionState connected',
    ])
  })

  test('[UC-26] nor does it fail twice when that one refuses', async () => {
    const { a, b } = await cwaPair()
    await a.initiate('2', '7002', { rest: ['sip:carl@demo'] })
    await b.terminate('2')
    expect(await a.since(7)).toEqual([
      '8 [1] escalationMode none',
      '9 [1] inviteFailed sip:ben@demo',
      '10 [1] imSessionState terminated',
    ])
  })

  test('[UC-32, UC-25] what failed before anybody was called', async () => {
    const { a } = await cwaPair()
    const failure = {
      code: 'OcsFailureResponse',
      reason: 'Operation failed',
      detail: 'Busy.',
      sip: { code: 486, reason: 'Busy Here' },
    } as const
    await a.tell({ news: 'notInvited', rid: '5', confId: 3, uris: ['sip:ben@demo', 'sip:carl@demo'], failure })
    expect(await a.since(2)).toEqual([
      '3 [3] initiateImSessionAccepted 5',
      '4 [3] escalationMode invitingPeer',
      '5 [3] escalationMode none',
      '6 [3] inviteFailed sip:ben@demo',
      '7 [3] inviteFailed sip:carl@demo',
      '8 requestFailed 5 OcsFailureResponse 486',
      '9 [3] imSessionState terminated',
    ])
    expect(await a.now()).toMatchObject({ highest: 3, talk: null, ended: { confId: 3, asked: '5', held: true } })
  })

  test('[UC-32] an invitation had taken the number meanwhile', async () => {
    const { a, b } = await cwaPair()
    await b.initiate('2', '7001')
    const failure = { code: 'OcsFailureResponse', reason: 'Operation failed', detail: 'Busy.' } as const
    await a.tell({ news: 'notInvited', rid: '5', confId: 1, uris: ['sip:ben@demo'], failure })
    expect(await a.since(7)).toEqual(['8 requestFailed 5 OcsFailureResponse'])
    expect((await a.now()).talk).toMatchObject({ confId: 1, state: 'connected' })
  })
})

describe('several clients of one person', () => {
  test('[UC-27] what one session begins the other does not see, nor its texts', async () => {
    const { a, b, view } = await cwaPair()
    const other = await view('anna', 12)
    await a.initiate('2', '7002')
    await b.accept('2')
    await b.say('3', 'hello')
    await b.compose('4', true)
    await b.terminate('5')
    expect(await other.since(2)).toEqual([])
    expect(await other.now()).toMatchObject({ highest: 0, talk: null, ended: null })
    // Its own numbers go on as if nothing had been.
    await b.initiate('6', '7001')
    expect((await other.since(2))[0]).toContain('3 [1] imSessionReceived')
    expect((await a.now()).highest).toBe(2)
  })

  test('[UC-27] what one accepts is terminated for the other', async () => {
    const { a, b, view } = await cwaPair()
    const other = await view('ben', 23)
    await a.initiate('2', '7002')
    await other.accept('9')
    expect((await other.now()).talk).toMatchObject({ held: true, asked: '9', succeeded: true })
    await a.say('3', 'only there')
    await a.terminate('4')
    const ended = '5 [1] imSessionState terminated'
    expect(await b.since(4)).toEqual([ended])
    expect((await other.since(8)).map((line) => line.split(' ')[2])).toEqual([
      'messageReceived',
      'participantRemoved',
      'imSessionState',
    ])
    expect(await b.now()).toMatchObject({ talk: null, ended: { confId: 1, held: false } })
  })

  test('[UC-27, UC-24] a session that has not seen it yet ends what another one has accepted', async () => {
    const { a, b, agents, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '7002')
    await cwaView({ bench, directory, agent: agents.ben, sid: 23 }).accept('9')
    const release = { request: 'TReleaseCall', person: agents.ben.person, callUUID } as const
    await bench.tserver.request({ ...release, reasons: { cwa: JSON.stringify({ sid: 22, rid: '3' }) } })
    expect(await b.since(4)).toEqual(['5 [1] imSessionState terminated', '6 requestSucceeded 3'])
  })

  test('[UC-27, UC-23] another facade answers, writes and ends: all of it is shown, no rid succeeds', async () => {
    const { a, b, agents, bench } = await cwaPair()
    const callUUID = await a.initiate('2', '7002')
    const { person } = agents.ben
    await bench.tserver.request({ request: 'TAnswerCall', person, callUUID })
    await agents.ben.say(callUUID, 'from the desktop')
    await a.say('3', 'hello')
    await agents.ben.release(callUUID)
    expect(await b.since(4)).toEqual([
      '5 [1] escalationMode peer',
      `6 [1] participant ${anna}`,
      '7 [1] imSessionState connected',
      '8 [1] messageReceived sip:anna@demo {"format":"text/plain","content":"hello"}',
      '9 [1] imSessionState terminated',
    ])
    expect((await a.since(9))[0]).toBe(
      '10 [1] messageReceived sip:ben@demo {"format":"text/plain","content":"from the desktop"}',
    )
  })
})
