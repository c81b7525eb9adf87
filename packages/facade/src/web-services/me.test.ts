import { afterEach, describe, expect, test } from 'vitest'
import { type LabSetUp, lab, labObjects, personID } from '../testing/lab.ts'
import { deviceID } from './resource.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return { ...made, anna: made.as('anna'), ben: made.as('ben') }
}

const accepted = { statusCode: 0 }
const startAt = (more = {}) => ({ operationName: 'StartContactCenterSession', ...more })
const path = (number: string) => `/devices/${deviceID('demo', number as never)}`

/** The lab with more DNs at Place_7001. */
function withDNs(more: readonly { number: string; type: string; switch?: string }[]): LabSetUp {
  const dns = more.map((dn) => ({ switch: 'SIP_Switch', ...dn }))
  return {
    objects: {
      ...labObjects,
      switches: [...labObjects.switches, { name: 'Other' }],
      dns: [...labObjects.dns, ...dns],
      places: labObjects.places.map((place) =>
        place.name === 'Place_7001' ? { ...place, dns: [...place.dns, ...dns.map(({ number }) => number)] } : place,
      ),
    },
  }
}

describe('GET /me', () => {
  test('[WS-2] the user, cut to fields', async () => {
    const { anna, centre } = await open()
    const { id } = centre.directory().personsByUserName.get('anna') ?? { id: '' }
    expect((await anna.get('/me')).json).toEqual({
      statusCode: 0,
      user: {
        id,
        userName: 'anna',
        firstName: 'Anna',
        lastName: 'Berg',
        roles: ['ROLE_AGENT'],
        enabled: true,
        changePasswordOnFirstLogin: false,
        contactCenterId: 'demo',
        path: `/users/${id}`,
        uri: `http://localhost:80/api/v2/users/${id}`,
      },
    })
    expect((await anna.get('/me?fields=userName')).json.user).toEqual({ userName: 'anna' })
  })

  test('[WS-2] collections come with subresources only: the named ones, or all', async () => {
    const { anna } = await open()
    await anna.start()
    const named = (await anna.get('/me?subresources=features,devices,channels,settings')).json.user
    expect(named.devices).toHaveLength(1)
    expect(named.channels).toEqual([{ channel: 'voice', userState: expect.objectContaining({ state: 'NotReady' }) }])
    expect(named.settings).toEqual({})
    expect(named.features[0]).toMatchObject({ id: 'api-voice-instant-messaging' })
    expect(named).not.toHaveProperty('imSessions')
    const all = (await anna.get('/me?subresources=*')).json.user
    for (const name of [
      'devices',
      'skills',
      'channels',
      'channelStates',
      'interactions',
      'chats',
      'calls',
      'groups',
      'features',
      'imSessions',
    ])
      expect([name, Array.isArray(all[name])]).toEqual([name, true])
    expect(all.settings).toEqual({})
  })

  test('[WS-24] links begin with the configured address, else with the one the client used', async () => {
    const { app } = await open({ options: { externalApiUrl: 'https://im.example/api/v2' } })
    const headers = { authorization: `Basic ${btoa('anna:anna')}`, host: 'inside:8090' }
    expect((await app.inject({ url: '/api/v2/me', headers })).json().user.uri).toMatch(
      /^https:\/\/im\.example\/api\/v2\/users\//,
    )
    const plain = await open()
    expect((await plain.app.inject({ url: '/api/v2/me', headers })).json().user.uri).toMatch(
      /^http:\/\/inside:8090\/api\/v2\//,
    )
  })
})

describe('StartContactCenterSession', () => {
  test('[WS-20] logs in at the own place, again changes nothing', async () => {
    const { anna, feed } = await open()
    expect((await anna.post('/me', startAt({ channels: ['voice'] }))).json).toEqual(accepted)
    expect((await anna.post('/me', startAt())).json).toEqual(accepted)
    expect((await feed('anna')).map(({ event }) => event.event)).toEqual([
      'EventRegistered',
      'EventAgentLogin',
      'EventAgentLogin',
    ])
  })

  test('[WS-20] at a named place; none, an unknown one and a second one are refused', async () => {
    const objects = { ...labObjects, persons: labObjects.persons.map(({ place: _, ...person }) => person) }
    const { anna } = await open({ objects })
    const codeOf = async (more: object) => (await anna.post('/me', startAt(more))).json.statusCode
    expect(await codeOf({})).toBe(1)
    expect(await codeOf({ place: 'Nowhere' })).toBe(6)
    expect(await codeOf({ place: 'Place_7001', loginCode: '5002' })).toBe(10)
    expect(await codeOf({ place: 'Place_7001', loginCode: '5001', queue: '9000' })).toBe(0)
    expect(await codeOf({ place: 'Place_7002' })).toBe(2)
  })

  test('[WS-20] a place in somebody else’s hands is refused whole', async () => {
    const { anna, ben } = await open()
    await ben.start()
    const answer = await anna.post('/me', startAt({ place: 'Place_7002' }))
    expect([answer.http, answer.json.statusCode]).toEqual([409, 19])
    expect((await anna.post('/me', startAt())).json).toEqual(accepted)
  })

  test('[WS-20] several devices: the one ACD position leads, and all are logged in', async () => {
    const { anna } = await open(withDNs([{ number: '7003', type: 'ACD Position' }]))
    expect((await anna.start()).json).toEqual(accepted)
    const { devices } = (await anna.get('/me/devices?fields=phoneNumber,deviceState')).json
    expect(devices).toEqual([
      { phoneNumber: '7001', deviceState: 'Active' },
      { phoneNumber: '7003', deviceState: 'Active' },
    ])
  })

  for (const [what, more] of [
    ['no ACD position', [{ number: '7003', type: 'Extension' }]],
    ['several ACD positions', ['7003', '7004'].map((number) => ({ number, type: 'ACD Position' }))],
  ] as const)
    test(`[WS-20] with ${what} devicePath must choose`, async () => {
      const { anna } = await open(withDNs(more))
      const { json } = await anna.start()
      expect(json.statusCode).toBe(1)
      expect(json.statusMessage).toContain(`has ${what}: ${path('7001')} (7001)`)
      expect((await anna.post('/me', startAt({ devicePath: path('7002') }))).json.statusCode).toBe(6)
      expect((await anna.post('/me', startAt({ devicePath: path('7001') }))).json).toEqual(accepted)
    })

  test('[WS-20] where one device fails, none is kept', async () => {
    // Nobody has an agent login for the other switch.
    const { anna, centre } = await open(withDNs([{ number: '7003', type: 'ACD Position', switch: 'Other' }]))
    expect((await anna.post('/me', startAt({ devicePath: path('7001') }))).json.statusCode).toBe(10)
    const records = await centre.tserver.logins(['7001', '7003'] as never)
    for (const record of records) expect([record?.registered ?? null, record?.login ?? null]).toEqual([null, null])
  })

  test('[WS-21] channels that are not served fail by themselves', async () => {
    const { anna } = await open()
    const { http, json } = await anna.post('/me', startAt({ channels: ['voice', 'email'] }))
    expect([http, json]).toEqual([
      200,
      {
        statusCode: 7,
        statusMessage: 'Not started: email',
        channels: [
          { channel: 'voice', statusCode: 0 },
          { channel: 'email', statusCode: 10, statusMessage: 'This channel is not served here' },
        ],
      },
    ])
    expect((await anna.post('/me', startAt({ channels: ['chat', 'email'] }))).json.statusCode).toBe(10)
    for (const channels of [[], ['im'], ['IM'], ['imsession'], ['IM session']])
      expect((await anna.post('/me', startAt({ channels }))).json).toEqual(accepted)
  })
})

describe('EndContactCenterSession and Offline', () => {
  for (const operationName of ['EndContactCenterSession', 'Offline'])
    test(`[WS-22] ${operationName} ends the IM session and frees the place`, async () => {
      const { anna, ben, feed } = await open()
      await anna.start()
      await ben.start()
      await anna.post('/me/im-sessions', { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } })
      expect((await anna.post('/me', { operationName })).json).toEqual(accepted)
      const last = (await feed('ben')).at(-1)?.event
      expect(last).toMatchObject({ event: 'EventReleased', extensions: { end: { by: '7001', why: 'loggedOut' } } })
      expect((await anna.get('/me/devices?fields=deviceState')).json.devices).toEqual([{ deviceState: 'Inactive' }])
      // Ben can sit down there.
      await ben.post('/me', { operationName: 'Offline' })
      expect((await ben.post('/me', startAt({ place: 'Place_7001', loginCode: '5002' }))).json).toEqual(accepted)
      // Leaving when one has left already is no mistake.
      expect((await anna.post('/me', { operationName })).json).toEqual(accepted)
    })

  test('[WS-22] a device that was left half way is freed', async () => {
    const { anna, ben, centre } = await open()
    await anna.start()
    const half = { request: 'TAgentLogout', person: personID(centre, 'anna'), thisDN: '7001' as never } as const
    await centre.tserver.request(half)
    const sitDown = startAt({ place: 'Place_7001', loginCode: '5002' })
    expect((await ben.post('/me', sitDown)).json.statusCode).toBe(19)
    expect((await anna.post('/me', { operationName: 'Offline' })).json).toEqual(accepted)
    expect((await ben.post('/me', sitDown)).json).toEqual(accepted)
  })

  test('[WS-22] Offline leaves the HTTP session', async () => {
    const { app, anna } = await open()
    const cookie = String((await anna.get('/me')).reply.headers['set-cookie']).split(';')[0] ?? ''
    await app.inject({ method: 'POST', url: '/api/v2/me', headers: { cookie }, payload: { operationName: 'Offline' } })
    expect((await app.inject({ url: '/api/v2/me', headers: { cookie } })).statusCode).toBe(200)
  })
})

describe('agent states', () => {
  for (const url of ['/me', '/me/channels/voice'])
    test(`[WS-23] by ${url}, on every device`, async () => {
      const { anna } = await open(withDNs([{ number: '7003', type: 'ACD Position' }]))
      await anna.start()
      for (const [operationName, state] of [
        ['Ready', { id: '9430250E-0A1B-421F-B372-F29E69366DED', displayName: 'Ready', state: 'Ready' }],
        ['NotReady', { id: '900D55CC-2BB0-431F-8BF9-D3525B383BE6', displayName: 'Not Ready', state: 'NotReady' }],
        [
          'AfterCallWork',
          {
            id: 'D3663509-3D82-4DD3-A82E-2EA8EFA02AEF',
            displayName: 'AfterCallWork',
            state: 'NotReady',
            workMode: 'AfterCallWork',
          },
        ],
      ] as const) {
        expect((await anna.post(url, { operationName })).json).toEqual(accepted)
        const { devices } = (await anna.get('/me/devices?fields=userState')).json
        expect(devices).toEqual([{ userState: state }, { userState: state }])
      }
    })

  test('[WS-23] who is not logged in gets code 2, and a channel that is not there 6', async () => {
    const { anna } = await open()
    for (const operationName of ['Ready', 'NotReady', 'AfterCallWork']) {
      const answer = await anna.post('/me', { operationName })
      expect([answer.http, answer.json.statusCode]).toEqual([400, 2])
    }
    expect((await anna.post('/me/channels/chat', { operationName: 'Ready' })).json.statusCode).toBe(6)
    expect((await anna.post('/me/channels/voice', { operationName: 'Dance' })).json.statusCode).toBe(3)
  })

  test('[WS-23, WS-19] a supervisor sends an agent offline, where that feature is on', async () => {
    const off = await open()
    const url = `/users/${personID(off.centre, 'anna')}/channels/voice`
    expect((await off.as('admin').post(url, { operationName: 'Offline' })).json.statusCode).toBe(6)
    await off.close()
    const { anna, as } = await open({ objects: { ...labObjects, features: ['api-supervisor-agent-control'] } })
    await anna.start()
    expect((await anna.post(url, { operationName: 'Ready' })).json.statusCode).toBe(5)
    expect((await as('admin').post(url, { operationName: 'Offline' })).json).toEqual(accepted)
    expect((await anna.get('/me/devices?fields=deviceState')).json.devices).toEqual([{ deviceState: 'Inactive' }])
    expect((await as('admin').post(url.replace('voice', 'chat'), { operationName: 'Ready' })).json.statusCode).toBe(6)
  })

  test('[WS-23] the list of states names the operation for each', async () => {
    const { anna } = await open()
    const { settings } = (await anna.get('/settings/agent-states')).json
    expect(settings.map(({ operationName }: { operationName: string }) => operationName)).toEqual([
      'Ready',
      'NotReady',
      'AfterCallWork',
      'Offline',
    ])
    expect(settings[3].id).toBe('0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB')
  })
})

describe('devices', () => {
  test('[WS-24] one’s own, whole', async () => {
    const { anna } = await open()
    const id = deviceID('demo', '7001' as never)
    expect((await anna.get('/me/devices?fields=*')).json).toEqual({
      statusCode: 0,
      devices: [
        {
          id,
          deviceState: 'Inactive',
          userState: expect.objectContaining({ state: 'LoggedOut' }),
          phoneNumber: '7001',
          e164Number: '7001',
          telephonyNetwork: 'Private',
          doNotDisturb: 'Off',
          type: 'Extension',
          channels: ['voice', 'im'],
          imAccess: 'api',
          capabilities: [],
          path: `/devices/${id}`,
          uri: `http://localhost:80/api/v2/devices/${id}`,
        },
      ],
    })
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect((await anna.get('/me/devices?fields=id&channels=im')).json.devices).toEqual([{ id }])
  })

  test('[WS-24] the place one is logged in at goes before one’s own', async () => {
    const { anna } = await open()
    await anna.post('/me', startAt({ place: 'Place_7002' }))
    expect((await anna.get('/me/devices?fields=phoneNumber')).json.devices).toEqual([{ phoneNumber: '7002' }])
  })

  test('[WS-24] one of them; another’s only for administrators', async () => {
    const { anna, as } = await open()
    for (const url of [path('7001'), `/me${path('7001')}`])
      expect((await anna.get(url)).json.device.phoneNumber).toBe('7001')
    for (const url of [path('7002'), `/me${path('7002')}`, '/devices/x'])
      expect((await anna.get(url)).json.statusCode).toBe(6)
    expect((await as('admin').get(path('7002'))).json.device.phoneNumber).toBe('7002')
    expect((await as('admin').get('/devices?fields=phoneNumber')).json.devices).toHaveLength(2)
  })
})

describe('information', () => {
  test('[WS-2] features, one feature, all features', async () => {
    const { anna, as } = await open()
    const id = 'api-voice-instant-messaging'
    expect((await anna.get('/features?fields=*')).json.features[0]).toEqual({
      id,
      displayName: 'API Voice Instant Messaging',
      description: 'IM sessions between agents',
      path: `/features/${id}`,
      uri: `http://localhost:80/api/v2/features/${id}`,
    })
    expect((await anna.get(`/features/${id}`)).json.feature.id).toBe(id)
    expect((await anna.get('/features/x')).json.statusCode).toBe(6)
    expect((await as('admin').get('/system/features')).json.uris.length).toBeGreaterThan(3)
    expect((await anna.get('/settings')).json.settings[0].uri).toMatch(/\/api\/v2\/settings\/agent-states$/)
  })

  test('[WS-1] the version needs no login', async () => {
    const { app } = await open()
    const { statusCode, version } = (await app.inject({ url: '/api/v2/diagnostics/version' })).json()
    expect([statusCode, version]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+/)])
  })
})
