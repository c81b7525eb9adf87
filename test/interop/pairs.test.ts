import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'
import { Chat, Phone } from './support/phone.ts'

// An agent on CometD at 7001, phones that know only MESSAGE at 7101 and 7102, clients with MSRP at 7201 and 7202.
let lab: Lab
let capture: Capture
const phones: Phone[] = []
const password = 'phone-secret'

beforeAll(async () => {
  const sip = (number: string, mode: string) => ({ number, options: { password, 'sip-signaling-chat': mode } })
  const dns = [sip('7101', 'message'), sip('7102', 'message'), sip('7201', 'msrp'), sip('7202', 'msrp')]
  lab = await Lab.start({ agents: 2, dns })
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip], msrp: [lab.node.msrp] })
  for (const number of ['7101', '7102', '7201', '7202']) {
    const phone = await Phone.open({ number, password, proxy: lab.node.sip, msrp: number.startsWith('72') })
    phones.push(phone)
    await phone.registers()
  }
  for (const agent of lab.agents) await agent.logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await Promise.all(phones.map((phone) => phone.close()))
  await lab?.stop()
  await capture?.stop()
})

function phone(number: string): Phone {
  const found = phones.find((each) => each.number === number)
  if (!found) throw new Error(`no phone ${number}`)
  return found
}

const ours = ['one', 'two: süß & 🍲', 'three\r\nin two lines']
const theirs = ['eins', 'zwei', 'drei']

describe('an agent on CometD', () => {
  test('and an agent', async () => {
    const [anna, ben] = [lab.agent('7001'), lab.agent('7002')]
    await anna.calls('7002')
    await ben.isCalled('7001')
    await anna.says(...ours)
    await ben.says(...theirs)
    for (const agent of [anna, ben]) {
      await agent.hears('7001', ...ours)
      await agent.hears('7002', ...theirs)
    }
    await ben.completes()
    await ben.sees('Completed', { endedBy: '7002' })
    for (const state of ['Initiating', 'Talking', 'Completed'] as const) await anna.sees(state, { peer: '7002' })
  })

  test('[BR-7] [BR-15] and a phone that begins with a MESSAGE', async () => {
    const anna = lab.agent()
    const seven = phone('7101')
    expect((await seven.says('7001', theirs[0] ?? '')).status).toBe(200)
    const session = await anna.isCalled('7101')
    expect(await anna.participants()).toEqual(['7101'])
    for (const text of theirs.slice(1)) expect((await seven.says('7001', text)).status).toBe(200)
    await anna.hears('7101', ...theirs)
    await anna.says(...ours)
    await anna.hears('7001', ...ours)
    await seven.hears('7001', ...ours)
    expect((await anna.isTold('Delivered')).notificationType).toBe('Delivered')
    await anna.completes()
    await anna.sees('Completed', { endedBy: '7001', endReason: 'completed' })
    expect(await anna.transcript(session)).toEqual([
      ...theirs.map((text) => `7101: ${text}`),
      ...ours.map((text) => `7001: ${text}`),
    ])
  })

  test('calls a phone that knows only MESSAGE', async () => {
    const anna = lab.agent()
    const seven = phone('7101')
    await anna.calls('7101')
    await anna.sees('Initiating', { peer: '7101' })
    await anna.sees('Talking', { peer: '7101' })
    await anna.says(...ours)
    await seven.hears('7001', ...ours)
    for (const text of theirs) expect((await seven.says('7001', text)).status).toBe(200)
    await anna.hears('7001', ...ours)
    await anna.hears('7101', ...theirs)
    await anna.completes()
    await anna.sees('Completed')
    expect(await anna.isFree()).toBe(true)
  })

  test('[BR-5] and an MSRP client that calls', async () => {
    const anna = lab.agent()
    const chat = await phone('7201').calls('7001')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    const session = await anna.isCalled('7201')
    await chat.says(...theirs)
    await anna.hears('7201', ...theirs)
    await anna.says(...ours)
    await anna.hears('7001', ...ours)
    await chat.hears(...ours)
    expect(chat.reported).toBe(theirs.length)
    await chat.hangsUp()
    await anna.sees('Completed', { endedBy: '7201', endReason: 'completed' })
    expect(await anna.transcript(session)).toEqual([
      ...theirs.map((text) => `7201: ${text}`),
      ...ours.map((text) => `7001: ${text}`),
    ])
  })

  test('[BR-2] calls an MSRP client, which answers', async () => {
    const anna = lab.agent()
    await anna.calls('7201')
    const chat = await phone('7201').isCalled()
    await anna.sees('Initiating', { peer: '7201' })
    await anna.sees('Talking', { peer: '7201' })
    await anna.says(...ours)
    await chat.says(...theirs)
    await chat.hears(...ours)
    await anna.completes()
    await chat.ends()
    await anna.sees('Completed')
  })

  test('[BR-11] sees that a text was refused, and why', async () => {
    const anna = lab.agent()
    const seven = phone('7101')
    await anna.calls('7101')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    seven.reply = { status: 403, reason: 'Not From You' }
    try {
      await anna.says('hello?')
      const notice = JSON.stringify(await anna.isTold('Failed'))
      expect(notice).toContain('403')
      expect(notice).toContain('Not From You')
    } finally {
      seven.reply = { status: 200 }
    }
  })

  test('is not told of a delivery where somebody on the way has taken the text', async () => {
    const anna = lab.agent()
    const seven = phone('7101')
    await anna.calls('7101')
    await anna.sees('Initiating')
    await anna.sees('Talking')
    seven.reply = { status: 202 }
    const before = seven.asked
    await anna.says('one')
    await until(() => seven.asked > before, 5_000, 'no MESSAGE came')
    seven.reply = { status: 200 }
    await anna.says('two')
    await seven.hears('7001', 'two')
    await anna.isTold('Delivered')
    expect(anna.notices).toHaveLength(1)
  })

  test('[BR-6] is busy for a third', async () => {
    const anna = lab.agent()
    await phone('7101').says('7001', 'first')
    await anna.isCalled('7101')
    const refused = await phone('7102').says('7001', 'second')
    expect(refused.status).toBe(486)
    expect(Number(refused.header('retry-after'))).toBeGreaterThan(0)
    const call = await phone('7201').calls('7001')
    expect(call instanceof Chat ? 200 : call.status).toBe(486)
    await anna.completes()
    await anna.sees('Completed')
  })
})

describe('endpoints alone', () => {
  test('two phones that know only MESSAGE', async () => {
    const [one, two] = [phone('7101'), phone('7102')]
    for (const text of ours) expect((await one.says('7102', text)).status).toBe(202)
    await two.hears('7101', ...ours)
    for (const text of theirs) expect((await two.says('7101', text)).status).toBe(202)
    await one.hears('7102', ...theirs)
  })

  test('two MSRP clients', async () => {
    const chat = await phone('7201').calls('7202')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    const other = await phone('7202').isCalled()
    await chat.says(...ours)
    await other.hears(...ours)
    await other.says(...theirs)
    await chat.hears(...theirs)
    await other.hangsUp()
    await chat.ends()
  })

  test('an MSRP client calls a phone that knows only MESSAGE', async () => {
    const chat = await phone('7202').calls('7102')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    const two = phone('7102')
    await chat.says(...ours)
    await two.hears('7202', ...ours)
    for (const text of theirs) expect((await two.says('7202', text)).status).toBe(202)
    await chat.hears(...theirs)
    await chat.hangsUp()
  })

  test('a phone that knows only MESSAGE writes to an MSRP client', async () => {
    const one = phone('7101')
    expect((await one.says('7201', theirs[0] ?? '')).status).toBe(202)
    const chat = await phone('7201').isCalled()
    for (const text of theirs.slice(1)) expect((await one.says('7201', text)).status).toBe(202)
    await chat.hears(...theirs)
    await chat.says(...ours)
    await one.hears('7201', ...ours)
    await chat.hangsUp()
  })
})

test('tshark finds nothing malformed in all that', async () => {
  const seen = await capture.read()
  expect(seen.malformed).toEqual([])
  expect(seen.sip).toBeGreaterThan(50)
  expect(seen.msrp).toBeGreaterThan(20)
})
