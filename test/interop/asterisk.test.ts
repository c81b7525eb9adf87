import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Asterisk, asterisk } from './support/asterisk.ts'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'
import { Phone } from './support/phone.ts'
import { freePort } from './support/ports.ts'

// Asterisk is a Trunk DN twice over: 6… goes there as MESSAGEs, and 56… as 6… with INVITEs for MSRP sessions, which it does not know.
let lab: Lab
let capture: Capture
let pbx: Asterisk
let phone: Phone

// The first run makes the chroot.
beforeAll(async () => {
  const port = await freePort()
  const contact = `sip:127.0.0.1:${port}`
  const trunk = (number: string, prefix: string, mode: string) => {
    const options = { contact, prefix, 'replace-prefix': '6', 'sip-signaling-chat': mode }
    return { number, type: 'Trunk' as const, options }
  }
  lab = await Lab.start({ dns: [trunk('asterisk', '6', 'message'), trunk('asterisk-msrp', '56', 'msrp')] })
  pbx = await asterisk({ port, ringdown: lab.node.sip })
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip, port] })
  phone = await Phone.open({ number: '6001', password: 'six-thousand-and-one', proxy: port, domain: '127.0.0.1' })
  await phone.registers()
  await lab.agent().logsIn()
}, 600_000)
betweenTests(() => lab)
afterAll(async () => {
  await phone?.close()
  await pbx?.stop()
  await lab?.stop()
  await capture?.stop()
})

describe('Asterisk', () => {
  test('is of version 22', () => {
    expect(pbx.version).toMatch(/^Asterisk 22\./)
  })

  test('[BR-5] a phone of its writes to an agent, who answers', async () => {
    const anna = lab.agent()
    expect((await phone.says('7001', 'one & süß 🍲')).status).toBe(202)
    const session = await anna.isCalled('6001')
    await anna.hears('6001', 'one & süß 🍲')
    await anna.says('two', 'three')
    await phone.hears('7001', 'two', 'three')
    await phone.says('7001', 'four')
    await anna.hears('7001', 'two', 'three')
    await anna.hears('6001', 'four')
    await anna.completes()
    await anna.sees('Completed', { endedBy: '7001' })
    expect(await anna.transcript(session)).toEqual(['6001: one & süß 🍲', '7001: two', '7001: three', '6001: four'])
    // Asterisk takes every text with 202: nobody has said that it arrived.
    expect(anna.notices).toEqual([])
  })

  test('[BR-4] an agent calls a phone of its', async () => {
    const anna = lab.agent()
    await anna.calls('6001')
    await anna.sees('Initiating', { peer: '6001' })
    await anna.sees('Talking')
    await anna.says('hello')
    await phone.hears('7001', 'hello')
    await phone.says('7001', 'back')
    await anna.hears('7001', 'hello')
    await anna.hears('6001', 'back')
  })

  test('its dialplan answers a text by itself', async () => {
    const anna = lab.agent()
    await anna.calls('6999')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await anna.says('echo')
    await anna.hears('7001', 'echo')
    await anna.hears('6999', 'You wrote: echo')
  })

  test('[BR-2] refuses an INVITE for an MSRP session: the session is completed with the reason', async () => {
    const anna = lab.agent()
    await anna.calls('56001')
    await anna.sees('Initiating', { peer: '56001' })
    await anna.sees('Completed', { endReason: 'failed', endSipStatus: 488 })
    expect(await anna.isFree()).toBe(true)
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.sip).toBeGreaterThan(30)
  })
})
