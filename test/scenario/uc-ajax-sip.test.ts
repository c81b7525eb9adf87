import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type DNOptions, Engine, type Node } from '../faults/engine.ts'
import { Endpoint, type EndpointOptions, freePorts } from './endpoint.ts'
import { Messenger } from './messenger.ts'

// Agent 0 answers for herself, agent 1 is answered for by the engine, agent 2 gives up after a second.
const [anna, ben, otto] = [0, 1, 2]
const [phone, client] = ['sip:8001@faults', 'sip:8002@faults']
const arial = 'X-MMS-IM-Format: FN=Arial; EF=; CO=000000; CS=1; PF=00'
/** The same as SIP carries it: UTF-16, base64 ([MS-CONFIM]). */
const arialInSip = `msgr=${Buffer.from(arial, 'utf16le').toString('base64')}`

let engine: Engine
let node: Node
let sipPort: number
const endpoints: Endpoint[] = []
const messengers: Messenger[] = []

beforeAll(async () => {
  const [sip = 0, msrp = 0] = await freePorts(2)
  sipPort = sip
  const asked = { 'auto-answer': 'false' }
  const options = new Map<string, DNOptions>([
    ['7001', asked],
    ['7003', { ...asked, 'no-answer-timeout': '1' }],
  ])
  engine = await Engine.create('embedded', 3, options, {
    sip: {
      sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sip })) },
      msrp: { listen: [{ transport: 'tcp', port: msrp }] },
    },
    dns: [
      { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
      { number: '8002', options: { password: 'pw-8002' } },
    ],
  })
  node = await engine.startNode('stage')
})
// At its end nobody has been told anything that a scenario does not name.
afterEach(async () => {
  try {
    for (const messenger of messengers) await messenger.seesNothingMore()
  } finally {
    await Promise.all(messengers.splice(0).map((messenger) => messenger.leaves()))
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
  }
})
afterAll(() => engine?.stop())

async function endpoint(number: string, more: Partial<EndpointOptions> = {}): Promise<Endpoint> {
  const at = { host: '127.0.0.1', port: sipPort }
  const opened = await Endpoint.open({ number, password: `pw-${number}`, engine: at, msrp: number === '8002', ...more })
  endpoints.push(opened)
  await opened.registers()
  return opened
}

async function messenger(index: number): Promise<Messenger> {
  const person = engine.persons[index]
  if (!person) throw new Error('nobody there')
  const made = await Messenger.signsIn(node.address, person)
  messengers.push(made)
  return made
}

const calling = ['1 accepted 2', '1 invitingPeer', '1 connecting']
const answered = (by: string) => ['1 peer', `1 joined ${by} ${by.slice(4, 8)}`, '1 connected']

describe('a phone that knows only MESSAGE', () => {
  test('gets the first text and all others, and writes back; both see how they look', async () => {
    const [p, a] = [await endpoint('8001'), await messenger(anna)]
    await a.calls(phone, 'Are you there? 🍲', { subject: 'Lunch', format: arial })
    expect((await p.hears('Are you there? 🍲')).contentType.replaceAll(' ', '')).toContain(arialInSip)
    await a.sees(...calling, ...answered(phone), 'succeeded 2', '1 delivered 2')
    expect((await p.texts('7001', 'yes', { contentType: `text/plain; charset=UTF-8; ${arialInSip}` })).status).toBe(200)
    expect((await p.texts('7001', 'plainly')).status).toBe(200)
    await a.sees(`1 ${phone}: yes (${arial})`, `1 ${phone}: plainly`)
    await a.says(1, 'good')
    expect((await p.hears('good')).contentType).toBe('text/plain;charset=UTF-8')
    await a.sees('succeeded 3', '1 delivered 3')
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 4')
  })

  test('begins: the first text is in the invitation, and what it writes before the answer is not lost', async () => {
    const [p, a] = [await endpoint('8001'), await messenger(anna)]
    expect((await p.texts('7001', 'hello', { subject: 'A question' })).status).toBe(200)
    expect((await p.texts('7001', 'anybody?')).status).toBe(200)
    await a.sees(`1 invited by ${phone} "A question": hello (text/plain)`, '1 incoming', `1 ${phone}: anybody?`)
    await a.accepts(1)
    await a.sees(...answered(phone), 'succeeded 2')
    await a.says(1, 'me')
    await p.hears('me')
    await a.sees('succeeded 3', '1 delivered 3')
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 4')
  })

  test('that refuses a text is told of: failed, by its rid', async () => {
    const [p, a] = [await endpoint('8001'), await messenger(anna)]
    await a.calls(phone, 'hello')
    await p.hears('hello')
    await a.sees(...calling, ...answered(phone), 'succeeded 2', '1 delivered 2')
    p.answer = { status: 603 }
    await a.says(1, 'no thanks?')
    // The engine had taken it; what the phone says comes later.
    await a.sees('succeeded 3', '1 not delivered', 'failed 3: 18201 603 Decline')
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 4')
  })

  test('that is not registered is 480', async () => {
    const a = await messenger(anna)
    await a.calls(phone, 'hello')
    await a.sees('1 accepted 2', '1 invitingPeer', '1 none', `1 inviteFailed ${phone}`)
    await a.sees('failed 2: 18201 480 Temporarily Unavailable', '1 terminated')
  })
})

describe('a client that speaks MSRP', () => {
  test('is called: the INVITE says the subject, the first text comes first, and both talk', async () => {
    const [c, a] = [await endpoint('8002'), await messenger(anna)]
    await a.calls(client, 'one', { subject: 'Building plans ☎' })
    await c.isInvited()
    expect(c.subject).toBe('Building plans ☎')
    await c.hears('one')
    await a.sees(...calling, ...answered(client), 'succeeded 2', '1 delivered 2')
    await a.says(1, 'two', arial)
    expect((await c.hears('two')).contentType.replaceAll(' ', '')).toContain(arialInSip)
    await a.sees('succeeded 3', '1 delivered 3')
    await c.says('three')
    expect(await c.sends('four', 'message4', `text/plain;${arialInSip}`)).toEqual({ sent: true })
    await a.sees(`1 ${client}: three`, `1 ${client}: four (${arial})`)
    await a.terminates(1)
    await c.isHungUp()
    await a.sees('1 terminated', 'succeeded 4')
  })

  test('calls, is answered, and hangs up', async () => {
    const [c, a] = [await endpoint('8002'), await messenger(anna)]
    const call = c.invites('7001')
    await a.sees(`1 invited by ${client} "":  (text/plain)`, '1 incoming')
    await c.hearsRinging()
    await a.accepts(1)
    expect(await call).toBeUndefined()
    await a.sees(...answered(client), 'succeeded 2')
    await c.says('hi')
    await a.sees(`1 ${client}: hi`)
    await a.says(1, 'hello')
    await c.hears('hello')
    await a.sees('succeeded 3', '1 delivered 3')
    await c.hangsUp()
    await a.sees(`1 left ${client}`, '1 terminated')
  })

  test('calls an agent who is answered for', async () => {
    const [c, b] = [await endpoint('8002'), await messenger(ben)]
    expect(await c.invites('7002')).toBeUndefined()
    await b.sees(`1 invited by ${client} "":  (text/plain)`, '1 incoming', ...answered(client))
    await b.terminates(1)
    await c.isHungUp()
    await b.sees('1 terminated', 'succeeded 2')
  })

  test('calls: declined is 603, not answered 480, in a session 486; who gives up is not waited for', async () => {
    const [c, a, o] = [await endpoint('8002'), await messenger(anna), await messenger(otto)]
    const declined = c.invites('7001')
    await a.sees(`1 invited by ${client} "":  (text/plain)`, '1 incoming')
    await a.terminates(1)
    expect((await declined)?.status).toBe(603)
    await a.sees('1 terminated', 'succeeded 2')
    expect((await c.invites('7003'))?.status).toBe(480)
    await o.sees(`1 invited by ${client} "":  (text/plain)`, '1 incoming', '1 terminated')
    const gaveUp = c.invites('7001')
    await a.sees(`2 invited by ${client} "":  (text/plain)`, '2 incoming')
    await c.hearsRinging()
    c.cancels()
    expect((await gaveUp)?.status).toBe(487)
    await a.sees('2 terminated')
    await a.calls(o.uri, 'hello')
    expect((await c.invites('7001'))?.status).toBe(486)
    await a.terminates(3)
    await a.forgets()
    await o.forgets()
  })

  test.each([
    [486, 'Busy Here'],
    [603, 'Decline'],
    [480, 'Temporarily Unavailable'],
  ])('refuses by %i: the documented sequence, and the first text has failed', async (status, reason) => {
    const a = await messenger(anna)
    await endpoint('8002', { answers: { status } })
    await a.calls(client, 'hello')
    await a.sees(...calling, '1 none', `1 inviteFailed ${client}`, `failed 2: 18201 ${status} ${reason}`)
    await a.sees('1 terminated', '1 not delivered')
  })

  test('does not answer: the caller gives up', async () => {
    const a = await messenger(anna)
    await endpoint('8002', { answers: 'never' })
    await a.calls(client, 'hello')
    await a.sees(...calling)
    await a.terminates(1)
    await a.sees('1 none', '1 terminated', 'failed 2: 18201 487 Request Terminated', 'succeeded 3', '1 not delivered')
  })

  test('that knows no MSRP after all goes on with MESSAGE, the first text too', async () => {
    const a = await messenger(anna)
    const c = await endpoint('8002', { msrp: false })
    await a.calls(client, 'hello')
    await c.hears('hello')
    await a.sees(...calling, ...answered(client), 'succeeded 2', '1 delivered 2')
    await a.says(1, 'more')
    await c.hears('more')
    await a.sees('succeeded 3', '1 delivered 3')
    await a.terminates(1)
    await a.sees('1 terminated', 'succeeded 4')
  })
})
