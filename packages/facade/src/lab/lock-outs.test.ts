import { afterEach, expect, test } from 'vitest'
import { basic, type LabSetUp, lab } from '../testing/lab.ts'

let close: (() => Promise<unknown>) | undefined
afterEach(async () => {
  await close?.()
})

async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  close = made.close
  const guess = async (app: typeof made.app, user: string, remoteAddress: string) => {
    for (let i = 0; i < 10; i++)
      await app.inject({ url: '/api/v2/me', headers: basic(user, `guess ${i}`), remoteAddress })
  }
  const me = async (app: typeof made.app, user: string, remoteAddress: string) =>
    (await app.inject({ url: '/api/v2/me', headers: basic(user), remoteAddress })).statusCode
  return { ...made, guess, me }
}

test('[SE-22] who has to wait is told, let in again on all nodes, and that is in the audit log', async () => {
  const { app, as, node, guess, me } = await open()
  const other = await node('n2')
  await guess(app, 'anna', '192.0.2.7')
  expect(await me(app, 'anna', '192.0.2.7')).toBe(429)
  await other.app.inject({ url: '/api/v2/me', headers: basic('anna', 'guess'), remoteAddress: '192.0.2.7' })
  expect(await me(other.app, 'anna', '192.0.2.7')).toBe(429)

  const { json } = await as('admin').get('/lab/lock-outs')
  expect(json.lockOuts).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      protocol: 'http',
      user: 'anna',
      address: '192.0.2.7',
      failures: 10,
      until: expect.any(Number),
    },
  ])
  expect((await as('admin').delete(`/lab/lock-outs/${json.lockOuts[0].id}`)).http).toBe(200)
  expect([await me(app, 'anna', '192.0.2.7'), await me(other.app, 'anna', '192.0.2.7')]).toEqual([200, 200])
  expect((await as('admin').get('/lab/lock-outs')).json.lockOuts).toEqual([])
  expect((await as('admin').delete(`/lab/lock-outs/${json.lockOuts[0].id}`)).http).toBe(404)
  const audit = (await as('admin').get('/lab/audit')).json.entries
  expect(audit.map(({ what, outcome }: { what: string; outcome: string }) => `${what} ${outcome}`)).toEqual([
    'lift lock-out refused',
    'lift lock-out done',
  ])
})

test('[SE-22] an address that tried many names is told without any, and let in again', async () => {
  const { app, as, me } = await open()
  for (let i = 0; i < 100; i++)
    await app.inject({ url: '/api/v2/me', headers: basic(`nobody-${i}`), remoteAddress: '192.0.2.8' })
  expect(await me(app, 'anna', '192.0.2.8')).toBe(429)
  const [one] = (await as('admin').get('/lab/lock-outs')).json.lockOuts
  expect(one).toMatchObject({ address: '192.0.2.8', failures: 100 })
  expect(one).not.toHaveProperty('user')
  await as('admin').delete(`/lab/lock-outs/${one.id}`)
  expect(await me(app, 'anna', '192.0.2.8')).toBe(200)
})

test('[SE-22] of several contact centres each sees its own people only, and lifts nobody else', async () => {
  const { app, as, guess } = await open({ centres: ['north', 'south'] })
  for (const user of ['anna@north', 'ben@south', 'nobody']) await guess(app, user, '192.0.2.9')
  const north = (await as('admin@north').get('/lab/lock-outs')).json.lockOuts
  const south = (await as('admin@south').get('/lab/lock-outs')).json.lockOuts
  expect(north.map(({ user }: { user: string }) => user)).toEqual(['anna@north'])
  expect(south.map(({ user }: { user: string }) => user)).toEqual(['ben@south'])
  expect((await as('admin@north').delete(`/lab/lock-outs/${south[0].id}`)).http).toBe(404)
  expect((await as('admin@south').get('/lab/lock-outs')).json.lockOuts).toHaveLength(1)
})
