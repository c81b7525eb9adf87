import { expect, test } from 'vitest'
import { CommandLine } from '../command.ts'
import { type Io, UsageError } from '../io.ts'
import { loadCommand } from '../load.ts'
import { planOf } from './plan-of.ts'

const io = {
  env: {},
  out: () => {},
  err: () => {},
  write: async () => {},
  stdin: async () => '',
  onSignal: () => {},
} satisfies Io
const planFor = (...args: string[]) => planOf(new CommandLine(loadCommand, args), io)

test('[LD-2] options make a plan: agents of one kind in pairs, or half of each of two kinds', () => {
  const plan = planFor('--as', 'root', '--agents', '6', '--rate', '2.5', '--for', '5m', '--max', '1s')
  expect(plan).toMatchObject({ as: 'root', limits: { max: 1_000 }, groups: [{ kind: 'cometd', made: 6 }] })
  expect(plan.talks).toMatchObject([{ pairs: 3, steps: [{ from: 2.5, to: 2.5, ms: 300_000 }] }])
  const two = planFor('--as', 'root', '--agents', '6', '--from', 'msrp', '--to', 'uc-ajax', '--sip', '192.0.2.1:5070')
  expect(two.groups).toMatchObject([
    { kind: 'msrp', made: 3 },
    { kind: 'uc-ajax', made: 3 },
  ])
  expect(two.sip).toMatchObject({ host: '192.0.2.1', port: 5070 })
  expect(two.talks[0]?.pairs).toBe(3)
})

test.each([
  [[], 'who makes the agents? Name an administrator with --as'],
  [['--as', 'root', '--agents', '3'], '--agents must be an even number'],
  [['--as', 'root', '--from', 'fax'], "--from must be one of cometd, uc-ajax, sip-message, msrp, not 'fax'"],
  [['--as', 'root', '--rate', 'much'], "--rate must be a number such as 50 or 0.5, not 'much'"],
  [['--as', 'root', '--for', '0s'], 'a step that takes no time'],
  [['--as', 'root', '--for', 'long'], "--for must be a time such as 500ms, 30s, 5m or 2h, not 'long'"],
  [['--as', 'root', '--p99', 'soon'], "--p99 must be a time such as 500ms, 30s, 5m or 2h, not 'soon'"],
  [['--as', 'root', '--address', 'host:80'], '--address must be like https://im.example, without a path'],
  [['--as', 'root', '--sip', 'host'], '--sip must be a host and a port such as 127.0.0.1:5060'],
  [['plan.yaml', '--rate', '4'], '--rate is for runs without a plan; plan.yaml says it itself'],
])('[LD-3] %j is wrong usage', (args, words) => {
  expect(() => planFor(...args)).toThrow(UsageError)
  expect(() => planFor(...args)).toThrow(words)
})
