import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { kamailio } from './support/kamailio.ts'
import { Lab } from './support/lab.ts'
import { Chat, Phone } from './support/phone.ts'
import { freePort } from './support/ports.ts'
import type { Program } from './support/program.ts'

// Phones at a Kamailio of their own, which the engine reaches by a Trunk DN: their numbers begin with 9.
const pbx = 'pbx.example'
let lab: Lab
let capture: Capture
let registrar: Program
let pager: Phone
let msrp: Phone

beforeAll(async () => {
  const port = await freePort()
  const contact = `sip:127.0.0.1:${port}`
  lab = await Lab.start({
    dns: [{ number: 'pbx', type: 'Trunk', options: { contact, prefix: '9', 'replace-prefix': '9' } }],
  })
  const values = { REGISTRAR_PORT: port, REGISTRAR_DOMAIN: pbx, RINGDOWN_SIP: `127.0.0.1:${lab.node.sip}` }
  registrar = await kamailio('registrar', values, lab.folderFor('registrar'), port)
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip, port], msrp: [lab.node.msrp] })
  const at = { proxy: port, domain: pbx }
  pager = await Phone.open({ ...at, number: '9001', password: 'nine-thousand-and-one' })
  msrp = await Phone.open({ ...at, number: '9002', password: 'nine-thousand-and-two', msrp: true })
  for (const phone of [pager, msrp]) await phone.registers()
  await lab.agent().logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await pager?.close()
  await msrp?.close()
  await registrar?.stop()
  await lab?.stop()
  await capture?.stop()
})

describe('Kamailio as a registrar behind a trunk', () => {
  test('[BR-5] its phone writes to an agent, who answers', async () => {
    const anna = lab.agent()
    expect((await pager.says('7001', 'from far away')).status).toBe(200)
    const session = await anna.isCalled('9001')
    await anna.says('who is there?', 'süß & 🍲')
    await pager.hears('7001', 'who is there?', 'süß & 🍲')
    expect((await pager.says('7001', 'me')).status).toBe(200)
    await anna.completes()
    await anna.sees('Completed', { endedBy: '7001' })
    expect(await anna.transcript(session)).toEqual([
      '9001: from far away',
      '7001: who is there?',
      '7001: süß & 🍲',
      '9001: me',
    ])
  })

  test('[BR-4] an agent calls its phone, which knows only MESSAGE', async () => {
    const anna = lab.agent()
    await anna.calls('9001')
    await anna.sees('Initiating', { peer: '9001' })
    await anna.sees('Talking')
    await anna.says('hello')
    await pager.hears('7001', 'hello')
    await anna.completes()
    await anna.sees('Completed')
  })

  test('[BR-4] an agent calls its MSRP client', async () => {
    const anna = lab.agent()
    await anna.calls('9002')
    const chat = await msrp.isCalled()
    await anna.sees('Initiating', { peer: '9002' })
    await anna.sees('Talking')
    await anna.says('one', 'two')
    await chat.hears('one', 'two')
    await chat.says('three')
    await anna.hears('7001', 'one', 'two')
    await anna.hears('9002', 'three')
    await chat.hangsUp()
    await anna.sees('Completed', { endedBy: '9002' })
  })

  test('its MSRP client calls an agent, who hangs up', async () => {
    const anna = lab.agent()
    const chat = await msrp.calls('7001')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    await anna.isCalled('9002')
    await chat.says('one', 'two')
    await anna.hears('9002', 'one', 'two')
    await anna.completes()
    await chat.ends()
    await anna.sees('Completed')
  })

  test('[BR-2] nobody is registered there: the session is completed with the reason', async () => {
    const anna = lab.agent()
    await anna.calls('9003')
    await anna.sees('Initiating', { peer: '9003' })
    await anna.sees('Completed', { endReason: 'invalidNumber', endSipStatus: 404, endSipReason: 'Nobody Registered' })
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.sip).toBeGreaterThan(40)
    expect(seen.msrp).toBeGreaterThan(4)
  })
})
