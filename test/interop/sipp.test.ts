import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, type SippOptions, type SippScenario, sipp } from '../load/sipp/sipp.ts'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'
import { Phone } from './support/phone.ts'
import { freePorts } from './support/ports.ts'
import type { Program } from './support/program.ts'

// SIPp's scenarios of the load kit, with the numbers its README names: callers 7301 to 7310, 7390 takes MESSAGEs, 7391 answers INVITEs.
let lab: Lab
let capture: Capture
const peers: Program[] = []
const password = 'sipp-secret'
const callers = Array.from({ length: 10 }, (_, i) => String(7301 + i))

beforeAll(async () => {
  const [receiver = 0, answerer = 0] = await freePorts(2)
  const contact = (port: number) => `sip:127.0.0.1:${port}`
  lab = await Lab.start({
    agents: 2,
    agentOptions: { '7002': { 'auto-answer': 'false' } },
    digest: 'MD5',
    dns: [
      ...callers.map((number) => ({ number, options: { password } })),
      { number: '7390', options: { contact: contact(receiver), 'sip-signaling-chat': 'message' } },
      { number: '7391', options: { contact: contact(answerer), 'sip-signaling-chat': 'msrp' } },
      { number: '7401', options: { password, 'sip-signaling-chat': 'message' } },
    ],
  })
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip], msrp: [lab.node.msrp] })
  peers.push(await answering('receive', '7390', receiver, lab.folderFor('receive')))
  peers.push(await answering('answer', '7391', answerer, lab.folderFor('answer')))
  for (const agent of lab.agents) await agent.logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  for (const peer of peers) await peer.stop()
  await lab?.stop()
  await capture?.stop()
})

/** Plays a scenario; all calls went as it says, and nothing came that it does not have. */
async function plays(scenario: SippScenario, options: Partial<SippOptions> & Pick<SippOptions, 'to' | 'calls'>) {
  const result = await sipp(scenario, {
    ...{ host: '127.0.0.1', port: lab.node.sip, callers, password },
    folder: lab.folderFor(`${scenario}-${options.to}-${options.transport ?? ''}${options.lost ?? ''}`),
    ...options,
  })
  expect(result.errors).toBe('')
  expect(result).toMatchObject({ exitCode: 0, succeeded: options.calls, failed: 0, unexpected: 0 })
  return result
}

/** Retransmissions SIPp counted of an answer. */
function repeated({ counts }: { counts: ReadonlyMap<string, number> }, status: number): number {
  const steps = [...counts].filter(([name]) => name.endsWith(`_${status}_Retrans`))
  return steps.reduce((sum, [, count]) => sum + count, 0)
}

describe('SIPp', () => {
  test.each(['u1', 't1'] as const)('registers with digest (%s)', async (transport) => {
    await plays('register', { to: '-', calls: 20, rate: 20, transport })
  })

  test('sends MESSAGEs to an agent', async () => {
    const anna = lab.agent()
    for (let i = 0; i < 5; i++) {
      await plays('message', { to: '7001', calls: 1, callers: callers.slice(0, 1) })
      if (i === 0) await anna.isCalled('7301')
    }
    expect(anna.unheard).toHaveLength(5)
  })

  test.each(['u1', 't1'] as const)('sends MESSAGEs to another endpoint (%s)', async (transport) => {
    await plays('message', { to: '7390', calls: 40, rate: 20, transport })
  })

  test('sends a MESSAGE twice over, which counts once', async () => {
    const anna = lab.agent()
    await plays('repeated', { to: '7001', calls: 1 })
    await anna.isCalled('7301')
    expect(anna.unheard).toHaveLength(1)
  })

  test('loses packets both ways', async () => {
    const result = await plays('message', { to: '7390', calls: 20, rate: 20, lost: 15 })
    expect(result.retransmissions).toBeGreaterThan(0)
  })

  test('calls an agent, talks and hangs up', async () => {
    const anna = lab.agent()
    await plays('invite', { to: '7001', calls: 5, atOnce: 1, rate: 2 })
    for (const number of callers.slice(0, 5)) await anna.isCalledAndLeft(number)
  })

  test('calls another endpoint', async () => {
    await plays('invite', { to: '7391', calls: 20, rate: 20 })
  })

  test('cancels an INVITE that rings', async () => {
    const ben = lab.agent('7002')
    await plays('cancel', { to: '7002', calls: 3, atOnce: 1, rate: 2 })
    for (const number of callers.slice(0, 3)) {
      await ben.sees('Alerting', { peer: number })
      await ben.sees('Completed', { endReason: 'abandoned', endedBy: number })
    }
  })

  test('makes a new offer', async () => {
    const anna = lab.agent()
    await plays('reinvite', { to: '7001', calls: 2, atOnce: 1, rate: 2 })
    await anna.isCalledAndLeft('7301')
    await anna.isCalledAndLeft('7302')
  })

  test('loses the ACK of a 200: it comes again', async () => {
    const result = await plays('lost-ack', { to: '7001', calls: 1 })
    expect(repeated(result, 200)).toBeGreaterThanOrEqual(2)
    await lab.agent().isCalledAndLeft('7301')
  })

  test('is refused by an agent who is in a session', async () => {
    const anna = lab.agent()
    const phone = await Phone.open({ number: '7401', password, proxy: lab.node.sip })
    try {
      expect((await phone.says('7001', 'hello')).status).toBe(200)
      await anna.isCalled('7401')
      await plays('busy', { to: '7001', calls: 3 })
    } finally {
      await phone.close()
    }
  })

  test('calls a number that is not there', async () => {
    await plays('unknown', { to: '9999', calls: 3 })
  })

  test('loses the ACK of a refusal: it comes again', async () => {
    expect(repeated(await plays('lost-refusal', { to: '9999', calls: 1 }), 404)).toBeGreaterThanOrEqual(2)
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.sip).toBeGreaterThan(200)
  })
})
