import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { refusal } from '../scenario/scenario.ts'
import type { DesktopPage } from './desktop-page.ts'
import { LabStage, talkWithPhone } from './lab-stage.ts'

let stage: LabStage
beforeAll(async () => {
  stage = await LabStage.open(10)
})
afterEach(() => stage?.clear())
afterAll(() => stage?.close())

/** What is asked for every second takes its time to be seen. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 })

const rungs = (page: Page) => page.getByRole('listbox').getByRole('option')
const rung = (page: Page, name: RegExp) => page.getByRole('listbox').getByRole('option', { name }).first()
/** How many lines there are, in sight or not. */
const length = async (page: Page) => Number(await rungs(page).first().getAttribute('aria-setsize'))

/** Closes a page, which may not have complained. */
async function leave(console: DesktopPage): Promise<void> {
  expect(console.complaints).toEqual([])
  await console.close()
}

/** Saves what a link offers; its path. */
async function saved(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name, exact: true }).click(),
  ])
  return download.path()
}

function tshark(file: string, ...args: readonly string[]): string {
  return execFileSync('tshark', ['-r', file, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

test('[DT-40] who is no administrator sees nothing of the console, and who is nothing else has no desk', async () => {
  const { page } = await stage.console(1, '/')
  expect(new URL(page.url()).pathname).toBe('/lab')
  await page.getByRole('heading', { name: 'Sessions' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('User name').waitFor()
  await page.goto(`${stage.node.address}/lab/audit`)
  await page.getByLabel('User name').fill(stage.person(2).userName)
  await page.getByLabel('Password').fill(stage.person(2).password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Where do you work?' }).waitFor()
  expect(await page.getByText('Lab console').count()).toBe(0)
  await page.context().close()
})

test('[DT-43] a session with a SIP phone is seen as a ladder while it goes on', async () => {
  const [desk, phone] = [await stage.agent(2), await stage.phone('8001', false)]
  const session = await talkWithPhone(desk, phone)
  const console = await stage.console()
  const { page } = console
  await page.getByRole('link', { name: new RegExp(session) }).click()
  await rung(page, /SIP: MESSAGE/).waitFor()
  const before = await length(page)
  const names = await rungs(page).locator('.away').allTextContents()
  for (const kind of ['REST: ', 'T-event: EventDialing', 'SIP: MESSAGE', 'CometD: '])
    expect(names.filter((name) => name.includes(kind))).not.toEqual([])
  // What happens now appears by itself.
  await desk.says('one more')
  await phone.hears('one more')
  await eventually(() => length(page)).toBeGreaterThan(before)
  await desk.completes()
  await page.locator('.session-facts').getByText('Ended', { exact: true }).waitFor()
  // By kind and by text, and the link holds all of it.
  await page.getByRole('button', { name: /^CometD/ }).click()
  await page.getByRole('searchbox').fill('MESSAGE sip:')
  await eventually(() => page.url()).toContain('q=MESSAGE')
  await rungs(page).first().click()
  const url = page.url()
  const chosen = await page.locator('.side h2').textContent()
  expect(chosen).toContain('SIP MESSAGE sip:')
  const count = await rungs(page).count()
  await page.goto(url)
  await page.locator('.side h2').waitFor()
  expect(await page.locator('.side h2').textContent()).toBe(chosen)
  expect(await rungs(page).count()).toBe(count)
  await leave(console)
})

test('[DT-44, DT-45, DT-49] texts are masked until who may see them says so; files are as masked as the page', async () => {
  const [desk, phone] = [await stage.agent(3), await stage.phone('8001', false)]
  const session = await talkWithPhone(desk, phone)
  const one = await stage.console(1, `/lab/sessions/${session}`)
  await one.page.getByText('Who has the role supervisor besides may see them.').waitFor()
  expect(await one.page.getByRole('button', { name: 'Show texts' }).count()).toBe(0)
  await leave(one)

  const console = await stage.console(0, `/lab/sessions/${session}`)
  const { page } = console
  await rung(page, /SIP: MESSAGE/).click()
  const content = page.locator('.content')
  await content.waitFor()
  expect(await content.textContent()).not.toContain('a secret')
  const masked = await saved(page, 'Save as pcap')
  expect(tshark(masked, '-Y', 'sip.Method == "MESSAGE"', '-T', 'fields', '-e', 'sip.msg_body')).not.toBe('')
  expect(tshark(masked, '-V')).not.toContain('a secret')
  expect(tshark(masked, '-Y', '_ws.malformed')).toBe('')

  // The focus is where the question is, and comes back from it.
  const focus = () => page.locator(':focus').textContent()
  await page.getByRole('button', { name: 'Show texts' }).press('Enter')
  await eventually(focus).toBe('Show them')
  await page.getByRole('alertdialog').press('Escape')
  await eventually(focus).toBe('Show texts')
  await page.getByRole('button', { name: 'Show texts' }).press('Enter')
  await page.getByText('noted in the audit log').waitFor()
  expect(await content.textContent()).not.toContain('a secret')
  await page.getByRole('button', { name: 'Show them' }).press('Enter')
  await eventually(() => content.textContent()).toContain('a secret')
  await eventually(focus).toMatch(/^(Mask texts|Show those too)$/)
  await desk.says('a newer secret')
  await phone.hears('a newer secret')
  await page.getByText(/newer lines are masked/).waitFor()
  expect(tshark(await saved(page, 'Save as pcap'), '-V')).toContain('a secret from the desk')
  expect(readFileSync(await saved(page, 'Save as JSON'), 'utf8')).toContain('a secret from the phone')
  expect(readFileSync(await saved(page, 'Save as SVG'), 'utf8')).toMatch(/^<svg|^<\?xml/)
  await page.getByRole('button', { name: 'Mask texts' }).press('Enter')
  await eventually(() => content.textContent()).not.toContain('a secret')
  await eventually(focus).toBe('Show texts')

  await page.getByRole('link', { name: 'Audit log' }).click()
  const rows = page.getByRole('row').filter({ hasText: session })
  // The look, and three files; nothing by itself in between.
  await eventually(() => rows.count()).toBe(4)
  expect(await rows.first().textContent()).toContain('view texts')
  const log = readFileSync(await saved(page, 'Save all as JSON Lines'), 'utf8')
    .trim()
    .split('\n')
  const looks = log.map((line) => JSON.parse(line)).filter(({ object }) => object === session)
  expect(looks.map(({ who, what, detail }) => `${who} ${what} ${detail}`)).toEqual(
    ['view', 'pcap', 'json', 'svg'].map((form) => `agent0 view texts ${form}`),
  )
  await leave(console)
})

test('[DT-43, DT-45] an MSRP session is decoded by Wireshark', async () => {
  const [desk, phone] = [await stage.agent(4), await stage.phone('8002', true)]
  await desk.calls('8002')
  await phone.isInvited()
  await eventually(() => phone.session).toBe('up')
  await phone.says('said over MSRP')
  await eventually(() => [...desk.view.sessions.values()].flatMap(({ lines }) => lines).length).toBe(1)
  const console = await stage.console(0, `/lab/sessions/${await desk.session()}`)
  const { page } = console
  await rung(page, /MSRP: SEND/).waitFor()
  const file = await saved(page, 'Save as pcap')
  expect(tshark(file, '-Y', 'msrp.method == "SEND"')).not.toBe('')
  expect(tshark(file, '-Y', 'sip.Method == "INVITE"')).not.toBe('')
  await leave(console)
})

test('[DT-46] an Annex that was changed counts at the next call', async () => {
  const [desk, peer] = [await stage.agent(5), stage.person(6)]
  await stage.agent(6)
  const console = await stage.console(0, '/lab/dns')
  const { page } = console
  await page.getByRole('searchbox').fill(peer.dn)
  await page.getByRole('link', { name: peer.dn }).click()
  const value = (option: string) => page.getByLabel(`TServer / ${option}`)
  await value('multimedia').waitFor()
  // What is wrong is said, and cannot be saved.
  await page.getByRole('button', { name: 'Add an option' }).click()
  await page.getByLabel('TServer / Option').fill('no-answer-timeout')
  await page.getByLabel('Value of no-answer-timeout').fill('soon')
  await page.getByText('no-answer-timeout is a whole number from 1 to 86400.').waitFor()
  expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Remove no-answer-timeout' }).click()
  await value('multimedia').selectOption('false')
  await page.getByText('sip-signaling-chat has no effect without multimedia = true.').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByText(`DN ${peer.dn} carries no IM`).first().waitFor()
  expect(await refusal(desk.calls(peer.dn))).toMatchObject({ message: expect.stringContaining('does not carry IM') })
  await value('multimedia').selectOption('true')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  await desk.calls(peer.dn)
  await eventually(() => [...desk.view.sessions.values()].map(({ state }) => state)).toContain('Talking')
  await desk.completes()
  await leave(console)
})

test('[DT-46] what another administrator has changed meanwhile is not undone', async () => {
  const path = `/lab/dns?dn=${stage.person(7).dn}`
  const [one, other] = [await stage.console(0, path), await stage.console(1, path)]
  const value = ({ page }: DesktopPage) => page.getByLabel('TServer / sip-signaling-chat')
  await Promise.all([value(one).waitFor(), value(other).waitFor()])
  for (const console of [one, other]) await value(console).fill('msrp')
  await value(other).fill('message')
  await one.page.getByRole('button', { name: 'Save', exact: true }).click()
  await one.page.getByText('Saved.').waitFor()
  await other.page.getByRole('button', { name: 'Save', exact: true }).click()
  await other.page.getByText('Somebody else has just changed the same thing.').waitFor()
  expect(await value(other).inputValue()).toBe('message')
  await other.page.getByRole('button', { name: 'Read it again' }).click()
  await eventually(() => value(other).inputValue()).toBe('msrp')
  await leave(one)
  await leave(other)
})

test('[DT-47, DT-48] a load run is started, seen, and shown in the charts', { timeout: 120_000 }, async () => {
  const console = await stage.console(0, '/lab/load')
  const { page } = console
  await page.getByLabel('Pairs of agents').fill('201')
  await page.getByText('A whole number from 1 to 200.').waitFor()
  expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
  for (const [label, value] of [
    ['Pairs of agents', '2'],
    ['Texts per second', '20'],
    ['Seconds', '3'],
  ] as const)
    await page.getByLabel(label).fill(value)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('progressbar').waitFor()
  const run = page.locator('.node-card').first()
  await run.getByText('Done').waitFor({ timeout: 60_000 })
  expect(await run.textContent()).toContain('2 pairs, 20 texts/s, 3 s')
  expect(await run.locator('dd').nth(2).textContent()).toBe('0')
  expect(Number(await run.locator('dd').nth(1).textContent())).toBeGreaterThan(30)
  await page.getByLabel('Seconds').fill('60')
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('.node-card').first().getByText('Stopped').waitFor({ timeout: 30_000 })
  await page.getByRole('link', { name: 'Charts' }).click()
  const texts = page.getByRole('figure').filter({ hasText: 'Texts per second' })
  await texts.getByText(/accepted: now .*, at most [1-9]/).waitFor({ timeout: 20_000 })
  expect(await texts.locator('canvas').count()).toBe(1)
  await leave(console)
})

test('[DT-41] living sessions come and go by themselves, agents and nodes are told of', async () => {
  const console = await stage.console()
  const { page } = console
  await page.getByText('Nobody is in a session now.').waitFor()
  const [desk] = [await stage.agent(8), await stage.agent(9)]
  await desk.calls(stage.person(9).dn)
  const row = page.getByRole('row').filter({ hasText: `${desk.dn} (agent8) → ${stage.person(9).dn} (agent9)` })
  await row.getByText('Talking').waitFor()
  await page.getByRole('link', { name: 'Agents' }).click()
  await page.getByRole('searchbox').fill('agent8')
  await page.getByRole('row').filter({ hasText: 'agent8' }).getByRole('link', { name: 'Ladder' }).click()
  await page.locator('.session-facts').getByText('Talking').waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Agents' }).waitFor()
  await page.getByRole('link', { name: 'Sessions' }).click()
  await desk.completes()
  await page.getByText('Nobody is in a session now.').waitFor()
  await page.getByRole('link', { name: 'Nodes' }).click()
  await page.getByText('answers you').waitFor()
  await leave(console)
})

test('[DT-40] a server that is killed and started again is shown again by itself', { timeout: 60_000 }, async () => {
  const [desk] = [await stage.agent(8), await stage.agent(9)]
  await desk.calls(stage.person(9).dn)
  const [list, ladder] = [await stage.console(), await stage.console(0, `/lab/sessions/${await desk.session()}`)]
  const row = list.page.getByRole('row').filter({ hasText: desk.dn })
  await row.getByText('Talking').waitFor()
  await rung(ladder.page, /T-event: EventEstablished/).waitFor()
  const restart = await stage.kill()
  const problem = ({ page }: DesktopPage) => page.getByRole('alert').getByText('The server does not answer')
  for (const console of [list, ladder]) await problem(console).waitFor()
  expect(await row.count()).toBe(1)
  await rung(ladder.page, /T-event: EventEstablished/).waitFor()
  await restart()
  for (const console of [list, ladder]) await problem(console).waitFor({ state: 'detached' })
  await row.getByText('Talking').waitFor()
  // What was recorded went with the server; what happens now is there.
  await desk.says('back again')
  await rung(ladder.page, /REST: POST SendMessage/).waitFor()
  await desk.completes()
  await list.page.getByText('Nobody is in a session now.').waitFor()
  await ladder.page.locator('.session-facts').getByText('Ended', { exact: true }).waitFor()
  await leave(list)
  await leave(ladder)
})

test('[DT-50] every page has a title of its own', async () => {
  const console = await stage.console()
  const { page } = console
  await eventually(() => page.title()).toBe('Sessions – Lab console – Ringdown')
  const titles = new Set<string>()
  const links = page.getByRole('navigation').getByRole('link')
  for (const link of await links.all()) {
    await link.click()
    await eventually(() => page.title()).toBe(`${await link.textContent()} – Lab console – Ringdown`)
    titles.add(await page.title())
  }
  expect(titles.size).toBe(9)
  await leave(console)
})

test('[DT-50] an administrator finds a line of a ladder by keyboard alone', async () => {
  const [desk, phone] = [await stage.agent(2), await stage.phone('8001', false)]
  await talkWithPhone(desk, phone)
  const console = await stage.console()
  const { page } = console
  const tabTo = async (name: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const focus = await page.locator(':focus').evaluateAll(([it]) => it?.ariaLabel ?? it?.textContent ?? '')
      if (focus.startsWith(name)) return
    }
    throw new Error(`no key leads to ${name}`)
  }
  await page.getByRole('link', { name: new RegExp(`${desk.dn} .agent2. → 8001`) }).waitFor()
  await tabTo(`${desk.dn} (agent2) → 8001`)
  await page.keyboard.press('Enter')
  await rungs(page).first().waitFor()
  await tabTo('What passed, in the order of time')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  const active = () => page.getByRole('listbox').getAttribute('aria-activedescendant')
  await eventually(active).toBe('rung-1')
  await page.keyboard.press('End')
  await expect
    .poll(() => page.locator('[aria-selected="true"]').getAttribute('aria-posinset'))
    .toBe(await page.locator('[aria-selected="true"]').getAttribute('aria-setsize'))
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await eventually(() => page.locator(':focus').getAttribute('aria-label')).toBe('Content')
  await desk.completes()
  await leave(console)
})

test('[DT-41] ten thousand sessions are scrolled through without a halt', { timeout: 60_000 }, async () => {
  const sessions = Array.from({ length: 10_000 }, (_, i) => ({
    callUUID: `S${String(i).padStart(5, '0')}`,
    state: i % 5 === 0 ? 'dialing' : 'talking',
    created: Date.now() - i,
    parties: [`1${i}`, `2${i}`].map((dn) => ({ dn, role: 'x', state: 'connected', leg: 'tlibrary', agent: null })),
    userDataKeys: [],
  }))
  const console = await stage.console(0, '/lab/nodes')
  const { page } = console
  // A lab of this size takes minutes to fill; the page does not know who answers it.
  await page.route('**/api/v2/lab/sessions?*', async (route) => {
    const query = new URL(route.request().url()).searchParams
    const after = query.get('after')
    const from = after === null ? 0 : sessions.findIndex(({ callUUID }) => callUUID === after) + 1
    const items = sessions.slice(from, from + Number(query.get('limit')))
    const next = from + items.length < sessions.length ? { next: items.at(-1)?.callUUID } : {}
    const counts = { dialing: 2_000, talking: 8_000 }
    await route.fulfill({ json: { statusCode: 0, sessions: items, ...next, counts } })
  })
  await page.getByRole('link', { name: 'Sessions' }).click()
  await page.getByText('8000 talking, 2000 being set up').waitFor()
  const table = page.getByRole('table')
  const rows = page.locator('.table-body [role=row]')
  // The longest time between two pictures while the list is dragged from top to bottom, milliseconds.
  const longest = await page.evaluate<number>(`(async () => {
    const box = document.querySelector('.table')
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    let [most, before] = [0, await frame()]
    for (let i = 1; i <= 60; i++) {
      box.scrollTop = (box.scrollHeight * i) / 60
      const now = await frame()
      most = Math.max(most, now - before)
      before = now
    }
    return most
  })()`)
  globalThis.console.log(`longest pause while 10 000 rows are dragged through: ${longest.toFixed(0)} ms`)
  expect(longest).toBeLessThan(500)
  await page.getByRole('link', { name: /S09999/ }).waitFor()
  expect(await rows.count()).toBeLessThan(60)
  expect(await table.getAttribute('aria-rowcount')).toBe('10001')
  // What is in sight is asked for again, and nothing else.
  const asked = new Set<string | null>()
  page.on('request', (request) => {
    if (request.url().includes('/lab/sessions?')) asked.add(new URL(request.url()).searchParams.get('after'))
  })
  await page.waitForRequest(/after=S09899/)
  await page.waitForRequest(/after=S09899/)
  expect([...asked]).toEqual(['S09899'])
  await leave(console)
})
