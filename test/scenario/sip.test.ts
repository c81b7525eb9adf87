import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Engine, type Node } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

let engine: Engine
let node: Node
let sipPort: number
const endpoints: Endpoint[] = []
const desks: Desk[] = []

beforeAll(async () => {
  const [sip, msrp] = await freePorts(2)
  sipPort = sip ?? 0
  const options = new Map([['7002', { 'auto-answer': 'false', 'no-answer-timeout': '1' }]])
  engine = await Engine.create('embedded', 2, options, {
    sip: {
      sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sipPort })) },
      msrp: { listen: [{ transport: 'tcp', port: msrp ?? 0 }] },
    },
    dns: [
      { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
      { number: '8002', options: { password: 'pw-8002' } },
      { number: '8003', options: { password: 'pw-8003' } },
      {
        number: '8004',
        options: { password: 'pw-8004', 'im-composing': 'false', 'im-delivery-reports': 'false' },
      },
    ],
  })
  node = await engine.startNode('stage')
})
afterEach(async () => {
  await Promise.all(desks.splice(0).map((desk) => desk.leaves().then(() => desk.logsOut())))
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
})
afterAll(() => engine?.stop())

async function endpoint(number: string, msrp: boolean): Promise<Endpoint> {
  const engine = { host: '127.0.0.1', port: sipPort }
  const opened = await Endpoint.open({ number, password: `pw-${number}`, engine, msrp })
  endpoints.push(opened)
  return opened
}

async function agent(index: number): Promise<Desk> {
  const person = engine.persons[index]
  if (!person) throw new Error('nobody there')
  const desk = new Desk(node.address, person)
  desks.push(desk)
  await desk.logsIn()
  return desk
}

test('a phone that knows only MESSAGE and an agent talk, whoever begins', async () => {
  const phone = await endpoint('8001', false)
  await phone.registers()
  const anna = await agent(0)
  expect((await phone.texts('7001', 'hello, süß 🍲')).status).toBe(200)
  await anna.sees('Alerting', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  await anna.hears('8001', 'hello, süß 🍲')
  await anna.says('yes?')
  await phone.hears('yes?')
  await anna.hears('7001', 'yes?')
  expect((await phone.texts('7001', 'nothing')).status).toBe(200)
})

test('an agent calls an MSRP client', async () => {
  const client = await endpoint('8002', true)
  await client.registers()
  const anna = await agent(0)
  await anna.calls('8002')
  await anna.sees('Initiating', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  await client.isInvited()
  await anna.says('one')
  await client.hears('one')
  await client.says('two')
  await anna.hears('7001', 'one')
  await anna.isTold('Delivered')
  await anna.hears('8002', 'two')
  const session = await anna.session()
  await anna.completes()
  await client.isHungUp()
  await anna.sees('Completed', { endedBy: '7001' })
  expect(await anna.readsTranscript(session)).toEqual(['7001: one', '8002: two'])
})

test('an MSRP client calls an agent who is answered for, and hangs up', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent(0)
  expect(await client.invites('7001')).toBeUndefined()
  await anna.sees('Alerting', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  for (const text of ['a', 'b', 'c']) await client.says(text)
  for (const text of ['a', 'b', 'c']) await anna.hears('8002', text)
  await client.hangsUp()
  await anna.sees('Completed', { endedBy: '8002', endReason: 'completed' })
})

test('what an agent says last is heard before the goodbye', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent(0)
  await client.invites('7001')
  const texts = Array.from({ length: 20 }, (_, i) => `last ${i}`)
  for (const text of texts) await anna.says(text)
  await anna.completes()
  await client.isHungUp()
  expect(client.heard.map(({ body }) => body)).toEqual(texts)
})

test('an agent accepts a call of an MSRP client', async () => {
  const client = await endpoint('8002', true)
  const ben = await agent(1)
  const answered = client.invites('7002')
  await ben.sees('Alerting', { peer: '8002' })
  await client.hearsRinging()
  await ben.accepts()
  expect(await answered).toBeUndefined()
  await ben.sees('Talking', { peer: '8002' })
  await ben.says('hi')
  await client.hears('hi')
})

test('Reject, a busy agent, nobody answering and nobody there are 603, 486, 480 and 480; an unknown number is 404', async () => {
  const client = await endpoint('8002', true)
  const other = await endpoint('8003', true)
  const ben = await agent(1)
  const rejected = client.invites('7002')
  await ben.sees('Alerting')
  await ben.rejects()
  expect((await rejected)?.status).toBe(603)
  await ben.sees('Completed', { endReason: 'rejected' })
  const waiting = client.invites('7002')
  await ben.sees('Alerting')
  expect((await other.invites('7002'))?.status).toBe(486)
  expect((await waiting)?.status).toBe(480)
  await ben.sees('Completed', { endReason: 'noAnswer' })
  expect((await client.invites('7001'))?.status).toBe(480)
  expect((await client.invites('4711'))?.status).toBe(404)
})

test('a client that gives up while it rings is abandoned', async () => {
  const client = await endpoint('8002', true)
  const ben = await agent(1)
  const call = client.invites('7002')
  await ben.sees('Alerting')
  await client.hearsRinging()
  client.cancels()
  expect((await call)?.status).toBe(487)
  await ben.sees('Completed', { endReason: 'abandoned' })
})

test('an endpoint that refuses MSRP gets MESSAGEs in the same session', async () => {
  const phone = await endpoint('8003', false)
  await phone.registers()
  const anna = await agent(0)
  await anna.calls('8003')
  await anna.sees('Initiating', { peer: '8003' })
  await anna.sees('Talking', { peer: '8003' })
  await anna.says('without MSRP')
  await phone.hears('without MSRP')
})

test('a phone and an MSRP client talk, whoever begins', async () => {
  const phone = await endpoint('8001', false)
  const client = await endpoint('8002', true)
  await phone.registers()
  await client.registers()
  expect(await client.invites('8001')).toBeUndefined()
  await client.says('to the phone')
  await phone.hears('to the phone')
  expect((await phone.texts('8002', 'to the client')).status).toBe(202)
  await client.hears('to the client')
  await client.hangsUp()
  expect((await phone.texts('8002', 'again')).status).toBe(202)
  await client.isInvited()
  await client.hears('again')
})

test('two MSRP clients talk', async () => {
  const client = await endpoint('8002', true)
  const other = await endpoint('8003', true)
  await other.registers()
  expect(await client.invites('8003')).toBeUndefined()
  await client.says('one')
  await other.hears('one')
  await other.says('two')
  await client.hears('two')
  await other.hangsUp()
  await client.isHungUp()
})

test('a text the phone does not take is shown as failed, with the reason', async () => {
  const phone = await endpoint('8001', false)
  await phone.registers()
  phone.answer = { status: 403 }
  const anna = await agent(0)
  await anna.calls('8001')
  await anna.sees('Initiating')
  await anna.sees('Talking')
  await anna.says('no?')
  await anna.hears('7001', 'no?')
  await anna.isTold('Failed', { status: 403 })
})

const cpim = (id: string, body: string) =>
  [
    'From: <sip:8001@127.0.0.1>',
    'To: <sip:7001@127.0.0.1>',
    'DateTime: 2026-01-01T12:00:00Z',
    'NS: imdn <urn:ietf:params:imdn>',
    `imdn.Message-ID: ${id}`,
    'imdn.Disposition-Notification: positive-delivery, display',
    '',
    'Content-Type: text/plain; charset=utf-8',
    '',
    body,
  ].join('\r\n')

test('message/cpim is unwrapped, answered in kind, and what became of it comes back as IMDN', async () => {
  const phone = await endpoint('8001', false)
  await phone.registers()
  const anna = await agent(0)
  expect((await phone.texts('7001', cpim('abc', 'wrapped ✓'), { contentType: 'message/cpim' })).status).toBe(200)
  await anna.sees('Alerting')
  await anna.sees('Talking')
  const { messageId } = await anna.hears('8001', 'wrapped ✓')
  await anna.marksDisplayed(messageId)
  const told = await phone.isSent()
  expect(told.contentType).toBe('message/cpim')
  expect(told.body).toContain('<message-id>abc</message-id>')
  expect(told.body).toContain('<displayed/>')
  await anna.says('mirrored')
  const text = await phone.isSent()
  expect(text.contentType).toBe('message/cpim')
  expect(text.body).toMatch(/imdn.Message-ID: \S+\r\n[\s\S]*\r\n\r\nmirrored$/)
  await anna.hears('7001', 'mirrored')
  await anna.isTold('Delivered')
})

const isComposing = (state: string) =>
  `<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>${state}</state></isComposing>`

test('who writes is told to the other side, over MESSAGE and over MSRP, unless the DN does not want it', async () => {
  const phone = await endpoint('8001', false)
  await phone.registers()
  const anna = await agent(0)
  await phone.texts('7001', 'hello')
  await anna.sees('Alerting')
  await anna.sees('Talking')
  await anna.hears('8001', 'hello')
  const contentType = 'application/im-iscomposing+xml'
  expect((await phone.texts('7001', isComposing('active'), { contentType })).status).toBe(200)
  await anna.isTold('Composing', { composing: true, from: '8001' })
  await anna.composes(true)
  const told = await phone.isSent()
  expect([told.contentType, told.body.includes('<state>active</state>')]).toEqual([contentType, true])
  await anna.completes()
  await anna.sees('Completed')

  const quiet = await endpoint('8004', true)
  await quiet.registers()
  await anna.calls('8004')
  await anna.sees('Initiating')
  await anna.sees('Talking')
  await anna.composes(true)
  await anna.says('only this')
  await quiet.hears('only this')
  await anna.hears('7001', 'only this')
})

test('a type nobody here reads is refused with what we do read, and no body is no text', async () => {
  const phone = await endpoint('8001', false)
  const anna = await agent(0)
  const refused = await phone.texts('7001', '{}', { contentType: 'application/json' })
  expect([refused.status, refused.headers('accept').includes('text/plain')]).toEqual([415, true])
  expect((await phone.texts('7001', '')).status).toBe(200)
  expect(await anna.isFree()).toBe(true)
})

test('a wrong password, a foreign domain and somebody else as sender get nowhere', async () => {
  const anna = await agent(0)
  const at = { host: '127.0.0.1', port: sipPort }
  const thief = await Endpoint.open({ number: '8001', password: 'guess', engine: at, msrp: true })
  endpoints.push(thief)
  expect((await thief.texts('7001', 'let me in')).status).toBe(401)
  expect((await thief.invites('7001'))?.status).toBe(401)
  const phone = await endpoint('8001', false)
  expect((await phone.texts('7001', 'relay me', { domain: 'elsewhere.example' })).status).toBe(403)
  expect((await phone.texts('7001', 'I am 8002', { as: '8002' })).status).toBe(403)
  expect(await anna.isFree()).toBe(true)
})
