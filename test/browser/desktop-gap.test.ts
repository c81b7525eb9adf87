import { type Fetch, WebServices } from '@ringdown/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine, type Node, type Person } from '../faults/engine.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

let browser: Browser
let engine: Engine
let node: Node

beforeAll(async () => {
  buildDesktop()
  browser = await startBrowser()
  // A client that is away for longer than a second is forgotten, and so is what is older than some hundred events.
  const cometd = { timeoutMs: 5_000, maxIntervalMs: 1_000 }
  engine = await Engine.create('embedded', 2, new Map(), { feedLimit: 100, cometd })
  node = await engine.startNode('gap')
})
afterAll(async () => {
  await browser?.close()
  await engine?.stop()
})

test('[CL-10, DT-13] more is missed than the feed keeps: the page says so, and has every text in its order', async () => {
  const [anna, ben] = engine.persons as [Person, Person]
  const way = await FaultProxy.start('127.0.0.1', () => node.target)
  try {
    const page = await DesktopPage.open(browser, way.address)
    await page.arrive(anna)
    const other = new WebServices({ ...ben, address: node.address, fetch: fetch as Fetch, timeoutMs: 10_000 })
    await other.startSession()
    await page.talkTo(ben)
    await page.write('before')
    await page.reads('before')
    const [session] = await other.sessions()
    if (!session) throw new Error('ben is in no session')

    const away = way.offline(9_000)
    await page.sees('link.reconnecting')
    // The feed is trimmed in steps; this is many times what it keeps.
    const said = Array.from({ length: 600 }, (_, i) => `text ${i}`)
    for (const text of said) await other.send(session.id, text, `id of ${text}`)
    await away
    await page.sees('link.refilled')
    await expect.poll(() => page.texts(), { timeout: 30_000 }).toEqual(['before', ...said])
    await page.write('after')
    await page.sees('link.live')
    const last = async () => (await other.transcript(session.id)).at(-1)?.message
    await expect.poll(last, { timeout: 30_000 }).toBe('after')
    expect(page.complaints).toEqual([])
    await page.close()
  } finally {
    await way.stop()
  }
})
