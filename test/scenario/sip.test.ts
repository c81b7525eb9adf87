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
  await anna.completes()
  await client.isHungUp()
})
