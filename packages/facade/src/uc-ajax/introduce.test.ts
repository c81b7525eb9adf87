import { sipBench, sipDirectory } from '@ringdown/signalling/testing'
import { describe, expect, test } from 'vitest'
import { brief, cwaView } from '../testing/cwa-view.ts'
import { subjectOf } from './conversation.ts'
import { beginAt, type Introduction, introduce, talkOf } from './introduce.ts'
import { project } from './project.ts'

const directory = sipDirectory({ 7002: { 'auto-answer': 'no' } })
const ben = '{"uri":"sip:ben@demo","name":"Ben Clarke"}'
const anna = '{"uri":"sip:anna@demo","name":"Anna Berg"}'
const text = (content: string) => `{"format":"text/plain","content":"${content}"}`

async function lab() {
  const bench = sipBench({ directory })
  const agents = { anna: bench.agent('anna'), ben: bench.agent('ben') }
  for (const agent of Object.values(agents)) await agent.logIn()
  const view = (name: keyof typeof agents, sid: number, start?: Introduction, offset?: number) =>
    cwaView({
      bench,
      directory,
      agent: agents[name],
      sid,
      ...(start && { start }),
      ...(offset !== undefined && { offset }),
    })
  /** What a session that begins now is told, read as a node reads it: the feed's end, then the call, then its log. */
  async function signIn(name: keyof typeof agents, sid: number) {
    const { person } = agents[name]
    const { offset } = await bench.store.feedEnd(person)
    const call = await bench.tserver.session(person)
    const log = call ? await bench.store.readLog(call.callUUID, 0, 100) : []
    const talk = call ? talkOf(call, person, view(name, sid).viewer) : null
    const start: Introduction = {
      rid: '1',
      talk: talk && { ...talk, log: log.length },
      ...(call && { subject: subjectOf(call.userData) }),
      texts: log.map((entry) => entry.text).filter(({ from }) => from === talk?.other),
    }
    return { start, offset, view: view(name, sid, start, offset) }
  }
  return { bench, agents, view, signIn, a: view('anna', 11), b: view('ben', 22) }
}

describe('the beginning of a session', () => {
  test('[UC-33] without a conversation', () => {
    const start: Introduction = { rid: 'r 1', talk: null, texts: [] }
    expect(introduce(start).map(brief)).toEqual(['requestSucceeded r 1', 'configuration'])
    expect(beginAt(start, 41)).toEqual({
      eid: 2,
      offset: 41,
      highest: 0,
      talk: null,
      ended: null,
      rids: { last: 'r 1' },
    })
  })

  test('[UC-34] while it rings: the invitation with its text, answered by this session', async () => {
    const { a, b, signIn } = await lab()
    await a.initiate('2', '7002', { content: 'Lunch?', subject: 'Food' })
    const { view } = await signIn('ben', 23)
    await view.accept('4')
    await a.say('3', 'now?')
    expect(await view.since(2)).toEqual([
      `3 [1] imSessionReceived ${anna} invitingPeer Food ${text('Lunch?')}`,
      '4 [1] imSessionState incoming',
      '5 [1] escalationMode peer',
      `6 [1] participant ${anna}`,
      '7 [1] imSessionState connected',
      '8 requestSucceeded 4',
      `9 [1] messageReceived sip:anna@demo ${text('now?')}`,
    ])
    expect((await b.since(4)).at(-1)).toBe('5 [1] imSessionState terminated')
  })

  test('[UC-34] while it rings, with several texts of a phone', async () => {
    const { signIn, bench } = await lab()
    const phone = bench.endpoint('8003')
    await phone.messages('7002', 'one')
    await phone.messages('7002', 'two')
    const { view } = await signIn('ben', 23)
    await phone.messages('7002', 'three')
    expect(await view.since(3)).toEqual([
      '4 [1] imSessionState incoming',
      `5 [1] messageReceived sip:8003@demo ${text('two')}`,
      `6 [1] messageReceived sip:8003@demo ${text('three')}`,
    ])
    expect((await view.since(2))[0]).toContain(text('one'))
  })

  test('[UC-34] while it dials; nobody’s rid fails with it', async () => {
    const { a, b, signIn } = await lab()
    await a.initiate('2', '7002')
    const { view } = await signIn('anna', 12)
    await b.terminate('3')
    expect(await view.since(2)).toEqual([
      `3 [1] imSessionReceived ${ben} invitingPeer  ${text('')}`,
      '4 [1] escalationMode invitingPeer',
      '5 [1] imSessionState connecting',
      '6 [1] escalationMode none',
      '7 [1] inviteFailed sip:ben@demo',
      '8 [1] imSessionState terminated',
    ])
  })

  test('[UC-34] connected: all texts of the peer, and the conversation goes on', async () => {
    const { a, b, signIn } = await lab()
    await a.initiate('2', '7002')
    await b.accept('2')
    await b.say('3', 'yes')
    await a.say('3', 'fine')
    await b.say('4', 'when?')
    const { view, start, offset } = await signIn('anna', 12)
    await b.say('5', 'hello?')
    await view.say('9', 'at one')
    await view.terminate('10')
    expect(await view.since(2)).toEqual([
      `3 [1] imSessionReceived ${ben} peer  ${text('')}`,
      `4 [1] participant ${ben}`,
      '5 [1] imSessionState connected',
      `6 [1] messageReceived sip:ben@demo ${text('yes')}`,
      `7 [1] messageReceived sip:ben@demo ${text('when?')}`,
      `8 [1] messageReceived sip:ben@demo ${text('hello?')}`,
      '9 requestSucceeded 9',
      '10 [1] imSessionState terminated',
      '11 requestSucceeded 10',
    ])
    const begun = beginAt(start, offset)
    expect(JSON.parse(JSON.stringify(begun))).toEqual(begun)
    expect(begun).toMatchObject({ eid: 7, offset, highest: 1, talk: { confId: 1, held: false, log: 4 } })
  })

  test('[UC-34] what went on between the two reads is told once', async () => {
    const { a, b, bench, agents, view } = await lab()
    const { offset } = await bench.store.feedEnd(agents.ben.person)
    await a.initiate('2', '7002')
    await a.terminate('3')
    await a.initiate('4', '7002', { content: 'again' })
    await b.accept('2')
    await a.say('5', 'there?')
    // The introduction has all that; the entries behind the offset say it once more.
    const call = await bench.tserver.session(agents.ben.person)
    if (!call) throw new Error('there is no session')
    const log = await bench.store.readLog(call.callUUID, 0, 100)
    const talk = talkOf(call, agents.ben.person, b.viewer)
    const start = { rid: '1', talk: talk && { ...talk, log: log.length }, texts: log.map((entry) => entry.text) }
    const late = view('ben', 24, start, offset)
    await a.say('6', 'well?')
    expect(await late.since(5)).toEqual([
      `6 [1] messageReceived sip:anna@demo ${text('again')}`,
      `7 [1] messageReceived sip:anna@demo ${text('there?')}`,
      `8 [1] messageReceived sip:anna@demo ${text('well?')}`,
    ])
  })

  test('[UC-34] from the cursor of a session before: what it held it holds, its rids mean nothing', async () => {
    const { a, b, view } = await lab()
    await a.initiate('2', '7002', { confId: 5 })
    await b.accept('2')
    const cursor = await a.now()
    const start: Introduction = { rid: '1', talk: cursor.talk, texts: [] }
    const next = view('anna', 12, start, cursor.offset)
    await b.say('3', 'still there?')
    await b.terminate('4')
    expect(await next.since(5)).toEqual([
      `6 [1] messageReceived sip:ben@demo ${text('still there?')}`,
      '7 [1] participantRemoved sip:ben@demo',
      '8 [1] imSessionState terminated',
    ])
    const { talk } = beginAt(start, cursor.offset)
    expect(talk).toMatchObject({ confId: 1, held: true })
    expect(Object.keys(talk ?? {})).not.toEqual(expect.arrayContaining(['asked']))
    const at = expect.any(Number)
    expect((await next.now()).ended).toEqual({ confId: 1, callUUID: cursor.talk?.callUUID, held: true, at })
  })

  test.each([
    ['while it rings', 'ben', 'EventRinging'],
    ['as soon as it is answered', 'anna', 'EventEstablished'],
  ] as const)('[UC-34] from a cursor before the first text, %s: it is not told twice', async (_, name, last) => {
    const { a, b, agents, view } = await lab()
    const [caller, called] = name === 'ben' ? [a, b] : [b, a]
    await caller.initiate('2', agents[name].dn, { content: 'first' })
    const feed = await agents[name].feed()
    const until = feed.findIndex(({ event }) => event.event === last) + 1
    const begin = beginAt({ rid: '1', talk: null, texts: [] }, 0)
    const { at, told } = feed.slice(0, until).reduce(
      ({ at, told }, entry) => {
        const { after, events } = project(at, entry, called.viewer)
        return { at: after, told: [...told, ...events.map(brief)] }
      },
      { at: begin, told: [] as string[] },
    )
    expect(told.filter((line) => line.includes('first'))).toHaveLength(1)
    expect(at.talk).toMatchObject({ log: 0 })

    const first = feed.flatMap(({ event }) => (event.event === 'EventPrivateInfo' ? [event.extensions.text] : []))
    const start = { rid: '1', talk: at.talk, texts: name === 'ben' ? first : [] }
    const next = await view(name, 99, start, at.offset).since(0)
    expect(next.filter((line) => line.includes('first'))).toHaveLength(name === 'ben' ? 1 : 0)
  })

  test('[UC-34] a call that is over, or somebody else’s, is no conversation', async () => {
    const { a, bench, agents, b } = await lab()
    const callUUID = await a.initiate('2', '7002')
    expect(talkOf(await bench.callOf(callUUID), 'nobody' as never, a.viewer)).toBeNull()
    await b.terminate('2')
    expect(talkOf(await bench.callOf(callUUID), agents.anna.person, a.viewer)).toBeNull()
  })
})
