import type { CallUUID, DNumber, LogEntry, MessageID } from '@ringdown/signalling'
import { legID } from '@ringdown/signalling'
import { type SipBench, sipBench } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { finishLeg } from './finish-leg.ts'
import type { Delivery } from './outbox.ts'
import type { Report, Way } from './way.ts'

const phone = '8003' as DNumber
const client = '8001' as DNumber

/** Anna has said three things to an endpoint and left; its owner has dealt with the first. */
async function ended(dn: DNumber): Promise<SipBench & { call: CallUUID }> {
  const made = sipBench()
  const anna = made.agent('anna')
  await anna.logIn()
  const call = await anna.call(dn)
  if (dn === client) await made.endpoint(dn).input(call, { input: 'answered', mode: 'session' })
  await anna.say(call, 'one')
  await made.endpoint(dn).says(call, 'from the endpoint')
  await anna.say(call, 'two')
  await anna.say(call, 'three')
  await anna.release(call)
  await made.store.commit({
    expect: [{ kind: 'leg', id: legID(call, dn), version: 0 }],
    put: [{ kind: 'leg', id: legID(call, dn), value: { callUUID: call, dn, owner: 'n1', delivered: 1, dialog: null } }],
    claims: [],
    feeds: [],
    timers: { set: [], cancel: [] },
  })
  return { ...made, call }
}

function finisher({ store, call }: SipBench & { call: CallUUID }, dn: DNumber, outcome: (text: string) => Delivery) {
  const sent: string[] = []
  const reports: [MessageID, Report][] = []
  const way = {
    send: async ({ text }: LogEntry) => {
      sent.push(text.body)
      return outcome(text.body)
    },
  } as Way
  const finish = () =>
    finishLeg(
      {
        store,
        node: 'n2',
        retentionMs: 1_000,
        pagerWay: () => way,
        report: async (_call, _dn, messageID, report) => {
          reports.push([messageID, report])
        },
        sayGoodbye: () => {},
      },
      call,
      dn,
    )
  return { sent, reports, finish }
}

test('[LG-8] what is left for a phone is sent, once', async () => {
  const made = await ended(phone)
  const { sent, reports, finish } = finisher(made, phone, () => 'done')
  await finish()
  await finish()
  expect([sent, reports]).toEqual([['two', 'three'], []])
})

test('[LG-8] what cannot be sent any more is reported to its sender', async () => {
  const made = await ended(phone)
  const { reports, finish } = finisher(made, phone, (text) => (text === 'two' ? 'later' : 'done'))
  await finish()
  expect(reports.map(([, report]) => report)).toEqual([
    { outcome: 'failed', status: 487, reason: 'the session has ended' },
  ])
})

test('[LG-8] an MSRP session is gone with its owner: all that is left is reported', async () => {
  const made = await ended(client)
  const { sent, reports, finish } = finisher(made, client, () => 'done')
  await finish()
  const ids = (await made.store.readLog(made.call, 0, 10)).map(({ text }) => text.messageID)
  expect([sent, reports.map(([id]) => id)]).toEqual([[], [ids[2], ids[3]]])
})

test('[LG-8] a text that began a call is reported with what the endpoint refused it with', async () => {
  const made = sipBench()
  const anna = made.agent('anna')
  await anna.logIn()
  const call = await anna.call(client, { text: { contentType: 'text/plain', body: 'hello' } })
  await made.endpoint(client).input(call, { input: 'refused', status: 603, reason: 'Decline' })
  const { sent, reports, finish } = finisher({ ...made, call }, client, () => 'done')
  await finish()
  expect([sent, reports.map(([, report]) => report)]).toEqual([
    [],
    [{ outcome: 'failed', status: 603, reason: 'Decline' }],
  ])
})

test('[LG-8] a call that goes on is not touched', async () => {
  const made = sipBench()
  const anna = made.agent('anna')
  await anna.logIn()
  const call = await anna.call(phone)
  await anna.say(call, 'one')
  const { sent, reports, finish } = finisher({ ...made, call }, phone, () => 'done')
  await finish()
  expect([sent, reports]).toEqual([[], []])
})
