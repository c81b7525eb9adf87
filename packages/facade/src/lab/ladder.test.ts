import { TServerError } from '@ringdown/signalling'
import { afterEach, describe, expect, test } from 'vitest'
import { hashPassword } from '../login/password.ts'
import { fakeLab } from '../testing/fake-lab.ts'
import { basic, lab, labObjects } from '../testing/lab.ts'
import { idOf } from '../testing/living-calls.ts'

const boss = {
  userName: 'boss',
  firstName: 'Bo',
  lastName: 'Ek',
  roles: ['admin', 'supervisor'],
  passwordHash: await hashPassword('boss', { ln: 1, r: 1, p: 1 }),
}

/** As a page's script asks. */
const script = { 'x-requested-with': 'XMLHttpRequest' }

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open() {
  const server = fakeLab()
  const made = await lab({ console: server, objects: { ...labObjects, persons: [...labObjects.persons, boss] } })
  closing = made.close
  for (const user of ['anna', 'ben']) await made.as(user).start()
  await made.as('anna').post('/me/im-sessions', {
    operationName: 'InitiateIMSession',
    destination: { phoneNumber: '7002' },
  })
  const id = await made.callUUID('anna')
  const audit = async () => (await made.as('admin').get('/lab/audit')).json.entries
  const file = async (user: string, path: string) => {
    return made.app.inject({ url: `/api/v2${path}`, headers: { ...basic(user), ...script } })
  }
  return { ...made, server, id, audit, file, admin: made.as('admin'), boss: made.as('boss') }
}

describe('ladders', () => {
  test('[LB-9] the ladder of a session, living or ended, masked, and nothing is written down for it', async () => {
    const { admin, id, audit, as } = await open()
    const { json } = await admin.get(`/lab/sessions/${id}/ladder`)
    expect(json.ladder).toMatchObject({ callUUID: id, entries: [{ content: '****', at: 1_000.25 }], silent: [] })
    await as('anna').post(`/me/im-sessions/${id}`, { operationName: 'Complete' })
    expect((await admin.get(`/lab/sessions/${id}/ladder`)).json.ladder.callUUID).toBe(id)
    expect(await audit()).toEqual([])
    for (const other of ['nonsense', idOf(9)])
      expect(await admin.get(`/lab/sessions/${other}/ladder`)).toMatchObject({ http: 404, json: { statusCode: 6 } })
    expect((await as('anna').get(`/lab/sessions/${id}/ladder`)).http).toBe(403)
  })

  test('[LB-9] it is there as files, which run nothing in a browser', async () => {
    const { file, id, server } = await open()
    const pcap = await file('admin', `/lab/sessions/${id}/ladder.pcap`)
    expect([pcap.statusCode, pcap.body]).toEqual([200, `pcap of ${id}`])
    expect(pcap.headers).toMatchObject({
      'content-type': 'application/vnd.tcpdump.pcap',
      'content-disposition': `attachment; filename="session-${id}.pcap"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const svg = await file('admin', `/lab/sessions/${id}/ladder.svg`)
    expect(svg.body).toBe(`svg of ${id}`)
    expect(svg.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    })
    const json = await file('admin', `/lab/sessions/${id}/ladder.json`)
    expect(json.headers['content-disposition']).toBe(`attachment; filename="session-${id}.json"`)
    expect(json.json().ladder.callUUID).toBe(id)
    expect(server.asked).toEqual(['pcap demo false', 'svg demo false', 'ladder demo false'])
  })

  test('[LB-10] texts are shown to an administrator who is a supervisor as well, and each view is written down first', async () => {
    const { boss, id, audit, file, server } = await open()
    expect((await boss.get(`/lab/sessions/${id}/ladder?texts=show`, script)).json.ladder.entries[0].content).toBe(
      'hush',
    )
    for (const form of ['json', 'pcap', 'svg'])
      expect((await file('boss', `/lab/sessions/${id}/ladder.${form}?texts=show`)).statusCode).toBe(200)
    expect((await audit()).reverse()).toMatchObject(
      ['view', 'json', 'pcap', 'svg'].map((detail) => ({
        who: 'boss',
        what: 'view texts',
        object: id,
        outcome: 'done',
        detail,
      })),
    )
    expect(server.asked).toEqual(['ladder demo true', 'ladder demo true', 'pcap demo true', 'svg demo true'])
  })

  test('[LB-10] an administrator alone sees none, and that they tried is written down', async () => {
    const { admin, id, audit, server } = await open()
    for (const form of ['', '.json', '.pcap', '.svg'])
      expect(await admin.get(`/lab/sessions/${id}/ladder${form}?texts=show`, script)).toMatchObject({
        http: 403,
        json: { statusCode: 5 },
      })
    expect(await audit()).toHaveLength(4)
    expect(await audit()).toMatchObject([
      { who: 'admin', what: 'view texts', object: id, outcome: 'refused' },
      {},
      {},
      {},
    ])
    expect((await admin.get(`/lab/sessions/${id}/ladder?texts=all`)).http).toBe(400)
    expect(server.asked).toEqual([])
  })

  test('[LB-10] a link on another site shows none, and leaves no entry under the name of who follows it', async () => {
    const { boss, id, audit, server } = await open()
    const path = `/lab/sessions/${id}/ladder`
    for (const site of ['cross-site', 'same-site', 'none', undefined])
      for (const form of ['', '.json', '.pcap', '.svg'])
        expect(
          await boss.get(`${path}${form}?texts=show`, site === undefined ? {} : { 'sec-fetch-site': site }),
        ).toMatchObject({ http: 403, json: { statusCode: 3 } })
    expect([await audit(), server.asked]).toEqual([[], []])
    const ours = await boss.get(`${path}?texts=show`, { 'sec-fetch-site': 'same-origin' })
    expect(ours.json.ladder.entries[0].content).toBe('hush')
    expect(await audit()).toHaveLength(1)
    expect((await boss.get(path, { 'sec-fetch-site': 'cross-site' })).json.ladder.entries[0].content).toBe('****')
  })

  test('[LB-10] where the view cannot be written down nothing is shown', async () => {
    const { boss, id, centre, server } = await open()
    Object.assign(centre.tserver, { request: () => Promise.reject(new TServerError('TERR_NO_SWITCH')) })
    expect(await boss.get(`/lab/sessions/${id}/ladder?texts=show`, script)).toMatchObject({
      http: 503,
      json: { statusCode: 4 },
    })
    expect(server.asked).toEqual([])
  })
})

describe('what the server tells', () => {
  test('[LB-5] [LB-6] [LB-7] [LB-8] it is asked for the administrator’s centre, within bounds', async () => {
    const { admin, server } = await open()
    expect((await admin.get('/lab/nodes')).json).toEqual({
      statusCode: 0,
      nodes: [{ name: 'n1-demo', here: true, started: 1, leaseUntil: 2, version: '1.0.0', legs: 3, clients: 4 }],
    })
    const registrations = await admin.get('/lab/registrations?after=7001&limit=900')
    expect(registrations.json).toEqual({ statusCode: 0, registrations: [], next: '8001' })
    expect((await admin.get('/lab/flows')).json.flows).toMatchObject([{ id: 'f-50', transport: 'udp' }])
    expect(await admin.get('/lab/flows?after=shared')).toMatchObject({ http: 403, json: { statusCode: 3 } })
    expect((await admin.get('/lab/history?after=7000')).json).toEqual({ statusCode: 0, samples: [] })
    expect((await admin.get('/lab/history?after=x')).http).toBe(400)
    expect((await admin.get('/lab/trace')).json).toEqual({
      statusCode: 0,
      entries: 1,
      bytes: 2,
      limit: 3,
      discarded: { overwritten: 4 },
    })
    expect(server.asked).toEqual(['registrations demo 7001 200', 'history demo 7000'])
  })

  test('[LB-11] a load run is within bounds, one at a time, and can be stopped', async () => {
    const { admin, boss } = await open()
    const wanted = { pairs: 5, textsPerSecond: 50, seconds: 3 }
    for (const wrong of [{ pairs: 0 }, { pairs: 201 }, { textsPerSecond: 2_001 }, { seconds: 601 }, { seconds: 1.5 }])
      expect(await admin.post('/lab/load-runs', { ...wanted, ...wrong })).toMatchObject({
        http: 400,
        json: { statusCode: 10 },
      })
    expect((await admin.post('/lab/load-runs', wanted)).json.loadRun).toMatchObject({ id: 'r1', wanted, by: 'admin' })
    expect(await boss.post('/lab/load-runs', wanted)).toMatchObject({ http: 409, json: { statusCode: 19 } })
    expect((await boss.get('/lab/load-runs')).json.loadRuns).toMatchObject([{ id: 'r1', by: 'admin' }])
    expect((await admin.delete('/lab/load-runs/r2')).http).toBe(404)
    expect((await admin.delete('/lab/load-runs/r1')).json).toEqual({ statusCode: 0 })
    expect((await admin.get('/lab/load-runs')).json.loadRuns).toEqual([])
  })

  test('[LB-5] a node that tells nothing of itself says so; what every facade knows is there', async () => {
    const made = await lab()
    const admin = made.as('admin')
    for (const path of ['nodes', 'registrations', 'flows', 'history', 'trace', 'load-runs'])
      expect(await admin.get(`/lab/${path}`)).toMatchObject({ http: 403, json: { statusCode: 3 } })
    for (const path of ['sessions', 'agents', 'dns', 'audit']) expect((await admin.get(`/lab/${path}`)).http).toBe(200)
    await made.close()
  })
})
