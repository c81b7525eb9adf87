import { readFile } from 'node:fs/promises'
import { DrachtioStandIn } from '@ringdown/signalling/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Engine, type Node } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

const secret = 'for tests'

let server: DrachtioStandIn
let engine: Engine
let node: Node
const endpoints: Endpoint[] = []
const desks: Desk[] = []

beforeAll(async () => {
  server = await DrachtioStandIn.open({ secret })
  const [msrp] = await freePorts(1)
  engine = await Engine.create('embedded', 1, new Map(), {
    sip: {
      sip: { drachtio: { port: server.port, secret } },
      msrp: { listen: [{ transport: 'tcp', port: msrp ?? 0 }] },
    },
    dns: [
      { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
      { number: '8002', options: { password: 'pw-8002' } },
    ],
  })
  node = await engine.startNode('stage')
})
afterEach(async () => {
  await Promise.all(desks.splice(0).map((desk) => desk.leaves().then(() => desk.logsOut())))
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
})
afterAll(async () => {
  await engine?.stop()
  await server?.close()
})

/** An endpoint that speaks with the drachtio-server. */
async function endpoint(number: string, msrp: boolean): Promise<Endpoint> {
  const at = server.listening.find(({ transport }) => transport === 'udp')
  const opened = await Endpoint.open({
    number,
    password: `pw-${number}`,
    engine: { host: '127.0.0.1', port: at?.port ?? 0 },
    msrp,
  })
  endpoints.push(opened)
  await opened.registers()
  return opened
}

async function agent(): Promise<Desk> {
  const [person] = engine.persons
  if (!person) throw new Error('nobody there')
  const desk = new Desk(node.address, person)
  desks.push(desk)
  await desk.logsIn()
  return desk
}

test('behind a drachtio-server, a phone that knows only MESSAGE and an agent talk', async () => {
  const phone = await endpoint('8001', false)
  const anna = await agent()
  expect((await phone.texts('7001', 'hello, süß 🍲')).status).toBe(200)
  await anna.sees('Alerting', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  await anna.hears('8001', 'hello, süß 🍲')
  await anna.says('yes? 👍')
  await phone.hears('yes? 👍')
})

test('behind a drachtio-server, an agent calls an MSRP client and ends the session', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent()
  await anna.calls('8002')
  await anna.sees('Initiating', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  await client.isInvited()
  await anna.says('one')
  await client.hears('one')
  await anna.completes()
  await client.isHungUp()
})

test('behind a drachtio-server, an MSRP client calls an agent, and hangs up', async () => {
  const client = await endpoint('8002', true)
  const anna = await agent()
  expect(await client.invites('7001')).toBeUndefined()
  await anna.sees('Alerting', { peer: '8002' })
  await anna.sees('Talking', { peer: '8002' })
  await client.says('one')
  await anna.hears('8002', 'one')
  await client.hangsUp()
  await anna.sees('Completed', { endedBy: '8002', endReason: 'completed' })
})

test('the file of deploy/drachtio keeps the control port on loopback, and texts out of the log', async () => {
  const text = await readFile(new URL('../../deploy/drachtio/drachtio.conf.xml', import.meta.url), 'utf8')
  const file = text.replace(/<!--[\s\S]*?-->/g, '')
  expect(file.match(/<admin [^>]*>([^<]*)</)?.[1]).toBe('127.0.0.1')
  const contacts = file.match(/<contact>[^<]*/g) ?? []
  expect(contacts).toContain('<contact>sip:127.0.0.1:5060;transport=udp,tcp')
  expect(contacts.filter((contact) => !contact.startsWith('<contact>sip:127.0.0.1:'))).toEqual([])
  expect(file.match(/<loglevel>([^<]*)</)?.[1]).toBe('notice')
})
