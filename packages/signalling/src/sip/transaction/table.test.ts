import { describe, expect, test } from 'vitest'
import { inviteClient, inviteClientStep } from './invite-client.ts'
import { inviteServer, inviteServerStep } from './invite-server.ts'
import { nonInviteClient, nonInviteClientStep } from './non-invite-client.ts'
import { nonInviteServer, nonInviteServerStep } from './non-invite-server.ts'
import type { Row, Step } from './table.ts'
import { defaultTimers, durations } from './timers.ts'

type AnyStep = (from: string, on: string) => Step<string, string> | undefined

const machines: [name: string, rows: readonly Row<string, string, string>[], step: AnyStep, first: string][] = [
  ['INVITE server', inviteServer, inviteServerStep as AnyStep, 'proceeding'],
  ['INVITE client', inviteClient, inviteClientStep as AnyStep, 'calling'],
  ['non-INVITE server', nonInviteServer, nonInviteServerStep as AnyStep, 'trying'],
  ['non-INVITE client', nonInviteClient, nonInviteClientStep as AnyStep, 'trying'],
]

/** The RFC's figures as arrows, written down apart from the tables: state, input, state. */
const figures: Record<string, readonly string[]> = {
  'INVITE server': [
    'proceeding INVITE proceeding',
    'proceeding timer100 proceeding',
    'proceeding 1xx proceeding',
    'proceeding 2xx accepted',
    'proceeding 300-699 completed',
    'completed INVITE completed',
    'completed G completed',
    'completed ACK confirmed',
    'completed H terminated',
    'confirmed I terminated',
    'accepted 2xx accepted',
    'accepted ACK accepted',
    'accepted L terminated',
  ],
  'INVITE client': [
    'calling A calling',
    'calling B terminated',
    'calling error terminated',
    'calling cancel calling',
    'calling 1xx proceeding',
    'calling 2xx accepted',
    'calling 300-699 completed',
    'proceeding 1xx proceeding',
    'proceeding 2xx accepted',
    'proceeding 300-699 completed',
    'proceeding cancel proceeding',
    'proceeding Cancelled terminated',
    'proceeding error terminated',
    'completed 300-699 completed',
    'completed error terminated',
    'completed D terminated',
    'accepted 2xx accepted',
    'accepted M terminated',
  ],
  'non-INVITE server': [
    'trying timer100 proceeding',
    'trying 200-699 completed',
    'proceeding request proceeding',
    'proceeding 200-699 completed',
    'proceeding F terminated',
    'completed request completed',
    'completed J terminated',
  ],
  'non-INVITE client': [
    'trying E trying',
    'trying F terminated',
    'trying error terminated',
    'trying 1xx proceeding',
    'trying 200-699 completed',
    'proceeding E proceeding',
    'proceeding F terminated',
    'proceeding error terminated',
    'proceeding 1xx proceeding',
    'proceeding 200-699 completed',
    'completed K terminated',
  ],
}

/** An input of a table in the words of the figures. */
function inFigure(on: string): string {
  const words: Record<string, string> = {
    invite: 'INVITE',
    ack: 'ACK',
    flowFailed: 'error',
    final: '200-699',
    sendFinal: '200-699',
    '3xx-6xx': '300-699',
    timer100: 'timer100',
  }
  const bare = on.replace(/^send/, '')
  return words[on] ?? words[bare] ?? bare.replace(/^timer/, '')
}

describe.each(machines)('the %s table', (name, rows, step, first) => {
  test('[SX-1] has the arrows of the figure, and one row a pair', () => {
    const pairs = rows.map(([from, on]) => `${from} ${on}`)
    expect(new Set(pairs).size).toBe(pairs.length)
    expect(rows.map(([from, on, to]) => `${from} ${inFigure(on)} ${to}`).sort()).toEqual(
      [...(figures[name] ?? [])].sort(),
    )
  })

  test('[SX-1] a pair without a row is no step', () => {
    const pairs = new Map(rows.map((row) => [`${row[0]} ${row[1]}`, row]))
    const states = new Set(rows.flatMap((row) => [row[0], row[2]]))
    const inputs = new Set(rows.map((row) => row[1]))
    for (const from of states)
      for (const on of inputs) {
        const row = pairs.get(`${from} ${on}`)
        expect(step(from, on)).toEqual(row && { to: row[2], actions: row[3] })
      }
    expect(step('toString', 'valueOf')).toBeUndefined()
  })

  test('[SX-1] every state can be reached and leads to terminated, which leads nowhere', () => {
    const reached = new Set([first])
    for (let size = 0; size !== reached.size; ) {
      size = reached.size
      for (const [from, , to] of rows) if (reached.has(from)) reached.add(to)
    }
    expect(reached).toEqual(new Set(rows.flatMap((row) => [row[0], row[2]])))
    const ending = new Set(['terminated'])
    for (let size = 0; size !== ending.size; ) {
      size = ending.size
      for (const [from, , to] of rows) if (ending.has(to)) ending.add(from)
    }
    expect(ending).toEqual(reached)
    expect(rows.filter((row) => row[0] === 'terminated')).toEqual([])
  })

  test('[SX-1] every timer a row waits for is started on the way, and no final answer is passed on twice but for 2xx to INVITE', () => {
    const begins = ['timerA', 'timerB', 'timerE', 'timerF', 'timer100']
    const started = rows.flatMap((row) =>
      row[3].filter((action) => action.startsWith('start')).map((a) => a.replace('start', 'timer')),
    )
    for (const [, on] of rows) if (on.startsWith('timer')) expect([...begins, ...started]).toContain(on)
    for (const [from, on, , actions] of rows)
      if (from === 'completed') expect(actions.includes('pass'), `${from} ${on}`).toBe(false)
  })
})

describe('the timers', () => {
  test('[SX-1] derive from T1, T2 and T4 as RFC 3261 table 4 says', () => {
    expect(durations(defaultTimers)).toEqual({
      lifetime: 32_000,
      d: 32_000,
      t1: 500,
      t2: 4_000,
      t4: 5_000,
      inviteTrying: 200,
      nonInviteTrying: 3_500,
    })
    expect(durations({ t1: 1_000, t2: 4_000, t4: 5_000 })).toMatchObject({
      lifetime: 64_000,
      d: 64_000,
      nonInviteTrying: 3_000,
    })
    expect(durations({ t1: 100, t2: 4_000, t4: 5_000 })).toMatchObject({ lifetime: 6_400, d: 32_000 })
  })
})
