import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine, type Node, until } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

let engine: Engine
let ports: readonly number[]
let nodes: readonly Node[]
const endpoints: Endpoint[] = []

beforeAll(async () => {
  ports = await freePorts(2)
  engine = await Engine.create('redis', 2, new Map([['7002', { 'store-and-forward': 'true' }]]), {
    retentionMs: 4_000,
    sip: (node) => ({ sip: { listen: [{ transport: 'udp', port: ports[node === 'a' ? 0 : 1] ?? 0 }] } }),
    dns: [{ number: '8003', options: { password: 'pw-8003', 'sip-signaling-chat': 'message' } }],
  })
  nodes = await Promise.all(['a', 'b'].map((name) => engine.startNode(name)))
})
afterAll(async () => {
  await Promise.all(endpoints.map((endpoint) => endpoint.close().catch(() => undefined)))
  await engine?.stop()
})

const told = /^Not delivered: nobody was there/

async function hearsOnce(phone: Endpoint): Promise<void> {
  await until(() => phone.heard.length > 0, 30_000, `${phone.number} is not told`)
  expect(phone.heard.splice(0)).toMatchObject([{ body: expect.stringMatching(told) }])
}

test('[BR-19] a phone whose text nobody has read in time is told once, also where its node has died', async () => {
  const at = { host: '127.0.0.1', port: ports[0] ?? 0 }
  const phone = await Endpoint.open({ number: '8003', password: 'pw-8003', engine: at, msrp: false })
  endpoints.push(phone)
  await phone.registers()
  expect((await phone.texts('7002', 'is anybody there?')).status).toBe(202)
  await hearsOnce(phone)
  expect((await phone.texts('7002', 'and now?')).status).toBe(202)
  await nodes[0]?.kill()
  await hearsOnce(phone)

  const [, ben] = engine.persons
  const node = nodes[1]
  if (!ben || !node) throw new Error('nobody there')
  const desk = new Desk(node.address, ben)
  await desk.logsIn()
  // Nothing waits for him: a mailbox is looked at within a second of a login.
  const store = await engine.openStore()
  const { records } = await store.read({ records: [{ kind: 'mailbox', id: '7002' as never }], claims: [] })
  const timers = await store.claimTimers(Date.now() + 3_600_000, 100, 0)
  await store.close()
  expect(records[0]?.value).toMatchObject({ texts: [] })
  expect(timers.map(({ timer }) => timer.timer)).not.toContain('undelivered')
  await desk.logsOut()
  expect(phone.heard).toEqual([])
})
