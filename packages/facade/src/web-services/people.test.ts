import type { DirectoryObjects } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { type LabSetUp, lab, labObjects } from '../testing/lab.ts'
import { contactLimit } from './contacts.ts'
import { placeLimit } from './places.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return made
}

const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }

/** The lab with two more DNs, which carry IM by SIP and not at all, at one place. */
const mixed: DirectoryObjects = {
  ...labObjects,
  dns: [
    ...(labObjects.dns ?? []),
    { number: '8001', type: 'Extension', switch: 'SIP_Switch', annex: { TServer: { multimedia: 'true' } } },
    { number: '8002', type: 'ACD Position', switch: 'SIP_Switch', annex: {} },
  ],
  places: [...(labObjects.places ?? []), { name: 'Place_10', dns: ['8001', '8002'] }],
}

/** The lab with so many agents more, the last of whom comes first by name. */
function crowd(count: number): DirectoryObjects {
  const ids = Array.from({ length: count }, (_, i) => String(10_000 + i))
  return {
    ...labObjects,
    dns: [
      ...(labObjects.dns ?? []),
      ...ids.map((number) => ({ number, type: 'Extension', switch: 'SIP_Switch', annex: chat })),
    ],
    places: [...(labObjects.places ?? []), ...ids.map((id) => ({ name: `P${id}`, dns: [id] }))],
    persons: [
      ...(labObjects.persons ?? []),
      ...ids.map((id) => ({
        userName: `u${id}`,
        firstName: 'Uma',
        lastName: `Y${99_999 - Number(id)}`,
        place: `P${id}`,
      })),
    ],
  }
}

describe('places', () => {
  test('[WS-40] come by name with who is there and how they carry IM', async () => {
    const { as } = await open({ objects: mixed })
    await as('ben').start()
    const { places } = (await as('anna').get('/places')).json
    expect(places.map(({ name }: { name: string }) => name)).toEqual(['Place_10', 'Place_7001', 'Place_7002'])
    expect(places[0].devices).toEqual([
      { phoneNumber: '8001', type: 'Extension', imAccess: 'sip', path: expect.any(String), heldBy: null },
      { phoneNumber: '8002', type: 'ACDPosition', imAccess: 'none', path: expect.any(String), heldBy: null },
    ])
    expect(places[2].devices).toMatchObject([{ phoneNumber: '7002', imAccess: 'api', heldBy: 'ben' }])
  })

  test('[WS-40] the path of a device is the one to take it by, and devices say the same of themselves', async () => {
    const { as } = await open()
    const { places } = (await as('anna').get('/places?search=7001')).json
    const { devices } = (await as('anna').get('/me/devices?fields=*')).json
    expect(places[0].devices[0].path).toBe(devices[0].path)
    expect(devices[0].imAccess).toBe('api')
  })

  test('[WS-40] are found by a part of the name or of a number, in any case', async () => {
    const { as } = await open({ objects: mixed })
    const found = async (search: string) =>
      (await as('anna').get(`/places?search=${encodeURIComponent(search)}`)).json.places.map(
        ({ name }: { name: string }) => name,
      )
    expect(await found(' PLACE_7')).toEqual(['Place_7001', 'Place_7002'])
    expect(await found('8002')).toEqual(['Place_10'])
    expect(await found('.*')).toEqual([])
  })

  test('[WS-40] are bounded', async () => {
    const { as } = await open({ objects: crowd(placeLimit + 20) })
    expect((await as('anna').get('/places')).json.places).toHaveLength(placeLimit)
  })
})

describe('contacts', () => {
  test('[WS-41] are the others, with their number and state', async () => {
    const { as } = await open()
    const state = async () => (await as('anna').get('/contacts')).json.contacts[0]
    expect(await state()).toEqual({
      userName: 'ben',
      firstName: 'Ben',
      lastName: 'Clarke',
      phoneNumber: '7002',
      userState: expect.objectContaining({ state: 'LoggedOut' }),
      inSession: false,
    })
    await as('ben').start()
    await as('ben').post('/me', { operationName: 'Ready' })
    expect((await state()).userState.state).toBe('Ready')
    await as('anna').start()
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    expect((await state()).inSession).toBe(true)
  })

  test('[WS-41] are reached where they are logged in, not where they usually are', async () => {
    const { as } = await open({ objects: mixed })
    await as('ben').post('/me', { operationName: 'StartContactCenterSession', place: 'Place_7001' })
    expect((await as('anna').get('/contacts')).json.contacts[0].phoneNumber).toBe('7001')
  })

  test('[WS-41] administrators and people who may not log in are none', async () => {
    const persons = (labObjects.persons ?? []).map((one) => (one.userName === 'ben' ? { ...one, enabled: false } : one))
    const { as } = await open({ objects: { ...labObjects, persons } })
    expect((await as('anna').get('/contacts')).json).toEqual({ statusCode: 0, contacts: [], more: false })
  })

  test('[WS-41] are bounded, sorted by name, and found by name and number with two reads', async () => {
    const { as, store } = await open({ objects: crowd(contactLimit + 20) })
    const { contacts, more } = (await as('anna').get('/contacts')).json
    expect([contacts.length, more]).toEqual([contactLimit, true])
    expect(contacts.slice(0, 2).map((one: { userName: string }) => one.userName)).toEqual(['ben', 'u10069'])

    let reads = 0
    const read = store.read.bind(store)
    store.read = (request) => {
      reads++
      return read(request)
    }
    for (const search of ['uma y89950', 'u10049', '10049']) {
      const found = (await as('anna').get(`/contacts?search=${encodeURIComponent(search)}`)).json
      expect(found).toMatchObject({ more: false, contacts: [{ userName: 'u10049' }] })
    }
    reads = 0
    await as('anna').get('/contacts')
    expect(reads).toBeLessThanOrEqual(2)
  })
})

describe('ended sessions', () => {
  const initiate = { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } }

  async function talk(made: Awaited<ReturnType<typeof open>>, subject: string): Promise<string> {
    const anna = made.as('anna')
    await anna.post('/me/im-sessions', { ...initiate, userData: { subject } })
    const id = await made.callUUID('anna')
    await anna.post(`/me/im-sessions/${id}`, { operationName: 'SendMessage', text: 'hi' })
    await made.clock.advance(60_000)
    await anna.post(`/me/im-sessions/${id}`, { operationName: 'Complete' })
    return id
  }

  test('[WS-42] are listed for both sides, the newest first, with their times and data', async () => {
    const made = await open()
    for (const user of ['anna', 'ben']) await made.as(user).start()
    const ids = [await talk(made, 'one'), await talk(made, 'two')]
    for (const [user, peer] of [
      ['anna', '7002'],
      ['ben', '7001'],
    ] as const) {
      const { imSessions } = (await made.as(user).get('/me/ended-im-sessions')).json
      expect(imSessions.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed())
      expect(imSessions[0]).toMatchObject({
        state: 'Completed',
        participants: [{ digits: peer }],
        userData: { subject: 'two' },
        endedBy: '7001',
        endReason: 'completed',
      })
      expect(Date.parse(imSessions[0].ended) - Date.parse(imSessions[0].began)).toBe(60_000)
    }
    expect((await made.as('cleo').get('/me/ended-im-sessions')).http).toBe(401)
  })

  test('[WS-42] one that goes on is not listed', async () => {
    const made = await open()
    for (const user of ['anna', 'ben']) await made.as(user).start()
    await made.as('anna').post('/me/im-sessions', initiate)
    expect((await made.as('anna').get('/me/ended-im-sessions')).json.imSessions).toEqual([])
  })

  test('[WS-42] those whose events are gone are not listed, nor is any twice', async () => {
    const made = await open()
    for (const user of ['anna', 'ben']) await made.as(user).start()
    const ids: string[] = []
    // Some seven entries each: more than a feed of 1000 holds, and than one page of it.
    for (let i = 0; i < 160; i++) ids.push(await talk(made, String(i)))
    const { imSessions } = (await made.as('anna').get('/me/ended-im-sessions')).json
    expect(imSessions.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed().slice(0, 100))
  }, 60_000)
})

describe('a phone in the browser', () => {
  const sockets = [
    { scheme: 'ws', host: null, port: 5066, path: '/sip' },
    { scheme: 'wss', host: 'sip.example', port: 7443, path: '/' },
  ] as const
  const ask = (made: Awaited<ReturnType<typeof open>>, headers: Record<string, string>) =>
    made.as('anna').get('/me/phone', headers)

  test('[WS-43] is told where to register, by the host it has come to', async () => {
    const made = await open({ options: { sip: { sockets, domain: null } } })
    expect((await ask(made, { host: 'im.example:8080' })).json.phone).toEqual({
      server: 'ws://im.example:5066/sip',
      domain: 'im.example',
    })
    expect((await ask(made, { host: '[::1]:8080' })).json.phone.server).toBe('ws://[::1]:5066/sip')
  })

  test('[WS-43] over TLS is told a secure one, and the domain there is', async () => {
    const made = await open({ options: { sip: { sockets, domain: 'acme.example' }, trustedProxies: ['127.0.0.1'] } })
    expect((await ask(made, { host: 'im.example', 'x-forwarded-proto': 'https' })).json.phone).toEqual({
      server: 'wss://sip.example:7443/',
      domain: 'acme.example',
    })
  })

  test('[WS-43] where there is none gets 404', async () => {
    for (const options of [{}, { sip: { sockets: [], domain: 'acme.example' } }]) {
      const made = await open({ options })
      expect([(await ask(made, {})).http, (await ask(made, {})).json.statusCode]).toEqual([404, 6])
    }
  })
})
