import { describe, expect, test } from 'vitest'
import { type SipBench, sipBench } from '../testing/index.ts'
import type { CallUUID, DNumber, MessageID } from './ids.ts'
import type { FeedEntry } from './ports.ts'
import type { FirstText, TRequest } from './t-request.ts'

const refusal = (code: number, text: RegExp = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) })
const names = (entries: readonly FeedEntry[]) => entries.map(({ event }) => event.event)
const hello: FirstText = { contentType: 'text/plain', body: 'hello', messageID: 'm-1' as MessageID }
const byHand = { options: { '7002': { 'auto-answer': 'no', 'no-answer-timeout': '20' } } }

async function open(setUp: Parameters<typeof sipBench>[0] = {}) {
  const made = sipBench(setUp)
  const [anna, ben] = [made.agent('anna'), made.agent('ben')]
  await anna.logIn()
  await ben.logIn()
  const makeCall = (otherDN: string, more: Partial<Extract<TRequest, { request: 'TMakeCall' }>> = {}) =>
    made.tserver.request({
      request: 'TMakeCall',
      person: anna.person,
      thisDN: anna.dn,
      otherDN: otherDN as DNumber,
      text: hello,
      ...more,
    })
  return { ...made, anna, ben, makeCall }
}

const aboutCalls = (entries: readonly FeedEntry[]) => entries.filter(({ event }) => 'callUUID' in event)
/** The events of everything that looks at due timers within these seconds. */
async function pass({ clock }: SipBench, seconds: number): Promise<void> {
  for (let half = 0; half < seconds * 2; half++) {
    clock.advance(500)
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  }
}

describe('[IM-19] a text that begins a call', () => {
  test('is accepted with it, answered at once: one commit, the first of the log, told to both', async () => {
    const { anna, ben, store, makeCall, tserver } = await open()
    const commits: string[][] = []
    store.watchFeed(
      anna.person,
      (entries) => commits.push(entries.map(({ event }) => event.event)),
      () => {},
    )
    const { callUUID, text } = await makeCall('7002', { referenceID: 17, userData: { Subject: 'Plans' } })
    expect(text).toEqual({ messageID: 'm-1', sent: expect.any(Number), position: 1 })
    expect(await anna.saw()).toEqual(['EventDialing', 'EventEstablished', 'EventACK'])
    expect(commits).toHaveLength(1)
    expect(await ben.saw()).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo'])
    const [ringing, , info] = aboutCalls(await ben.feed())
    const shown = { messageID: 'm-1', from: '7001', contentType: 'text/plain', body: 'hello' }
    expect(ringing?.event).toMatchObject({ userData: { Subject: 'Plans' }, extensions: { text: shown } })
    expect(info).toMatchObject({ log: 1, event: { extensions: { text: shown } } })
    expect((await anna.feed()).at(-1)).toMatchObject({
      log: 1,
      event: { event: 'EventACK', referenceID: 17, extensions: { text: shown } },
    })
    const log = await tserver.transcript(ben.person, callUUID as CallUUID, 0, 10)
    expect(log).toMatchObject([{ position: 1, text: shown }])
    // The next one is the second, and the very same one again is known.
    expect((await anna.say(callUUID as CallUUID, 'hello', 'm-1')).text).toMatchObject({ position: 1, repeated: true })
    expect((await anna.say(callUUID as CallUUID, 'more')).text?.position).toBe(2)
  })

  test('is there while the callee is asked, and when they have answered', async () => {
    const { anna, ben, makeCall, tserver } = await open(byHand)
    const { callUUID } = await makeCall('7002')
    expect(await ben.saw()).toEqual(['EventRinging', 'EventPrivateInfo'])
    expect(await anna.saw()).toEqual(['EventDialing', 'EventACK'])
    await expect(anna.say(callUUID as CallUUID, 'early')).rejects.toEqual(refusal(93))
    await tserver.request({ request: 'TAnswerCall', person: ben.person, callUUID: callUUID as CallUUID })
    expect((await ben.say(callUUID as CallUUID, 'yes')).text?.position).toBe(2)
    expect(await ben.saw()).toEqual(['EventRinging', 'EventPrivateInfo', 'EventEstablished', 'EventACK'])
  })

  test('has an id of ours where the client gave none', async () => {
    const { ben, makeCall } = await open()
    const { text } = await makeCall('7002', { text: { contentType: 'text/plain', body: 'hello' } })
    expect(text?.messageID).toMatch(/./)
    expect((await ben.feed()).at(-1)?.event).toMatchObject({ extensions: { text: { messageID: text?.messageID } } })
  })

  test.each([
    ['empty', { ...hello, body: '' }, 223],
    ['too long', { ...hello, body: '€'.repeat(5_462) }, 53],
    ['under an empty id', { ...hello, messageID: '' as MessageID }, 223],
    ['under an id too long', { ...hello, messageID: 'x'.repeat(129) as MessageID }, 223],
    ['of a type too long', { ...hello, contentType: `text/${'x'.repeat(1_024)}` }, 223],
    ['of a type that is two lines', { ...hello, contentType: 'text/plain\r\nX-Evil: 1' }, 223],
  ])('that is %s refuses the call, and nothing changes', async (_what, text, code) => {
    const { anna, ben, makeCall, tserver } = await open()
    const before = [await anna.feed(), await ben.feed()]
    await expect(makeCall('7002', { text })).rejects.toEqual(refusal(code))
    expect([await anna.feed(), await ben.feed()]).toEqual(before)
    expect(await tserver.session(anna.person)).toBeUndefined()
    await expect(makeCall('7002')).resolves.toMatchObject({ text: { position: 1 } })
  })

  test('is in no log where nobody can be found, and the answer says nothing of it', async () => {
    const { ben, makeCall, store, anna } = await open()
    await ben.logOut()
    for (const number of ['7002', '9999']) {
      const accepted = await makeCall(number)
      expect(accepted).toEqual({ callUUID: expect.any(String) })
      expect(await store.readLog(accepted.callUUID as CallUUID, 0, 10)).toEqual([])
    }
    expect(await anna.saw()).not.toContain('EventACK')
  })

  test('stays in the log of a call that is refused, and was shown to who refused it', async () => {
    const { ben, makeCall, store, anna } = await open(byHand)
    const { callUUID } = await makeCall('7002')
    await ben.release(callUUID as CallUUID)
    expect(await ben.saw()).toEqual(['EventRinging', 'EventPrivateInfo', 'EventReleased'])
    expect(await anna.saw()).toEqual(['EventDialing', 'EventACK', 'EventDestinationBusy', 'EventReleased'])
    expect(await store.readLog(callUUID as CallUUID, 0, 10)).toHaveLength(1)
  })

  test('goes to the owner of a SIP leg: behind EventRinging in session mode, established in pager mode', async () => {
    const { makeCall, legEvents, anna, endpoint } = await open()
    const { callUUID } = await makeCall('8001')
    expect(names(await legEvents('8001'))).toEqual(['EventRinging', 'EventPrivateInfo'])
    await endpoint('8001').input(callUUID as CallUUID, { input: 'answered', mode: 'session' })
    expect(await anna.saw()).toEqual(['EventDialing', 'EventACK', 'EventEstablished'])
    await anna.release(callUUID as CallUUID)
    await makeCall('8003')
    expect(names(await legEvents('8003'))).toEqual(['EventRinging', 'EventEstablished', 'EventPrivateInfo'])
  })

  test('[BR-18] is asked for after the end where the owner of the leg dies before it was answered', async () => {
    const asked: string[] = []
    const made = await open({ onUnfinished: async (callUUID, dn) => void asked.push(`${callUUID} ${dn}`) })
    const { callUUID } = await made.makeCall('8001')
    await made.anna.release(callUUID as CallUUID)
    made.tserver.start()
    await pass(made, 25)
    await made.tserver.stop()
    expect(asked).toEqual([`${callUUID} 8001`])
  })

  test('[BR-7] of a MESSAGE is shown in EventRinging as well', async () => {
    const { endpoint, ben } = await open(byHand)
    await endpoint('8003').messages('7002', 'from a phone', { id: 'p1' })
    await endpoint('8003').messages('7002', 'and more', { id: 'p2' })
    expect(await ben.saw()).toEqual(['EventRinging', 'EventPrivateInfo', 'EventPrivateInfo'])
    expect(aboutCalls(await ben.feed())[0]?.event).toMatchObject({
      extensions: { autoAnswer: false, text: { messageID: 'p1', body: 'from a phone' } },
    })
  })
})

describe('[IM-20] reasons', () => {
  const reasons = (text: string) => ({ reasons: { cwa: text } })
  const withReasons = async (agent: { feed(): Promise<readonly FeedEntry[]> }) =>
    aboutCalls(await agent.feed()).flatMap(({ event }) =>
      'reasons' in event ? [[event.event, event.reasons?.cwa]] : [],
    )

  test('of TMakeCall, TAnswerCall and TReleaseCall are in the own events of who asked only', async () => {
    const { anna, ben, makeCall, tserver } = await open(byHand)
    const { callUUID } = await makeCall('7002', reasons('a'))
    const on = { callUUID: callUUID as CallUUID }
    await tserver.request({ request: 'TAnswerCall', person: ben.person, ...on, ...reasons('b') })
    await tserver.request({
      request: 'TAttachUserData',
      person: ben.person,
      ...on,
      userData: { k: 'v' },
      ...reasons('c'),
    })
    await tserver.request({ request: 'TReleaseCall', person: anna.person, ...on, ...reasons('d') })
    expect(await withReasons(anna)).toEqual([
      ['EventDialing', 'a'],
      ['EventReleased', 'd'],
    ])
    expect(await withReasons(ben)).toEqual([
      ['EventEstablished', 'b'],
      ['EventAttachedDataChanged', 'c'],
    ])
  })

  test('of a call that is answered at once are in EventDialing, not in EventEstablished', async () => {
    const { anna, ben, makeCall } = await open()
    await makeCall('7002', reasons('a'))
    expect(await withReasons(anna)).toEqual([['EventDialing', 'a']])
    expect(await withReasons(ben)).toEqual([])
  })

  test('of who gives up, and of who refuses', async () => {
    const { anna, ben, makeCall, tserver } = await open(byHand)
    const end = async (person: typeof anna.person, word: string) => {
      const { callUUID } = await makeCall('7002')
      await tserver.request({
        request: 'TReleaseCall',
        person,
        callUUID: callUUID as CallUUID,
        ...reasons(word),
      })
    }
    await end(anna.person, 'gives up')
    expect(await withReasons(anna)).toEqual([['EventReleased', 'gives up']])
    expect(await withReasons(ben)).toEqual([])
    await end(ben.person, 'refuses')
    expect(await withReasons(anna)).toEqual([['EventReleased', 'gives up']])
    expect(await withReasons(ben)).toEqual([['EventReleased', 'refuses']])
  })

  test('of a call that comes to nothing are in its first event', async () => {
    const { anna, makeCall } = await open()
    await makeCall('9999', reasons('a'))
    expect(await withReasons(anna)).toEqual([['EventDialing', 'a']])
  })

  test('[IM-14] over the limit of user data are refused, and nothing changes', async () => {
    const { anna, makeCall } = await open()
    await expect(makeCall('7002', reasons('x'.repeat(16_000)))).rejects.toEqual(refusal(53, /reasons/))
    expect(await anna.saw()).toEqual([])
  })
})

describe('[IM-22] who works at the other DN', () => {
  const others = async (agent: { feed(): Promise<readonly FeedEntry[]> }) =>
    aboutCalls(await agent.feed()).flatMap(({ event }) =>
      event.event === 'EventDialing' || event.event === 'EventRinging' ? [event.otherPerson] : [],
    )

  test('is told to both agents', async () => {
    const { anna, ben, makeCall } = await open()
    await makeCall('7002')
    expect(await others(anna)).toEqual([ben.person])
    expect(await others(ben)).toEqual([anna.person])
  })

  test('is nobody for an endpoint without an agent, and the agent of one that has one', async () => {
    const { anna, agent, makeCall } = await open()
    const { callUUID } = await makeCall('8001')
    expect(await others(anna)).toEqual([undefined])
    await anna.release(callUUID as CallUUID)
    const carl = agent('carl')
    await carl.logIn()
    await makeCall('8004')
    expect(await others(anna)).toEqual([undefined, carl.person])
    expect(await others(carl)).toEqual([anna.person])
  })
})
