import { type DirectoryObjects, TServerError } from '@ringdown/signalling'
import type { FastifyBaseLogger } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { hashPassword } from '../login/password.ts'
import { apiRoutes } from '../testing/api-routes.ts'
import { fakeLab } from '../testing/fake-lab.ts'
import { type LabSetUp, lab, labObjects } from '../testing/lab.ts'
import { auditedRoutes, ownAffairs } from './audited-routes.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab({ console: fakeLab(), ...setUp })
  closing = made.close
  const admin = made.as('admin')
  const entries = async () => (await admin.get('/lab/audit')).json.entries
  return { ...made, admin, entries }
}

/** Every route of the API that changes something, as `POST /users`. */
const changingRoutes = async () => (await apiRoutes()).filter((route) => !/^(GET|HEAD|OPTIONS) /.test(route))

const unknown = '0'.repeat(32)
const boss = {
  userName: 'boss',
  firstName: 'Bo',
  lastName: 'Ek',
  roles: ['admin'],
  passwordHash: await hashPassword('boss', { ln: 1, r: 1, p: 1 }),
}
const withBoss = { ...labObjects, persons: [...labObjects.persons, boss] }

/** Hands what is logged at level info to `take`. */
function logTo(take: (fields: object, message?: string) => void): FastifyBaseLogger {
  const ignore = () => undefined
  const levels = { fatal: ignore, error: ignore, warn: ignore, debug: ignore, trace: ignore, silent: ignore }
  const log = { ...levels, level: 'info', info: take, child: () => log } as FastifyBaseLogger
  return log
}

const cleo = { firstName: 'C', lastName: 'D', userName: 'cleo', password: 'x', roles: ['agent'] }

describe('what is written down', () => {
  test('[LB-21] every route that changes something is audited, or is about what is one’s own', async () => {
    const routes = await changingRoutes()
    expect(routes.length).toBeGreaterThan(20)
    // CometD answers under the same root; what it changes is the client's own session.
    const rest = routes.filter((route) => !/ \/(notifications|\*)/.test(route))
    const mine = (route: string) => ownAffairs.some((path) => `${route}/`.includes(` ${path}/`))
    expect(rest.filter((route) => !mine(route) && !auditedRoutes.has(route))).toEqual([])
    expect([...auditedRoutes.keys()].filter((route) => !rest.includes(route))).toEqual([])
  })

  test('[LB-21] each of them leaves an entry, also where it is refused', async () => {
    const { admin, entries, clock } = await open()
    for (const [route, { what }] of auditedRoutes) {
      clock.advance(60_000)
      const [method = '', path = ''] = route.split(' ')
      const url = `/api/v2${path.replace(':id', unknown).replace(':channel', 'voice')}`
      const send = { method: method as 'POST', url, ...(method !== 'DELETE' && { payload: {} }) }
      expect((await admin.send(send)).http).toBeGreaterThanOrEqual(400)
      const [newest] = await entries()
      expect([route, newest]).toEqual([route, expect.objectContaining({ what, who: 'admin', outcome: 'refused' })])
    }
    expect(await entries()).toHaveLength(auditedRoutes.size)
  })

  test('[LB-20] an entry says who changed what of which object, from where and when', async () => {
    const { admin, entries, clock } = await open({ reload: async () => ({ applied: true, problems: [], restart: [] }) })
    const at = clock.now()
    const { DBID } = (await admin.get('/platform/configuration/dns?number=7002')).json.dns[0]
    const userProperties = { TServer: { multimedia: 'false', 'sip-signaling-chat': 'none', password: 'hush' } }
    await admin.put(`/platform/configuration/dns/${DBID}`, { number: '7002', userProperties })
    await admin.post('/users', { firstName: 'C', lastName: 'D', userName: 'cleo', password: 'hush', roles: ['agent'] })
    const { persons } = (await admin.get('/platform/configuration/persons')).json
    const cleo = persons.find(({ userName }: { userName: string }) => userName === 'cleo')
    const { users } = (await admin.get('/users?fields=*&userName=cleo')).json
    await admin.put(`/users/${users[0].id}`, { firstName: 'Cleopatra', lastName: 'D', password: 'hush2' })
    await admin.put(`/platform/configuration/persons/${cleo.DBID}`, { enabled: false, lastName: 'D' })
    await admin.post('/system', { operationName: 'ReloadConfiguration' })
    await admin.delete(`/users/${users[0].id}`)
    const start = { pairs: 5, textsPerSecond: 50, seconds: 3 }
    await admin.post('/lab/load-runs', start)
    await admin.delete('/lab/load-runs/r1')
    const common = { at, who: 'admin', address: '127.0.0.1', outcome: 'done' }
    expect((await entries()).reverse()).toEqual([
      { position: 1, ...common, what: 'change dn', object: '7002', detail: 'TServer.multimedia, TServer.password' },
      {
        position: 2,
        ...common,
        what: 'create user',
        object: 'cleo',
        detail: 'firstName, lastName, password, roles, userName',
      },
      { position: 3, ...common, what: 'change user', object: 'cleo', detail: 'firstName, password' },
      { position: 4, ...common, what: 'change person', object: 'cleo', detail: 'enabled' },
      { position: 5, ...common, what: 'reload configuration', object: 'file of this node' },
      { position: 6, ...common, what: 'remove user', object: 'cleo' },
      {
        position: 7,
        ...common,
        what: 'start load run',
        object: 'r1',
        detail: 'pairs 5, texts per second 50, seconds 3',
      },
      { position: 8, ...common, what: 'stop load run', object: 'r1' },
    ])
  })

  test('[LB-20] an object that another node has just created has its name', async () => {
    const { admin, entries, node, store } = await open()
    const other = (await node('n2')).as('admin')
    await other.get('/me')
    store.loseHints(true)
    const user = { firstName: 'C', lastName: 'D', userName: 'cleo', password: 'x', roles: ['agent'] }
    const { id } = (await admin.post('/users', user)).json
    expect((await other.delete(`/users/${id}`)).http).toBe(200)
    expect((await entries())[0]).toMatchObject({ what: 'remove user', object: 'cleo', outcome: 'done' })
  })

  test('[LB-22] no secret, text or value of a configuration is in an entry, however long its names are', async () => {
    const { admin, store } = await open()
    await admin.post('/users', {
      firstName: 'C',
      lastName: 'D',
      userName: 'cleo',
      password: 'hush-1',
      roles: ['agent'],
    })
    await admin.post('/platform/configuration/dns', {
      number: '9001',
      switch: 'SIP_Switch',
      userProperties: { TServer: { password: 'hush-2', multimedia: 'true' } },
      ['x'.repeat(5_000)]: 'hush-3',
    })
    const { entries } = await store.readFeed('audit' as never, 0, 10)
    expect(entries).toHaveLength(2)
    expect(JSON.stringify(entries)).not.toContain('hush')
    expect(JSON.stringify(entries).length).toBeLessThan(2_000)
  })

  test('[LB-21] who may not do it leaves no entry; a supervisor who changes an agent’s state does', async () => {
    const [anna, ben, ...rest] = labObjects.persons
    const persons = [{ ...anna, roles: ['agent', 'supervisor'] }, ben, ...rest] as DirectoryObjects['persons']
    const { as, app, entries } = await open({
      objects: { ...labObjects, persons, features: ['api-supervisor-agent-control', 'api-provisioning-write'] },
    })
    const body = { firstName: 'C', lastName: 'D', userName: 'cleo', password: 'x', roles: ['agent'] }
    expect((await as('ben').post('/users', body)).http).toBe(403)
    expect((await app.inject({ method: 'POST', url: '/api/v2/users', payload: body })).statusCode).toBe(401)
    expect(await entries()).toEqual([])
    await as('ben').start()
    const { id } = (await as('ben').get('/me')).json.user
    expect((await as('anna').post(`/users/${id}/channels/voice`, { operationName: 'Offline' })).http).toBe(200)
    expect(await entries()).toMatchObject([
      { who: 'anna', what: 'change agent state', object: 'ben', detail: 'Offline', outcome: 'done' },
    ])
  })

  test('[LB-21] a store that takes no entry changes no answer', async () => {
    const { admin, centre } = await open({ reload: async () => ({ applied: true, problems: [], restart: [] }) })
    const { request } = centre.tserver
    Object.assign(centre.tserver, { request: () => Promise.reject(new TServerError('TERR_NO_SWITCH')) })
    expect((await admin.post('/system', { operationName: 'ReloadConfiguration' })).http).toBe(200)
    Object.assign(centre.tserver, { request })
  })
})

describe('refused deeds', () => {
  test('[LB-25] ten of a person in a minute have entries of their own; how many more there were is told by the next one', async () => {
    const { admin, entries, clock, as } = await open({ objects: withBoss })
    await admin.post('/users', cleo)
    for (let i = 0; i < 300; i++) await admin.post('/users', { ...cleo, userName: `u${i}`, roles: 'none' })
    const objects = async () => (await entries()).map(({ object }: { object: string }) => object)
    expect(await objects()).toEqual([...Array.from({ length: 10 }, (_, i) => `u${9 - i}`), 'cleo'])
    // Others have entries of their own, and so has what is done.
    await as('boss').post('/system', {})
    await admin.post('/users', { ...cleo, userName: 'dora' })
    expect((await entries()).slice(0, 2)).toMatchObject([
      {
        object: 'dora',
        outcome: 'done',
        detail: expect.stringMatching(/^refused before, without an entry: 290; firstName/),
      },
      { who: 'boss', outcome: 'refused' },
    ])
    await admin.post('/system', {})
    clock.advance(60_000)
    await admin.post('/system', {})
    expect(await entries()).toHaveLength(14)
    expect((await entries())[0]).toMatchObject({ detail: 'refused before, without an entry: 1', outcome: 'refused' })
  })

  test('[LB-25] texts that are asked for and refused count with them', async () => {
    const { admin, entries, as, callUUID } = await open()
    for (const user of ['anna', 'ben']) await as(user).start()
    const destination = { phoneNumber: '7002' }
    await as('anna').post('/me/im-sessions', { operationName: 'InitiateIMSession', destination })
    const path = `/lab/sessions/${await callUUID('anna')}/ladder?texts=show`
    for (let i = 0; i < 15; i++) expect((await admin.get(path, { 'x-requested-with': 'test' })).http).toBe(403)
    expect(await entries()).toHaveLength(10)
  })

  test('[LB-25] every deed, with an entry or without, is a line of the node’s log: who, whence, what, object, outcome', async () => {
    const lines: object[] = []
    const { admin } = await open({
      log: logTo((fields, message) => {
        if (message === 'audit') lines.push(fields)
      }),
    })
    await admin.post('/users', { ...cleo, password: 'hush' })
    for (let i = 0; i < 12; i++) await admin.post('/system', {})
    const common = { who: 'admin', address: '127.0.0.1' }
    expect(lines).toHaveLength(13)
    expect(lines[0]).toEqual({ ...common, what: 'create user', object: 'cleo', outcome: 'done' })
    expect(lines[12]).toEqual({
      ...common,
      what: 'reload configuration',
      object: 'file of this node',
      outcome: 'refused',
    })
  })
})

describe('reading it', () => {
  test('[LB-23] entries are listed newest first, page by page, on every node', async () => {
    const { admin, node, clock } = await open()
    for (let i = 0; i < 25; i++) {
      clock.advance(6_000)
      await admin.post('/system', {})
    }
    const other = (await node('n2')).as('admin')
    const positions: number[] = []
    let path = '/lab/audit?limit=10'
    for (;;) {
      const { entries, next } = (await other.get(path)).json
      positions.push(...entries.map(({ position }: { position: number }) => position))
      if (next === undefined) break
      expect(entries).toHaveLength(10)
      path = `/lab/audit?limit=10&after=${next}`
    }
    expect(positions).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i))
    expect((await other.get('/lab/audit?after=soon')).http).toBe(400)
  })

  test('[LB-23] the oldest entries give way, and what is left is all there', async () => {
    const { admin, store } = await open()
    for (let i = 0; i < 1_100; i++)
      await store.commit({
        expect: [],
        put: [],
        claims: [],
        feeds: [{ person: 'audit' as never, event: deed(`o${i}`) }],
        timers: { set: [], cancel: [] },
      })
    const { first } = await store.readFeed('audit' as never, 0, 1)
    expect(first).toBeGreaterThan(1)
    const oldest = (await admin.get(`/lab/audit?limit=10&after=${first + 3}`)).json
    expect(oldest.entries.map(({ position }: { position: number }) => position)).toEqual([first + 2, first + 1, first])
    expect(oldest.next).toBeUndefined()
    const file = await admin.send({ url: '/api/v2/lab/audit' })
    expect(file.json.entries[0]).toMatchObject({ position: 1_100, object: 'o1099' })
  })

  test('[LB-24] all of it is exported as JSON Lines, oldest first', async () => {
    const { admin, app } = await open()
    for (let i = 0; i < 3; i++) await admin.post('/system', {})
    const headers = { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` }
    const reply = await app.inject({ url: '/api/v2/lab/audit.jsonl', headers })
    expect(reply.headers).toMatchObject({
      'content-type': 'application/jsonl',
      'content-disposition': 'attachment; filename="audit.jsonl"',
    })
    const lines = reply.body.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).position)).toEqual([1, 2, 3])
  })

  test('[LB-24] a store that does not answer is said with its status, not with an empty file', async () => {
    const { admin, store } = await open()
    await admin.get('/me')
    Object.assign(store, { feedEnd: () => Promise.reject(new TServerError('TERR_NO_SWITCH')) })
    expect(await admin.get('/lab/audit.jsonl')).toMatchObject({ http: 503, json: { statusCode: 4 } })
  })
})

function deed(object: string) {
  const content = JSON.stringify({ who: 'admin', address: '::1', what: 'change dn', object, outcome: 'done' })
  return { event: 'EventUserEvent', time: 1, extensions: { client: { id: 'audit', content } } } as const
}
