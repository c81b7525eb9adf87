import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Refused } from '../conformance/uc-ajax/client.ts'
import { thirdParty } from '../conformance/uc-ajax/style.ts'
import { type DNOptions, Engine, type Node, until } from '../faults/engine.ts'
import { Messenger } from './messenger.ts'
import { Desk, refusal } from './scenario.ts'

// Agents 0 and 1 are answered for by the engine, 2 and 3 answer themselves, 3 gives up after a second; nobody is at 4.
const [anna, ben, max, otto, nobody] = [0, 1, 2, 3, 4]
const uri = (index: number) => `sip:agent${index}@faults`
const arial = 'X-MMS-IM-Format: FN=Arial; EF=; CO=000000; CS=1; PF=00'

let engine: Engine
let node: Node
const desks: Desk[] = []
const messengers: Messenger[] = []

beforeAll(async () => {
  const asked = { 'auto-answer': 'false' }
  const options = new Map<string, DNOptions>([
    ['7003', asked],
    ['7004', { ...asked, 'no-answer-timeout': '1' }],
  ])
  engine = await Engine.create('embedded', 5, options)
  node = await engine.startNode('stage')
})
// At its end nobody has been told anything that a scenario does not name.
afterEach(async () => {
  try {
    for (const desk of desks) desk.seesNothingMore()
    for (const messenger of messengers) await messenger.seesNothingMore()
  } finally {
    await Promise.all(desks.splice(0).map((desk) => desk.leaves().then(() => desk.logsOut())))
    await Promise.all(messengers.splice(0).map((messenger) => messenger.leaves()))
  }
})
afterAll(() => engine?.stop())

function person(index: number) {
  const found = engine.persons[index]
  if (!found) throw new Error('nobody there')
  return found
}

async function messenger(index: number, style?: Parameters<typeof Messenger.signsIn>[2]): Promise<Messenger> {
  const made = await Messenger.signsIn(node.address, person(index), style)
  messengers.push(made)
  return made
}

async function desk(index: number): Promise<Desk> {
  const made = new Desk(node.address, person(index))
  desks.push(made)
  await made.logsIn()
  return made
}

/** What the one who calls sees first, and when the other one has answered. */
const calling = (rid: number) => [`1 accepted ${rid}`, '1 invitingPeer', '1 connecting']
const answered = (by: number) => ['1 peer', `1 joined ${uri(by)} agent${by}`, '1 connected']
const invitation = (from: number, text: string, subject = '') => [
  `1 invited by ${uri(from)} "${subject}": ${text} (text/plain)`,
  '1 incoming',
]
/** What the one who calls sees when that came to nothing. */
const inVain = (rid: number, to: string, sip: string) => [
  '1 none',
  `1 inviteFailed ${to}`,
  `failed ${rid}: 18201 ${sip}`,
  '1 terminated',
]

describe('two agents on UC AJAX', () => {
  test.each([
    ['as the documentation writes', undefined],
    ['as third-party clients write', thirdParty],
  ])('talk, %s, and each sees all that the other one says, in its order', async (_how, style) => {
    const [a, m] = [await messenger(anna, style), await messenger(max, style)]
    expect(await a.calls(m.uri, 'Can we talk?', { subject: 'Plans' })).toBe(1)
    await a.sees(...calling(2))
    await m.sees(...invitation(anna, 'Can we talk?', 'Plans'))
    await m.accepts(1)
    await m.sees(...answered(anna), 'succeeded 2')
    await a.sees(...answered(max), 'succeeded 2')
    await m.client.composing(1)
    await m.says(1, 'Yes. <&> "süß" 🍲 ]]>')
    await m.sees('succeeded 3', 'succeeded 4')
    await a.sees('1 composing', `1 ${uri(max)}: Yes. <&> "süß" 🍲 ]]>`)
    for (const text of ['At', 'one,', 'then.']) await a.says(1, text)
    await a.sees('succeeded 3', 'succeeded 4', 'succeeded 5')
    await m.sees(...['At', 'one,', 'then.'].map((text) => `1 ${uri(anna)}: ${text}`))
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 6')
    await m.sees(`1 left ${uri(anna)}`, '1 terminated')
    // The next one has the next number.
    expect(await m.calls(a.uri, 'One more thing')).toBe(2)
    await m.sees('2 accepted 5', '2 invitingPeer', '2 connecting', '2 peer', `2 joined ${uri(anna)} agent0`)
    await m.sees('2 connected', 'succeeded 5')
    await a.sees(`2 invited by ${uri(max)} "": One more thing (text/plain)`, '2 incoming')
    await a.sees('2 peer', `2 joined ${uri(max)} agent2`, '2 connected')
    await a.terminates(2)
    await a.sees('2 terminated', 'succeeded 7')
    await m.sees(`2 left ${uri(anna)}`, '2 terminated')
  })

  test('see how a text looks, the first one too', async () => {
    const [a, b] = [await messenger(anna), await messenger(ben)]
    await a.calls(b.uri, 'hi', { format: arial })
    await a.sees(...calling(2), ...answered(ben), 'succeeded 2')
    await b.sees(`1 invited by ${uri(anna)} "": hi (${arial})`, '1 incoming', ...answered(anna))
    await b.says(1, 'hello', arial)
    await b.sees('succeeded 2')
    await a.sees(`1 ${uri(ben)}: hello (${arial})`)
    await b.terminates(1)
    await b.sees('1 terminated', 'succeeded 3')
    await a.sees(`1 left ${uri(ben)}`, '1 terminated')
  })

  test('one who declines is 603, nobody answering 480, nobody there 480, no such person or number 404', async () => {
    const [a, m, o] = [await messenger(anna), await messenger(max), await messenger(otto)]
    await a.calls(m.uri, 'one')
    await m.sees(...invitation(anna, 'one'))
    await m.terminates(1)
    await m.sees('1 terminated', 'succeeded 2')
    await a.sees(...calling(2), ...inVain(2, m.uri, '603 Decline'))

    const numbered = (lines: string[], confId: number, rid: number) =>
      lines.map((line) => line.replace(/^1 /, `${confId} `).replace(/accepted$/, `accepted ${rid}`))
    await a.calls(o.uri, 'two')
    await a.sees(...numbered([...calling(3), ...inVain(3, o.uri, '480 Temporarily Unavailable')], 2, 3))
    await o.sees(...invitation(anna, 'two'), '1 terminated')
    // Nobody was called: uc-ajax-api §3.1, the documented sequence.
    const silent = [
      [uri(nobody), '480 Temporarily Unavailable'],
      ['sip:4711@faults', '404 Not Found'],
      ['sip:who@faults', '404 Not Found'],
      ['sip:bob@elsewhere.example', '404 Not Found'],
    ] as const
    for (const [i, [to, sip]] of silent.entries()) {
      await a.calls(to, 'three')
      await a.sees(...numbered(['1 accepted', '1 invitingPeer', ...inVain(4 + i, to, sip)], 3 + i, 4 + i))
    }
  })

  test('one who gives up is not waited for, and the other one sees that it is over', async () => {
    const [a, m] = [await messenger(anna), await messenger(max)]
    await a.calls(m.uri, 'hello?')
    await a.sees(...calling(2))
    await m.sees(...invitation(anna, 'hello?'))
    await a.terminates(1)
    await a.sees('1 none', '1 terminated', 'failed 2: 18201 487 Request Terminated', 'succeeded 3')
    await m.sees('1 terminated')
    await expect(m.accepts(1)).rejects.toMatchObject({ error: { code: 18102 } })
  })
})

describe('an agent on UC AJAX and one on Web Services', () => {
  test('talk, the first one calling: subject, first text and looks arrive', async () => {
    const [m, b] = [await messenger(max), await desk(ben)]
    await m.calls(uri(ben), 'soup?', { subject: 'Lunch', format: arial })
    await b.sees('Alerting', { peer: '7003', userData: { Subject: 'Lunch' } })
    await b.sees('Talking', { peer: '7003', userData: { Subject: 'Lunch' } })
    const { contentType } = (await b.hears('7003', 'soup?')) as { contentType?: string }
    expect(contentType).toMatch(/^text\/plain;.*\bmsgr=/)
    await m.sees(...calling(2), ...answered(ben), 'succeeded 2')
    await b.composes(true)
    await b.says('yes')
    await b.hears('7002', 'yes')
    await m.sees('1 composing', `1 ${uri(ben)}: yes`)
    await m.client.composing(1)
    await m.says(1, 'at one')
    await b.isTold('Composing', { composing: true, from: '7003' })
    await b.hears('7003', 'at one')
    await m.sees('succeeded 3', 'succeeded 4')
    const session = await b.session()
    await b.completes()
    await b.sees('Completed', { endedBy: '7002', endReason: 'completed' })
    await m.sees(`1 left ${uri(ben)}`, '1 terminated')
    expect(await b.readsTranscript(session)).toEqual(['7003: soup?', '7002: yes', '7003: at one'])
  })

  test('talk, the second one calling; whoever leaves', async () => {
    const [m, b] = [await messenger(max), await desk(ben)]
    await b.calls('7003', { Subject: 'Lunch', other: 1 })
    await b.sees('Initiating')
    // Web Services has no first text.
    await m.sees(`1 invited by ${uri(ben)} "Lunch":  (text/plain)`, '1 incoming')
    await m.accepts(1)
    await m.sees(...answered(ben), 'succeeded 2')
    await b.sees('Talking')
    await b.says('soup?')
    await b.hears('7002', 'soup?')
    await m.sees(`1 ${uri(ben)}: soup?`)
    await m.terminates(1)
    await m.sees('1 terminated', 'succeeded 3')
    await b.sees('Completed', { endedBy: '7003', endReason: 'completed' })
  })

  test('one declines, gives up or does not answer', async () => {
    const [m, o, b] = [await messenger(max), await messenger(otto), await desk(ben)]
    await b.calls('7003')
    await m.sees(...invitation(ben, ''))
    await m.terminates(1)
    await m.sees('1 terminated', 'succeeded 2')
    await b.sees('Initiating')
    await b.sees('Completed', { endReason: 'rejected' })
    await b.calls('7003')
    await m.sees(`2 invited by ${uri(ben)} "":  (text/plain)`, '2 incoming')
    await b.completes()
    await m.sees('2 terminated')
    await b.sees('Initiating')
    await b.sees('Completed', { endReason: 'abandoned' })
    await b.calls('7004')
    await b.sees('Initiating')
    await b.sees('Completed', { endReason: 'noAnswer' })
    await o.sees(...invitation(ben, ''), '1 terminated')
  })

  test('one rejects on Web Services: 603, and the first text was shown', async () => {
    const [a, m] = [await messenger(anna), await desk(max)]
    await a.calls(uri(max), 'hello?')
    await m.sees('Alerting', { peer: '7001' })
    await m.hears('7001', 'hello?')
    await m.rejects()
    await m.sees('Completed', { endReason: 'rejected' })
    await a.sees(...calling(2), ...inVain(2, uri(max), '603 Decline'))
  })
})

describe('one session for each agent', () => {
  test('a second initiateImSession is 18102 at once, also beside a session of Web Services', async () => {
    const [a, b, m] = [await messenger(anna), await desk(ben), await messenger(max)]
    await b.calls('7001')
    await b.sees('Initiating')
    await b.sees('Talking')
    await a.sees(...invitation(ben, ''), ...answered(ben))
    const second = a.calls(m.uri, 'and you?')
    await expect(second).rejects.toBeInstanceOf(Refused)
    await expect(second).rejects.toMatchObject({ answer: 'requestFailed', error: { code: 18102 } })
    await b.completes()
    await b.sees('Completed')
    await a.sees(`1 left ${uri(ben)}`, '1 terminated')
  })

  test('who calls an agent in a session sees 486, and Web Services refuses', async () => {
    const [a, b, m] = [await messenger(anna), await messenger(ben), await messenger(max)]
    const d = await desk(otto)
    await a.calls(b.uri, 'hi')
    await a.sees(...calling(2), ...answered(ben), 'succeeded 2')
    await b.sees(...invitation(anna, 'hi'), ...answered(anna))
    await m.calls(a.uri, 'me too')
    await m.sees('1 accepted 2', '1 invitingPeer', ...inVain(2, a.uri, '486 Busy Here'))
    expect((await refusal(d.calls('7001'))).message).toMatch(/Invalid state/)
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 3')
    await b.sees(`1 left ${uri(anna)}`, '1 terminated')
  })

  test('two agents who call each other at once end in one session, or in none', async () => {
    const [a, b] = [await messenger(anna), await messenger(ben)]
    const calls = await Promise.allSettled([a.calls(b.uri, 'you'), b.calls(a.uri, 'and you')])
    expect(calls.some(({ status }) => status === 'fulfilled')).toBe(true)
    for (const each of [a, b]) await each.client.poll()
    const connected = ({ client }: Messenger) =>
      client.seen.filter((event) => event.event === 'imSessionState' && event.state === 'connected').length
    expect([0, 1]).toContain(connected(a))
    expect(connected(b)).toBe(connected(a))
    for (const each of [a, b]) await each.forgets()
  })
})

describe('an agent on CometD and UC AJAX at once', () => {
  test('sees the same session on both, whichever answers', async () => {
    const [a, m, d] = [await messenger(anna), await messenger(max), await desk(max)]
    await a.calls(m.uri, 'hello')
    await m.sees(...invitation(anna, 'hello'))
    await d.sees('Alerting', { peer: '7001' })
    await d.hears('7001', 'hello')
    await d.accepts()
    await d.sees('Talking')
    // No rid: this client did not ask.
    await m.sees(...answered(anna))
    await a.sees(...calling(2), ...answered(max), 'succeeded 2')
    await m.says(1, 'by UC AJAX')
    await d.hears('7003', 'by UC AJAX')
    await d.says('by REST')
    await d.hears('7003', 'by REST')
    await a.sees(`1 ${uri(max)}: by UC AJAX`, `1 ${uri(max)}: by REST`)
    // Its own texts are not shown to it, whoever sent them.
    await m.sees('succeeded 2')
    await a.says(1, 'fine')
    await a.sees('succeeded 3')
    await m.sees(`1 ${uri(anna)}: fine`)
    await d.hears('7001', 'fine')
    await d.completes()
    await d.sees('Completed', { endedBy: '7003' })
    await m.sees('1 terminated')
    await a.sees(`1 left ${uri(max)}`, '1 terminated')

    await a.calls(m.uri, 'again')
    await d.sees('Alerting')
    await d.hears('7001', 'again')
    await m.sees(`2 invited by ${uri(anna)} "": again (text/plain)`, '2 incoming')
    await m.accepts(2)
    await d.sees('Talking')
    await m.sees('2 peer', `2 joined ${uri(anna)} agent0`, '2 connected', 'succeeded 3')
    await a.forgets()
    await m.terminates(2)
    await m.sees('2 terminated', 'succeeded 4')
    await d.sees('Completed', { endedBy: '7003' })
    await a.sees(`2 left ${uri(max)}`, '2 terminated')
  })

  test('calls by REST and is told by UC AJAX', async () => {
    const [m, d, b] = [await messenger(max), await desk(max), await messenger(ben)]
    await d.calls('7002')
    await d.sees('Initiating')
    await d.sees('Talking')
    await m.sees('1 invitingPeer', '1 connecting', ...answered(ben))
    await b.sees(...invitation(max, ''), ...answered(max))
    await b.says(1, 'hi')
    await b.sees('succeeded 2')
    await m.sees(`1 ${uri(ben)}: hi`)
    await d.hears('7002', 'hi')
    await m.terminates(1)
    await m.sees('1 terminated', 'succeeded 2')
    await d.sees('Completed', { endedBy: '7003' })
    await b.sees(`1 left ${uri(max)}`, '1 terminated')
  })

  test('stays logged in where its other client is, and is logged out with the last one', async () => {
    const [m, b] = [await messenger(max), await desk(ben)]
    const second = await Messenger.signsIn(node.address, person(max))
    await second.leaves()
    await b.calls('7003')
    await b.sees('Initiating')
    await m.sees(...invitation(ben, ''))
    await m.leaves()
    messengers.splice(messengers.indexOf(m), 1)
    // Who signs out is not there any more: their session ends, and nobody can call them.
    await b.sees('Completed')
    await until(async () => b.isFree(), 5_000, 'the session stays')
    await b.calls('7003')
    await b.sees('Initiating')
    await b.sees('Completed', { endReason: 'unreachable' })
  })
})

describe('several UC AJAX sessions of one agent', () => {
  test('are all invited; who accepts has it, for the others it is over', async () => {
    const [a, here, there] = [await messenger(anna), await messenger(max), await messenger(max, thirdParty)]
    expect(here.client.sid).not.toBe(there.client.sid)
    await a.calls(here.uri, 'hello')
    for (const each of [here, there]) await each.sees(...invitation(anna, 'hello'))
    await there.accepts(1)
    await there.sees(...answered(anna), 'succeeded 2')
    await here.sees('1 terminated')
    await expect(here.says(1, 'me!')).rejects.toMatchObject({ error: { code: 18102 } })
    await a.sees(...calling(2), ...answered(max), 'succeeded 2')
    await a.says(1, 'who?')
    await a.sees('succeeded 3')
    await there.sees(`1 ${uri(anna)}: who?`)
    await there.terminates(1)
    await there.sees('1 terminated', 'succeeded 3')
    await a.sees(`1 left ${uri(max)}`, '1 terminated')
  })

  test('one that is opened while the agent talks is told of what goes on, and of what was said', async () => {
    const [a, d] = [await messenger(anna), await desk(max)]
    await d.calls('7001', { Subject: 'Plans' })
    await d.sees('Initiating')
    await d.sees('Talking')
    await a.sees(...invitation(max, '', 'Plans'), ...answered(max))
    await a.says(1, 'one')
    await a.says(1, 'two')
    await a.sees('succeeded 2', 'succeeded 3')
    for (const text of ['one', 'two']) await d.hears('7001', text)
    const m = await messenger(max)
    await m.sees(`1 invited by ${uri(anna)} "Plans":  (text/plain)`, `1 joined ${uri(anna)} agent0`, '1 connected')
    await m.sees(`1 ${uri(anna)}: one`, `1 ${uri(anna)}: two`)
    await m.says(1, 'three')
    await m.sees('succeeded 2')
    await d.hears('7003', 'three')
    await a.sees(`1 ${uri(max)}: three`)
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 4')
    await m.sees(`1 left ${uri(anna)}`, '1 terminated')
    await d.sees('Completed', { endedBy: '7001' })
  })
})
