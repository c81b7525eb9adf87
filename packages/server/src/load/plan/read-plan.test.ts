import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { planTable } from './plan-table.ts'
import { type PlanOverrides, readPlan } from './read-plan.ts'

const files: Readonly<Record<string, string>> = {
  '/plans/phones.csv': 'number,password\n8001,one\n"8002","t""wo"\n',
  '/plans/short.csv': 'userName,password,number\nanna,secret\n',
  '/plans/ca.pem': 'PEM',
}
const around = {
  env: { BEN: 'of ben' },
  readFile: (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  },
}
const read = (text: string, over: PlanOverrides = {}) => readPlan(text, '/plans/plan.yaml', around, over)
function good(text: string, over: PlanOverrides = {}) {
  const result = read(text, over)
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes))
  return result.plan
}
function mistakes(text: string): string[] {
  const result = read(text)
  return 'mistakes' in result ? result.mistakes.map(({ line, message }) => `${line}: ${message}`) : []
}

const small = `as: admin
groups: [{ name: a, agents: 4 }]
talks: [{ from: a, to: a, steps: [{ rate: 5, for: 10s }] }]
`

describe('a plan', () => {
  test('[LD-2] that says little has the defaults', () => {
    const plan = good(small)
    expect(plan).toMatchObject({
      ...{
        address: 'http://127.0.0.1:8080',
        as: 'admin',
        seed: 1,
        lostAfterMs: 10_000,
        underWay: 10_000,
        processes: 1,
      },
      ...{ maxFailures: 0, limits: {}, sip: { host: '127.0.0.1', port: 5060, transport: 'udp', domain: '127.0.0.1' } },
    })
    expect(plan.talks).toMatchObject([
      {
        pairs: 2,
        per: 'texts',
        steps: [{ from: 5, to: 5, ms: 10_000 }],
        textsPerSession: 0,
        textLength: 100,
        arrivals: 'even',
      },
    ])
  })

  test('[LD-2] says everything', () => {
    const plan = good(`address: https://im.example:8443/
caFile: ca.pem
as: root
sip: { address: "[::1]:5070", transport: tcp }
seed: 7
groups:
  - { name: desks, kind: cometd, transport: long-polling, agents: 3 }
  - { name: people, kind: uc-ajax, people: [{ userName: ben, password: "\${BEN}", number: 7002 }] }
  - { name: phones, kind: sip-message, file: phones.csv }
talks:
  - from: desks
    to: phones
    per: sessions
    textsPerSession: 6
    think: { distribution: uniform, mean: 1.5s, spread: 500ms }
    textLength: 200
    arrivals: random
    steps: [{ rate: 0.5, to: 4, for: 1m }, { rate: 4, for: 1h }]
  - { from: desks, to: people, steps: [{ rate: 1, for: 5s }] }
lostAfter: 30s
maxFailures: 3
limits: { p99: 200ms }
`)
    expect(plan).toMatchObject({ address: 'https://im.example:8443', ca: 'PEM', maxFailures: 3, limits: { p99: 200 } })
    expect(plan.sip).toEqual({ host: '::1', port: 5070, transport: 'tcp', domain: '[::1]' })
    expect(plan.talks).toMatchObject([
      {
        pairs: 2,
        think: { distribution: 'uniform', mean: 1_500, spread: 500 },
        steps: [
          { from: 0.5, to: 4, ms: 60_000 },
          { from: 4, to: 4, ms: 3_600_000 },
        ],
      },
      { pairs: 1 },
    ])
    const [, people, phones] = plan.groups
    expect(people?.people.map(({ password }) => password.reveal())).toEqual(['of ben'])
    expect(phones?.people.map(({ number, password }) => [number, password.reveal()])).toEqual([
      ['8001', 'one'],
      ['8002', 't"wo'],
    ])
    expect(JSON.stringify(plan)).not.toContain('of ben')
  })

  test('[LD-2] is overruled by the command line', () => {
    const over = {
      address: 'http://h:1',
      as: 'b',
      sip: 'h:2',
      seed: 9,
      processes: 2,
      maxFailures: 5,
      limits: { max: 1 },
    }
    expect(good(small, over)).toMatchObject({
      ...{ address: 'http://h:1', as: 'b', seed: 9, processes: 2, maxFailures: 5, limits: { max: 1 } },
      sip: { host: 'h', port: 2, domain: 'h' },
    })
  })

  test('[LD-3] with mistakes tells all of them with their lines', () => {
    expect(
      mistakes(`as: admin
adress: http://127.0.0.1
groups:
  - { name: a, kind: sms, agents: 4 }
talks:
  - { from: a, to: a, steps: [{ rate: much, for: 10 }] }
`),
    ).toEqual([
      '2: adress is not known; did you mean address?',
      '4: groups[0].kind must be one of cometd, uc-ajax, sip-message, msrp, not "sms"',
      '6: talks[0].steps[0].rate must be a number such as 50 or 0.5, not "much"',
      '6: talks[0].steps[0].for must be a time such as 500ms, 30s, 5m or 2h, not "10"',
    ])
  })

  test('[LD-3] that contradicts itself is told where', () => {
    expect(
      mistakes(`groups:
  - { name: a, agents: 4 }
  - { name: a, kind: msrp, file: nobody.csv }
  - { name: b, kind: uc-ajax, agents: 1, people: [{ number: 1, password: x }] }
  - { name: c }
  - { name: d, kind: sip-message, file: phones.csv }
talks:
  - { from: a, to: e, steps: [{ rate: 1, for: 0s }] }
  - { from: a, to: a, pairs: 3, steps: [{ rate: 1, for: 1s }] }
  - { from: d, to: d, per: sessions, textLength: 1001, steps: [{ rate: 1, for: 25h }] }
caFile: none.pem
`),
    ).toEqual([
      '2: group a: agents are made by an administrator; name one with `as` or --as',
      '3: group a is there twice',
      '3: group a: nobody.csv cannot be read (ENOENT)',
      '4: group b: agents that are made and agents that exist need groups of their own',
      '4: group b: DN 1 has no userName',
      '5: group c has no agents',
      '8: a run takes a day at most',
      '8: there is no group e',
      '9: 3 pairs of a with a: the groups have agents left for 2, and an agent is in one pair',
      '10: sessions that begin all the time need textsPerSession, so that they end',
      '10: texts of 1001 characters do not fit a SIP MESSAGE; 1000 do',
      '11: caFile: none.pem cannot be read (ENOENT)',
    ])
  })

  test('[LD-3] whose CSV is wrong says the line, and nothing of what stands there', () => {
    const [mistake = ''] = mistakes(
      'groups: [{ name: a, file: short.csv }]\ntalks: [{ from: a, to: a, steps: [{ rate: 1, for: 1s }] }]',
    )
    expect(mistake).toBe('1: group a: short.csv: line 2 has not as many fields as the first line')
  })
})

test('[LD-2] LOAD.md shows every key as the schema has it; `npm run -s ringdown load-plan-table` prints the block anew', () => {
  const page = readFileSync(new URL('../../../LOAD.md', import.meta.url), 'utf8')
  const block = /<!-- plan:begin -->\n([\s\S]*?)\n<!-- plan:end -->/.exec(page)?.[1]
  expect(block?.split('\n')).toEqual(planTable().split('\n'))
  for (const row of planTable().split('\n').slice(2)) expect(row).toMatch(/ \| \S.*[.:`)] \|$/)
})
