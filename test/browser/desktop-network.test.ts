import { type Fetch, WebServices } from '@ringdown/client'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Engine, type Node, type Person } from '../faults/engine.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

let browser: Browser
let engine: Engine
let node: Node
let used = 0
/** Stands between the pages of one test and the engine. */
let way: FaultProxy
function people(): [Person, Person] {
  used += 2
  return engine.persons.slice(used - 2, used) as [Person, Person]
}

beforeAll(async () => {
  buildDesktop()
  browser = await startBrowser()
  engine = await Engine.create('embedded', 40, new Map(), { cometd: { timeoutMs: 5_000 } })
  node = await engine.startNode('desktop')
})
afterAll(async () => {
  await browser?.close()
  await engine?.stop()
})
beforeEach(async () => {
  way = await FaultProxy.start('127.0.0.1', () => node.target)
})
afterEach(() => way.stop())

async function arrive(person: Person, address = way.address): Promise<DesktopPage> {
  const desktop = await DesktopPage.open(browser, address)
  await desktop.arrive(person)
  return desktop
}

/** Two agents in a session; the first one's way may fail, the other's does not. */
async function talking() {
  const [anna, ben] = people()
  const [one, other] = await Promise.all([arrive(anna), arrive(ben, node.address)])
  await one.talkTo(ben)
  await one.write('before')
  await other.reads('before')
  return { anna, ben, one, other }
}

/** Both show the same texts in the same order, each once: these. */
async function same(one: DesktopPage, other: DesktopPage, ...texts: readonly string[]): Promise<void> {
  await expect.poll(() => one.texts(), { timeout: 30_000 }).toEqual(texts)
  await expect.poll(() => other.texts(), { timeout: 30_000 }).toEqual(texts)
  expect(await one.page.locator('.not-yet').count()).toBe(0)
}

async function leave(...desktops: readonly DesktopPage[]): Promise<void> {
  expect(desktops.flatMap(({ complaints }) => complaints)).toEqual([])
  await Promise.all(desktops.map((desktop) => desktop.close()))
}

test('[DT-13, DT-16] what is said while the network is cut arrives on both sides once it is back', async () => {
  const { one, other } = await talking()
  const cut = way.offline(5_000)
  await one.sees('link.reconnecting')
  await one.write('from the dark')
  await one.page.getByText('Waiting for the connection').waitFor()
  await one.write('and more')
  await other.write('are you there?')
  await cut
  await one.sees('link.resynchronised')
  await same(one, other, 'before', 'are you there?', 'from the dark', 'and more')
  await one.sees('link.live')
  await leave(one, other)
})

test('[DT-13, DT-16] a text whose answer was lost is in the session once', async () => {
  const { one, other } = await talking()
  const deaf = way.loseReplies(4_000)
  await one.write('heard?')
  // It was accepted: the other side has it, and this one does not know.
  await other.reads('heard?')
  await deaf
  await same(one, other, 'before', 'heard?')
  await one.sees('link.live')
  await leave(one, other)
})

test('[DT-13, DT-16] a browser without any network says so, and sends later', async () => {
  const { one, other } = await talking()
  await one.context.setOffline(true)
  await one.sees('link.offline')
  await one.write('later')
  await one.page.getByText('Waiting for the connection').waitFor()
  await other.write('meanwhile')
  await one.context.setOffline(false)
  await same(one, other, 'before', 'meanwhile', 'later')
  await one.sees('link.live')
  await leave(one, other)
})

test('[DT-13, DT-16] a server that is killed and started again costs nothing', async () => {
  const { one, other } = await talking()
  const { port } = node.target
  await node.kill()
  await one.sees('link.reconnecting')
  await one.write('to a dead server')
  await one.page.getByText('Waiting for the connection').waitFor()
  node = await engine.startNode('desktop', port)
  await one.sees('link.live')
  await other.sees('link.live')
  await other.write('back again')
  await same(one, other, 'before', 'to a dead server', 'back again')
  await leave(one, other)
})

test('[DT-16, DT-20] drafts and waiting texts survive the page', async () => {
  const { one, other } = await talking()
  // Nothing but texts is refused: the store is away, says a proxy.
  const path = '**/api/v2/me/im-sessions/*'
  await one.page.route(path, (route) =>
    route.request().postData()?.includes('SendMessage')
      ? route.fulfill({ status: 503, body: 'busy' })
      : route.continue(),
  )
  await one.write('kept')
  await one.page.getByText('Waiting for the connection').or(one.page.getByText('Sending…')).waitFor()
  await one.composer.fill('half a sent')
  await one.page.unroute(path)
  await one.page.reload()
  await one.sees('link.live')
  expect(await one.composer.inputValue()).toBe('half a sent')
  await same(one, other, 'before', 'kept')
  await leave(one, other)
})

test('[DT-20] two tabs of an agent are in step', async () => {
  const { one, other } = await talking()
  const tab = new DesktopPage(await one.context.newPage())
  await tab.page.goto(way.address)
  await tab.reads('before')
  await one.composer.fill('half a sent')
  await expect.poll(() => tab.composer.inputValue()).toBe('half a sent')
  await tab.write('from the other tab')
  await one.reads('from the other tab')
  await expect.poll(() => one.composer.inputValue()).toBe('')
  await other.write('to both')
  await same(one, tab, 'before', 'from the other tab', 'to both')
  await tab.page.getByLabel('Your state').selectOption('Ready')
  await expect.poll(() => one.page.getByLabel('Your state').inputValue()).toBe('Ready')
  await tab.page.getByRole('button', { name: 'End session' }).click()
  await one.page.getByText('You ended the session.').first().waitFor()
  await tab.menu('Sign out')
  await one.heading('Sign in')
  await leave(one, other)
})

test('[DT-19] a login that has ended is renewed without losing what was written', async () => {
  const { anna, one, other } = await talking()
  await one.composer.fill('half a sent')
  await one.context.clearCookies()
  await one.page.getByRole('button', { name: 'End session' }).click()
  await one.page.getByText('Your sign-in has ended. Sign in again; nothing you have written is lost.').waitFor()
  expect(await one.page.getByLabel('User name').inputValue()).toBe(anna.userName)
  await one.arrive(anna)
  expect(await one.composer.inputValue()).toBe('half a sent')
  await one.composer.press('Enter')
  await same(one, other, 'before', 'half a sent')
  await leave(one, other)
})

/** Anna at her desk in two tabs; then the browser's cookie is gone, and the first one is told to sign in again. */
async function twoTabs() {
  const { anna, one, other } = await talking()
  const tab = new DesktopPage(await one.context.newPage())
  await tab.page.goto(way.address)
  await tab.reads('before')
  await one.context.clearCookies()
  await one.page.getByRole('button', { name: 'End session' }).click()
  await one.heading('Sign in')
  return { anna, one, tab, other }
}

test('[DT-27] somebody else who signs in in another tab ends this one’s page', async () => {
  const { one, tab, other } = await twoTabs()
  const [cleo] = people()
  await one.arrive(cleo)
  await tab.page.getByText('Somebody else has signed in in another tab of this browser.').waitFor()
  expect([await tab.transcript.count(), await tab.page.getByText('before').count()]).toEqual([0, 0])
  await leave(one, other)
})

test('[DT-27] where tabs cannot talk to each other, the page finds out behind the next break', async () => {
  const { one, other } = await talking()
  const [cleo, dora] = people()
  const deaf = new DesktopPage(await one.context.newPage())
  await deaf.page.addInitScript('delete window.BroadcastChannel')
  await deaf.page.goto(way.address)
  await deaf.reads('before')
  await one.context.clearCookies()
  await one.page.getByRole('button', { name: 'End session' }).click()
  await one.heading('Sign in')
  await one.arrive(cleo)
  const third = await arrive(dora, node.address)
  await third.talkTo(cleo)
  await third.write('for cleo only')
  await one.reads('for cleo only')
  const cut = way.offline(9_000)
  await deaf.sees('link.reconnecting')
  await deaf.write('not to be sent as cleo')
  await cut
  await deaf.page.getByText('Somebody else has signed in in another tab of this browser.').waitFor()
  expect(await deaf.page.getByText('for cleo only').count()).toBe(0)
  await one.sees('link.live')
  expect(await third.texts()).toEqual(['for cleo only'])
  await leave(one, deaf, other, third)
})

test('[DT-27] one who signs in again in one tab is back in the other', async () => {
  const { anna, one, tab, other } = await twoTabs()
  await tab.page.getByRole('button', { name: 'End session' }).click()
  await tab.heading('Sign in')
  await one.arrive(anna)
  await one.reads('before')
  await tab.sees('link.live')
  await tab.reads('before')
  await leave(one, other)
})

test('[DT-18] an agent who is logged out elsewhere is told where they stand', async () => {
  const [anna] = people()
  const one = await arrive(anna)
  const elsewhere = new WebServices({ address: node.address, ...anna, fetch: fetch as Fetch })
  await elsewhere.setState('Offline')
  await one.heading('Where do you work?')
  await leave(one)
})

test('[DT-17] a notification that makes no sense is told, and nothing is lost by it', async () => {
  const [anna, ben] = people()
  const one = await DesktopPage.open(browser, way.address)
  let inject: ((text: string) => void) | undefined
  await one.page.routeWebSocket('**/api/v2/notifications', (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => server.send(message))
    server.onMessage((message) => socket.send(message))
    inject = (text) => socket.send(text)
  })
  await one.arrive(anna)
  const other = await arrive(ben, node.address)
  await one.talkTo(ben)
  for (const data of [{ messageType: 'IMLogUpdateMessage', message: 5 }, { messageType: 'IMSomethingNew' }, null])
    inject?.(JSON.stringify([{ channel: '/v2/me/im-sessions', data }]))
  await one.page.getByText('Something came that this page could not read. The sessions are being read again.').waitFor()
  await one.write('still here')
  await same(one, other, 'still here')
  await leave(one, other)
})

// biome-ignore format: read it as a table
const failures = [
  [500, { statusCode: 4, statusMessage: 'Internal error' },             'Something went wrong in the server.'],
  [503, { statusCode: 4, statusMessage: 'no store' },                   'The server is there, but its store does not answer right now.'],
  [403, { statusCode: 5, statusMessage: 'This needs the role ROLE_X' }, 'You are not allowed to do this'],
  [404, { statusCode: 6, statusMessage: 'You have no IM session' },     'This is not there any more.'],
  [409, { statusCode: 19, statusMessage: 'changed' },                   'Somebody else has just changed the same thing.'],
  [502, '<html>Bad gateway</html>',                                     'The server is there, but its store does not answer right now.'],
  [200, '<html>Sign in to the wireless network</html>',                 'Something between you and the server answered in its place.'],
] as const

test('[DT-12] every failure is a sentence a person understands', async () => {
  const { one, other } = await talking()
  for (const [status, body, sentence] of failures) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    await one.page.route('**/api/v2/me/im-sessions/*', (route) => route.fulfill({ status, body: text }), { times: 1 })
    await one.page.getByRole('button', { name: 'End session' }).click()
    await one.page.getByText(sentence).waitFor()
    await one.page.getByRole('button', { name: 'Dismiss' }).click()
  }
  // Nothing of this has changed anything.
  await one.write('still here')
  await same(one, other, 'before', 'still here')
  await leave(one, other)
})

test('[DT-22] a page out of sight sounds, makes a note and counts in its title', async () => {
  const [anna, ben] = people()
  const one = await DesktopPage.open(browser, way.address)
  await one.context.grantPermissions(['notifications'])
  // What sounds and what is noted cannot be seen from outside: the page's own instruments write it down.
  await one.page.addInitScript(`{
    window.noticed = []
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (at) { window.noticed.push('sound'); start.call(this, at) }
    window.Notification = class { constructor(text) { window.noticed.push(text) } static permission = 'granted'; static requestPermission = async () => 'granted' }
  }`)
  await one.page.reload()
  await one.arrive(anna)
  await one.page.getByRole('button', { name: 'Menu' }).click()
  await one.page.getByLabel('Notifications of the browser').check()
  const other = await arrive(ben, node.address)
  await one.page.evaluate(`{
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }`)
  const noticed = () => one.page.evaluate('window.noticed') as Promise<string[]>
  await other.talkTo(anna)
  await expect.poll(noticed).toContain(`${ben.userName} wants to talk to you`)
  await other.write('psst')
  await expect.poll(noticed).toContain(`New message from ${ben.userName}`)
  expect((await noticed()).filter((one) => one === 'sound').length).toBeGreaterThanOrEqual(3)
  await expect.poll(() => one.page.title()).toBe('(1) Ringdown')
  // Nobody has looked yet, and the sender knows.
  expect(await other.page.getByText('Seen').count()).toBe(0)
  await one.page.evaluate(`{
    delete document.visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  }`)
  await other.page.getByText('Seen').waitFor()
  await expect.poll(() => one.page.title()).toBe('Ringdown')
  await leave(one, other)
})
