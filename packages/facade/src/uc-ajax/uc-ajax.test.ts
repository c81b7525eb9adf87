import type { InjectOptions } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { defaultFacadeOptions } from '../options.ts'
import { answerOf, type LabSetUp, lab, labObjects } from '../testing/lab.ts'

const command = '/cwa/MainCommandHandler.ashx'
const data = '/cwa/AsyncDataChannel.ashx'
const signIn = '/forms/logon.html'
const { ucAjax } = defaultFacadeOptions

let closing: (() => Promise<unknown>) | undefined
afterEach(() => closing?.())
async function open(setUp: LabSetUp = {}) {
  const made = await lab(setUp)
  closing = made.close
  return { ...made, ...clientOf(made.app) }
}

type App = Awaited<ReturnType<typeof lab>>['app']

function clientOf(app: App) {
  const send = async (options: InjectOptions) => {
    const reply = await app.inject(options)
    const { statusCode: http, body, headers } = reply
    // SPEC UC-47: whatever the answer is, it is XML in one shape.
    expect(headers['content-type']).toBe('text/xml; charset=utf-8')
    expect(headers['cache-control']).toBe('no-store')
    expect(body).toMatch(/^<cwa(?:Responses|Events) .*>$/s)
    return { http, body, headers, ticket: headers['cwa-ticket'], code: /<error code="(\d+)"/.exec(body)?.[1] }
  }
  const post = (url: string, payload: string | Buffer, headers: InjectOptions['headers'] = {}) =>
    send({ method: 'POST', url, payload, headers })
  const logOn = (user: string, password = user.replace(/^.*\\|@.*$/g, ''), more: Partial<InjectOptions> = {}) =>
    send({ method: 'POST', url: signIn, payload: logonBody(user, password), ...more })
  /** A session: what to send with every request, and its number. */
  const session = async (user: string) => {
    const { ticket } = await logOn(user)
    const headers = { 'cwa-ticket': String(ticket) }
    const { body } = await post(command, '<cwaRequests><initiateSession rid="1"/></cwaRequests>', headers)
    return { headers, sid: Number(/<sid>(\d+)<\/sid>/.exec(body)?.[1]) }
  }
  return { send, post, logOn, session }
}

const logonBody = (user: string, password: string) =>
  `<cwaRequests><logon><user>${user}</user><password>${password}</password></logon></cwaRequests>`
const queryPresence = (sid: number) =>
  `<cwaRequests sid="${sid}"><queryPresence rid="7"><uris><uri>sip:ben@demo</uri></uris></queryPresence></cwaRequests>`

describe('signing in', () => {
  test('[UC-40] is answered with the URI, signInData and a ticket', async () => {
    const { logOn } = await open()
    const { http, body, ticket } = await logOn('anna')
    expect(http).toBe(200)
    const [, signInData = ''] =
      /^<cwaResponses requestProcessed="1" unexpectedElement="0"><requestSucceeded eid="0"><uri>sip:anna@demo<\/uri><signInData>([A-Za-z0-9+/=]+)<\/signInData><\/requestSucceeded><\/cwaResponses>$/.exec(
        body,
      ) ?? []
    expect(Buffer.from(signInData, 'base64').toString()).toMatch(/^<signInData>.*<\/signInData>$/)
    expect(ticket).toMatch(/^\S{40,}$/)
  })

  for (const user of ['demo\\anna', 'example\\anna', 'anna@example.com', 'anna@demo'])
    test(`[UC-41] as ${user}`, async () => {
      const { logOn } = await open()
      expect((await logOn(user, 'anna')).body).toContain('<uri>sip:anna@demo</uri>')
    })

  test('[UC-41] a name that two contact centres have needs the domain', async () => {
    const { logOn } = await open({ centres: ['north', 'south'] })
    expect((await logOn('anna')).ticket).toBeUndefined()
    expect((await logOn('south\\anna', 'anna')).body).toContain('<uri>sip:anna@south</uri>')
    expect((await logOn('anna@north', 'anna')).body).toContain('<uri>sip:anna@north</uri>')
  })

  test('[UC-40] wrong password, unknown user and disabled user get one answer and no ticket', async () => {
    const persons = labObjects.persons.map((one) => (one.userName === 'ben' ? { ...one, enabled: false } : one))
    const { logOn, refused } = await open({ objects: { ...labObjects, persons } })
    const answers = [
      await logOn('anna', 'wrong'),
      await logOn('nobody', 'x'),
      await logOn('ben'),
      await logOn('a\\b', 'c'),
    ]
    for (const { http, ticket, body } of answers) {
      expect({ http, ticket }).toEqual({ http: 200, ticket: undefined })
      expect(body).toBe(answers[0]?.body)
    }
    expect(answers[0]?.body).toBe(
      '<cwaResponses requestProcessed="1" unexpectedElement="0"><requestFailed><error code="18201" reason="Operation failed" ' +
        'detail="The user name or the password is wrong."><sipResponse code="403" reason="Forbidden"/></error></requestFailed></cwaResponses>',
    )
    expect(refused).toEqual(Array(4).fill('wrongCredentials'))
  })

  test('[UC-40] too many wrong passwords are 18101, for the right one too; they count as those of Web Services do', async () => {
    const login = {
      ...defaultFacadeOptions.login,
      attempts: { ...defaultFacadeOptions.login.attempts, perUserAndAddress: 3 },
    }
    const { logOn, as, clock } = await open({ options: { login } })
    await logOn('anna', 'a')
    await logOn('demo\\anna', 'b')
    await as('anna').get('/me', { authorization: `Basic ${btoa('anna:c')}` })
    const { http, code, ticket, body } = await logOn('anna')
    expect({ http, code, ticket }).toEqual({ http: 200, code: '18101', ticket: undefined })
    expect(body).toMatch(/<requestFailed>.*try again in \d+ s/)
    expect((await logOn('ben')).ticket).toBeDefined()
    clock.advance(300_000)
    expect((await logOn('anna')).ticket).toBeDefined()
  })

  test('[UC-40] only so many passwords are checked and wait at a time', async () => {
    const login = { ...defaultFacadeOptions.login, checksAtOnce: 1, checksWaiting: 1 }
    const { logOn } = await open({ options: { login } })
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((user) => logOn(user, 'x')))
    expect(answers.map(({ code }) => code).sort()).toEqual(['18101', '18101', '18201', '18201'])
  })

  for (const [what, logon] of [
    ['no user', '<logon><password>x</password></logon>'],
    ['no password', '<logon><user>anna</user></logon>'],
    ['an empty password', '<logon><user>anna</user><password/></logon>'],
    ['nothing, as for integrated sign-in', '<logon/>'],
  ])
    test(`[UC-40] with ${what} it is requestInvalid`, async () => {
      const { post } = await open()
      const { http, ticket, body } = await post(signIn, `<cwaRequests>${logon}</cwaRequests>`)
      expect({ http, ticket }).toEqual({ http: 200, ticket: undefined })
      expect(body).toMatch(
        /^<cwaResponses requestProcessed="0" unexpectedElement="0"><requestInvalid><error code="18001"/,
      )
    })

  test('[UC-40] the first logon of a body counts, and its uri does not', async () => {
    const { post } = await open()
    const logon = (user: string) => `<logon><user>${user}</user><password>${user}</password><uri>sip:x@y</uri></logon>`
    const { body } = await post(signIn, `<cwaRequests>${logon('anna')}${logon('ben')}</cwaRequests>`)
    expect(body).toMatch(/requestProcessed="1".*<uri>sip:anna@demo<\/uri>.*<requestInvalid>/)
    expect(body).not.toContain('ben')
  })

  test('[UC-40] anything else is refused here', async () => {
    const { post } = await open()
    const { body, ticket } = await post(signIn, '<cwaRequests><initiateSession rid="1"/></cwaRequests>')
    expect(ticket).toBeUndefined()
    expect(body).toMatch(/<requestInvalid rid="1"><error code="18001"/)
  })
})

describe('tickets on the wire', () => {
  /** Every way in, and what it answers to a person who may come in but has no such session. */
  const ways = [
    { name: 'command', http: 200, method: 'POST', url: command, payload: queryPresence(12345) },
    { name: 'poll', http: 404, method: 'GET', url: `${data}?Sid=12345&AckId=0&UA=false` },
    { name: 'poll without Sid', http: 400, method: 'GET', url: data },
    { name: 'a body that is no XML', http: 200, method: 'POST', url: command, payload: 'x' },
    { name: 'a wrong method', http: 405, method: 'PUT', url: command },
    { name: 'an unknown path', http: 404, method: 'GET', url: '/cwa/Nothing.ashx' },
    { name: 'what is no URL', http: 404, method: 'GET', url: '/cwa/%zz' },
  ] as const
  const guarded = ways.slice(0, 4)

  for (const { name, http, ...request } of ways)
    test(`[UC-45] ${name}: the answer carries the ticket`, async () => {
      const { send, logOn } = await open()
      const { ticket } = await logOn('anna')
      const answer = await send({ ...request, headers: { 'cwa-ticket': String(ticket) } })
      expect({ http: answer.http, ticket: answer.ticket }).toEqual({ http, ticket })
      if (http !== 200) expect(answer.body).toContain('<error code=')
    })

  for (const { name, http: _, ...request } of guarded) {
    for (const [what, header] of [
      ['no ticket', undefined],
      ['an empty one', ''],
      ['one of another server', `${'T'.repeat(43)}01234567`],
      ['one that is too long', 'x'.repeat(8_000)],
    ] as const)
      test(`[UC-45] ${name} with ${what} is 401, whatever else it says`, async () => {
        const { send } = await open()
        const answer = await send({ ...request, ...(header !== undefined && { headers: { 'cwa-ticket': header } }) })
        expect(answer).toMatchObject({ http: 401, code: '18102', ticket: undefined })
        expect(answer.body).toMatch(/^<cwaResponses requestProcessed="0" unexpectedElement="0"><error /)
      })

    test(`[UC-45] ${name} with an expired ticket is 401`, async () => {
      const { send, logOn, clock } = await open()
      const { ticket } = await logOn('anna')
      clock.advance(ucAjax.ticketMs)
      const answer = await send({ ...request, headers: { 'cwa-ticket': String(ticket) } })
      expect(answer).toMatchObject({ http: 401, ticket: undefined })
    })
  }

  test('[UC-45] a request without a ticket is refused before its body is read', async () => {
    const { post } = await open()
    expect(await post(command, 'x'.repeat(1_000_000))).toMatchObject({ http: 401 })
  })

  test('[UC-43] the newer ticket comes with whatever answer is the next, and polls go on with either', async () => {
    const { send, session, clock } = await open({
      options: { ucAjax: { ...ucAjax, ticketMs: 600_000, sessionTimeoutMs: 900_000 } },
    })
    const { headers, sid } = await session('anna')
    const poll = (ticket: unknown) =>
      send({ method: 'GET', url: `${data}?Sid=${sid}`, headers: { 'cwa-ticket': String(ticket) } })
    clock.advance(300_000)
    const { ticket } = await poll(headers['cwa-ticket'])
    expect(ticket).not.toBe(headers['cwa-ticket'])
    expect(await poll(headers['cwa-ticket'])).toMatchObject({ http: 200, ticket })
    expect(await poll(ticket)).toMatchObject({ http: 200, ticket })
    clock.advance(ucAjax.ticketGraceMs)
    expect(await poll(headers['cwa-ticket'])).toMatchObject({ http: 401 })
    expect(await poll(ticket)).toMatchObject({ http: 200, ticket })
  })

  test('[UC-42] another node takes ticket and session', async () => {
    const { session, node } = await open()
    const { headers, sid } = await session('anna')
    const other = clientOf((await node('n2')).app)
    const polled = await other.send({ method: 'GET', url: `${data}?Sid=${sid}&AckId=0`, headers })
    expect(polled).toMatchObject({ http: 200, ticket: headers['cwa-ticket'] })
    expect(polled.body).toContain(`<cwaEvents sid="${sid}" ackId="2"`)
  })
})

describe('sessions of others', () => {
  test("[UC-51] another person's Sid is unknown, and so is an ended one", async () => {
    const { send, post, session } = await open()
    const anna = await session('anna')
    const ben = await session('ben')
    expect(anna.sid).not.toBe(ben.sid)
    const poll = (sid: number, headers: typeof ben.headers) =>
      send({ method: 'GET', url: `${data}?Sid=${sid}&AckId=0`, headers })
    expect(await poll(anna.sid, ben.headers)).toMatchObject({
      http: 404,
      code: '18100',
      ticket: ben.headers['cwa-ticket'],
    })
    const asked = await post(command, queryPresence(anna.sid), ben.headers)
    expect(asked.http).toBe(200)
    expect(asked.body).toMatch(/<requestFailed rid="7"><error code="18100"/)
    // Nobody has disturbed anna.
    expect((await poll(anna.sid, anna.headers)).body).toContain('ackId="2"')
    await post(command, `<cwaRequests sid="${anna.sid}"><terminateSession rid="9"/></cwaRequests>`, anna.headers)
    expect(await poll(anna.sid, anna.headers)).toMatchObject({ http: 404, code: '18100' })
  })

  test('[UC-51] missed events are told as an ended session', async () => {
    const { send, session, as, store } = await open()
    const { headers, sid } = await session('anna')
    await as('anna').post('/me', { operationName: 'NotReady' })
    // The feed of another memory says nothing about this one.
    const readFeed = store.readFeed.bind(store)
    store.readFeed = async (...args) => ({ ...(await readFeed(...args)), epoch: 'another' })
    const { http, code, body } = await send({ method: 'GET', url: `${data}?Sid=${sid}&AckId=2`, headers })
    expect({ http, code }).toEqual({ http: 404, code: '18100' })
    expect(body).toMatch(/events/)
  })
})

describe('what HTTP gives and takes', () => {
  const types = [undefined, 'text/xml', 'text/xml; charset=UTF-8', 'application/x-www-form-urlencoded', 'text/plain']
  for (const type of [...types, 'application/json', 'nonsense', ';;', 'multipart/form-data; boundary=x'])
    test(`[UC-46] XML as ${type ?? 'no type at all'}`, async () => {
      const { send } = await open()
      const headers = { accept: 'image/png', ...(type !== undefined && { 'content-type': type }) }
      const payload = `<?xml version="1.0"?>${logonBody('anna', 'anna')}`
      expect((await send({ method: 'POST', url: signIn, payload, headers })).ticket).toBeDefined()
    })

  test('[UC-46] another charset in the content type is told', async () => {
    const { post } = await open()
    const { http, code } = await post(signIn, logonBody('anna', 'anna'), { 'content-type': 'text/xml; charset=utf-16' })
    expect({ http, code }).toEqual({ http: 200, code: '18000' })
  })

  for (const [what, payload] of [
    ['nothing', ''],
    ['no XML', 'hello'],
    ['another root', '<x/>'],
    ['the protocol of 2005', 'cmdPkg=1,LcwStartImRequest,%3Cx%2F%3E'],
    ['an entity', '<!DOCTYPE a [<!ENTITY e "x">]><cwaRequests><logon><user>&e;</user></logon></cwaRequests>'],
  ] as const)
    test(`[UC-47] a body with ${what} is 200 with 18000`, async () => {
      const { post } = await open()
      const { http, body } = await post(signIn, payload)
      expect(http).toBe(200)
      expect(body).toMatch(
        /^<cwaResponses requestProcessed="0" unexpectedElement="0"><error code="18000" [^<]*\/><\/cwaResponses>$/,
      )
    })

  for (const [method, url, allowed] of [
    ['GET', signIn, 'POST'],
    ['OPTIONS', signIn, 'POST'],
    ['DELETE', command, 'POST'],
    ['GET', `${command}?x=1`, 'POST'],
    ['POST', `${data}?Sid=1`, 'GET'],
    ['HEAD', `${data}?Sid=1`, 'GET'],
  ] as const)
    test(`[UC-47] ${method} ${url} is 405`, async () => {
      const { app } = await open()
      const { statusCode, headers, body } = await app.inject({ method, url })
      expect({ statusCode, allow: headers.allow }).toEqual({ statusCode: 405, allow: allowed })
      expect(headers['content-type']).toBe('text/xml; charset=utf-8')
      if (method !== 'HEAD') expect(body).toMatch(/<error code="18001"/)
    })

  for (const [url, hint] of [
    ['/iwa/logon.html', '/forms/logon.html'],
    ['/sso/logon.html', '/forms/logon.html'],
    ['/cwa/SignoutHandler.ashx', '2005'],
    ['/cwa', '/cwa/MainCommandHandler.ashx'],
    ['/forms/other.html', '/forms/logon.html'],
    ['/cwa/%zz', '/cwa/AsyncDataChannel.ashx'],
    [`/cwa/${'x'.repeat(3_000)}`, '/cwa/AsyncDataChannel.ashx'],
  ] as const)
    for (const method of ['GET', 'POST'] as const)
      test(`[UC-47] ${method} ${url.slice(0, 40)} says what is served`, async () => {
        const { send } = await open()
        const { http, body } = await send({ method, url, ...(method === 'POST' && { payload: 'x' }) })
        expect(http).toBe(404)
        expect(body).toContain(hint)
        expect(body).toMatch(/<error code="1800[01]"/)
      })

  test('[UC-47] a body that is too large is 413', async () => {
    const { post } = await open()
    expect(await post(signIn, Buffer.alloc(262_145, ' '))).toMatchObject({ http: 413, code: '18000' })
    const small = await open({ options: { bodyLimit: 1_024 } })
    expect(await small.post(signIn, Buffer.alloc(1_025, ' '))).toMatchObject({ http: 413, code: '18000' })
  })

  test('[UC-47] an address over its limit is 429 with 18101', async () => {
    const { send, logOn } = await open({ options: { requestsPerMinute: 2 } })
    const { ticket } = await logOn('anna')
    await logOn('ben')
    expect(await logOn('anna')).toMatchObject({ http: 429, code: '18101', ticket: undefined })
    const polled = await send({ method: 'GET', url: `${data}?Sid=1`, headers: { 'cwa-ticket': String(ticket) } })
    expect(polled).toMatchObject({ http: 429, code: '18101', ticket })
  })

  for (const url of ['/FORMS/LOGON.HTML', '/Forms/Logon.html?x=Y', '/forms/logon.html/'])
    test(`[UC-49] ${url}`, async () => {
      const { post } = await open()
      expect((await post(url, logonBody('anna', 'anna'))).ticket).toBeDefined()
    })

  test('[UC-49] switched off, it is what any unknown path is', async () => {
    const { app } = await open({ options: { ucAjax: { ...ucAjax, enabled: false } } })
    for (const url of [signIn, command, `${data}?Sid=1`, '/cwa/%zz'])
      expect(answerOf(await app.inject({ method: 'POST', url, payload: {} })).http).toBe(url.includes('%') ? 400 : 404)
  })

  test('[UC-49] the paths of Web Services keep their letter case and their answers', async () => {
    const { app } = await open()
    for (const url of ['/API/v2/me', '/formsx/logon.html', '/cwax', '/'])
      expect(answerOf(await app.inject({ url }))).toMatchObject({ http: 404, json: { statusCode: 6 } })
  })
})

describe('a store that does not answer', () => {
  test('[UC-48] is 503 with 18400 on each way, and the same request works afterwards', async () => {
    const { send, post, session, logOn, store, clock } = await open()
    const { headers, sid } = await session('anna')
    const poll = () => send({ method: 'GET', url: `${data}?Sid=${sid}&AckId=0`, headers })
    const ask = () => post(command, queryPresence(sid), headers)
    clock.advance(31_000) // what the node trusts has to be asked again
    store.outage('TERR_NO_SWITCH')
    for (const answer of [await poll(), await ask(), await logOn('ben')]) {
      expect(answer).toMatchObject({ http: 503, code: '18400', ticket: undefined })
      expect(answer.headers['retry-after']).toBe('1')
    }
    store.outage(undefined)
    expect(await poll()).toMatchObject({ http: 200 })
    expect((await ask()).body).toContain('<requestAccepted rid="7"/>')
    expect((await logOn('ben')).ticket).toBeDefined()
  })
})

describe('pages of other origins', () => {
  test('[WS-35] a configured origin may send the ticket and reads it', async () => {
    const origin = 'https://desk.example'
    const { app } = await open({ options: { origins: [origin] } })
    const asked = await app.inject({
      method: 'OPTIONS',
      url: command,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'cwa-ticket' },
    })
    expect(asked.statusCode).toBe(204)
    expect(String(asked.headers['access-control-allow-headers'])).toContain('CWA-Ticket')
    const { headers } = await app.inject({
      method: 'POST',
      url: signIn,
      payload: logonBody('anna', 'anna'),
      headers: { origin },
    })
    expect(headers['access-control-allow-origin']).toBe(origin)
    expect(String(headers['access-control-expose-headers'])).toContain('CWA-Ticket')
    expect(headers['cwa-ticket']).toBeDefined()
  })
})
