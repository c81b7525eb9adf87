import { setTimeout as sleep } from 'node:timers/promises'
import { type Fetch, WebServices } from '@ringdown/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine, type Node, type Person, type Settings, until } from '../faults/engine.ts'
import { OpenDesk, Site, startBrowser } from './browser.ts'
import type { ConnectionType, DeskSettings } from './desk.ts'

const kinds: readonly { connectionType: ConnectionType; ack: boolean }[] = [
  { connectionType: 'long-polling', ack: true },
  { connectionType: 'long-polling', ack: false },
  { connectionType: 'websocket', ack: true },
  { connectionType: 'websocket', ack: false },
]
type Kind = (typeof kinds)[number]

let site: Site
let browser: Browser
beforeAll(async () => {
  site = await Site.start()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

/** An engine that lets the site's pages in, and people enough for every test to have its own. */
async function startEngine(pairs: number, settings: Settings = {}): Promise<Engine> {
  const http = { corsOrigins: [site.origin] }
  return Engine.create('embedded', 2 * pairs, new Map(), { http, cometd: { timeoutMs: 2_000 }, ...settings })
}

const people = (engine: Engine, pair: number) => engine.persons.slice(2 * pair, 2 * pair + 2) as [Person, Person]

/** Opens a desk for a person, logs in, and listens. */
async function openDesk(
  node: Node,
  { userName, password }: Person,
  kind: Kind,
  { url = site.origin, ...more }: Partial<DeskSettings> & { url?: string } = {},
): Promise<OpenDesk> {
  const desk = await OpenDesk.open(browser, site, url, { address: node.address, userName, password, ...kind, ...more })
  expect(await desk.do((one) => one.login())).toMatchObject([{ statusCode: 0 }, { statusCode: 0 }])
  await desk.do((one) => one.listen('/v2/me/*'))
  return desk
}

/** An agent without a browser: requests with a password, nothing else. */
async function agent(node: Node, { userName, password }: Person): Promise<WebServices> {
  const services = new WebServices({ address: node.address, userName, password, fetch: fetch as Fetch })
  await services.startSession()
  return services
}

async function talking(desk: OpenDesk, peer: Person): Promise<string> {
  expect(await desk.do((one, dn) => one.initiate(dn), peer.dn)).toMatchObject({ statusCode: 0 })
  await until(async () => (await desk.states()).includes('Talking'), 10_000, 'the session does not talk')
  return (await desk.do(({ session }) => session)) ?? ''
}

/** A desk and a plain agent who are in a session. */
async function openPair(
  node: Node,
  [anna, ben]: readonly [Person, Person],
  kind: Kind,
  more: Parameters<typeof openDesk>[3] = {},
) {
  const desk = await openDesk(node, anna, kind, more)
  const services = await agent(node, ben)
  const session = await talking(desk, ben)
  return { desk, services, session }
}

describe('a page', () => {
  let engine: Engine
  let node: Node
  let pair = 0
  const next = () => people(engine, pair++)
  beforeAll(async () => {
    engine = await startEngine(4 * kinds.length + 2)
    node = await engine.startNode('browser')
  })
  afterAll(() => engine?.stop())

  test.for(kinds)('[WS-35] of another origin chats by $connectionType, ack $ack', (kind) => chat(kind, site.origin))

  test.for(kinds)('of the engine’s own origin chats by $connectionType, ack $ack', (kind) =>
    chat(kind, `${node.address}/api/v2/version`),
  )

  test('[CD-10] of another origin chats by callback-polling', () =>
    chat({ connectionType: 'callback-polling', ack: true }, site.origin))

  /** From the first word to the last; both see the same. */
  async function chat(kind: Kind, url: string): Promise<void> {
    const { desk, services, session } = await openPair(node, next(), kind, { url })
    const said = Array.from({ length: 10 }, (_, i) => `text ${i}`)
    for (const [i, text] of said.entries())
      if (i % 2 === 0) expect(await desk.do((one, what) => one.send(what), text)).toMatchObject({ statusCode: 0 })
      else await services.send(session, text)
    await desk.hears('text 9')
    expect(await desk.do((one) => one.complete())).toMatchObject({ statusCode: 0 })
    await until(async () => (await desk.states()).includes('Completed'), 10_000, 'the session does not end')
    expect(await desk.texts()).toEqual(said)
    expect(await desk.repeats()).toBe(0)
    expect(await desk.states()).toEqual(['Initiating', 'Talking', 'Completed'])
    expect((await services.transcript(session)).map(({ message }) => message)).toEqual(said)
    expect(await desk.do(({ handshakes, failures }) => ({ handshakes, failures }))).toEqual({
      handshakes: 1,
      failures: [],
    })
    await desk.do((one) => one.disconnect())
    await desk.close()
  }

  test('[CD-19, CD-20] that is offline for 3 s misses nothing and does not handshake again', async () => {
    await Promise.all(kinds.map(offline))
  })

  async function offline(kind: Kind): Promise<void> {
    const { desk, services, session } = await openPair(node, next(), kind, { patienceMs: 3_000 })
    await services.send(session, 'before')
    await desk.hears('before')
    await desk.context.setOffline(true)
    const unsent = await desk.do((one) => one.send('mine').then(String, (error: Error) => error.message))
    expect(unsent).toBe('Failed to fetch')
    const said: string[] = []
    // A websocket is not closed by this: nothing passes, until the client finds its connect unanswered.
    for (let noticed = false; said.length < 30 || !noticed; await sleep(100)) {
      if (said.length === 150) throw new Error('the client does not notice')
      const text = `meanwhile ${said.length}`
      await services.send(session, text)
      said.push(text)
      noticed = await desk.do(({ failures }) => failures.length > 0)
    }
    expect(await desk.texts()).not.toContain(said.at(-1))
    await desk.context.setOffline(false)
    expect(await desk.do((one) => one.send('mine'))).toMatchObject({ statusCode: 0 })
    await desk.hears('mine')
    expect(await desk.texts()).toEqual(['before', ...said, 'mine'])
    if (kind.ack) expect(await desk.repeats()).toBe(0)
    expect(await desk.do(({ handshakes }) => handshakes)).toBe(1)
    await desk.close()
  }

  test('that is loaded again goes on with the same CometD session and hears what was said meanwhile', async () => {
    await Promise.all(kinds.map(reload))
  })

  async function reload(kind: Kind): Promise<void> {
    const persons = next()
    const { desk, services, session } = await openPair(node, persons, kind, { reload: true })
    await services.send(session, 'before')
    await desk.hears('before')
    const clientId = await desk.do((one) => one.clientId)
    await desk.do((one) => one.leave())
    await services.send(session, 'meanwhile')
    await desk.page.reload()
    const [{ userName, password }] = persons
    const again = await OpenDesk.in(desk.page, site, {
      address: node.address,
      userName,
      password,
      ...kind,
      reload: true,
    })
    await again.do((one) => one.listen('/v2/me/*'))
    await services.send(session, 'after')
    await again.hears('after')
    expect((await again.texts()).slice(-2)).toEqual(['meanwhile', 'after'])
    const now = await again.do(({ handshakes, replayed, clientId }) => ({ handshakes, replayed, clientId }))
    expect(now).toEqual({ handshakes: 0, replayed: 1, clientId })
    await again.close()
  }

  test('[WS-35, CD-8] of an origin that is not configured can do nothing with the cookie of one that is', async () => {
    const stranger = await Site.start()
    try {
      const [person] = next()
      const desk = await openDesk(node, person, { connectionType: 'websocket', ack: true })
      // Ports do not matter to cookies: what this page sends carries the login's.
      const page = await desk.context.newPage()
      await page.goto(stranger.origin)
      for (const connectionType of ['websocket', 'long-polling', 'callback-polling'] as const) {
        const settings = { address: node.address, userName: '', password: '', connectionType, ack: true }
        const foreign = await OpenDesk.in(page, stranger, settings)
        expect(await foreign.do((one) => one.ask('/me').then(String, (error: Error) => error.message))).toBe(
          'Failed to fetch',
        )
        await expect(foreign.do((one) => one.listen('/v2/me/*'))).rejects.toThrow('"successful":false')
      }
      expect(await desk.do((one) => one.ask('/me'))).toMatchObject({ statusCode: 0 })
      await desk.close()
    } finally {
      await stranger.stop()
    }
  })
})

describe('an engine that is killed and started again', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine(kinds.length)
  })
  afterAll(() => engine?.stop())

  test('[CD-30] has lost no text, and no page has to log in or handshake again', async () => {
    const node = await engine.startNode('first')
    const pairs = await Promise.all(
      kinds.map(async (kind, i) => ({ kind, ...(await openPair(node, people(engine, i), kind)) })),
    )
    const say = (texts: readonly string[]) =>
      Promise.all(
        pairs.map(async ({ services, session }) => {
          for (const text of texts) await services.send(session, text)
        }),
      )
    const before = ['one', 'two', 'three', 'four', 'five']
    const after = ['six', 'seven', 'eight', 'nine', 'ten']
    await say(before)
    await node.kill()
    await engine.startNode('first', node.target.port)
    await say(after)
    for (const { kind, desk } of pairs) {
      expect(await desk.do((one) => one.send('mine'))).toMatchObject({ statusCode: 0 })
      await desk.hears('mine')
      expect(await desk.texts()).toEqual([...before, ...after, 'mine'])
      if (kind.ack) expect(await desk.repeats()).toBe(0)
      expect(await desk.do(({ handshakes }) => handshakes)).toBe(1)
      await desk.close()
    }
  })
})

describe('CSRF protection', () => {
  let engine: Engine
  let node: Node
  beforeAll(async () => {
    engine = await startEngine(2, { login: { csrf: true }, cometd: { timeoutMs: 2_000, csrf: true } })
    node = await engine.startNode('careful')
  })
  afterAll(() => engine?.stop())

  test.for(['long-polling', 'websocket'] as const)(
    '[WS-14, CD-9] lets pages chat that send the token: %s',
    async (connectionType) => {
      const [anna, ben] = people(engine, connectionType === 'websocket' ? 0 : 1)
      const kind = { connectionType, ack: true }
      const [desk, peer] = await Promise.all([openDesk(node, anna, kind), openDesk(node, ben, kind)])
      await talking(desk, ben)
      await desk.do((one) => one.send('hello'))
      await peer.hears('hello')
      await peer.do((one) => one.send('and hello'))
      await desk.hears('and hello')
      expect(await desk.do((one) => one.withoutToken(() => one.complete()))).toMatchObject({
        status: 403,
        statusMessage: 'Missing or invalid Csrf token',
      })
      expect(await desk.do((one) => one.complete())).toMatchObject({ statusCode: 0 })
      await Promise.all([desk.close(), peer.close()])
    },
  )
})
