import { expect, test } from 'vitest'
import { demoDirectory, demoObjects } from '../../testing/demo-objects.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import type { DNumber } from '../../tserver/ids.ts'
import type { OutgoingRequest, SipAnswer } from '../ports.ts'
import { OosCheck } from './oos-check.ts'

interface Asked {
  at: number
  to: string
  answer(status: number | 'none'): Promise<void>
}

function setUp(trunks: Record<string, Record<string, string>>) {
  const clock = new ManualClock(0)
  const asked: Asked[] = []
  const request = ({ method, to, from }: OutgoingRequest) => {
    expect([method, from]).toEqual(['OPTIONS', 'sip:im.example'])
    const { promise, resolve } = Promise.withResolvers<SipAnswer>()
    const answer = async (status: number | 'none') => {
      const received = status !== 'none'
      const none = {
        reason: '',
        header: () => undefined,
        headers: () => [],
        contentType: undefined,
        body: new Uint8Array(),
      }
      resolve({ ...none, status: received ? status : 408, received })
      await promise
    }
    asked.push({ at: clock.now(), to: to.uri, answer })
    return promise
  }
  const directoryOf = (objects: typeof trunks) =>
    demoDirectory({
      ...demoObjects(),
      dns: Object.entries(objects).map(([number, options]) => ({
        number,
        type: 'Trunk',
        switch: 'SIP_Switch',
        annex: { TServer: options },
      })),
      places: [],
      persons: [],
      agentLogins: [],
    })
  let directory = directoryOf(trunks)
  const changes: string[] = []
  const check = new OosCheck({
    sip: { request },
    clock,
    directory: () => directory,
    from: 'sip:im.example',
    onChange: (dn, inService) => changes.push(`${clock.now() / 1000} ${dn} ${inService ? 'in' : 'out'}`),
  })
  const last = () => {
    const found = asked.at(-1)
    if (!found) throw new Error('nobody was asked')
    return found
  }
  const reload = (changed: typeof trunks) => {
    directory = directoryOf(changed)
    check.reload()
  }
  return { clock, asked, last, check, changes, reload, inService: (dn: string) => check.inService(dn as DNumber) }
}

test('[SR-41] a device is asked every oos-check seconds, at each address', async () => {
  const { clock, asked, check } = setUp({
    A: { contact: 'sip:192.0.2.1', 'contact-list': 'sip:192.0.2.2', 'oos-check': '10' },
    B: { contact: 'sip:192.0.2.3' },
    C: { 'oos-check': '10' },
  })
  clock.advance(20_000)
  expect(asked.map(({ at, to }) => [at, to])).toEqual(
    [0, 10_000, 20_000].flatMap((at) => [
      [at, 'sip:192.0.2.1'],
      [at, 'sip:192.0.2.2'],
    ]),
  )
  check.close()
  expect(clock.pending).toBe(0)
})

test('[SR-42] silent for oos-force seconds it is out, and back with the first answer, whatever that is', async () => {
  const { clock, last, changes, inService, asked } = setUp({
    A: { contact: 'sip:192.0.2.1', 'oos-check': '10', 'oos-force': '15' },
  })
  clock.advance(0)
  await last().answer(200)
  clock.advance(24_999)
  expect([inService('A'), asked.length]).toEqual([true, 3])
  clock.advance(1)
  expect(inService('A')).toBe(false)
  clock.advance(5_000)
  await last().answer(404)
  expect(inService('A')).toBe(true)
  expect(changes).toEqual(['25 A out', '30 A in'])
})

test('[SR-42] an answer in time, also to an older question, ends the wait', async () => {
  const { clock, asked, changes } = setUp({ A: { contact: 'sip:192.0.2.1', 'oos-check': '10', 'oos-force': '15' } })
  clock.advance(14_000)
  await asked[0]?.answer(503)
  clock.advance(15_000)
  expect(changes).toEqual([])
})

test('[SR-42] without oos-force the first failed check counts, but not one that was overtaken', async () => {
  const { clock, asked, last, changes } = setUp({ A: { contact: 'sip:192.0.2.1', 'oos-check': '10' } })
  clock.advance(10_000)
  await last().answer(200)
  await asked[0]?.answer('none')
  expect(changes).toEqual([])
  clock.advance(10_000)
  await last().answer('none')
  expect(changes).toEqual(['20 A out'])
})

test('[SR-42] one address that answers is enough', async () => {
  const { clock, asked, changes } = setUp({
    A: { contact: 'sip:192.0.2.1', 'contact-list': 'sip:192.0.2.2', 'oos-check': '10' },
  })
  clock.advance(0)
  await asked[0]?.answer('none')
  await asked[1]?.answer(200)
  expect(changes).toEqual([])
  clock.advance(10_000)
  await asked[2]?.answer('none')
  await asked[3]?.answer('none')
  expect(changes).toEqual(['10 A out'])
})

test('[SR-42] what is not checked is in service; a reload keeps what is known of what has not changed', async () => {
  const a = { contact: 'sip:192.0.2.1', 'oos-check': '10' }
  const { clock, last, reload, inService, asked } = setUp({ A: a, B: { contact: 'sip:192.0.2.2' } })
  expect([inService('B'), inService('nobody')]).toEqual([true, true])
  clock.advance(0)
  await last().answer('none')
  reload({ A: a, B: { contact: 'sip:192.0.2.2', 'oos-check': '5' } })
  expect(inService('A')).toBe(false)
  clock.advance(1)
  expect(last().to).toBe('sip:192.0.2.2')
  reload({ A: { ...a, contact: 'sip:192.0.2.9' } })
  expect(inService('A')).toBe(true)
  const before = asked.length
  clock.advance(10_000)
  expect(asked.slice(before).every(({ to }) => to === 'sip:192.0.2.9')).toBe(true)
})
