import type { DNumber, MessageID, OutgoingRequest, SipPort, UndeliveredText } from '@ringdown/signalling'
import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { PagerQueue } from './pager-queue.ts'
import { tellUndelivered } from './tell-undelivered.ts'
import { answer } from './testing/sim-port.ts'
import type { Located } from './way.ts'

const about: UndeliveredText = {
  dn: '7001' as DNumber,
  from: '8003' as DNumber,
  uri: 'sip:8003@im.example',
  trunk: null,
  messageID: 'm1' as MessageID,
  until: 0,
}
const here: Located = { where: 'here', destinations: [{ uri: 'sip:old' }, { uri: 'sip:phone' }] }

/** Answers in their order. */
function stage(statuses: number[], located: Located = here) {
  const sent: OutgoingRequest[] = []
  const sip = {
    request: async (request: OutgoingRequest) => {
      sent.push(request)
      return answer(statuses.shift() ?? 200)
    },
  } as unknown as SipPort
  const deps = { sip, clock: new ManualClock(), domain: 'im.example', queue: new PagerQueue() }
  const tell = (more: Partial<UndeliveredText> = {}, node = 'n1') =>
    tellUndelivered({ ...deps, node, locate: async () => located }, { ...about, ...more })
  return { tell, sent, said: () => sent.map(({ to, body }) => `${to.uri} ${new TextDecoder().decode(body)}`) }
}

test('[BR-19] [LG-10] the sender reads that nobody was there, from the number it was for', async () => {
  const { tell, sent, said } = stage([])
  expect(await tell()).toBe('told')
  expect(said()).toEqual(['sip:old Not delivered: nobody was there to read it in time'])
  expect(sent).toMatchObject([{ method: 'MESSAGE', from: '<sip:7001@im.example>', toHeader: '<sip:8003@im.example>' }])
})

test('[BR-19] [LG-10] who asked for an IMDN gets that instead; who asked for others only does not', async () => {
  const { tell, said } = stage([])
  await tell({ wants: { failed: true, imdnID: 'i1' } })
  await tell({ wants: { delivered: true, imdnID: 'i1' } })
  expect(said()).toEqual([
    expect.stringMatching(/<message-id>i1<\/message-id>.*<failed\/>/s),
    'sip:old Not delivered: nobody was there to read it in time',
  ])
})

test('[BR-19] whichever node tells it again, the endpoint knows it again', async () => {
  const { tell, sent } = stage([])
  await tell()
  await tell({}, 'n2')
  await tell({ messageID: 'm2' as MessageID })
  const ids = sent.map(({ callID, cseq }) => `${callID} ${cseq}`)
  expect(new Set(ids)).toHaveLength(2)
  expect(ids[0]).toBe(ids[1])
})

test('[BR-19] a contact that is not there leaves it to the next one; where none is, it is told later', async () => {
  const { tell, said } = stage([408, 200, 480, 503])
  expect([await tell(), await tell()]).toEqual(['told', 'later'])
  expect(said().map((line) => line.split(' ')[0])).toEqual(['sip:old', 'sip:phone', 'sip:old', 'sip:phone'])
})

test('[BR-19] who refuses it is not asked again', async () => {
  const { tell, sent } = stage([603])
  expect([await tell(), sent.length]).toEqual(['told', 1])
})

test('[BR-19] an endpoint of another node is that one’s, and one that is offline is told when it is back', async () => {
  const elsewhere = stage([], { where: 'elsewhere', node: 'n2' })
  const offline = stage([], { where: 'offline' })
  expect([await elsewhere.tell(), await offline.tell()]).toEqual(['elsewhere', 'later'])
  expect([...elsewhere.sent, ...offline.sent]).toEqual([])
})
