import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import type { Agent } from './support/agent.ts'
import { BadNetwork, KernelLoss, type Weather } from './support/bad-network.ts'
import { Capture } from './support/capture.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'
import { Chat, Phone } from './support/phone.ts'

let lab: Lab
let capture: Capture
const password = 'phone-secret'
const count = 8
const numbered = (who: string) => Array.from({ length: count }, (_, i) => `${who} ${i}`)
// A repetition after four losses in a row comes after 7.5 s; nothing here waits for less.
const patient = 45_000

beforeAll(async () => {
  const dn = (number: string, mode: string) => ({ number, options: { password, 'sip-signaling-chat': mode } })
  lab = await Lab.start({ dns: [dn('7101', 'message'), dn('7201', 'msrp')] })
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip], msrp: [lab.node.msrp] })
  await lab.agent().logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  await lab?.stop()
  await capture?.stop()
})

/** How many texts of the agent are known to have arrived. */
const delivered = ({ notices }: Agent) =>
  notices.filter(({ notificationType }) => notificationType === 'Delivered').length

/** Texts both ways at once between a phone that knows only MESSAGE and an agent: every one arrives once, and in order. */
async function talk(proxy: number, whenOpen: (phone: Phone) => void = () => undefined): Promise<void> {
  const anna = lab.agent()
  const phone = await Phone.open({ number: '7101', password, proxy })
  try {
    whenOpen(phone)
    await phone.registers()
    expect((await phone.says('7001', 'the first')).status).toBe(200)
    const session = await anna.isCalled('7101')
    const [theirs, ours] = [numbered('phone'), numbered('agent')]
    const writing = anna.says(...ours)
    for (const text of theirs) expect((await phone.says('7001', text)).status).toBe(200)
    await writing
    await until(() => phone.heard.length >= count, patient, `the phone heard ${JSON.stringify(phone.heard)}`)
    const transcript = await anna.transcript(session)
    await until(() => anna.unheard.length >= 2 * count + 1, patient, `the agent heard ${anna.unheard}`)
    // Heard is not answered: a phone that leaves meanwhile, and registers for the next test, would rightly get the last text again.
    await until(() => delivered(anna) >= count, patient, `the agent was told ${JSON.stringify(anna.notices)}`)
    await phone.registers(0)
    expect(phone.heard.map(({ text }) => text)).toEqual(ours)
    expect(transcript.filter((line) => line.startsWith('7101'))).toEqual(
      ['the first', ...theirs].map((text) => `7101: ${text}`),
    )
    expect(anna.unheard).toEqual(transcript)
  } finally {
    await phone.close()
  }
}

/** A call of an MSRP client, set up and ended over the bad network. */
async function call(proxy: number): Promise<void> {
  const anna = lab.agent()
  const client = await Phone.open({ number: '7201', password, proxy, msrp: true })
  try {
    const chat = await client.calls('7001')
    if (!(chat instanceof Chat)) throw new Error(`refused: ${chat.status} ${chat.reason}`)
    await anna.isCalled('7201')
    await chat.says('one')
    await anna.says('two')
    await chat.hears('two')
    await chat.hangsUp()
    await until(() => anna.isFree(), patient, 'the session does not end')
  } finally {
    await client.close()
  }
}

describe.each([5, 20])('%i % of all datagrams lost', (percent) => {
  test('every text arrives once, in order', { timeout: 120_000 }, async () => {
    const kernel = KernelLoss.isPossible() ? new KernelLoss() : undefined
    const network = await BadNetwork.start(lab.node.sip, kernel ? {} : { lose: percent / 100 }, percent)
    try {
      // Where the kernel loses, it does so at the phone and at the engine; the proxy in between only passes on.
      await talk(network.port, (phone) => kernel?.start([phone.port, lab.node.sip], percent))
      // Of a hundred datagrams 5 % can be none.
      if (percent > 5) expect(kernel?.lost ?? network.counts.lose).toBeGreaterThan(0)
    } finally {
      kernel?.stop()
      network.close()
    }
  })
})

describe.each([
  ['doubled', { duplicate: 0.5 }],
  ['out of order', { delay: 0.5 }],
  ['doubled, out of order and lost', { duplicate: 0.3, delay: 0.3, lose: 0.1 }],
] satisfies [string, Weather][])('datagrams that come %s', (_what, weather) => {
  test('change nothing', { timeout: 120_000 }, async () => {
    const network = await BadNetwork.start(lab.node.sip, weather, 4711)
    try {
      await talk(network.port)
      await lab.agent().clears()
      await call(network.port)
      for (const kind of ['duplicate', 'delay'] as const)
        if (kind in weather) expect(network.counts[kind]).toBeGreaterThan(5)
    } finally {
      network.close()
    }
  })
})

test('tshark finds nothing malformed', async () => {
  const seen = await capture.read()
  expect(seen.malformed).toEqual([])
  expect(seen.sip).toBeGreaterThan(100)
})
