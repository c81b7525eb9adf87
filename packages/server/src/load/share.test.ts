import { expect, test } from 'vitest'
import type { Plan, PlanGroup, PlanTalk } from './plan/plan.ts'
import type { AgentOrder } from './protocol.ts'
import { shares } from './share.ts'

const group = (name: string): PlanGroup => ({ name, kind: 'cometd', transport: 'websocket', made: 0, people: [] })
const people = (name: string, count: number): AgentOrder[] =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'cometd',
    transport: 'websocket',
    userName: `${name}${i}`,
    password: 'x',
    number: `${name}${i}`,
  }))

test('[LD-11] pairs are dealt to processes, each with its share of the rate; nobody is in two, and who is left over listens', () => {
  const [a, b] = [group('a'), group('b')]
  const talk = {
    from: a,
    to: b,
    pairs: 3,
    per: 'texts',
    steps: [{ from: 30, to: 60, ms: 1_000 }],
  } as unknown as PlanTalk
  const plan = {
    address: 'http://h:1',
    talks: [talk],
    processes: 2,
    underWay: 100,
    seed: 5,
    lostAfterMs: 1,
  } as unknown as Plan
  const orders = shares(
    plan,
    'a1b2c3',
    new Map([
      [a, people('a', 4)],
      [b, people('b', 3)],
    ]),
  )
  const pairs = orders.map(({ talks }) =>
    talks.map(({ pairs }) => pairs.map(([one, other]) => `${one.number} ${other.number}`)),
  )
  expect(pairs).toEqual([[['a0 b0', 'a2 b2']], [['a1 b1']]])
  expect(orders.map(({ talks: [talk] }) => talk?.steps)).toEqual([
    [{ from: 20, to: 40, ms: 1_000 }],
    [{ from: 10, to: 20, ms: 1_000 }],
  ])
  expect(orders.map(({ idle }) => idle.map(({ number }) => number))).toEqual([['a3'], []])
  expect(orders.map(({ underWay }) => underWay)).toEqual([50, 50])
})
