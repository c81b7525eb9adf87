import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { NoAnswer } from '../conformance/uc-ajax/client.ts'
import { Balancer } from '../faults/balancer.ts'
import { type DNOptions, Engine, type Node, until } from '../faults/engine.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Messenger } from './messenger.ts'
import { Desk } from './scenario.ts'

// Agents 0 and 1 answer themselves, agent 2 is answered for.
const [anna, ben, cleo] = [0, 1, 2]
const uri = (index: number) => `sip:agent${index}@faults`

let engine: Engine
let ports: readonly number[]
let balancer: Balancer
const nodes = new Map<string, Node>()
const messengers: Messenger[] = []
const desks: Desk[] = []
const endpoints: Endpoint[] = []

const portsOf = (name: string) => (name === 'a' ? ports.slice(0, 2) : ports.slice(2))

beforeAll(async () => {
  ports = await freePorts(4)
  const asked = { 'auto-answer': 'false' }
  const options = new Map<string, DNOptions>([
    ['7001', asked],
    ['7002', asked],
  ])
  engine = await Engine.create('redis', 3, options, {
    sip: (name) => {
      const [sip = 0, msrp = 0] = portsOf(name)
      return {
        sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sip })) },
        msrp: { listen: [{ transport: 'tcp', port: msrp }] },
      }
    },
    dns: [{ number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } }],
  })
  for (const name of ['a', 'b']) nodes.set(name, await engine.startNode(name))
  // Every request goes to the other node than the one before.
  balancer = await Balancer.start('127.0.0.1', () => [...nodes.values()].map(({ target }) => target))
})
afterEach(async () => {
  await Promise.all(desks.splice(0).map((desk) => desk.leaves().then(() => desk.logsOut())))
  await Promise.all(messengers.splice(0).map((messenger) => messenger.leaves()))
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()))
})
afterAll(async () => {
  await balancer?.stop()
  await engine?.stop()
})

function person(index: number) {
  const found = engine.persons[index]
  if (!found) throw new Error('nobody there')
  return found
}

const anywhere = () => `http://${balancer.target.host}:${balancer.target.port}`

async function messenger(index: number): Promise<Messenger> {
  const made = await Messenger.signsIn(anywhere(), person(index))
  messengers.push(made)
  return made
}

/** A request that met a node which has died is made again, under the same rid. */
async function insisting<T>(request: (again: { rid: string }) => Promise<T>, { client }: Messenger): Promise<T> {
  const rid = client.nextRid()
  for (let tried = 1; ; tried++) {
    try {
      return await request({ rid })
    } catch (error) {
      if (!(error instanceof NoAnswer) || tried === 10) throw error
    }
  }
}

const calling = ['1 accepted 2', '1 invitingPeer', '1 connecting']
const answered = (by: number) => ['1 peer', `1 joined ${uri(by)} agent${by}`, '1 connected']

test('two agents whose requests all go to different nodes talk as with one', async () => {
  const [a, b] = [await messenger(anna), await messenger(ben)]
  await a.calls(b.uri, 'hello', { subject: 'Plans' })
  await a.sees(...calling)
  await b.sees(`1 invited by ${uri(anna)} "Plans": hello (text/plain)`, '1 incoming')
  await b.accepts(1)
  await b.sees(...answered(anna), 'succeeded 2')
  await a.sees(...answered(ben), 'succeeded 2')
  const numbers = Array.from({ length: 20 }, (_, i) => i)
  for (const i of numbers) {
    await a.says(1, `down ${i}`)
    await b.says(1, `up ${i}`)
  }
  await a.sees(...numbers.flatMap((i) => [`succeeded ${3 + i}`, `1 ${uri(ben)}: up ${i}`]))
  await b.sees(...numbers.flatMap((i) => [`1 ${uri(anna)}: down ${i}`, `succeeded ${3 + i}`]))
  await a.terminates(1)
  await a.sees('1 terminated', 'succeeded 23')
  await b.sees(`1 left ${uri(anna)}`, '1 terminated')
})

test('the same events come from either node under the same numbers', async () => {
  const [a, b] = [await messenger(anna), await messenger(ben)]
  await a.calls(b.uri, 'hello')
  await a.sees(...calling)
  await b.forgets()
  const { ackId } = a.client
  await b.accepts(1)
  await a.sees(...answered(ben), 'succeeded 2')
  for (let i = 0; i < 4; i++) {
    // The client compares what it is told twice.
    const { events } = await a.client.poll({ ackId })
    expect(events.map(({ eid }) => eid)).toEqual([ackId + 1, ackId + 2, ackId + 3, ackId + 4])
  }
  await a.terminates(1)
  await a.sees('1 terminated', 'succeeded 3')
  await b.forgets()
})

test('one node dies: who is signed in stays signed in, invited, and in the session; nothing said is lost', async () => {
  const [a, b, c] = [await messenger(anna), await messenger(ben), await messenger(cleo)]
  const phone = await Endpoint.open({
    number: '8001',
    password: 'pw-8001',
    engine: { host: '127.0.0.1', port: ports[2] ?? 0 },
    msrp: false,
  })
  endpoints.push(phone)
  await phone.registers()
  await c.calls('sip:8001@faults', 'from the first')
  await phone.hears('from the first')
  await a.calls(b.uri, 'hello')
  await a.sees(...calling)

  const dead = nodes.get('a')
  await dead?.kill()
  // Until somebody takes it out, every other request meets a node that is gone.
  await b.sees(`1 invited by ${uri(anna)} "": hello (text/plain)`, '1 incoming')
  nodes.delete('a')
  await insisting((again) => b.client.accept(1, again), b)
  await b.sees(...answered(anna), 'succeeded 2')
  await a.sees(...answered(ben), 'succeeded 2')
  await insisting((again) => a.client.send(1, 'are you there?', again), a)
  await a.sees('succeeded 3')
  await b.sees(`1 ${uri(anna)}: are you there?`)
  await insisting((again) => c.client.send(1, 'and you?', again), c)
  await until(() => phone.heard.length > 0, 20_000, 'nobody took over')
  await phone.hears('and you?')
  await a.terminates(1)
  await a.sees('1 terminated', 'succeeded 4')
  await b.sees(`1 left ${uri(anna)}`, '1 terminated')
  await c.terminates(1)
  await c.forgets()

  // It comes back, and serves those it has never heard of.
  nodes.set('a', await engine.startNode('a'))
  const desk = new Desk(nodes.get('a')?.address ?? '', person(cleo))
  desks.push(desk)
  await desk.listens()
  await a.calls(c.uri, 'back?')
  await desk.sees('Alerting', { peer: '7001' })
  await desk.sees('Talking', { peer: '7001' })
  await desk.hears('7001', 'back?')
  await c.sees(`2 invited by ${uri(anna)} "": back? (text/plain)`, '2 incoming')
  await desk.says('yes')
  await desk.hears('7003', 'yes')
  await a.sees(
    '2 accepted 5',
    '2 invitingPeer',
    '2 connecting',
    '2 peer',
    `2 joined ${uri(cleo)} agent2`,
    '2 connected',
  )
  await a.sees('succeeded 5', `2 ${uri(cleo)}: yes`)
  await a.terminates(2)
  await desk.sees('Completed')
})
