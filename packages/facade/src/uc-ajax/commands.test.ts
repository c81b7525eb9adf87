import { TServerError } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { type CwaClient, cwaBench } from '../testing/cwa-bench.ts'
import type { CwaEvent } from './event.ts'
import type { CwaAnswer, CwaRequest } from './request.ts'

let bench = cwaBench()
afterEach(() => bench.stop())

const accepted = (rid: string | number): CwaAnswer => ({ answer: 'requestAccepted', rid: String(rid) })
const failure = (code: string, detail: RegExp, more: object = {}) => ({
  failure: { code, detail: expect.stringMatching(detail), ...more },
})
const failed = (code: string, detail: RegExp) => ({ answer: 'requestFailed', ...failure(code, detail) })
const message = (content: string) => ({ formats: [], content })
const outcomes = (client: CwaClient, rid: string | number) =>
  client
    .events()
    .filter((event) => 'rid' in event && event.rid === String(rid) && event.event !== 'initiateImSessionAccepted')

async function two(): Promise<{ anna: CwaClient; ben: CwaClient }> {
  bench = cwaBench()
  const [anna, ben] = [bench.client('anna'), bench.client('ben')]
  for (const client of [anna, ben]) await client.signIn()
  return { anna, ben }
}

/** Anna has invited ben, and he has accepted. */
async function talking(): Promise<{ anna: CwaClient; ben: CwaClient }> {
  const made = await two()
  await made.anna.invite('sip:ben@demo', 'Hello')
  await made.ben.drain()
  await made.ben.handle('acceptImSession')
  await Promise.all([made.anna.drain(), made.ben.drain()])
  return made
}

const transcript = async ({ who: { centre, person } }: CwaClient) => {
  const call = await centre.tserver.session(person.id)
  const log = call && (await centre.tserver.transcript(person.id, call.callUUID, 0, 100))
  return log?.map(({ text }) => text.body)
}
const loginOf = async ({ who: { centre } }: CwaClient, dn: string) =>
  (await centre.tserver.logins([dn as never]))[0]?.login

describe('a session', () => {
  test('[UC-80] logs the agent in at their place, ready unless they say something else', async () => {
    const { anna } = await two()
    expect(await loginOf(anna, '7001')).toMatchObject({ place: 'Place_7001', state: 'ready' })
    const again = await anna.ask({ request: 'initiateSession', debug: false, availability: 15_500 })
    expect(again).toMatchObject({ answer: 'initiateSessionAccepted', uri: 'sip:anna@demo', pollWaitMs: 3_000 })
    expect(await loginOf(anna, '7001')).toMatchObject({ state: 'notReady' })
  })

  test('[UC-80] cannot begin where the place is taken, and leaves nothing behind', async () => {
    bench = cwaBench()
    const [anna, ben] = [bench.client('anna'), bench.client('ben')]
    const { tserver } = ben.who.centre
    await tserver.request({ request: 'TRegisterAddress', person: ben.person.id, thisDN: '7001' as never })
    expect(await anna.ask({ request: 'initiateSession', debug: false })).toMatchObject(
      failed('InvalidOperation', /in use/),
    )
    expect((await tserver.agent(anna.person.id)).dns).toEqual([])
    await expect(anna.signIn()).rejects.toThrow('InvalidOperation')
  })

  test('[UC-80] of somebody who takes no calls has no device', async () => {
    bench = cwaBench()
    const admin = await bench.client('admin').signIn()
    expect(await admin.invite('sip:ben@demo', 'Hello')).toMatchObject(failed('InvalidOperation', /not logged in/))
  })

  test('[UC-81] that ends releases what it holds', async () => {
    const { anna, ben } = await talking()
    expect(await anna.ask({ request: 'terminateSession' })).toEqual(accepted(anna.rid))
    await ben.drain()
    expect(ben.events().slice(-2)).toEqual([
      { event: 'participantRemoved', confId: 1, uri: 'sip:anna@demo' },
      { event: 'imSessionState', confId: 1, state: 'terminated' },
    ])
  })

  test('[UC-82] is named by initiateSession for what follows it in the body', async () => {
    bench = cwaBench()
    const anna = bench.client('anna')
    const requests: CwaRequest[] = [
      { request: 'initiateSession', rid: '1', debug: false },
      { request: 'invalid', rid: '2', failure: { code: 'InvalidRequest', reason: 'r', detail: 'd' } },
      { request: 'queryPresence', rid: '3', uris: ['sip:anna@demo'] },
      { request: 'acceptImSession', rid: '4', confId: 9 },
    ]
    const { processed, unexpected, answers } = await anna.node.commands.answer(
      { sid: 0, requests, unexpected: 2 },
      anna.who,
    )
    expect({ processed, unexpected, answers }).toMatchObject({
      processed: 3,
      unexpected: 2,
      answers: [
        { answer: 'initiateSessionAccepted', rid: '1' },
        { answer: 'requestInvalid', rid: '2' },
        accepted(3),
        { answer: 'requestFailed', rid: '4' },
      ],
    })
  })

  test('[UC-82] a store that does not answer leaves no request answered, and none done', async () => {
    const { anna, ben } = await talking()
    bench.store.outage('TERR_TIMEOUT')
    await expect(anna.say('lost?')).rejects.toBeInstanceOf(TServerError)
    bench.store.outage(undefined)
    expect(await anna.say('here')).toEqual(accepted(anna.rid))
    await ben.drain()
    expect(ben.texts).toEqual(['Hello', 'here'])
  })

  test.each<CwaRequest>([
    { request: 'terminateSession', rid: '9' },
    { request: 'initiateImSession', rid: '9', confId: 0, uris: ['sip:ben@demo'], message: message('x') },
    { request: 'queryPresence', rid: '9', uris: [] },
  ])('[UC-83] that is not there: $request', async (request) => {
    const { anna, ben } = await two()
    for (const sid of [0, 1, ben.sid]) {
      const { answers } = await anna.node.commands.answer({ sid, requests: [request], unexpected: 0 }, anna.who)
      expect(answers).toMatchObject([failed('SessionNotFound', /no session/)])
    }
    expect(await anna.who.centre.tserver.session(anna.person.id)).toBeUndefined()
  })
})

describe('an invitation', () => {
  test('[UC-84] of somebody who is in a session already is 18102', async () => {
    const { anna } = await talking()
    expect(await anna.invite('sip:ben@demo', 'Once more')).toMatchObject(failed('InvalidOperation', /one at a time/))
    expect(await transcript(anna)).toEqual(['Hello'])
  })

  test.each<[string, string, number]>([
    ['nobody', 'sip:nobody@demo', 404],
    ['somebody elsewhere', 'sip:ben@example.net', 404],
    ['somebody who is not there', 'sip:ben@demo', 480],
  ])('[UC-84] of %s', async (_, uri, code) => {
    bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    expect(await anna.invite(uri, 'Hello')).toEqual({ answer: 'initiateImSessionAccepted', rid: '2', confId: 1 })
    await anna.drain()
    expect(anna.events('requestFailed', 'inviteFailed')).toMatchObject([
      { event: 'inviteFailed', uri },
      { rid: '2', failure: { code: 'OcsFailureResponse', sip: { code } } },
    ])
    expect(anna.events().at(-1)).toMatchObject({ event: 'imSessionState', state: 'terminated' })
  })

  test('[UC-84] of somebody who is in a session is 486', async () => {
    const { anna } = await talking()
    const cleo = await bench.client('cleo').signIn()
    for (const uri of ['sip:ben@demo', 'sip:7001@demo']) {
      expect(await cleo.invite(uri, 'Hello')).toMatchObject({ answer: 'initiateImSessionAccepted' })
      await cleo.drain()
      expect(outcomes(cleo, cleo.rid)).toMatchObject([
        { failure: { code: 'OcsFailureResponse', sip: { code: 486, reason: 'Busy Here' } } },
      ])
    }
    expect(await transcript(anna)).toEqual(['Hello'])
  })

  test('[UC-85] that is repeated is one', async () => {
    const { anna, ben } = await two()
    const request = {
      request: 'initiateImSession' as const,
      confId: 0,
      rid: 'again',
      uris: ['sip:ben@demo'],
      message: message('Hello'),
    }
    const first = await anna.ask(request)
    expect(await anna.ask(request)).toEqual(first)
    await ben.drain()
    await ben.handle('terminateImSession')
    expect(await anna.ask(request)).toEqual(first)
    await anna.drain()
    // Late, behind all that came of it.
    expect(await anna.ask(request)).toEqual(first)
    await Promise.all([anna.drain(), ben.drain()])
    expect(outcomes(anna, 'again')).toMatchObject([{ failure: { sip: { code: 603 } } }])
    expect(ben.events('imSessionReceived')).toHaveLength(1)
  })

  describe('[UC-85] under a rid that the client has used before', () => {
    const invite = (client: CwaClient, uri: string, more: object = {}) =>
      client.ask({
        request: 'initiateImSession',
        confId: 0,
        rid: 'x',
        uris: [uri],
        message: message('Hello'),
        ...more,
      })

    test('for somebody else, is another one', async () => {
      bench = cwaBench()
      const [anna, cleo] = [await bench.client('anna').signIn(), await bench.client('cleo').signIn()]
      expect(await invite(anna, 'sip:nobody@demo')).toMatchObject({ confId: 1 })
      expect(await invite(anna, 'sip:nobody.else@demo')).toMatchObject({ confId: 2 })
      expect(await invite(anna, 'cleo')).toMatchObject({ confId: 3 })
      await Promise.all([anna.drain(), cleo.drain()])
      expect(outcomes(anna, 'x')).toHaveLength(2)
      expect(cleo.events('imSessionReceived')).toHaveLength(1)
    })

    test('for acceptImSession, is another request', async () => {
      const { anna, ben } = await two()
      await ben.invite('sip:anna@demo', 'Hi')
      await anna.drain()
      await anna.ask({ request: 'acceptImSession', confId: 1, rid: 'x' })
      await ben.drain()
      await ben.handle('terminateImSession')
      await anna.drain()
      expect(await invite(anna, 'ben')).toMatchObject({ answer: 'initiateImSessionAccepted', confId: 2 })
      await ben.drain()
      expect(ben.events('imSessionReceived')).toHaveLength(1)
    })

    test('for the same person with the same words, is another one minutes after the first has ended', async () => {
      const { anna, ben } = await two()
      expect(await invite(anna, 'ben', { confId: 7 })).toMatchObject({ confId: 7 })
      await ben.drain()
      await ben.handle('terminateImSession')
      for (let i = 0; i < 5; i++) {
        await anna.drain()
        await bench.pass(25_000)
      }
      expect(await invite(anna, 'ben', { confId: 7 })).toMatchObject({ confId: 7 })
      await ben.drain()
      expect(ben.texts).toEqual(['Hello', 'Hello'])
    })
  })

  test('[UC-85] under a number of the client, which must be free', async () => {
    const { anna, ben } = await two()
    const request = { request: 'initiateImSession' as const, uris: ['ben'], message: message('Hello') }
    expect(await anna.ask({ ...request, confId: 7 })).toMatchObject({ confId: 7 })
    await ben.drain()
    await ben.handle('terminateImSession')
    await anna.drain()
    expect(await anna.ask({ ...request, confId: 7 })).toMatchObject({ confId: 7 })
    await ben.drain()
    expect(ben.events('imSessionReceived')).toMatchObject([{ confId: 1 }, { confId: 2 }])
  })

  test('[UC-86] is accepted once, whoever accepts', async () => {
    const { anna, ben } = await two()
    await anna.invite('sip:ben@demo', 'Hello')
    await ben.drain()
    const { tserver } = ben.who.centre
    const call = await tserver.session(ben.person.id)
    expect(await ben.ask({ request: 'acceptImSession', confId: 5 })).toMatchObject(
      failed('InvalidOperation', /does not wait/),
    )
    await tserver.request({ request: 'TAnswerCall', person: ben.person.id, callUUID: call?.callUUID as never })
    expect(await ben.ask({ request: 'acceptImSession', confId: 1, rid: 'a' })).toEqual(accepted('a'))
    expect(await ben.ask({ request: 'acceptImSession', confId: 1, rid: 'a' })).toEqual(accepted('a'))
    await ben.drain()
    expect(outcomes(ben, 'a')).toHaveLength(1)
    await anna.handle('terminateImSession')
    expect(await ben.ask({ request: 'acceptImSession', confId: 1 })).toMatchObject(
      failed('InvalidOperation', /does not wait/),
    )
  })
})

describe('in a conversation', () => {
  test('[UC-87] texts wait for the answer, and end with the end', async () => {
    const { anna, ben } = await two()
    await anna.invite('sip:ben@demo', 'Hello')
    await ben.drain()
    expect(await anna.say('Early')).toMatchObject(failed('InvalidOperation', /not connected/))
    expect(await ben.say('Early', 1)).toMatchObject(failed('InvalidOperation', /not connected/))
    await ben.handle('acceptImSession')
    expect(await ben.say('Now')).toEqual(accepted(ben.rid))
    expect(await ben.say('Nowhere', 3)).toMatchObject(failed('InvalidOperation', /no conversation 3/))
    await anna.handle('terminateImSession')
    expect(await ben.say('Late')).toMatchObject(failed('InvalidOperation', /./))
    await anna.drain()
    expect(anna.texts).toEqual(['Now'])
  })

  test('[UC-87] a text that is repeated is said once, late or not, also after the end', async () => {
    const { anna, ben } = await talking()
    const text = { request: 'sendMessage' as const, confId: 1, rid: 'once', message: message('Once') }
    for (let i = 0; i < 2; i++) expect(await anna.ask(text)).toEqual(accepted('once'))
    await anna.drain()
    expect(await anna.ask(text)).toEqual(accepted('once'))
    expect(await anna.ask({ ...text, message: message('Another') })).toEqual(accepted('once'))
    expect(await transcript(ben)).toEqual(['Hello', 'Once', 'Another'])
    await ben.handle('terminateImSession')
    expect(await anna.ask(text)).toEqual(accepted('once'))
    await ben.drain()
    expect(ben.texts).toEqual(['Hello', 'Once', 'Another'])
  })

  test('[UC-85, UC-87] a client with one rid for everything says the same twice', async () => {
    const { anna, ben } = await two()
    await anna.signIn()
    const rid = '1'
    await anna.ask({ request: 'initiateSession', debug: false, rid }).then((answer) => {
      if (answer.answer === 'initiateSessionAccepted') anna.sid = answer.sid
      anna.told = new Map()
      anna.ackId = 0
    })
    await anna.ask({ request: 'initiateImSession', confId: 0, rid, uris: ['ben'], message: message('Hello') })
    await ben.drain()
    await ben.handle('acceptImSession')
    for (const content of ['ok', 'ok', 'ok']) {
      await anna.drain()
      expect(await anna.ask({ request: 'sendMessage', confId: 1, rid, message: message(content) })).toEqual(
        accepted(rid),
      )
    }
    expect(await transcript(ben)).toEqual(['Hello', 'ok', 'ok', 'ok'])
  })

  test('[UC-87] the same text under the same rid is another one minutes later', async () => {
    const { anna } = await talking()
    const text = { request: 'sendMessage' as const, confId: 1, rid: 'x', message: message('Still there?') }
    await anna.ask(text)
    await anna.drain()
    await bench.pass(121_000)
    await anna.ask(text)
    expect(await transcript(anna)).toEqual(['Hello', 'Still there?', 'Still there?'])
  })

  test('[UC-82] a text that can never be accepted is invalid', async () => {
    const { anna } = await talking()
    expect(await anna.say('x'.repeat(20_000))).toMatchObject({
      answer: 'requestInvalid',
      ...failure('InvalidRequest', /bytes/),
    })
  })

  test('[UC-88] the end is asked for once', async () => {
    const { anna, ben } = await talking()
    const leave = { request: 'terminateImSession' as const, confId: 1, rid: 'bye' }
    expect(await anna.ask(leave)).toEqual(accepted('bye'))
    expect(await anna.ask(leave)).toEqual(accepted('bye'))
    expect(await anna.ask({ ...leave, rid: 'other' })).toMatchObject(failed('InvalidOperation', /no conversation/))
    expect(await ben.ask({ ...leave, rid: 'mine' })).toMatchObject(failed('InvalidOperation', /no conversation/))
    await anna.drain()
    expect(outcomes(anna, 'bye')).toEqual([{ event: 'requestSucceeded', rid: 'bye' }])
  })

  test('[UC-89] composing is told while somebody can see it', async () => {
    const { anna, ben } = await two()
    await anna.invite('sip:ben@demo', 'Hello')
    const notify = { request: 'notifyComposing' as const, confId: 1, composing: true }
    expect(await anna.ask({ ...notify, rid: 'early' })).toEqual(accepted('early'))
    await ben.drain()
    await ben.handle('acceptImSession')
    for (let i = 0; i < 2; i++) expect(await anna.ask({ ...notify, rid: 'c' })).toEqual(accepted('c'))
    expect(await anna.ask({ ...notify, confId: 4 })).toMatchObject(failed('InvalidOperation', /no conversation 4/))
    await Promise.all([anna.drain(), ben.drain()])
    expect(ben.events('composingState').length).toBeGreaterThan(0)
    for (const rid of ['early', 'c']) expect(outcomes(anna, rid)).toEqual([{ event: 'requestSucceeded', rid }])
  })

  test('[UC-90] there is nobody to add', async () => {
    const { anna } = await talking()
    const uris = ['sip:admin@demo', 'sip:carol@demo']
    expect(await anna.ask({ request: 'inviteParticipants', confId: 1, uris, rid: 'add' })).toEqual(accepted('add'))
    await anna.drain()
    expect(anna.events('inviteFailed')).toEqual(uris.map((uri) => ({ event: 'inviteFailed', confId: 1, uri })))
    expect(outcomes(anna, 'add')).toMatchObject([{ event: 'requestFailed', failure: { code: 'InvalidOperation' } }])
  })

  test.each<Omit<Extract<CwaRequest, { confId: number }>, 'rid' | 'confId'>>([
    { request: 'sendInfo', contentType: 'text/plain', content: 'x' } as never,
    { request: 'ejectParticipant', uri: 'sip:ben@demo' } as never,
    { request: 'promoteParticipant', uri: 'sip:ben@demo' } as never,
    { request: 'lock', lock: true } as never,
    { request: 'voIPRedirect' },
    { request: 'voIPTerminate' },
    { request: 'voIPReplyWithIM' },
  ])('[UC-90] $request is 18102', async (request) => {
    const { anna, ben } = await talking()
    expect(await anna.ask({ ...request, confId: 1 } as never)).toMatchObject(failed('InvalidOperation', /\w/))
    await ben.drain()
    expect(await anna.say('All is as it was')).toEqual(accepted(anna.rid))
  })

  test('[UC-90] a focus URI is 18102', async () => {
    const { anna } = await two()
    const confUri = 'sip:anna@demo;gruu;opaque=app:conf:focus:id:1'
    const request = { request: 'initiateImSession' as const, confId: 0, uris: [], confUri, message: message('x') }
    expect(await anna.ask(request)).toMatchObject(failed('InvalidOperation', /Conferences/))
  })
})

describe('a client that begins a conversation for every message', () => {
  test('[UC-92] goes on in the one there is, under its newest number', async () => {
    bench = cwaBench({ inviteAgain: 'continue' })
    const [anna, ben] = [await bench.client('anna').signIn(), await bench.client('ben').signIn()]
    const write = (confId: number, content: string, uri = 'sip:ben@demo') =>
      anna.ask({ request: 'initiateImSession', confId, rid: content, uris: [uri], message: message(content) })
    await write(1, 'one')
    expect(await write(2, 'too early')).toMatchObject(failed('InvalidOperation', /one at a time/))
    await ben.drain()
    await ben.handle('acceptImSession')
    for (let i = 0; i < 2; i++)
      expect(await write(2, 'two')).toEqual({ answer: 'initiateImSessionAccepted', rid: 'two', confId: 2 })
    await anna.drain()
    expect(await write(2, 'two')).toMatchObject({ confId: 2 })
    expect(await write(3, 'x', 'sip:cleo@demo')).toMatchObject(failed('InvalidOperation', /one at a time/))
    await ben.say('three', 1)
    expect(await write(0, 'four')).toMatchObject({ confId: 2 })
    await Promise.all([anna.drain(), ben.drain()])
    expect(await transcript(anna)).toEqual(['one', 'two', 'three', 'four'])
    expect(ben.texts).toEqual(['one', 'two', 'four'])
    expect(anna.events('messageReceived')).toMatchObject([{ confId: 2, message: { content: 'three' } }])
    expect(outcomes(anna, 'two')).toEqual([{ event: 'requestSucceeded', rid: 'two' }])
    expect(anna.events('initiateImSessionAccepted')).toMatchObject([{ confId: 1 }, { confId: 2, rid: 'two' }])
    await ben.handle('terminateImSession')
    await anna.drain()
    expect(anna.events().at(-1)).toMatchObject({ event: 'imSessionState', confId: 2, state: 'terminated' })
  })

  test('[UC-92] is refused unless the server is told to bear it', async () => {
    const { anna } = await talking()
    expect(await anna.invite('sip:ben@demo', 'two')).toMatchObject(failed('InvalidOperation', /one at a time/))
  })
})

describe('too much', () => {
  test('[UC-93] in a minute is refused, on all nodes together, and texts go on', async () => {
    const { anna, ben } = await talking()
    const composing = () => anna.ask({ request: 'notifyComposing', confId: 1, composing: true })
    const search = () => anna.ask({ request: 'ignored', name: 'search' })
    for (let i = 1; i < 600; i++) {
      anna.node = i % 2 ? bench.a : bench.b
      expect(await (i % 3 ? composing : search)()).toEqual(accepted(anna.rid))
    }
    const { offset } = await bench.store.feedEnd(ben.person.id)
    for (const ask of [composing, search, () => anna.ask({ request: 'queryPresence', uris: ['ben'] })])
      expect(await ask()).toMatchObject(failed('RequestThrottled', /minute/))
    expect((await bench.store.feedEnd(ben.person.id)).offset).toBe(offset)
    expect(await anna.say('Still here')).toEqual(accepted(anna.rid))
    expect(await ben.ask({ request: 'ignored', name: 'search' })).toEqual(accepted(ben.rid))
    await bench.pass(60_000)
    expect(await composing()).toEqual(accepted(anna.rid))
  })
})

describe('presence', () => {
  test('[UC-91] is told with the outcome', async () => {
    const { anna, ben } = await two()
    await ben.ask({ request: 'publishSelfPresence', availability: 15_500, rid: 'p' })
    const uris = ['sip:ben@demo', 'sip:anna@demo']
    expect(await anna.ask({ request: 'queryPresence', uris, rid: 'q' })).toEqual(accepted('q'))
    await Promise.all([anna.drain(), ben.drain()])
    const [told, outcome] = anna.events().slice(-2) as [Extract<CwaEvent, { event: 'userPresence' }>, CwaEvent]
    expect(told.presences.map(({ uri, availability }) => [uri, availability])).toEqual([
      ['sip:ben@demo', 15_500],
      ['sip:anna@demo', 3_500],
    ])
    expect(outcome).toEqual({ event: 'requestSucceeded', rid: 'q' })
    expect(outcomes(ben, 'p')).toHaveLength(1)
  })

  test('[UC-91] contacts and groups go on', async () => {
    const { anna } = await two()
    expect(await anna.ask({ request: 'ignored', name: 'addContact', rid: 'c' })).toEqual(accepted('c'))
    await anna.drain()
    expect(outcomes(anna, 'c')).toEqual([{ event: 'requestSucceeded', rid: 'c' }])
  })
})
