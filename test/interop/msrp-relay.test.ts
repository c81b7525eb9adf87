import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { kamailio } from './support/kamailio.ts'
import { Lab } from './support/lab.ts'
import { Chat, Phone } from './support/phone.ts'
import { freePort } from './support/ports.ts'
import type { Program } from './support/program.ts'

// An MSRP client that can only be reached through a relay, Kamailio's msrp module.
let lab: Lab
let capture: Capture
let relay: Program
let client: Phone
let uri: string
const password = 'phone-secret'
const long = Array.from({ length: 600 }, (_, i) => `line ${i} süß`).join('\n')

beforeAll(async () => {
  lab = await Lab.start({ dns: [{ number: '7201', options: { password, 'sip-signaling-chat': 'msrp' } }] })
  const port = await freePort()
  relay = await kamailio('msrp-relay', { RELAY_PORT: port }, lab.folderFor('relay'), port)
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip], msrp: [lab.node.msrp, port] })
  uri = `msrp://127.0.0.1:${port};tcp`
  const through = { relay: { uri, user: '7201', password: 'relay-secret' } }
  client = await Phone.open({ number: '7201', password, proxy: lab.node.sip, msrp: true, ...through })
  await client.registers()
  await lab.agent().logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await client?.close()
  await relay?.stop()
  await lab?.stop()
  await capture?.stop()
})

describe('an MSRP client behind Kamailio as relay', () => {
  test('calls an agent: texts both ways, long ones in chunks', async () => {
    const anna = lab.agent()
    const chat = await client.calls('7001')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    await anna.isCalled('7201')
    await chat.says('one', long)
    await anna.hears('7201', 'one', long)
    await anna.says('two', long)
    await chat.hears('two', long)
    await chat.hangsUp()
    await anna.sees('Completed', { endedBy: '7201' })
  })

  test('is called by an agent', async () => {
    const anna = lab.agent()
    await anna.calls('7201')
    const chat = await client.isCalled()
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await anna.says('one')
    await chat.hears('one')
    await chat.says('two')
    await anna.hears('7001', 'one')
    await anna.hears('7201', 'two')
    await anna.isTold('Delivered')
    await anna.completes()
    await chat.ends()
  })

  test('with a wrong password gets no path', async () => {
    const through = { relay: { uri, user: '7201', password: 'wrong' } }
    const other = await Phone.open({ number: '7201', password, proxy: lab.node.sip, msrp: true, ...through })
    await expect(other.calls('7001')).rejects.toThrow(/relay/)
    await other.close()
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.msrp).toBeGreaterThan(20)
  })
})
