import { afterEach, describe, expect, test } from 'vitest'
import { type LabSetUp, lab, labObjects, personID } from '../testing/lab.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return { ...made, admin: made.as('admin') }
}
type Admin = Awaited<ReturnType<typeof open>>['admin']

const cleo = { firstName: 'Cleo', lastName: 'Dahl', userName: 'cleo', password: 'cleo', roles: ['ROLE_AGENT'] }
const accepted = { statusCode: 0 }

/** The DBID of an object. */
async function dbid(admin: Admin, plural: string, key: string, name: string): Promise<string> {
  const { json } = await admin.get(`/platform/configuration/${plural}?${key}=${encodeURIComponent(name)}`)
  expect(json[plural]).toHaveLength(1)
  return json[plural][0].DBID
}

describe('users', () => {
  test('[WS-31] a created user logs in on every node, without a restart', async () => {
    const { admin, node } = await open()
    const other = await node('n2')
    const { http, json } = await admin.post('/users', cleo)
    expect([http, json]).toEqual([
      200,
      {
        statusCode: 0,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        path: `/users/${json.id}`,
        uri: `http://localhost:80/api/v2/users/${json.id}`,
      },
    ])
    expect((await other.as('cleo').get('/me')).json.user).toMatchObject({
      id: json.id,
      userName: 'cleo',
      firstName: 'Cleo',
    })
  })

  test('[WS-31] a name that is taken is HTTP 403, code 18; a wrong role names the person', async () => {
    const { admin } = await open()
    const { http, json } = await admin.post('/users', { ...cleo, userName: 'anna' })
    expect([http, json]).toEqual([
      403,
      { statusCode: 18, statusMessage: "Failed to create user. User 'anna' already exists." },
    ])
    const wrong = await admin.post('/users', { ...cleo, roles: ['ROLE_CAPTAIN'] })
    expect(wrong.json).toEqual({
      statusCode: 10,
      statusMessage: expect.stringMatching(/person cleo: role 'ROLE_CAPTAIN'/),
    })
    for (const missing of ['firstName', 'lastName', 'userName', 'password', 'roles']) {
      const body = Object.fromEntries(Object.entries(cleo).filter(([name]) => name !== missing))
      expect((await admin.post('/users', body)).json).toEqual({ statusCode: 1, statusMessage: `${missing} is missing` })
    }
  })

  test('[WS-32] no answer has a password or its hash, and none can be smuggled in', async () => {
    const { admin, centre } = await open()
    const { id } = (
      await admin.post('/users', { ...cleo, passwordHash: '$scrypt$x', id: 'x', annex: { a: { b: 'c' } } })
    ).json
    for (const path of [
      '/users?fields=*',
      `/users/${id}`,
      `/users/${id}?subresources=*`,
      '/platform/configuration/persons',
    ])
      expect((await admin.get(path)).reply.body).not.toMatch(/scrypt|password"/)
    const person = centre.directory().personsByUserName.get('cleo')
    expect(person?.passwordHash).toMatch(/^\$scrypt\$ln=15,/)
    expect(person?.annex).toEqual({})
  })

  test('[WS-31] change and remove', async () => {
    const { admin, as } = await open()
    const { id } = (await admin.post('/users', cleo)).json
    expect((await admin.put(`/users/${id}`, { firstName: 'Cleopatra', password: 'new' })).json).toEqual(accepted)
    expect((await as('cleo').get('/me')).http).toBe(401)
    const headers = { authorization: `Basic ${btoa('cleo:new')}` }
    expect((await as('cleo').get('/me', headers)).json.user).toMatchObject({ firstName: 'Cleopatra', lastName: 'Dahl' })
    expect((await admin.put(`/users/${id}`, { userName: 'other' })).json.statusCode).toBe(11)
    expect((await admin.put('/users/x', { firstName: 'y' })).json.statusCode).toBe(6)
    expect((await admin.delete(`/users/${id}`)).json).toEqual(accepted)
    expect((await as('cleo').get('/me', headers)).http).toBe(401)
    expect((await admin.get(`/users/${id}`)).json.statusCode).toBe(6)
    // The name is free, and who gets it is somebody else.
    expect((await admin.post('/users', cleo)).json.id).not.toBe(id)
  })

  test('[WS-31] a removed user leaves their session and place; nobody removes themselves', async () => {
    const { admin, as, centre, feed } = await open()
    await as('anna').start()
    await as('ben').start()
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    expect((await admin.delete(`/users/${personID(centre, 'anna')}`)).json).toEqual(accepted)
    expect((await feed('ben')).at(-1)?.event.event).toBe('EventReleased')
    expect((await admin.delete(`/users/${personID(centre, 'admin')}`)).json.statusCode).toBe(3)
  })

  test('[WS-2] the list, cut and filtered', async () => {
    const { admin } = await open()
    expect((await admin.get('/users')).json.uris).toHaveLength(3)
    expect((await admin.get('/users?fields=userName&roles=ROLE_ADMIN')).json.users).toEqual([{ userName: 'admin' }])
    expect((await admin.get('/users?fields=userName&enabled=true&lastName=Berg')).json.users).toEqual([
      { userName: 'anna' },
    ])
  })

  test('[WS-31] two changes at once both count', async () => {
    const { admin } = await open()
    const names = ['u1', 'u2', 'u3', 'u4', 'u5']
    const body = (name: string) => ({ name })
    await Promise.all(names.map((name) => admin.post('/platform/configuration/switches', body(name))))
    const { switches } = (await admin.get('/platform/configuration/switches')).json
    expect(switches.map(({ name }: { name: string }) => name).sort()).toEqual(['SIP_Switch', ...names])
  })
})

describe('a device for a user', () => {
  test('[WS-33] a new one leaves the user with all that is needed to talk', async () => {
    const { admin, as } = await open()
    const { id } = (await admin.post('/users', cleo)).json
    const given = await admin.post(`/users/${id}/devices`, { phoneNumber: '7009' })
    expect(given.json).toMatchObject({ statusCode: 0, path: `/devices/${given.json.id}` })
    expect((await admin.get(`/users/${id}/devices?fields=phoneNumber,channels`)).json.devices).toEqual([
      { phoneNumber: '7009', channels: ['voice', 'im'] },
    ])
    await as('ben').start()
    expect((await as('cleo').start()).json).toEqual(accepted)
    const initiate = { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' } }
    expect((await as('cleo').post('/me/im-sessions', initiate)).json).toEqual(accepted)
    expect((await as('ben').get('/me/im-sessions?fields=state')).json.imSessions).toEqual([{ state: 'Talking' }])
  })

  test('[WS-33] one that exists leaves its previous place; again changes nothing', async () => {
    const { admin, centre } = await open()
    const { id } = (await admin.post('/users', cleo)).json
    for (let i = 0; i < 2; i++) {
      expect((await admin.post(`/users/${id}/devices`, { phoneNumber: '7001' })).json.statusCode).toBe(0)
      const { places, persons } = centre.directory()
      expect(places.get('Place_7001')?.dns).toEqual([])
      expect(places.get('Place_cleo')?.dns).toEqual(['7001'])
      expect(persons.get(id)).toMatchObject({ place: 'Place_cleo', agentLogins: ['7001'] })
    }
  })

  test('[WS-33] not one at which somebody works, and not for who is no agent', async () => {
    const { admin, as, centre } = await open()
    const { id } = (await admin.post('/users', cleo)).json
    await as('anna').start()
    const busy = await admin.post(`/users/${id}/devices`, { phoneNumber: '7001' })
    expect([busy.http, busy.json.statusCode]).toEqual([409, 19])
    const own = `/users/${personID(centre, 'admin')}/devices`
    expect((await admin.post(own, { phoneNumber: '7009' })).json.statusCode).toBe(2)
    expect((await admin.post(`/users/${id}/devices`, {})).json.statusCode).toBe(1)
    expect((await admin.post('/users/x/devices', { phoneNumber: '7009' })).json.statusCode).toBe(6)
  })
})

describe('configuration objects', () => {
  const root = '/platform/configuration'
  const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }

  test('[WS-31] each class is created, read, changed and removed', async () => {
    const { admin } = await open()
    for (const [plural, singular, key, body, change] of [
      ['switches', 'switch', 'name', { name: 'S2' }, {}],
      ['dns', 'dn', 'number', { number: '8001', switch: 'SIP_Switch', userProperties: chat }, { type: 'ACD Position' }],
      ['places', 'place', 'name', { name: 'P8', DNs: ['8001'] }, { DNs: [] }],
      ['agent-logins', 'agent-login', 'loginCode', { loginCode: '6001', switch: 'SIP_Switch' }, { switch: 'S2' }],
      ['persons', 'person', 'userName', { userName: 'cleo', place: 'P8', agentLogins: ['6001'] }, { enabled: 'false' }],
    ] as const) {
      const created = (await admin.post(`${root}/${plural}`, body)).json
      expect(created).toMatchObject({ statusCode: 0, path: `${root}/${plural}/${created.id}` })
      const read = (await admin.get(created.path)).json[singular]
      expect(read).toMatchObject({ DBID: created.id, ...body })
      expect((await admin.put(created.path, change)).json).toEqual(accepted)
      expect((await admin.get(created.path)).json[singular]).toEqual({ ...read, ...change })
      const name = { [key]: 'other' }
      expect((await admin.put(created.path, name)).json.statusCode).toBe(11)
      expect((await admin.post(`${root}/${plural}`, body)).json.statusCode).toBe(18)
    }
    for (const [plural, key, name] of [
      ['persons', 'userName', 'cleo'],
      ['agent-logins', 'loginCode', '6001'],
      ['places', 'name', 'P8'],
      ['dns', 'number', '8001'],
      ['switches', 'name', 'S2'],
    ] as const) {
      const id = await dbid(admin, plural, key, name)
      expect((await admin.delete(`${root}/${plural}/${id}`)).json).toEqual(accepted)
      expect((await admin.get(`${root}/${plural}/${id}`)).json.statusCode).toBe(6)
    }
  })

  test('[WS-31] a query takes names in any case and quotes for text', async () => {
    const { admin } = await open()
    const found = async (query: string) => (await admin.get(`${root}/dns?${query}`)).json.dns.length
    expect(await found('number=7001')).toBe(1)
    expect(await found('NUMBER=%227001%22')).toBe(1)
    expect(await found(`dbid=${await dbid(admin, 'dns', 'number', '7002')}`)).toBe(1)
    expect(await found('number=7001&type=Trunk')).toBe(0)
    expect(await found('colour=red')).toBe(0)
  })

  test('[WS-31] a contradiction is refused with the name of the DN', async () => {
    const { admin } = await open()
    const id = await dbid(admin, 'dns', 'number', '7001')
    const codeAndText = async (userProperties: object) => {
      const { json } = await admin.put(`${root}/dns/${id}`, { userProperties })
      return [json.statusCode, json.statusMessage]
    }
    expect(await codeAndText({ TServer: { multimedia: 'perhaps' } })).toEqual([10, expect.stringContaining('DN 7001')])
    expect(await codeAndText({ TServer: { 'sip-signaling-chat': 'none', 'sip-signalling-chat': 'msrp' } })).toEqual([
      10,
      expect.stringContaining('DN 7001'),
    ])
    expect(await codeAndText({ TServer: 'none' })).toEqual([10, expect.any(String)])
    const taken = await admin.post(`${root}/places`, { name: 'P9', DNs: ['7001'] })
    expect(taken.json).toEqual({ statusCode: 10, statusMessage: expect.stringContaining('7001') })
    const removed = await admin.delete(`${root}/dns/${id}`)
    expect([removed.http, removed.json.statusCode]).toEqual([409, 19])
    expect(removed.json.statusMessage).toContain('7001')
  })

  test('[WS-31] an Annex takes effect at once and keeps what the engine does not know', async () => {
    const { admin, as } = await open()
    await as('anna').start()
    await as('ben').start()
    const id = await dbid(admin, 'dns', 'number', '7002')
    const userProperties = { TServer: { ...chat.TServer, 'auto-answer': 'no', 'own-option': 'x' }, other: { a: 'b' } }
    expect((await admin.put(`${root}/dns/${id}`, { userProperties })).json).toEqual(accepted)
    expect((await admin.get(`${root}/dns/${id}`)).json.dn.userProperties).toEqual(userProperties)
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    expect((await as('ben').get('/me/im-sessions?fields=state')).json.imSessions).toEqual([{ state: 'Alerting' }])
  })

  test('[WS-32] a DN’s password is taken, not shown, and stays when the Annex is written back', async () => {
    const { admin, centre } = await open()
    const id = await dbid(admin, 'dns', 'number', '7001')
    const secret = { TServer: { ...chat.TServer, password: 'hunter2' } }
    expect((await admin.put(`${root}/dns/${id}`, { userProperties: secret })).json).toEqual(accepted)
    const shown = await admin.get(`${root}/dns/${id}`)
    expect(shown.reply.body).not.toContain('hunter2')
    expect(shown.json.dn.userProperties).toEqual(chat)
    await admin.put(`${root}/dns/${id}`, { userProperties: shown.json.dn.userProperties })
    expect(centre.directory().dns.get('7001' as never)?.options.password).toBe('hunter2')
  })

  test('[WS-31] roles stand in the Annex of a person', async () => {
    const { admin, as } = await open()
    const id = await dbid(admin, 'persons', 'userName', 'anna')
    const before = (await admin.get(`${root}/persons/${id}`)).json.person
    expect(before.userProperties).toEqual({ htcc: { roles: 'agent' } })
    const userProperties = { htcc: { roles: 'agent, ROLE_ADMIN', other: 'x' }, mine: { a: 'b' } }
    expect((await admin.put(`${root}/persons/${id}`, { userProperties })).json).toEqual(accepted)
    expect((await as('anna').get('/me')).json.user.roles).toEqual(['ROLE_AGENT', 'ROLE_ADMIN'])
    expect((await as('anna').get(`${root}/persons/${id}`)).json.person.userProperties).toEqual({
      htcc: { roles: 'agent,admin', other: 'x' },
      mine: { a: 'b' },
    })
    const wrong = await admin.put(`${root}/persons/${id}`, { userProperties: { htcc: { roles: 'captain' } } })
    expect(wrong.json.statusMessage).toMatch(/person anna: role 'captain'/)
    expect((await admin.put(`${root}/persons/${id}`, { password: 'new' })).json).toEqual(accepted)
    expect((await as('anna').get('/me')).http).toBe(401)
  })

  test('[WS-31] what comes from the file can be removed, and stays away after a reload', async () => {
    const { admin, centre } = await open()
    const persons = await dbid(admin, 'persons', 'userName', 'ben')
    expect((await admin.delete(`${root}/persons/${persons}`)).json).toEqual(accepted)
    expect(centre.directory().personsByUserName.has('ben')).toBe(false)
    expect((await admin.get('/users?fields=userName')).json.users).toHaveLength(2)
    expect(labObjects.persons).toHaveLength(3)
  })

  for (const [what, plural, body, code] of [
    ['no name', 'switches', {}, 1],
    ['a name that is a number', 'dns', { number: 7001, switch: 'SIP_Switch' }, 1],
    ['no switch', 'dns', { number: '8001' }, 1],
    ['a switch that is not there', 'dns', { number: '8001', switch: 'Nowhere' }, 10],
    ['a list that is none', 'places', { name: 'P9', DNs: '7001' }, 10],
    [
      'an Annex with a number',
      'dns',
      { number: '8001', switch: 'SIP_Switch', userProperties: { TServer: { a: 1 } } },
      10,
    ],
    ['a flag that is none', 'persons', { userName: 'x', enabled: 'perhaps' }, 10],
  ] as const)
    test(`[WS-6] ${what} is code ${code}`, async () => {
      const { admin } = await open()
      expect((await admin.post(`${root}/${plural}`, body)).json.statusCode).toBe(code)
    })

  test('[WS-31] the store is down: nothing is changed', async () => {
    const { admin, store, centre } = await open()
    await admin.get('/me')
    store.outage('TERR_NO_SWITCH')
    expect((await admin.post(`${root}/switches`, { name: 'S9' })).http).toBe(503)
    store.outage(undefined)
    expect(centre.directory().switches.has('S9')).toBe(false)
  })
})
