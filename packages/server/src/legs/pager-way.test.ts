import type { CallUUID, DNumber, LogEntry, MessageID, OutgoingRequest, SipPort } from '@ringdown/signalling'
import { ManualClock, sipDirectory } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { PagerQueue } from './pager-queue.ts'
import { PagerWay } from './pager-way.ts'
import { answer } from './testing/sim-port.ts'
import type { Located, Report } from './way.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const entry: LogEntry = {
  position: 7,
  text: {
    messageID: 'm7' as MessageID,
    from: '7001' as DNumber,
    sent: 0,
    contentType: 'text/plain',
    body: 'hello',
  },
}

/** Answers in their order; 0 is none. */
function stage(statuses: number[], dn = '8003') {
  const clock = new ManualClock()
  const sent: string[] = []
  const asked: string[] = []
  const reports: Report[] = []
  const taken: number[] = []
  const state = { locate: async (): Promise<Located> => ({ where: 'here', destinations: [{ uri: 'sip:phone' }] }) }
  const way = new PagerWay({
    leg: {
      callUUID: 'call' as CallUUID,
      dn: dn as DNumber,
      otherDN: '7001' as DNumber,
      sip: { owner: 'n1', mode: 'pager', trunk: null, uri: `sip:${dn}@im.example` },
    },
    sip: {
      request: async ({ callID, cseq, to, body }: OutgoingRequest) => {
        sent.push(`${callID} ${cseq}`)
        asked.push(`${to.uri} ${new TextDecoder().decode(body)}`)
        const status = statuses.shift() ?? 200
        return status === 0 ? new Promise(() => {}) : answer(status)
      },
    } as unknown as SipPort,
    clock,
    directory: () => sipDirectory(),
    domain: 'im.example',
    locate: () => state.locate(),
    onTaken: (at) => taken.push(at),
    report: async (_id, report) => void reports.push(report),
    queue: new PagerQueue(),
    cpim: () => false,
    handOver: () => {},
    onError: () => {},
  })
  return { clock, sent, asked, reports, taken, state, way }
}

test('[SV-24] a text that an endpoint takes is told with the time of its acceptance, one that it refuses is not', async () => {
  const { way, taken } = stage([200, 202, 415])
  await way.send({ ...entry, text: { ...entry.text, sent: 11 } })
  await way.send({ ...entry, position: 8, text: { ...entry.text, sent: 12 } })
  await way.send({ ...entry, position: 9, text: { ...entry.text, sent: 13 } })
  expect(taken).toEqual([11, 12])
})

test('[LG-9] while the store cannot tell where the endpoint is, the text waits', async () => {
  const { way, state, clock, sent, reports } = stage([])
  const { locate } = state
  state.locate = () => Promise.reject(new Error('no store'))
  const delivery = way.send(entry)
  await turn()
  clock.advance(1_000)
  await turn()
  state.locate = locate
  clock.advance(1_000)
  expect([await delivery, sent, reports]).toEqual(['done', ['call.8003 7'], [{ outcome: 'delivered' }]])
})

test('[LG-9] a way that is given up while it waits sends nothing more, and leaves no timer', async () => {
  const { way, clock, sent, reports } = stage([503, 200])
  const delivery = way.send(entry)
  await turn()
  expect(clock.pending).toBe(1)
  way.abandon()
  expect([await delivery, sent.length, reports, clock.pending]).toEqual(['later', 1, [], 0])
})

test('[LG-9] an endpoint whose DN is gone from the configuration has not got the text, and the sender is told', async () => {
  const { way, state, reports } = stage([], '8999')
  state.locate = async () => ({ where: 'offline' })
  expect(await way.send(entry)).toBe('done')
  expect(reports).toEqual([{ outcome: 'failed', status: 480, reason: 'not registered' }])
})

test('[LG-11] an endpoint that registers from elsewhere gets the text that its former address does not answer', async () => {
  const { way, state, asked, reports } = stage([0, 200])
  const delivery = way.send(entry)
  await turn()
  state.locate = async () => ({ where: 'here', destinations: [{ uri: 'sip:moved' }, { uri: 'sip:phone' }] })
  way.wake()
  expect(await delivery).toBe('done')
  expect([asked, reports]).toEqual([['sip:phone hello', 'sip:moved hello'], [{ outcome: 'delivered' }]])
})

test('[LG-10] who cannot read notifications reads why a text did not arrive', async () => {
  const { way, asked } = stage([])
  way.notDelivered('Not Found')
  await turn()
  expect(asked).toEqual(['sip:phone Not delivered: Not Found'])
})
