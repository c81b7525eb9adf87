import { describe, expect, test } from 'vitest'
import { RequestRefused } from './refused.ts'
import { type Fetch, WebServices } from './web-services.ts'

interface Seen {
  url: string
  method: string
  headers: Record<string, string>
  body: unknown
}

/** A server that answers in turn, and remembers what it was asked. */
function server(...answers: { status?: number; headers?: Record<string, string>; body: string }[]) {
  const seen: Seen[] = []
  const fetch: Fetch = async (url, { method, headers, body }) => {
    seen.push({ url, method, headers, body: body === undefined ? undefined : JSON.parse(body) })
    const answer = answers[Math.min(seen.length, answers.length) - 1]
    if (!answer) throw new Error('no answer')
    const found = new Headers(answer.headers)
    return { status: answer.status ?? 200, headers: found, text: async () => answer.body }
  }
  return { seen, api: new WebServices({ address: 'http://im', userName: 'kim', password: 'pä:ss', fetch }) }
}
const ok = { body: '{"statusCode":0}' }

describe('requests', () => {
  test('carry Basic credentials in UTF-8, and the operation’s documented body', async () => {
    const { seen, api } = server(ok)
    await api.initiate('7002', { k: 'v' })
    expect(seen[0]).toMatchObject({
      url: 'http://im/api/v2/me/im-sessions',
      method: 'POST',
      body: { operationName: 'InitiateIMSession', destination: { phoneNumber: '7002' }, userData: { k: 'v' } },
    })
    expect(seen[0]?.headers.Authorization).toBe('Basic a2ltOnDDpDpzcw==')
  })

  test('name the session in the path and a text’s own id in a header', async () => {
    const { seen, api } = server(ok)
    await api.send('a/b', 'hi', 'm-1')
    expect(seen[0]?.url).toBe('http://im/api/v2/me/im-sessions/a%2Fb')
    expect(seen[0]?.body).toEqual({ operationName: 'SendMessage', text: 'hi' })
    expect(seen[0]?.headers['Idempotency-Key']).toBe('m-1')
  })

  test('each operation of the API has its name and parameters', async () => {
    const { seen, api } = server(ok)
    await api.startSession('desk')
    await api.attachUserData('S', { a: 1 })
    await api.updateUserData('S', { a: 2 })
    await api.deleteUserData('S', 'a')
    await api.accept('S')
    await api.reject('S')
    await api.complete('S')
    await api.endSession()
    expect(seen.map((one) => one.body)).toEqual([
      { operationName: 'StartContactCenterSession', channels: ['voice'], place: 'desk' },
      { operationName: 'AttachUserData', userData: { a: 1 } },
      { operationName: 'UpdateUserData', userData: { a: 2 } },
      { operationName: 'DeleteUserData', key: 'a' },
      { operationName: 'Accept' },
      { operationName: 'Reject' },
      { operationName: 'Complete' },
      { operationName: 'EndContactCenterSession' },
    ])
  })

  test('[CL-2] the CSRF header the server named goes back with the next request', async () => {
    const { seen, api } = server({ ...ok, headers: { 'X-CSRF-HEADER': 'X-CSRF-TOKEN', 'X-CSRF-TOKEN': 'token' } }, ok)
    await api.me()
    await api.complete('S')
    expect(seen[0]?.headers['X-CSRF-TOKEN']).toBeUndefined()
    expect(seen[1]?.headers['X-CSRF-TOKEN']).toBe('token')
  })
})

describe('answers', () => {
  test('[CL-1] a status code other than 0 is a refusal', async () => {
    const { api } = server({ status: 400, body: '{"statusCode":2,"statusMessage":"Invalid state"}' })
    const refused = await api.initiate('7002').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RequestRefused)
    expect(refused).toMatchObject({ statusCode: 2, httpStatus: 400, message: 'Invalid state' })
  })

  for (const body of ['', '<html>', 'null', '[]', '{"status":"error"}', '{"statusCode":"0"}'])
    test(`[CL-1] ${JSON.stringify(body)} is no answer of the API`, async () => {
      const refused = await server({ status: 502, body })
        .api.me()
        .catch((error: unknown) => error)
      expect(refused).toMatchObject({ name: 'RequestRefused', statusCode: -1, httpStatus: 502 })
    })

  test('[CL-1] a connection that fails is no refusal', async () => {
    const lost = await server()
      .api.me()
      .catch((error: unknown) => error)
    expect(lost).not.toBeInstanceOf(RequestRefused)
  })

  test('a long transcript is read page by page', async () => {
    const page = (n: number) => ({
      body: JSON.stringify({ statusCode: 0, messages: new Array(n).fill({ message: 'a' }) }),
    })
    const { seen, api } = server(page(1000), page(1000), page(7))
    expect(await api.transcript('S', 5)).toHaveLength(2007)
    expect(seen.map((one) => new URL(one.url).searchParams.get('after'))).toEqual(['5', '1005', '2005'])
  })

  test('lists are empty where the server leaves them out', async () => {
    const { api } = server(ok)
    expect(await api.sessions()).toEqual([])
    expect(await api.transcript('S')).toEqual([])
  })
})

describe('what goes wrong on the way', () => {
  const page = (first: number, count: number) => ({
    body: JSON.stringify({
      statusCode: 0,
      messages: Array.from({ length: count }, (_, i) => ({ position: first + i })),
    }),
  })

  test('[CL-16] a transcript whose oldest texts are not kept any more is read once, from text to text', async () => {
    const { seen, api } = server(page(5_001, 1_000), page(6_001, 10))
    const texts = await api.transcript('S')
    expect(texts.map(({ position }) => position)).toEqual(Array.from({ length: 1_010 }, (_, i) => 5_001 + i))
    expect(seen.map(({ url }) => url.replace(/.*after=(\d+).*/, '$1'))).toEqual(['0', '6000'])
  })

  test('[CL-16] a server that gives the same texts over and over is not asked for ever', async () => {
    const { seen, api } = server(page(1, 1_000))
    await api.transcript('S')
    expect(seen).toHaveLength(2)
  })

  const csrf = (token: string) => ({ 'X-CSRF-HEADER': 'X-CSRF-TOKEN', 'X-CSRF-TOKEN': token })
  const stale = { status: 403, body: '{"statusCode":3,"statusMessage":"Missing or invalid Csrf token"}' }
  const whoAmI = (userName: string) => ({
    headers: csrf('new'),
    body: JSON.stringify({ statusCode: 0, user: { userName } }),
  })

  test('[CL-2] a token of an HTTP session that has ended is replaced, and the request repeated once', async () => {
    const { seen, api } = server({ ...whoAmI('kim'), headers: csrf('old') }, stale, whoAmI('Kim'), ok)
    await api.me()
    await api.send('S', 'hi', 'm-1')
    expect(seen.map(({ method, headers }) => [method, headers['X-CSRF-TOKEN']])).toEqual([
      ['GET', undefined],
      ['POST', 'old'],
      ['GET', 'old'],
      ['POST', 'new'],
    ])
    expect(seen[3]?.headers['Idempotency-Key']).toBe('m-1')
  })

  test('[CL-2] one refusal more counts, and so does one where the page is somebody else’s by now', async () => {
    const again = server({ ...whoAmI('kim'), headers: csrf('old') }, stale, whoAmI('kim'), stale)
    await again.api.me()
    await expect(again.api.accept('S')).rejects.toMatchObject({ httpStatus: 403 })
    expect(again.seen).toHaveLength(4)
    const other = server({ ...whoAmI('kim'), headers: csrf('old') }, stale, whoAmI('lee'))
    await other.api.me()
    await expect(other.api.accept('S')).rejects.toMatchObject({ httpStatus: 403 })
    expect(other.seen).toHaveLength(3)
  })
})
