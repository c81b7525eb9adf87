import { afterEach, describe, expect, test } from 'vitest'
import { basic, type LabSetUp, lab, labObjects } from '../testing/lab.ts'
import { defaultLoginOptions } from './logins.ts'
import { hashPassword } from './password.ts'

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return made
}

type Lab = Awaited<ReturnType<typeof open>>
type App = Lab['app']
const get = (app: App, headers = {}) => app.inject({ method: 'GET', url: '/api/v2/me', headers })
const post = (app: App, headers = {}) =>
  app.inject({ method: 'POST', url: '/api/v2/me', headers, payload: { operationName: 'NotReady' } })

/** The name and value of the cookie an answer sets. */
function cookieOf(reply: Awaited<ReturnType<typeof get>>): string {
  return String(reply.headers['set-cookie']).split(';')[0] ?? ''
}

/** The calls of one method of the store from now on. */
function recorded(store: Lab['store'], method: 'keep' | 'kept'): unknown[][] {
  const calls: unknown[][] = []
  const real = store[method].bind(store) as (...args: unknown[]) => Promise<unknown>
  const record = (...args: unknown[]) => {
    calls.push(args)
    return real(...args)
  }
  Object.assign(store, { [method]: record })
  return calls
}

describe('who a request comes from', () => {
  test('[WS-13] without credentials it is 401, code 20', async () => {
    const { app } = await open()
    const reply = await get(app)
    expect(reply.statusCode).toBe(401)
    expect(reply.json()).toEqual({ statusCode: 20, statusMessage: 'Not authenticated; send credentials' })
    expect(reply.headers['www-authenticate']).toBe('Basic realm="Ringdown", charset="UTF-8"')
  })

  for (const script of [{ 'x-requested-with': 'XMLHttpRequest' }, { 'sec-fetch-mode': 'cors' }])
    test(`[WS-13] a script with ${Object.keys(script)[0]} opens no login window`, async () => {
      const { app } = await open()
      expect((await get(app, script)).headers).not.toHaveProperty('www-authenticate')
      expect((await get(app, { ...script, ...basic('anna', 'wrong') })).headers).not.toHaveProperty('www-authenticate')
    })

  test('[WS-11] wrong password, unknown user and disabled user get one answer', async () => {
    const persons = labObjects.persons.map((person) =>
      person.userName === 'ben' ? { ...person, enabled: false } : person,
    )
    const { app, refused } = await open({ objects: { ...labObjects, persons } })
    const answers = await Promise.all(
      [basic('anna', 'wrong'), basic('nobody', 'x'), basic('ben'), { authorization: 'Bearer x' }].map((h) =>
        get(app, h),
      ),
    )
    expect(new Set(answers.map(({ body }) => body))).toEqual(
      new Set(['{"statusCode":20,"statusMessage":"Wrong user name or password"}']),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401])
    expect(refused).toEqual(Array(4).fill('wrongCredentials'))
  })

  test('[WS-10] the name of a contact centre may follow the user name', async () => {
    const { app } = await open()
    expect((await get(app, basic('anna@demo'))).statusCode).toBe(200)
    expect((await get(app, basic('anna@other'))).statusCode).toBe(401)
  })

  test('[WS-10, WS-16] letter case makes no other user, and no other count of wrong passwords', async () => {
    const { app } = await open()
    for (const name of ['Anna', 'ANNA@demo'])
      expect((await get(app, basic(name, 'anna'))).json().user.userName).toBe('anna')
    for (let i = 0; i < 10; i++) await get(app, basic(i % 2 ? 'ben' : 'BEN', 'wrong'))
    expect((await get(app, basic('Ben', 'ben'))).statusCode).toBe(429)
  })

  test('[WS-10] a name that two contact centres have needs it', async () => {
    const { app } = await open({ centres: ['north', 'south'] })
    expect((await get(app, basic('anna'))).statusCode).toBe(401)
    const north = await get(app, basic('anna@north'))
    const south = await get(app, basic('anna@south'))
    expect([north, south].map((reply) => reply.json().user.contactCenterId)).toEqual(['north', 'south'])
    // The cookie leads to its own contact centre.
    const again = await get(app, { cookie: cookieOf(south) })
    expect(again.json().user.contactCenterId).toBe('south')
  })
})

describe('HTTP sessions', () => {
  test('[WS-17] the first answer sets a cookie that is enough from then on, on any node', async () => {
    const { app, node } = await open()
    const first = await get(app, basic('anna'))
    expect(first.headers['set-cookie']).toMatch(/^JSESSIONID=[0-9a-f]{40}\.n1; Path=\/; HttpOnly; SameSite=Lax$/)
    const cookie = cookieOf(first)
    const second = await get(app, { cookie: `other=1; ${cookie}; more=2` })
    expect(second.json().user.userName).toBe('anna')
    expect(second.headers).not.toHaveProperty('set-cookie')
    const other = await node('n2')
    expect((await get(other.app, { cookie })).json().user.userName).toBe('anna')
  })

  test('[WS-17] Secure and SameSite as they are set', async () => {
    const login = { ...defaultLoginOptions, secureCookie: true, sameSite: 'none' as const }
    const { app } = await open({ options: { login } })
    expect((await get(app, basic('anna'))).headers['set-cookie']).toMatch(/; HttpOnly; SameSite=None; Secure$/)
  })

  test('[WS-17] it lives 30 minutes after its last use, and not much longer', async () => {
    const { app, clock } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    for (let i = 0; i < 4; i++) {
      clock.advance(1_799_000)
      expect((await get(app, { cookie })).statusCode).toBe(200)
    }
    clock.advance(2_101_000)
    const late = await get(app, { cookie })
    expect(late.statusCode).toBe(401)
    expect(late.json().statusMessage).toBe('The HTTP session has ended; send credentials')
  })

  test('[WS-17] a busy session is read and written now and then only', async () => {
    const { app, clock, store } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    const kept = recorded(store, 'kept')
    const keep = recorded(store, 'keep')
    for (let second = 0; second < 600; second++) {
      clock.advance(1_000)
      await get(app, { cookie })
    }
    expect(kept.length).toBeLessThanOrEqual(20)
    expect(keep.length).toBeLessThanOrEqual(2)
  })

  test('[WS-12] a client without a cookie makes one session, not one for each request', async () => {
    const { app, store } = await open()
    const kept = recorded(store, 'keep')
    const replies = await Promise.all(Array.from({ length: 20 }, () => get(app, basic('anna'))))
    replies.push(await get(app, basic('anna')))
    expect(new Set(replies.map(cookieOf)).size).toBe(1)
    expect(kept).toHaveLength(1)
    // Another address is another client.
    const elsewhere = await app.inject({ url: '/api/v2/me', headers: basic('anna'), remoteAddress: '10.0.0.9' })
    expect(cookieOf(elsewhere)).not.toBe(cookieOf(replies[0] as (typeof replies)[number]))
  })

  test('[WS-10] credentials go before the cookie of somebody else', async () => {
    const { app } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    const reply = await get(app, { cookie, ...basic('ben') })
    expect(reply.json().user.userName).toBe('ben')
    expect(cookieOf(reply)).not.toBe(cookie)
    expect((await get(app, { cookie, ...basic('ben', 'wrong') })).statusCode).toBe(401)
  })

  test('an id that a client made up is not taken over', async () => {
    const { app } = await open()
    const forged = `JSESSIONID=${'a'.repeat(40)}.n1`
    expect((await get(app, { cookie: forged })).statusCode).toBe(401)
    expect(cookieOf(await get(app, { cookie: forged, ...basic('anna') }))).not.toBe(forged)
  })

  test('[WS-18] the store holds neither the id nor the password', async () => {
    const { app, store } = await open()
    const written = recorded(store, 'keep')
    const cookie = cookieOf(await get(app, basic('anna')))
    const id = /=([0-9a-f]+)/.exec(cookie)?.[1] ?? ''
    expect(written).toHaveLength(1)
    expect(JSON.stringify(written)).not.toContain(id)
    expect(JSON.stringify(written)).not.toContain('"anna"')
  })

  test('[WS-22] logging out ends it on all nodes at once', async () => {
    const { app, node } = await open()
    const other = await node('n2')
    const cookie = cookieOf(await get(app, basic('anna')))
    expect((await get(other.app, { cookie })).statusCode).toBe(200)
    const end = { operationName: 'EndContactCenterSession' }
    await app.inject({ method: 'POST', url: '/api/v2/me', headers: { cookie }, payload: end })
    expect((await get(app, { cookie })).statusCode).toBe(401)
    expect((await get(other.app, { cookie })).statusCode).toBe(401)
  })

  test('[WS-22] and within half a minute where the hint is lost', async () => {
    const { app, node, store, clock } = await open()
    const other = await node('n2')
    const cookie = cookieOf(await get(app, basic('anna')))
    await get(other.app, { cookie })
    store.loseHints(true)
    const end = { operationName: 'EndContactCenterSession' }
    await app.inject({ method: 'POST', url: '/api/v2/me', headers: { cookie }, payload: end })
    clock.advance(30_000)
    expect((await get(other.app, { cookie })).statusCode).toBe(401)
  })

  test('[WS-15] a new password ends what the old one opened; another reload does not', async () => {
    const { app, centre } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    centre.reload({ ...labObjects, name: 'Renamed' })
    expect((await get(app, { cookie })).statusCode).toBe(200)
    const passwordHash = await hashPassword('new', { ln: 1, r: 1, p: 1 })
    const persons = labObjects.persons.map((p) => (p.userName === 'anna' ? { ...p, passwordHash } : p))
    centre.reload({ ...labObjects, persons })
    expect((await get(app, { cookie })).statusCode).toBe(401)
    expect((await get(app, basic('anna'))).statusCode).toBe(401)
    expect((await get(app, basic('anna', 'new'))).statusCode).toBe(200)
  })

  test('[WS-15] a person who is disabled or removed is out', async () => {
    const { app, centre } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    const persons = labObjects.persons.map((p) => (p.userName === 'anna' ? { ...p, enabled: false } : p))
    centre.reload({ ...labObjects, persons })
    expect((await get(app, { cookie })).statusCode).toBe(401)
    expect((await get(app, basic('anna'))).statusCode).toBe(401)
    centre.reload({ ...labObjects, persons: labObjects.persons.filter((p) => p.userName !== 'anna') })
    expect((await get(app, { cookie })).statusCode).toBe(401)
  })

  test('[WS-8] a store that is down refuses a new login and keeps a busy one', async () => {
    const { app, store } = await open()
    const cookie = cookieOf(await get(app, basic('anna')))
    store.outage('TERR_NO_SWITCH')
    expect((await get(app, { cookie })).statusCode).toBe(200)
    const fresh = await get(app, basic('ben'))
    expect([fresh.statusCode, fresh.json().statusCode]).toEqual([503, 4])
    store.outage(undefined)
    expect((await get(app, basic('ben'))).statusCode).toBe(200)
  })
})

describe('CSRF protection', () => {
  const options = { login: { ...defaultLoginOptions, csrf: true } }

  test('[WS-14] a GET names the header and gives the token; changes need both cookie and token', async () => {
    const { app } = await open({ options })
    const first = await get(app, basic('anna'))
    const cookie = cookieOf(first)
    const header = String(first.headers['x-csrf-header'])
    const token = String(first.headers[header.toLowerCase()])
    expect(header).toBe('X-CSRF-TOKEN')
    expect(token).toMatch(/^[0-9a-f-]{36}$/)
    const missing = { statusCode: 3, statusMessage: 'Missing or invalid Csrf token' }
    for (const headers of [
      { cookie },
      { cookie, [header]: 'wrong' },
      basic('anna'),
      { ...basic('anna'), [header]: token }, // a client that keeps no cookie gets the very same answer
    ]) {
      const reply = await post(app, headers)
      expect([reply.statusCode, reply.json()]).toEqual([403, missing])
    }
    // Code 2: the token was right, anna is only not logged in at a place.
    expect((await post(app, { cookie, [header]: token })).json().statusCode).toBe(2)
    expect((await post(app, { ...basic('anna'), cookie, [header]: token })).json().statusCode).toBe(2)
  })

  test('[WS-14] it is the same token as long as the session lives, on any node', async () => {
    const { app, node } = await open({ options })
    const first = await get(app, basic('anna'))
    const other = await node('n2')
    const second = await get(other.app, { cookie: cookieOf(first) })
    expect(second.headers['x-csrf-token']).toBe(first.headers['x-csrf-token'])
  })

  test('[WS-14] off, nothing is asked', async () => {
    const { app } = await open()
    expect((await post(app, basic('anna'))).json().statusCode).toBe(2)
  })
})

describe('guessing', () => {
  const attempts = { perUserAndAddress: 3, perUser: 8, perAddress: 6, windowMs: 60_000 }
  const options = { login: { ...defaultLoginOptions, attempts } }
  const from = (app: App, remoteAddress: string, user: string, password?: string) =>
    app.inject({ url: '/api/v2/me', remoteAddress, headers: basic(user, password) })

  for (const user of ['anna', 'nobody'])
    test(`[WS-16] ${user} from one address: after three wrong passwords nothing is tried for a while`, async () => {
      const { app, clock } = await open({ options })
      for (let i = 0; i < 3; i++) expect((await from(app, '10.0.0.1', user, `guess${i}`)).statusCode).toBe(401)
      const blocked = await from(app, '10.0.0.1', user, user)
      expect([blocked.statusCode, blocked.json().statusCode]).toEqual([429, 20])
      expect(blocked.headers['retry-after']).toBe('60')
      clock.advance(60_000)
      expect((await from(app, '10.0.0.1', user, 'guess')).statusCode).toBe(401)
    })

  test('[WS-16] the owner, elsewhere or already known here, is not locked out', async () => {
    const { app } = await open({ options })
    expect((await from(app, '10.0.0.1', 'anna')).statusCode).toBe(200)
    for (let i = 0; i < 3; i++) await from(app, '10.0.0.1', 'anna', `guess${i}`)
    expect((await from(app, '10.0.0.1', 'anna')).statusCode).toBe(200)
    expect((await from(app, '10.0.0.2', 'anna')).statusCode).toBe(200)
  })

  test('[WS-16] many names from one address, and one name from many addresses', async () => {
    const { app } = await open({ options })
    for (let i = 0; i < 6; i++) await from(app, '10.0.0.1', `user${i}`, 'x')
    expect((await from(app, '10.0.0.1', 'ben')).statusCode).toBe(429)
    for (let i = 0; i < 8; i++) await from(app, `10.0.1.${i}`, 'anna', 'x')
    expect((await from(app, '10.0.2.1', 'anna')).statusCode).toBe(429)
  })

  test('[WS-16] it counts on all nodes alike, and a right password clears what was mistyped', async () => {
    const { app, node } = await open({ options })
    const other = await node('n2')
    for (let i = 0; i < 2; i++) await from(app, '10.0.0.1', 'anna', `guess${i}`)
    expect((await from(other.app, '10.0.0.1', 'anna', 'guess')).statusCode).toBe(401)
    expect((await from(other.app, '10.0.0.1', 'anna')).statusCode).toBe(429)
    await from(app, '10.0.0.1', 'ben', 'x')
    await from(app, '10.0.0.1', 'ben', 'x')
    expect((await from(app, '10.0.0.1', 'ben')).statusCode).toBe(200)
    expect((await from(app, '10.0.0.1', 'ben', 'x')).statusCode).toBe(401)
  })

  test('[WS-16] no store, no free guesses', async () => {
    const { app, store } = await open({ options })
    store.outage('TERR_NO_SWITCH')
    for (let i = 0; i < 3; i++) expect((await from(app, '10.0.0.1', 'anna', `guess${i}`)).statusCode).toBe(401)
    expect((await from(app, '10.0.0.1', 'anna', 'guess')).statusCode).toBe(429)
  })

  test('[WS-11] only so many passwords are checked and wait at a time; the rest is told to come again', async () => {
    const login = { ...defaultLoginOptions, checksAtOnce: 1, checksWaiting: 1 }
    const { app } = await open({ options: { login } })
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((user) => from(app, '10.0.0.1', user, 'x')))
    expect(replies.map(({ statusCode }) => statusCode).sort()).toEqual([401, 401, 503, 503])
  })
})
