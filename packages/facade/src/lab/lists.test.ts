import type { CallUUID, Change, DirectoryObjects, SessionStore } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { apiRoutes } from '../testing/api-routes.ts'
import { fakeLab } from '../testing/fake-lab.ts'
import { basic, type LabSetUp, lab, labObjects } from '../testing/lab.ts'
import { idOf, livingCall } from '../testing/living-calls.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return { ...made, admin: made.as('admin') }
}

/** Many sessions, without the two agents for each. */
async function fill(store: SessionStore, count: number): Promise<void> {
  const none: Pick<Change, 'claims' | 'feeds' | 'timers'> = { claims: [], feeds: [], timers: { set: [], cancel: [] } }
  for (let i = 0; i < count; i++) await store.commit({ ...none, ...livingCall(i) })
}

/** Counts what a store is asked for. */
function counted(store: SessionStore): Map<string, number> {
  const calls = new Map<string, number>()
  const reading = ['read', 'listCalls', 'countCalls', 'readFeed', 'readLog', 'readObjects', 'kept'] as const
  for (const name of reading) {
    const ask = store[name].bind(store) as (...all: unknown[]) => unknown
    Object.assign(store, {
      [name]: (...all: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1)
        return ask(...all)
      },
    })
  }
  return calls
}

describe('lists', () => {
  test('[LB-1] nobody but an administrator sees any of it', async () => {
    const [anna, ...rest] = labObjects.persons
    const persons = [{ ...anna, roles: ['agent', 'supervisor'] }, ...rest] as DirectoryObjects['persons']
    const { app } = await open({ console: fakeLab(), objects: { ...labObjects, persons } })
    const routes = (await apiRoutes()).filter((route) => / \/lab\//.test(route))
    expect(routes.length).toBeGreaterThan(15)
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ')
      const asked = { method: method as 'GET', url: `/api/v2${path.replace(':id', 'x')}` }
      expect([route, (await app.inject(asked)).statusCode]).toEqual([route, 401])
      for (const user of ['anna', 'ben']) {
        const { statusCode, body } = await app.inject({ ...asked, headers: basic(user) })
        expect([route, statusCode]).toEqual([route, 403])
        if (method !== 'HEAD') expect(JSON.parse(body)).toMatchObject({ statusCode: 5 })
      }
      const { statusCode } = await app.inject({ ...asked, headers: basic('admin') })
      expect([route, statusCode === 401 || statusCode === 403]).toEqual([route, false])
    }
  })

  test('[LB-1] a page has 50 items, or as many as asked for up to 200, and says where the next one begins', async () => {
    const { admin, store } = await open()
    await fill(store, 450)
    const first = (await admin.get('/lab/sessions')).json
    expect(first.sessions).toHaveLength(50)
    expect((await admin.get('/lab/sessions?limit=7')).json.sessions).toHaveLength(7)
    const seen: string[] = []
    let path = '/lab/sessions?limit=9999'
    for (;;) {
      const { sessions, next, counts } = (await admin.get(path)).json
      expect(counts).toEqual({ dialing: 0, talking: 450 })
      expect(sessions.length).toBeLessThanOrEqual(200)
      seen.push(...sessions.map(({ callUUID }: { callUUID: string }) => callUUID))
      if (next === undefined) break
      path = `/lab/sessions?limit=9999&after=${encodeURIComponent(next)}`
    }
    expect(seen).toEqual(Array.from({ length: 450 }, (_, i) => idOf(i)))
    for (const limit of ['0', '-1', 'many', '1e3', ''])
      expect(await admin.get(`/lab/sessions?limit=${limit}`)).toMatchObject({ http: 400, json: { statusCode: 10 } })
  })

  test('[LB-1] a page costs the store the same with 10 000 sessions as with ten', async () => {
    const costs = []
    for (const count of [10, 10_000]) {
      const { admin, store, close } = await lab().then((made) => ({ ...made, admin: made.as('admin') }))
      await fill(store, count)
      await admin.get('/me')
      const calls = counted(store)
      const { json } = await admin.get('/lab/sessions?limit=10')
      expect(json.sessions).toHaveLength(10)
      await admin.get('/lab/agents')
      await admin.get('/lab/dns')
      costs.push(Object.fromEntries(calls))
      await close()
    }
    expect(costs[1]).toEqual(costs[0])
    expect(costs[0]).toEqual({ listCalls: 1, countCalls: 1, read: 3 })
  })
})

describe('sessions', () => {
  test('[LB-2] a session shows who with whom, and the keys of its user data, never what they say', async () => {
    const { admin, as, callUUID, clock } = await open()
    for (const user of ['anna', 'ben']) await as(user).start()
    const userData = { 'Account number': '4711-secret' }
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
      userData,
    })
    clock.advance(0)
    const id = await callUUID('anna')
    const said = await as('anna').post(`/me/im-sessions/${id}`, { operationName: 'SendMessage', text: 'hush' })
    expect(said.http).toBe(200)
    const { json, reply } = await admin.get('/lab/sessions')
    expect(json).toEqual({
      statusCode: 0,
      counts: { dialing: 0, talking: 1 },
      sessions: [
        {
          callUUID: id,
          state: 'talking',
          created: expect.any(Number),
          parties: [
            { dn: '7001', role: 'Origination', state: 'connected', leg: 'tlibrary', agent: 'anna' },
            { dn: '7002', role: 'Destination', state: 'connected', leg: 'tlibrary', agent: 'ben' },
          ],
          userDataKeys: ['Account number'],
        },
      ],
    })
    expect(reply.body).not.toMatch(/secret|hush/)
  })

  test('[LB-2] one is found by its id, living or ended, or by who is in it', async () => {
    const { admin, as, callUUID, clock } = await open()
    for (const user of ['anna', 'ben']) await as(user).start()
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    clock.advance(0)
    const id = await callUUID('anna')
    expect((await admin.get('/lab/sessions?agent=ben')).json.sessions).toMatchObject([{ callUUID: id }])
    await as('ben').post(`/me/im-sessions/${id}`, { operationName: 'Complete' })
    expect((await admin.get(`/lab/sessions?id=${id}`)).json).toMatchObject({
      sessions: [{ callUUID: id, state: 'ended', end: { by: '7002', why: 'completed' } }],
      counts: { dialing: 0, talking: 1 },
    })
    clock.advance(1_000)
    expect((await admin.get('/lab/sessions')).json).toEqual({
      statusCode: 0,
      sessions: [],
      counts: { dialing: 0, talking: 0 },
    })
    expect((await admin.get('/lab/sessions?agent=ben')).json.sessions).toEqual([])
    for (const query of ['id=nonsense', `id=${idOf(3)}`, 'agent=nobody'])
      expect(await admin.get(`/lab/sessions?${query}`)).toMatchObject({ http: 404, json: { statusCode: 6 } })
  })
})

describe('agents and DNs', () => {
  test('[LB-3] agents are listed by user name with where they work, their state and their session', async () => {
    const { admin, as, callUUID, clock } = await open()
    for (const user of ['anna', 'ben']) await as(user).start()
    await as('ben').post('/me', { operationName: 'Ready' })
    await as('anna').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    clock.advance(0)
    const session = await callUUID('anna')
    const { agents, next } = (await admin.get('/lab/agents')).json
    expect(next).toBeUndefined()
    expect(agents).toMatchObject([
      { userName: 'anna', place: 'Place_7001', dns: ['7001'], userState: { state: 'NotReady' }, session },
      { userName: 'ben', place: 'Place_7002', dns: ['7002'], userState: { state: 'Ready' }, session },
    ])
    const page = (await admin.get('/lab/agents?limit=1')).json
    expect(page).toMatchObject({ agents: [{ userName: 'anna' }], next: 'anna' })
    expect((await admin.get('/lab/agents?limit=1&after=anna')).json).toEqual({ statusCode: 0, agents: [agents[1]] })
    expect((await admin.get('/lab/agents?q=CLARKE')).json.agents).toEqual([agents[1]])
    expect((await admin.get('/lab/agents?q=7001')).json.agents).toEqual([agents[0]])
    await as('anna').post('/me', { operationName: 'EndContactCenterSession' })
    expect((await admin.get('/lab/agents?q=anna')).json.agents).toMatchObject([
      { place: null, dns: [], userState: { state: 'LoggedOut' }, session: null },
    ])
  })

  test('[LB-4] DNs are listed by number with their Annex, who is there and what is wrong with them', async () => {
    const chat = { TServer: { multimedia: 'true', 'sip-signaling-chat': 'none' } }
    const more = [
      { number: '6000', type: 'Trunk', switch: 'SIP_Switch', annex: { TServer: { contact: '192.0.2.1' } } },
      {
        number: '8001',
        type: 'Extension',
        switch: 'SIP_Switch',
        annex: { TServer: { multimedia: 'true', password: 'hush' } },
      },
      { number: '8002', type: 'Extension', switch: 'SIP_Switch', annex: chat },
      {
        number: '8003',
        type: 'Extension',
        switch: 'SIP_Switch',
        annex: { TServer: { 'sip-signaling-chat': 'none', tea: 'x' } },
      },
    ]
    const objects: DirectoryObjects = { ...labObjects, dns: [...labObjects.dns, ...more] }
    const { admin, as } = await open({ objects })
    await as('anna').start()
    const { json, reply } = await admin.get('/lab/dns')
    expect(reply.body).not.toContain('hush')
    expect(json.dns).toEqual([
      {
        number: '6000',
        type: 'Trunk',
        switch: 'SIP_Switch',
        annex: { TServer: { contact: '192.0.2.1' } },
        imAccess: 'none',
        places: [],
        agent: null,
        contacts: 0,
        problems: [],
      },
      expect.objectContaining({ number: '7001', places: ['Place_7001'], agent: 'anna', imAccess: 'api', problems: [] }),
      expect.objectContaining({ number: '7002', agent: null, problems: [] }),
      expect.objectContaining({
        number: '8001',
        annex: { TServer: { multimedia: 'true' } },
        imAccess: 'sip',
        problems: ['DN 8001 cannot be reached: no SIP endpoint is registered, and it has no contact'],
      }),
      expect.objectContaining({
        number: '8002',
        problems: ['DN 8002 is part of no place, so nobody can log in there'],
      }),
      expect.objectContaining({
        number: '8003',
        imAccess: 'none',
        problems: [
          'DN 8003: sip-signaling-chat has no effect without multimedia=true',
          'DN 8003: nothing is known of option tea',
          'DN 8003 carries no IM: option multimedia is not true',
        ],
      }),
    ])
    const numbers = ({ dns }: { dns: { number: string }[] }) => dns.map(({ number }) => number)
    expect(numbers((await admin.get('/lab/dns?q=sip-signaling-chat=none&limit=2&after=7001')).json)).toEqual([
      '7002',
      '8002',
    ])
    expect(numbers((await admin.get('/lab/dns?q=trunk')).json)).toEqual(['6000'])
    expect(numbers((await admin.get('/lab/dns?q=hush')).json)).toEqual([])
  })

  test('[LB-4] a DN counts the addresses that are registered for it now', async () => {
    const annex = { TServer: { multimedia: 'true' } }
    const dns = [...labObjects.dns, { number: '8001', type: 'Extension', switch: 'SIP_Switch', annex }]
    const { admin, store, clock } = await open({ objects: { ...labObjects, dns } })
    const binding = (expires: number) => ({
      contact: 'sip:8001@192.0.2.9',
      expires: clock.now() + expires,
      updated: clock.now(),
      callID: 'c',
      cseq: 1,
      source: { transport: 'udp' as const, address: '192.0.2.9', port: 5060 },
      node: 'n1~1',
    })
    const id = '8001' as never
    await store.commit({
      expect: [{ kind: 'registration', id, version: 0 }],
      put: [{ kind: 'registration', id, value: { bindings: [binding(1_000), binding(9_000)] } }],
      claims: [],
      feeds: [],
      timers: { set: [], cancel: [] },
    })
    const shown = async () => (await admin.get('/lab/dns?q=8001')).json.dns[0]
    expect(await shown()).toMatchObject({ contacts: 2, problems: [] })
    clock.advance(1_000)
    expect(await shown()).toMatchObject({ contacts: 1, problems: [] })
    clock.advance(8_000)
    expect(await shown()).toMatchObject({ contacts: 0, problems: [expect.stringContaining('cannot be reached')] })
  })

  test('[LB-12] administrators see their own contact centre only', async () => {
    const { as } = await open({ centres: ['east', 'west'] })
    await as('anna@east').start()
    await as('ben@east').start()
    await as('anna@east').post('/me/im-sessions', {
      operationName: 'InitiateIMSession',
      destination: { phoneNumber: '7002' },
    })
    const [east, west] = [as('admin@east'), as('admin@west')]
    expect((await east.get('/lab/sessions')).json.sessions).toHaveLength(1)
    const id = (await east.get('/lab/sessions')).json.sessions[0].callUUID as CallUUID
    expect((await west.get('/lab/sessions')).json).toMatchObject({ sessions: [], counts: { dialing: 0, talking: 0 } })
    expect((await west.get(`/lab/sessions?id=${id}`)).http).toBe(404)
    expect((await west.get('/lab/agents?q=anna')).json.agents).toMatchObject([{ place: null, session: null }])
    await east.post('/users/nobody/channels/voice', { operationName: 'Offline' })
    expect((await east.get('/lab/audit')).json.entries).toHaveLength(1)
    expect((await west.get('/lab/audit')).json.entries).toEqual([])
  })
})
