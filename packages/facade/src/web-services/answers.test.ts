import { errorCatalogue } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { answerOf, basic, type LabSetUp, lab } from '../testing/lab.ts'
import { statusOf } from './status.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return made
}

const json = { 'content-type': 'application/json' }
const initiate = { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } }

describe('bad input', () => {
  async function raw(payload: string | Buffer, headers: Record<string, string> = json, url = '/api/v2/me/im-sessions') {
    const { app } = await open({ options: { bodyLimit: 2_000 } })
    return answerOf(await app.inject({ method: 'POST', url, payload, headers: { ...basic('anna'), ...headers } }))
  }

  for (const [what, body, http, code] of [
    ['malformed JSON', '{"operationName":', 400, 10],
    ['a lone surrogate half cut JSON', '{"operationName":"InitiateIMSession"', 400, 10],
    ['an empty body', '', 400, 1],
    ['null', 'null', 400, 1],
    ['a list', '[]', 400, 10],
    ['a string', '"InitiateIMSession"', 400, 10],
    ['no operation', '{}', 400, 1],
    ['an operation that is a number', '{"operationName":5}', 400, 1],
    ['an unknown operation', '{"operationName":"Dial"}', 403, 3],
    ['no destination', '{"operationName":"InitiateIMSession"}', 400, 1],
    ['no phone number', '{"operationName":"InitiateIMSession","destination":{}}', 400, 1],
    ['an empty phone number', '{"operationName":"InitiateIMSession","destination":{"phoneNumber":""}}', 400, 10],
    [
      'a phone number that is a number',
      '{"operationName":"InitiateIMSession","destination":{"phoneNumber":7002}}',
      400,
      10,
    ],
    ['user data that are a list', JSON.stringify({ ...initiate, userData: [] }), 400, 10],
    ['user data that are null', JSON.stringify({ ...initiate, userData: null }), 400, 10],
    ['a body over the limit', JSON.stringify({ ...initiate, userData: { k: 'x'.repeat(2_000) } }), 413, 10],
  ] as const)
    test(`[WS-6] ${what} is HTTP ${http}, code ${code}`, async () => {
      const answer = await raw(body)
      expect([answer.http, answer.json.statusCode]).toEqual([http, code])
      expect(answer.json.statusMessage).not.toMatch(/FST_|at .*\(|node_modules/)
    })

  test('[WS-6] messages name the field, the operation and what is known', async () => {
    const { as } = await open()
    const messages = async (body: object) => (await as('anna').post('/me/im-sessions/x', body)).json.statusMessage
    expect(await messages({})).toBe(
      'operationName is missing; this resource knows SendMessage, AttachUserData, UpdateUserData, DeleteUserData, Complete, Accept, Reject, NotifyComposing, MarkDisplayed',
    )
    expect(await messages({ operationName: 'Answer' })).toMatch(
      /^Unknown operation 'Answer'; this resource knows SendMessage, /,
    )
    expect(await messages({ operationName: 'SendMessage' })).toBe('text is missing')
    expect(await messages({ operationName: 'SendMessage', text: 5 })).toBe('text must be string')
  })

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
  ])
    test(`[WS-6] ${type} is 415`, async () => {
      const answer = await raw(JSON.stringify(initiate), { 'content-type': type })
      expect([answer.http, answer.json]).toEqual([
        415,
        { statusCode: 10, statusMessage: 'Send the body as application/json' },
      ])
    })

  test('[WS-6] a charset is no other media type', async () => {
    const answer = await raw('{}', { 'content-type': 'application/json; charset=UTF-8' })
    expect(answer.json.statusCode).toBe(1)
  })

  for (const userData of [
    '{"__proto__":{"polluted":1}}',
    '{"a":{"__proto__":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
  ])
    test(`[WS-7] user data ${userData} are refused and touch nothing`, async () => {
      const answer = await raw(JSON.stringify(initiate).replace(/}$/, `,"userData":${userData}}`))
      expect([answer.http, answer.json.statusCode]).toEqual([400, 10])
      expect({}).not.toHaveProperty('polluted')
      expect(Object.prototype).not.toHaveProperty('x')
    })

  test('[WS-7] such names as keys and ids are only names', async () => {
    const { as, callUUID } = await open()
    await as('anna').start()
    await as('ben').start()
    await as('anna').post('/me/im-sessions', { ...initiate, userData: { constructor: 'c', toString: 't', '': 1 } })
    await as('anna').post('/me/im-sessions', { ...initiate, userData: { constructor: 'c', toString: 't' } })
    const id = await callUUID('anna')
    expect((await as('ben').get(`/im-sessions/${id}`)).json.imSession.userData).toEqual({
      constructor: 'c',
      toString: 't',
    })
    for (const key of ['__proto__', 'hasOwnProperty'])
      expect((await as('ben').post(`/im-sessions/${id}`, { operationName: 'DeleteUserData', key })).json).toEqual({
        statusCode: 0,
      })
    for (const path of [
      '/im-sessions/__proto__',
      '/devices/constructor',
      '/features/__proto__',
      '/me/channels/__proto__',
    ])
      expect((await as('ben').get(path)).json.statusCode).not.toBe(0)
    expect((await as('ben').get('/me/devices?fields=*&__proto__=1')).json.devices).toEqual([])
    expect((await as('ben').get('/me?fields=__proto__,constructor')).json.user).toEqual({})
  })

  for (const query of ['after=-1', 'after=x', 'limit=1.5', `after=${'9'.repeat(40)}`, 'after=1&after=2'])
    test(`[WS-6] a transcript asked for with ${query} is out of range`, async () => {
      const { as } = await open()
      const answer = await as('anna').get(`/im-sessions/x/messages?${query}`)
      expect([answer.http, answer.json.statusCode]).toEqual([400, 10])
    })

  test('[WS-6] a path that is no URL, and an id too long for any', async () => {
    const { app } = await open()
    for (const [url, http] of [
      ['/api/v2/im-sessions/%zz', 400],
      [`/api/v2/im-sessions/${'x'.repeat(300)}`, 404],
    ] as const) {
      const answer = answerOf(await app.inject({ url, headers: basic('anna') }))
      expect(answer.http === http || answer.http === 414).toBe(true)
    }
  })

  test('[WS-6] who is nobody learns nothing by bad input', async () => {
    const { app } = await open()
    const reply = await app.inject({ method: 'POST', url: '/api/v2/me/im-sessions', headers: json, payload: '{' })
    expect([reply.statusCode, answerOf(reply).json.statusCode]).toEqual([401, 20])
  })
})

describe('unknown paths', () => {
  for (const [path, hint] of [
    ['/', 'the API is at /api/v2'],
    ['/genesys/cometd', 'CometD is at /api/v2/notifications'],
    ['/genesys/2/chat/x', 'the Web Services API is at /api/v2'],
    ['/cometd/handshake', 'CometD is at /api/v2/notifications'],
    ['/api/v1/me', 'the API is at /api/v2'],
    ['/api/v2/nothing', 'There is no resource /api/v2/nothing'],
  ] as const)
    test(`[WS-5] ${path} is 404, code 6, and says: ${hint}`, async () => {
      const { app } = await open()
      const answer = answerOf(await app.inject({ url: path }))
      expect([answer.http, answer.json.statusCode]).toEqual([404, 6])
      expect(answer.json.statusMessage).toContain(hint)
    })

  for (const [method, path, allow] of [
    ['DELETE', '/api/v2/me', 'GET, HEAD, POST'],
    ['PATCH', '/api/v2/me/im-sessions/x', 'GET, HEAD, POST'],
    ['POST', '/api/v2/features', 'GET, HEAD'],
  ] as const)
    test(`[WS-5] ${method} ${path} is 405 and names ${allow}`, async () => {
      const { app } = await open()
      const reply = await app.inject({ method, url: path, headers: basic('anna') })
      const answer = answerOf(reply)
      expect([answer.http, answer.json.statusCode]).toEqual([405, 3])
      expect(new Set(String(reply.headers.allow).split(', '))).toEqual(new Set(allow.split(', ')))
    })

  test('[WS-5] a file that is not there is 404, though files are served beside it', async () => {
    const { app } = await open()
    const answer = answerOf(await app.inject({ url: '/api/v2/docs/static/no-such-file.js' }))
    expect([answer.http, answer.json.statusCode]).toEqual([404, 6])
  })

  test('[WS-5] a slash at the end makes no other path', async () => {
    const { as } = await open()
    for (const path of ['/me', '/me/', '/me/devices/']) expect((await as('anna').get(path)).http).toBe(200)
  })
})

describe('the T-Server refuses', () => {
  test('[WS-8] every error has its code and HTTP status', () => {
    expect(Object.keys(statusOf).sort()).toEqual(Object.keys(errorCatalogue).sort())
    expect(statusOf.TERR_DEST_INV_STATE).toEqual({ api: 2, http: 400 })
    expect(statusOf.TERR_INV_CONNID).toEqual({ api: 6, http: 404 })
  })

  for (const outage of ['TERR_NO_SWITCH', 'TERR_TIMEOUT'] as const)
    test(`[WS-8] ${outage}: no request is accepted, and all are again when the store is back`, async () => {
      const { as, store, callUUID } = await open()
      await as('anna').start()
      await as('ben').start()
      await as('anna').post('/me/im-sessions', initiate)
      const id = await callUUID('anna')
      store.outage(outage)
      for (const [path, body] of [
        ['/me', { operationName: 'Ready' }],
        ['/me/im-sessions', initiate],
        [`/me/im-sessions/${id}`, { operationName: 'SendMessage', text: 'hi' }],
        [`/me/im-sessions/${id}`, { operationName: 'Complete' }],
      ] as const) {
        const answer = await as('anna').post(path, body)
        expect([answer.http, answer.json.statusCode]).toEqual([503, 4])
      }
      store.outage(undefined)
      const answer = await as('anna').post(`/me/im-sessions/${id}`, { operationName: 'SendMessage', text: 'hi' })
      expect(answer.json).toMatchObject({ statusCode: 0, position: 1 })
    })

  test('[WS-1] what breaks inside is code 4 and says nothing', async () => {
    const { as, centre } = await open()
    centre.tserver.session = () => Promise.reject(new Error('secret at db.example'))
    const answer = await as('anna').get('/me/im-sessions')
    expect([answer.http, answer.json]).toEqual([500, { statusCode: 4, statusMessage: 'Internal error' }])
  })
})

describe('what may be asked', () => {
  test('[WS-19] without the feature the IM resources are not there', async () => {
    const { labObjects } = await import('../testing/lab.ts')
    const { as } = await open({ objects: { ...labObjects, features: [] } })
    const anna = as('anna')
    await anna.start()
    for (const path of ['/me/im-sessions', '/me/im-sessions/x', '/im-sessions/x', '/im-sessions/x/messages']) {
      const answer = await anna.get(path)
      expect([answer.http, answer.json.statusCode]).toEqual([404, 6])
    }
    for (const path of ['/me/im-sessions', '/im-sessions/x'])
      expect((await anna.post(path, initiate)).json.statusCode).toBe(6)
    expect((await anna.get('/features?fields=id')).json).toEqual({ statusCode: 0, features: [] })
    expect((await as('admin').get('/users')).json.statusCode).toBe(6)
  })

  test('[WS-19] who is no agent starts no session, who is no administrator changes nothing', async () => {
    const { as } = await open()
    for (const [user, path, body] of [
      ['admin', '/me/im-sessions', initiate],
      ['admin', '/me', { operationName: 'StartContactCenterSession', place: 'Place_7001' }],
      ['anna', '/users', { userName: 'x', firstName: 'x', lastName: 'x', password: 'x', roles: ['ROLE_ADMIN'] }],
      ['anna', '/platform/configuration/switches', { name: 'x' }],
    ] as const) {
      const answer = await as(user).post(path, body)
      expect([answer.http, answer.json.statusCode]).toEqual([403, 5])
    }
    for (const path of ['/users', '/devices', '/system/features', '/platform/configuration/dns'])
      expect((await as('anna').get(path)).json.statusCode).toBe(5)
  })
})
