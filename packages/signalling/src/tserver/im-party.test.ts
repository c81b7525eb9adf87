import { describe, expect, test } from 'vitest'
import { agentStep, agentTable } from './agent.ts'
import { imParty, step } from './im-party.ts'

const states = ['null', 'dialing', 'alerting', 'connected'] as const
const inputs = [...new Set(imParty.map((row) => row[1]))]

describe('the party table', () => {
  test('[IM-1] has one row a pair at most, and a pair without a row is no step', () => {
    const pairs = imParty.map(([from, on]) => `${from} ${on}`)
    expect(new Set(pairs).size).toBe(pairs.length)
    for (const from of states)
      for (const on of inputs) expect(step(from, on) !== undefined).toBe(pairs.includes(`${from} ${on}`))
  })

  test('[IM-1] every party that came can go: each state leads back to null', () => {
    for (const from of ['dialing', 'alerting', 'connected'] as const)
      expect(imParty.some((row) => row[0] === from && row[2] === 'null')).toBe(true)
  })

  test('[IM-3] only a ringing party can be abandoned', () => {
    expect(imParty.filter((row) => row[3] === 'EventAbandoned').map((row) => row[0])).toEqual(['alerting'])
  })
})

describe('the agent table', () => {
  test('[AG-1] ready and not ready need a login, and a logout can follow both', () => {
    expect(agentStep('null', 'ready')).toBeUndefined()
    expect(agentStep('null', 'notReady')).toBeUndefined()
    expect(agentStep('null', 'logout')).toBeUndefined()
    expect(agentTable.filter((row) => row[1] === 'logout').map((row) => row[2])).toEqual(['null', 'null'])
  })
})
