import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Engine, type Node, until } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

let engine: Engine
let ports: readonly number[]
const nodes = new Map<string, Node>()
const endpoints: Endpoint[] = []
const desks: Desk[] = []

beforeAll(async () => {
  ports = await freePorts(4)
  const portsOf = (node: string) => (node === 'a' ? ports.slice(0, 2) : ports.slice(2))
  const mailbox = new Map([['7002', { 'store-and-forward': 'true' }]])
  engine = await Engine.create('redis', 2, mailbox, {
    sip: (node) => {
      const [sip = 0, msrp = 0] = portsOf(node)
      return {
        sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sip })) },
        msrp: { listen: [{ transport: 'tcp', port: msrp }] },
      }
    },
    dns: [
      {
        number: '8001',
        options: { password: 'pw-8001', 'sip-signaling-chat': 'message', 'store-and-forward': 'true' },
      },
      { number: '8002', options: { password: 'pw-8002' } },
      { number: '8003', options: { password: 'pw-8003', 'sip-signaling-chat': 'message' } },
    ],
  })
  for (const name of ['a', 'b']) nodes.set(name, await engine.startNode(name))
})
afterEach(async () => {
  await Promise.all(
    desks.splice(0).map((desk) =>
      desk
        .leaves()
        .then(() => desk.logsOut())
        .catch(() => undefined),
    ),
  )
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close().catch(() => undefined)))
})
afterAll(() => engine?.stop())

async function endpoint(number: string, at: 'a' | 'b', msrp = false): Promise<Endpoint> {
  const port = (at === 'a' ? ports[0] : ports[2]) ?? 0
  const opened = await Endpoint.open({ number, password: `pw-${number}`, engine: { host: '127.0.0.1', port }, msrp })
  endpoints.push(opened)
  return opened
}

async function agent(index: number, at: 'a' | 'b'): Promise<Desk> {
  const person = engine.persons[index]
  const node = nodes.get(at)
  if (!person || !node) throw new Error('nobody there')
  const desk = new Desk(node.address, person)
  desks.push(desk)
  await desk.arrives()
  return desk
}

test('[BR-13] a MESSAGE to an agent who is not there waits, and is there within a second of the login', async () => {
  const phone = await endpoint('8003', 'a')
  await phone.registers()
  expect((await phone.texts('7002', 'first')).status).toBe(202)
  expect((await phone.texts('7002', 'second')).status).toBe(202)
  const ben = await agent(1, 'b')
  await ben.sees('Alerting', { peer: '8003' })
  await ben.sees('Talking', { peer: '8003' })
  await ben.hears('8003', 'first')
  await ben.hears('8003', 'second')
  await ben.says('I am here')
  await phone.hears('I am here')
})

test('a text for a phone that is not registered waits until it is', async () => {
  const anna = await agent(0, 'b')
  await anna.calls('8001')
  await anna.sees('Initiating', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  await anna.says('are you there?')
  await anna.hears('7001', 'are you there?')
  const phone = await endpoint('8001', 'a')
  await phone.registers()
  await phone.hears('are you there?')
  await anna.isTold('Delivered')
})

test('an agent at one node and an endpoint at the other are in one session', async () => {
  const client = await endpoint('8002', 'a', true)
  const anna = await agent(0, 'b')
  expect(await client.invites('7001')).toBeUndefined()
  await anna.sees('Alerting', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  for (let i = 0; i < 5; i++) {
    await anna.says(`down ${i}`)
    await client.hears(`down ${i}`)
    await client.says(`up ${i}`)
  }
  await client.hangsUp()
  const session = await until(async () => anna.isFree(), 5_000, 'anna is not free')
  expect(session).toBeUndefined()
  anna.forgets()
})

test('[BR-8] when the node of an endpoint dies, the other one goes on with its session, and nothing said meanwhile is lost', async () => {
  const client = await endpoint('8002', 'a', true)
  const phone = await endpoint('8003', 'a')
  await phone.registers()
  const anna = await agent(0, 'b')
  const ben = await agent(1, 'b')
  expect(await client.invites('7001')).toBeUndefined()
  await ben.calls('8003')
  await until(async () => !(await ben.isFree()) && !(await anna.isFree()), 5_000, 'nobody talks')
  await anna.says('before')
  await client.hears('before')
  await nodes.get('a')?.kill()
  await anna.says('meanwhile')
  await ben.says('meanwhile, too')
  await until(() => client.heard.length > 0 && phone.heard.length > 0, 20_000, 'nobody took over')
  await client.hears('meanwhile')
  await phone.hears('meanwhile, too')
  await anna.says('after')
  await client.hears('after')
  await client.says('still here')
  anna.forgets()
  ben.forgets()
  const said = await anna.readsTranscript(await anna.session())
  expect(said).toEqual(['7001: before', '7001: meanwhile', '7001: after', '8002: still here'])
})
