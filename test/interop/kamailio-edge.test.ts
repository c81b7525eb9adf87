import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { kamailio } from './support/kamailio.ts'
import { Lab } from './support/lab.ts'
import { Chat, Phone } from './support/phone.ts'
import { freePorts } from './support/ports.ts'
import type { Program } from './support/program.ts'
import { ended, SipJsPhone } from './support/sip-js.ts'

// Clients over UDP, TCP and WebSocket, Kamailio in front, two nodes on one Redis behind it.
let lab: Lab
let capture: Capture
let edge: Program
let edgePort = 0
let browser: SipJsPhone
const phones = new Map<string, Phone>()
const password = 'phone-secret'

beforeAll(async () => {
  const [port = 0, ws = 0, inner = 0] = await freePorts(3)
  edgePort = port
  const dn = (number: string, mode: string) => ({ number, options: { password, 'sip-signaling-chat': mode } })
  lab = await Lab.start({
    agents: 2,
    nodes: 2,
    digest: 'MD5',
    dns: [dn('7101', 'message'), dn('7102', 'message'), dn('7103', 'auto'), dn('7201', 'msrp')],
  })
  const list = join(lab.folderFor('edge'), 'dispatcher.list')
  writeFileSync(list, lab.nodes.map(({ sip }) => `1 sip:127.0.0.1:${sip} 0 0\n`).join(''))
  const values = { EDGE_SIP_PORT: port, EDGE_WS_PORT: ws, EDGE_INNER_PORT: inner, EDGE_DISPATCHER_LIST: list }
  edge = await kamailio('edge', values, lab.folderFor('edge'), port)
  capture = await Capture.start(lab.folder, {
    sip: [port, inner, ...lab.nodes.map(({ sip }) => sip)],
    msrp: lab.nodes.map(({ msrp }) => msrp),
    ws: [ws],
  })
  const open = async (number: string, transport: 'udp' | 'tcp') => {
    const phone = await Phone.open({ number, password, proxy: port, transport, msrp: number.startsWith('72') })
    phones.set(number, phone)
    await phone.registers()
  }
  await open('7101', 'udp')
  await open('7102', 'tcp')
  await open('7201', 'tcp')
  browser = new SipJsPhone({ number: '7103', password, port: ws })
  await browser.starts()
  for (const agent of lab.agents) await agent.logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await browser?.stops()
  await Promise.all([...phones.values()].map((phone) => phone.close()))
  await edge?.stop()
  await lab?.stop()
  await capture?.stop()
})

function phone(number: string): Phone {
  const found = phones.get(number)
  if (!found) throw new Error(`no phone ${number}`)
  return found
}

describe('behind Kamailio as an edge', () => {
  test.each(['7101', '7102'])(
    'a phone that knows only MESSAGE (%s) and an agent write to each other',
    async (number) => {
      const anna = lab.agent()
      expect((await phone(number).says('7001', 'one')).status).toBe(200)
      await anna.isCalled(number)
      await anna.says('two', 'three')
      await phone(number).hears('7001', 'two', 'three')
      expect((await phone(number).says('7001', 'four')).status).toBe(200)
      await anna.hears(number, 'one')
      await anna.hears('7001', 'two', 'three')
      await anna.hears(number, 'four')
    },
  )

  test.each(['7101', '7102'])('an agent calls a phone that knows only MESSAGE (%s)', async (number) => {
    const anna = lab.agent()
    await anna.calls(number)
    await anna.sees('Initiating', { peer: number })
    await anna.sees('Talking')
    await anna.says('hello')
    await phone(number).hears('7001', 'hello')
  })

  test('a long text reaches a phone over TCP', async () => {
    const anna = lab.agent()
    const long = 'long '.repeat(600)
    await anna.calls('7102')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await anna.says(long)
    await phone('7102').hears('7001', long)
  })

  test('an MSRP client calls an agent, is called, and both hang up', async () => {
    const anna = lab.agent()
    const chat = await phone('7201').calls('7001')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    await anna.isCalled('7201')
    await chat.says('one')
    await anna.hears('7201', 'one')
    await chat.hangsUp()
    await anna.sees('Completed', { endedBy: '7201' })

    await anna.calls('7201')
    const answered = await phone('7201').isCalled()
    await anna.sees('Initiating')
    await anna.sees('Talking')
    await anna.says('two')
    await answered.hears('two')
    await anna.completes()
    await answered.ends()
    await anna.sees('Completed')
  })

  test('sip.js over WebSocket writes, calls, and is called', async () => {
    const ben = lab.agent('7002')
    expect(await browser.says('7002', 'hello')).toBe(200)
    await ben.isCalled('7103')
    await ben.says('and you')
    await browser.hears('7002', 'and you')
    await ben.completes()
    await ben.sees('Completed')

    const session = await browser.calls('7002')
    await ben.isCalled('7103')
    await ben.completes()
    await ended(session)
    await ben.sees('Completed')

    await ben.calls('7103')
    const [invitation] = await browser.rings()
    await ben.sees('Initiating', { peer: '7103' })
    await invitation?.accept()
    await ben.sees('Talking')
    await invitation?.bye()
    await ben.sees('Completed', { endedBy: '7103' })
  })

  test('nobody is relayed to the outside', async () => {
    const outside = await Phone.open({ number: '7101', password, proxy: edgePort, domain: 'elsewhere.example' })
    expect((await outside.says('someone', 'hello')).status).toBe(403)
    await outside.close()
  })

  test('a node that is gone is passed over', async () => {
    await lab.nodes[1]?.node.kill()
    const anna = lab.agent()
    // Whichever node a phone's requests went to, they go to the one that is left.
    for (const number of ['7101', '7102']) {
      const written = async () => (await phone(number).says('7001', 'still there?')).status === 200
      await until(written, 20_000, `${number} reaches nobody`)
      await anna.isCalled(number)
      await anna.says('yes')
      await phone(number).hears('7001', 'yes')
      await anna.completes()
      await anna.sees('Completed')
    }
  })

  test('leaves a capture in which tshark finds nothing malformed', async () => {
    const seen = await capture.read()
    expect(seen.malformed).toEqual([])
    expect(seen.sip).toBeGreaterThan(100)
    expect(seen.msrp).toBeGreaterThan(3)
  })
})
