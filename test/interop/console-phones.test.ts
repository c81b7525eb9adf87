import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from './support/capture.ts'
import { baresip, type ConsolePhone, linphone } from './support/console-phones.ts'
import { betweenTests } from './support/hooks.ts'
import { Lab } from './support/lab.ts'

let lab: Lab
let capture: Capture
const phones = new Map<string, ConsolePhone>()
const password = 'phone-secret'
const makers = { linphone, baresip }
const numbers = { linphone: '7101', baresip: '7102' }

beforeAll(async () => {
  const dns = Object.values(numbers).map((number) => ({ number, options: { password } }))
  lab = await Lab.start({ digest: 'MD5', dns })
  capture = await Capture.start(lab.folder, { sip: [lab.node.sip], msrp: [lab.node.msrp] })
  for (const name of ['linphone', 'baresip'] as const) {
    const at = { number: numbers[name], password, port: lab.node.sip, to: '7001', folder: lab.folderFor(name) }
    phones.set(name, await makers[name](at))
  }
  await lab.agent().logsIn()
})
betweenTests(() => lab)
afterAll(async () => {
  for (const phone of phones.values()) await phone.stop()
  await lab?.stop()
  await capture?.stop()
})

function phone(name: string): ConsolePhone {
  const found = phones.get(name)
  if (!found) throw new Error(`no ${name}`)
  return found
}

describe.each(['linphone', 'baresip'] as const)('%s', (name) => {
  test('[BR-7] writes to an agent, who answers', async () => {
    const anna = lab.agent()
    phone(name).says('hello from the console')
    await anna.isCalled(numbers[name])
    await anna.hears(numbers[name], 'hello from the console')
    await anna.says('hello to the console')
    await phone(name).shows('hello to the console')
    phone(name).says('second line')
    await anna.hears('7001', 'hello to the console')
    await anna.hears(numbers[name], 'second line')
    await anna.completes()
    await anna.sees('Completed')
  })

  test('[BR-2] is called by an agent: it knows no MSRP, and gets MESSAGEs', async () => {
    const anna = lab.agent()
    await anna.calls(numbers[name])
    await anna.sees('Initiating', { peer: numbers[name] })
    await anna.sees('Talking')
    await anna.says(`called ${name}`)
    await phone(name).shows(`called ${name}`)
  })
})

test('tshark finds nothing malformed', async () => {
  const seen = await capture.read()
  expect(seen.malformed).toEqual([])
  expect(seen.sip).toBeGreaterThan(20)
})
