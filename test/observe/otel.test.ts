import { afterEach, expect, test } from 'vitest'
import { until } from '../faults/engine.ts'
import { Collector, closedPort, type ReceivedSpan } from './otlp.ts'
import { Stage } from './stage.ts'

const api = { server: 2, internal: 1, client: 3, producer: 4 } as const
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function closes<T extends { close(): Promise<void> }>(opened: T): T {
  closing.push(() => opened.close())
  return opened
}

const basic = ({ userName, password }: { userName: string; password: string }) =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`

test('[OT-1, OT-2, OT-3] one text from the request to the phone and the other agent, in one trace of the client', async () => {
  const collector = closes(await Collector.open())
  const stage = closes(
    await Stage.open({ otel: { url: collector.url, percent: 100, authorization: 'Bearer otel-secret' } }),
  )
  const anna = await stage.desk(0)
  const ben = await stage.desk(1)
  await anna.calls('7002', { customer: 'Zoe' })
  await ben.sees('Alerting')
  await ben.sees('Talking')
  const session = await anna.session()

  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const person = stage.server.persons[0]
  if (!person) throw new Error('nobody there')
  const answer = await fetch(`${stage.server.address}/api/v2/me/im-sessions/${session}`, {
    method: 'POST',
    headers: {
      authorization: basic(person),
      'content-type': 'application/json',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({ operationName: 'SendMessage', text: 'süß and secret' }),
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('traceresponse')).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  await ben.hears('7001', 'süß and secret')

  const ofTrace = () => collector.spans.filter((span) => span.traceId === traceId)
  const named = (name: string): ReceivedSpan | undefined => ofTrace().find((span) => span.name === name)
  const isThere = () => named('deliver cometd') !== undefined && named('commit') !== undefined
  await until(isThere, 20_000, 'the trace is not whole')
  const request = named('POST /api/v2/me/im-sessions/:id')
  const accepted = named('T-request TPrivateService')
  const commit = named('commit')
  expect(request).toMatchObject({
    parentSpanId: 'b7ad6b7169203331',
    kind: api.server,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/api/v2/me/im-sessions/:id',
      'http.response.status_code': 200,
      'url.scheme': 'http',
    },
  })
  expect(accepted).toMatchObject({
    parentSpanId: request?.spanId,
    kind: api.internal,
    attributes: { 'ringdown.centre': 'stage', 'ringdown.call_uuid': session },
  })
  expect(commit).toMatchObject({
    parentSpanId: accepted?.spanId,
    kind: api.client,
    attributes: { 'db.system.name': 'sqlite', 'db.operation.name': 'commit', 'ringdown.commit.outcome': 'committed' },
  })
  expect(named('deliver cometd')).toMatchObject({
    parentSpanId: commit?.spanId,
    kind: api.producer,
    attributes: { 'messaging.system': 'ringdown', 'ringdown.tongue': 'cometd' },
  })
  for (const { startTimeUnixNano, endTimeUnixNano } of ofTrace())
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano))
  expect(collector.requests[0]).toMatchObject({
    path: '/v1/traces',
    authorization: 'Bearer otel-secret',
    resource: { 'service.name': 'ringdown', 'service.instance.id': 'stage' },
  })
  expect(await stage.figure('ringdown_otel_drops_total')).toBe(0)
  expect(await stage.figure('ringdown_otel_spans_total')).toBeGreaterThan(4)
  await anna.completes()
})

test('[OT-2] SIP transactions both ways; nobody, no path and no word is told', async () => {
  const collector = closes(await Collector.open())
  const stage = closes(await Stage.open({ otel: { url: collector.url, percent: 100 } }))
  const phone = await stage.phone('8001')
  const anna = await stage.desk(0)
  await anna.calls('8001', { customer: 'Zoe' })
  await anna.sees('Initiating', { peer: '8001' })
  await anna.sees('Talking', { peer: '8001' })
  const session = await anna.session()
  await anna.says('süß and secret')
  await phone.hears('süß and secret')
  expect((await phone.texts('7001', 'secret too')).status).toBe(200)
  await until(async () => (await anna.readsTranscript(session)).length === 2, 20_000, 'no answer of the phone')
  await anna.calls('4711').catch(() => undefined)
  const found = (name: string, kind: number, status: number) =>
    collector.spans.find(
      (span) => span.name === name && span.kind === kind && span.attributes['sip.response.status_code'] === status,
    )
  const all = () =>
    [
      found('SIP REGISTER', api.server, 401),
      found('SIP REGISTER', api.server, 200),
      found('SIP MESSAGE', api.client, 200),
      found('SIP MESSAGE', api.server, 200),
    ] as const
  await until(() => all().every((span) => span !== undefined), 20_000, 'not all transactions are told')
  // What we do with a peer's request is part of it.
  const [, , , taken] = all()
  await until(
    () => collector.spans.some((span) => span.parentSpanId === taken?.spanId),
    20_000,
    'nothing is part of it',
  )
  const input = collector.spans.find((span) => span.parentSpanId === taken?.spanId)
  expect(input?.name).toMatch(/^T-input /)
  expect(input?.traceId).toBe(taken?.traceId)
  await anna.completes()

  const names = new Set(collector.spans.map(({ name }) => name))
  for (const name of names)
    expect(name).toMatch(
      /^((GET|POST|PUT|DELETE|OPTIONS|HEAD)( \/[\w/:*.-]*)?|T-(request|input) \w+|commit|SIP [A-Z_]+|deliver \w+)$/,
    )
  for (const word of ['secret', 'Zoe', 'agent0', '8001', '127.0.0.1', 'Authorization', '/me/im-sessions/P'])
    expect(collector.raw.includes(word), word).toBe(false)
})

test('[OT-1] some of the traces, and of those of clients what they say or what the ratio says', async () => {
  const collector = closes(await Collector.open())
  const stage = closes(await Stage.open({ otel: { url: collector.url, percent: 10 } }))
  const ask = (flags?: string) =>
    fetch(`${stage.server.address}/api/v2/version`, {
      headers:
        flags === undefined ? {} : { traceparent: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}` },
    })
  for (let i = 0; i < 300; i++) await ask()
  const count = async () =>
    (await stage.figure('ringdown_otel_spans_total')) + (await stage.figure('ringdown_otel_queued_spans'))
  // Between 1 and 80 of 300 at one in ten: it is otherwise less than once in a thousand million runs.
  const own = await count()
  expect(own).toBeGreaterThan(0)
  expect(own).toBeLessThan(80)
  expect((await ask('01')).headers.get('traceresponse')).not.toBeNull()
  expect((await ask('00')).headers.get('traceresponse')).toBeNull()
  // Probes and the metrics page are asked for all day, and nobody wants to see it.
  expect(
    (
      await fetch(`${stage.server.address}/metrics`, {
        headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      })
    ).headers.get('traceresponse'),
  ).toBeNull()
})

test.each(['refuses', 'hangs', 'fails'] as const)(
  '[OT-4, OT-5] a collector that %s holds up nothing',
  async (manner) => {
    const collector = closes(await Collector.open(manner === 'hangs' ? 'hangs' : 500))
    const url = manner === 'refuses' ? `http://127.0.0.1:${await closedPort()}/v1/traces` : collector.url
    const stage = closes(await Stage.open({ otel: { url, percent: 100, queue: 256 } }))
    const anna = await stage.desk(0)
    const ben = await stage.desk(1)
    await anna.calls('7002')
    await ben.sees('Alerting')
    await ben.sees('Talking')
    let number = 0
    const talk = async () => {
      for (let i = 0; i < 20; i++) {
        const text = `text ${number++}`
        await anna.says(text)
        await ben.hears('7001', text)
      }
      return (await stage.figure('ringdown_otel_drops_total')) > 10
    }
    await until(talk, 45_000, 'nothing was dropped')
    expect(await stage.figure('ringdown_otel_queued_spans')).toBeLessThanOrEqual(256)
    expect(await stage.figure('ringdown_ready')).toBe(1)
    await anna.completes()
  },
)
