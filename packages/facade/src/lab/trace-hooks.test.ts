import { afterEach, describe, expect, test } from 'vitest'
import { settle } from '../testing/cometd-bench.ts'
import { basic, lab, personID } from '../testing/lab.ts'
import type { TracedDelivery, TracedRequest, Tracer } from './tracer.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())

async function open(on = true) {
  const requests: TracedRequest[] = []
  const deliveries: TracedDelivery[] = []
  const tracer: Tracer = {
    on,
    request: (request) => requests.push(request),
    delivered: (delivery) => deliveries.push(delivery),
  }
  const made = await lab({ tracer })
  closing = made.close
  const [anna, ben] = [made.as('anna'), made.as('ben')]
  for (const each of [anna, ben]) await each.start()
  const call = () =>
    anna.post('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } })
  return { ...made, anna, ben, call, requests, deliveries }
}

/** A CometD client of anna: its name, and the answer to its next connect. */
async function listen({ app }: Awaited<ReturnType<typeof open>>) {
  const send = async (...messages: object[]) => {
    const headers = { 'content-type': 'application/json', ...basic('anna') }
    const reply = await app.inject({
      method: 'POST',
      url: '/api/v2/notifications',
      headers,
      payload: JSON.stringify(messages),
    })
    return reply.json() as { clientId?: string; channel: string }[]
  }
  const [shaken] = await send({
    channel: '/meta/handshake',
    version: '1.0',
    supportedConnectionTypes: ['long-polling'],
  })
  const clientId = shaken?.clientId ?? ''
  await send({ channel: '/meta/subscribe', clientId, subscription: '/v2/me/im-sessions' })
  const connect = () => send({ channel: '/meta/connect', clientId, connectionType: 'long-polling' })
  await send({ channel: '/meta/connect', clientId, connectionType: 'long-polling', advice: { timeout: 0 } })
  return { clientId, connect }
}

describe('what is told for a trace', () => {
  test('[TR-1] requests about sessions: who, which session, what was said and answered', async () => {
    const { centre, anna, call, callUUID, requests } = await open()
    expect(requests).toEqual([])
    await call()
    const session = await callUUID('anna')
    await anna.post(`/me/im-sessions/${session}`, { operationName: 'SendMessage', text: 'hello' })
    await anna.post(`/im-sessions/${session}`, { operationName: 'Nonsense' })
    await anna.get(`/me/im-sessions/${session}/messages?limit=3`)
    expect(requests).toMatchObject([
      { method: 'POST', path: '/api/v2/me/im-sessions', callUUID: undefined, status: 200 },
      { method: 'POST', path: `/api/v2/me/im-sessions/${session}`, callUUID: session, request: { text: 'hello' } },
      { path: `/api/v2/im-sessions/${session}`, status: 403 },
      { method: 'GET', path: `/api/v2/me/im-sessions/${session}/messages`, status: 200 },
    ])
    for (const { tongue, centre: id, person, ms } of requests)
      expect([tongue, id, person, ms >= 0]).toEqual(['rest', 'demo', personID(centre, 'anna'), true])
    expect(requests[1]?.answer).toContain('"messageId"')
  })

  test('[TR-1] no request that is about something else, or of nobody', async () => {
    const { app, anna, requests } = await open()
    await anna.get('/me')
    await anna.get('/me/im-sessions')
    await app.inject({ method: 'POST', url: '/api/v2/me/im-sessions', payload: {} })
    expect(requests).toEqual([])
  })

  test('[TR-1, TR-6] notifications as they are written, each to each client, whose name is cut', async () => {
    const made = await open()
    const { clientId, connect } = await listen(made)
    const held = connect()
    await settle()
    await made.call()
    await held
    const session = await made.callUUID('anna')
    expect(made.deliveries.map(({ content }) => /"state":"(\w+)"/.exec(content)?.[1])).toEqual([
      'Initiating',
      'Talking',
    ])
    for (const { tongue, callUUID, client, position } of made.deliveries) {
      expect([tongue, callUUID]).toEqual(['cometd', session])
      expect(clientId.startsWith(client)).toBe(true)
      expect(client.length).toBeLessThan(clientId.length / 2)
      expect(position).toBeGreaterThan(0)
    }
  })

  test('[TR-1] commands of UC AJAX, and polls that bring something', async () => {
    const { app, centre, requests, deliveries } = await open()
    const logon = '<cwaRequests><logon><user>anna</user><password>anna</password></logon></cwaRequests>'
    const signedIn = await app.inject({ method: 'POST', url: '/forms/logon.html', payload: logon })
    const headers = { 'cwa-ticket': String(signedIn.headers['cwa-ticket']) }
    const command = '<cwaRequests><initiateSession rid="1"/></cwaRequests>'
    const { body } = await app.inject({
      method: 'POST',
      url: '/cwa/MainCommandHandler.ashx',
      payload: command,
      headers,
    })
    const sid = /<sid>(\d+)<\/sid>/.exec(body)?.[1] ?? ''
    const poll = (ackId: number) =>
      app.inject({ method: 'GET', url: `/cwa/AsyncDataChannel.ashx?Sid=${sid}&AckId=${ackId}`, headers })
    const told = await poll(0)
    const last = Number([...told.body.matchAll(/ eid="(\d+)"/g)].at(-1)?.[1])
    await poll(last)
    // The sign-in, with its password, is none of it.
    expect(requests).toMatchObject([{ tongue: 'ucajax', path: expect.stringMatching(/^\/cwa\//), status: 200 }])
    expect(Buffer.from(requests[0]?.request as Uint8Array).toString()).toBe(command)
    expect(requests[0]?.answer).toBe(body)
    expect(deliveries).toEqual([
      {
        ...{ tongue: 'ucajax', centre: 'demo', person: personID(centre, 'anna'), callUUID: undefined },
        ...{ client: `session ${sid}`, position: last, content: told.body },
      },
    ])
  })

  test('[TR-1] nothing where nothing is recorded', async () => {
    const made = await open(false)
    const { connect } = await listen(made)
    const held = connect()
    await settle()
    await made.call()
    await held
    expect([made.requests, made.deliveries]).toEqual([[], []])
  })
})
