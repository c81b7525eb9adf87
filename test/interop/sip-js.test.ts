import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'
import { ended, SipJsPhone } from './support/sip-js.ts'

let lab: Lab
let capture: Capture
let phone: SipJsPhone
const password = 'phone-secret'

beforeAll(async () => {
  lab = await Lab.start({ digest: 'MD5', dns: [{ number: '7101', options: { password } }] })
  capture = await Capture.start(lab.folder, { sip: [], ws: [lab.node.ws] })
  phone = new SipJsPhone({ number: '7101', password, port: lab.node.ws })
  await phone.starts()
  await lab.agent().logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await phone?.stops()
  await lab?.stop()
  await capture?.stop()
})

describe('sip.js over WebSocket', () => {
  test('[BR-7] writes to an agent, who answers', async () => {
    const anna = lab.agent()
    expect(await phone.says('7001', 'hello & süß 🍲')).toBe(200)
    await anna.isCalled('7101')
    await anna.hears('7101', 'hello & süß 🍲')
    await anna.says('one', 'two')
    await phone.hears('7001', 'one', 'two')
    expect(await phone.says('7001', 'three')).toBe(200)
    await anna.hears('7001', 'one', 'two')
    await anna.hears('7101', 'three')
    await anna.completes()
    await anna.sees('Completed')
  })

  test('[BR-5] calls an agent, and hangs up', async () => {
    const anna = lab.agent()
    const session = await phone.calls('7001')
    await anna.isCalled('7101')
    await session.dispose()
    await anna.sees('Completed', { endedBy: '7101' })
  })

  test('calls an agent, who hangs up', async () => {
    const anna = lab.agent()
    const session = await phone.calls('7001')
    await anna.isCalled('7101')
    await anna.completes()
    await ended(session)
  })

  test('[BR-2] is called by an agent and answers', async () => {
    const anna = lab.agent()
    await anna.calls('7101')
    await anna.sees('Initiating', { peer: '7101' })
    const [invitation] = await phone.rings()
    await invitation?.accept()
    await anna.sees('Talking', { peer: '7101' })
    await anna.completes()
    await anna.sees('Completed')
    if (invitation) await ended(invitation)
  })

  test('[BR-4] is called by an agent and declines', async () => {
    const anna = lab.agent()
    await anna.calls('7101')
    await anna.sees('Initiating')
    const [invitation] = await phone.rings()
    await invitation?.reject({ statusCode: 603 })
    await anna.sees('Completed', { endedBy: '7101', endReason: 'rejected', endSipStatus: 603 })
  })

  test('is called by an agent, who gives up', async () => {
    const anna = lab.agent()
    await anna.calls('7101')
    await anna.sees('Initiating')
    const [invitation] = await phone.rings()
    await anna.completes()
    await anna.sees('Completed')
    if (invitation) await ended(invitation)
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.sip).toBeGreaterThan(30)
  })
})
