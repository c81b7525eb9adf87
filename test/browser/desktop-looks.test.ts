import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine, type Node, type Person } from '../faults/engine.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

/** Left for whoever wants to look at them; the test says where. */
const shots = mkdtempSync(join(tmpdir(), 'ringdown-desktop-'))

let browser: Browser
let engine: Engine
let node: Node
beforeAll(async () => {
  buildDesktop()
  browser = await startBrowser()
  engine = await Engine.create('embedded', 12, new Map([['7002', { 'auto-answer': 'false' }]]))
  node = await engine.startNode('desktop')
  console.log(`screenshots of the desktop: ${shots}`)
})
afterAll(async () => {
  await browser?.close()
  await engine?.stop()
})

interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** What axe finds against WCAG 2.2 AA and good practice. The page's CSP does not reach what the debugger runs. */
async function violations(desktop: DesktopPage): Promise<string[]> {
  await desktop.page.evaluate(axe.source)
  const run = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`
  const { violations } = (await desktop.page.evaluate(run)) as { violations: Violation[] }
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((one) => one.html + one.failureSummary).join(' | ')}`,
  )
}

const sizes = {
  wide: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>

/** A picture and a check in light and dark; nothing may stand outside of the screen. */
async function look(desktop: DesktopPage, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await desktop.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await desktop.page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) })
    expect([name, colorScheme, await violations(desktop)]).toEqual([name, colorScheme, []])
  }
  const wider = await desktop.page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect([name, wider]).toEqual([name, 0])
}

async function arrive(person: Person, options: BrowserContextOptions = {}): Promise<DesktopPage> {
  const desktop = await DesktopPage.open(browser, node.address, options)
  await desktop.arrive(person)
  return desktop
}

/** Anna's user data and the texts of both, as a session has them after a while. */
async function talk(one: DesktopPage, other: DesktopPage): Promise<void> {
  await one.write('Good morning! Could you take over order 66?')
  await other.reads('Good morning! Could you take over order 66?')
  await other.write('Sure. Who is the customer, and what has been promised so far?')
  await one.reads('Sure. Who is the customer, and what has been promised so far?')
  await one.write(
    'Mr Gómez, https://crm.example/customers/4711.\nDelivery by Friday; he was not happy about the last one.',
  )
  await other.write('शुक्रिया 👍 — I will call him.')
  await one.reads('शुक्रिया 👍 — I will call him.')
}

describe.for(Object.entries(sizes))('on a screen that is %s', ([size, options]) => {
  const [anna, ben] = size === 'wide' ? [0, 1] : [2, 3]
  const person = (i: number | undefined) => engine.persons[i ?? 0] as Person

  test('the pages before the desk can be used by everybody', async () => {
    const one = await DesktopPage.open(browser, node.address, options)
    await one.heading('Sign in')
    await look(one, `${size}-1-sign-in`)
    await one.signIn({ userName: person(anna).userName, password: 'wrong' })
    await one.page.getByText('The user name or the password is wrong.').waitFor()
    await look(one, `${size}-2-wrong-password`)
    await one.signIn(person(anna))
    await one.page.getByRole('button', { name: `Work here: P${person(anna).dn}`, exact: true }).waitFor()
    await look(one, `${size}-3-places`)
    await one.close()
  })

  test('the desk can be used by everybody, whatever happens', async () => {
    const [one, other] = await Promise.all([arrive(person(anna), options), arrive(person(ben))])
    const narrow = size === 'phone'
    await look(one, `${size}-4-desk`)
    await one.page.getByRole('button', { name: 'Menu' }).click()
    await look(one, `${size}-5-menu`)
    await one.page.keyboard.press('Escape')
    await one.call(person(ben).dn, 'Order 66')
    if (!narrow) {
      await other.page.getByRole('button', { name: 'Accept' }).waitFor()
      await look(other, `${size}-6-incoming`)
      await other.page.getByRole('button', { name: 'Accept' }).click()
    }
    await other.heading(`Session with ${person(anna).userName}`)
    await one.page.getByRole('button', { name: 'End session' }).waitFor()
    await talk(one, other)
    await other.composer.pressSequentially('And')
    await one.page.getByText('is writing…').waitFor()
    await look(one, `${size}-7-talking`)
    if (narrow) {
      await one.page.getByRole('button', { name: 'Details' }).click()
      await look(one, `${size}-7b-details`)
      await one.page.getByRole('button', { name: 'Details' }).click()
    }
    await one.context.setOffline(true)
    await one.write('I am in a tunnel')
    await one.page.getByText('Waiting for the connection').waitFor()
    await look(one, `${size}-8-offline`)
    await one.context.setOffline(false)
    await other.reads('I am in a tunnel')
    await one.page.getByRole('button', { name: 'End session' }).click()
    await one.page.getByText('You ended the session.').first().waitFor()
    await look(one, `${size}-9-ended`)
    await one.menu('Past sessions')
    await one.page.getByRole('navigation').getByRole('button').first().click()
    await one.page.getByText('I am in a tunnel').waitFor()
    await look(one, `${size}-10-history`)
    await Promise.all([one.close(), other.close()])
  })
})

describe('by keyboard alone', () => {
  /** Presses Tab until something of this name has the focus, as whoever has no mouse does. */
  async function tabTo({ page }: DesktopPage, name: string | RegExp, role?: string): Promise<void> {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab')
      const focus = page.locator(':focus')
      if ((await focus.count()) === 0) continue
      const snapshot = await focus.ariaSnapshot()
      const found = typeof name === 'string' ? snapshot.includes(`"${name}"`) : name.test(snapshot)
      if (found && (role === undefined || snapshot.includes(role))) return expectFocusSeen(page)
    }
    throw new Error(`no key leads to ${name}`)
  }

  /** What has the focus is on the screen and says so. */
  async function expectFocusSeen(page: DesktopPage['page']): Promise<void> {
    const seen = await page.evaluate(`{
      const { top, bottom, left, right } = document.activeElement.getBoundingClientRect()
      bottom > 0 && right > 0 && top < innerHeight && left < innerWidth &&
        getComputedStyle(document.activeElement).outlineStyle !== 'none'
    }`)
    expect(seen).toBe(true)
  }

  test('an agent signs in, talks, attaches data, ends, reads what was, and signs out', async () => {
    const [anna, ben] = engine.persons.slice(6, 8) as [Person, Person]
    const other = await arrive(ben)
    const one = await DesktopPage.open(browser, node.address)
    const { keyboard } = one.page
    await one.heading('Sign in')
    await tabTo(one, 'User name')
    await keyboard.type(anna.userName)
    await tabTo(one, 'Password')
    await keyboard.type(anna.password)
    await keyboard.press('Enter')
    await one.heading('Where do you work?')
    await one.page.getByRole('button', { name: `Work here: P${anna.dn}`, exact: true }).waitFor()
    await tabTo(one, `Work here: P${anna.dn}`)
    await keyboard.press('Enter')
    await one.sees('link.live')
    await tabTo(one, 'Your state')
    await keyboard.press('ArrowUp')
    await expect.poll(() => one.page.getByLabel('Your state').inputValue()).toBe('Ready')
    await tabTo(one, 'Number')
    await keyboard.type(ben.dn)
    await keyboard.press('Enter')
    await one.page.getByRole('button', { name: 'End session' }).waitFor()
    await tabTo(one, 'Message')
    await keyboard.type('first line')
    await keyboard.press('Shift+Enter')
    await keyboard.type('second line')
    await keyboard.press('Enter')
    await other.reads('first line\nsecond line')
    await tabTo(one, 'Name')
    await keyboard.type('colour')
    await keyboard.press('Tab')
    await keyboard.type('blue')
    await keyboard.press('Enter')
    await other.page.getByText('blue').waitFor()
    // Escape and the first link both lead out of a long way.
    await tabTo(one, 'Skip to the conversation')
    await keyboard.press('Enter')
    await tabTo(one, 'End session')
    await keyboard.press('Enter')
    await one.page.getByText('You ended the session.').first().waitFor()
    await tabTo(one, 'Menu')
    await keyboard.press('Enter')
    const entry = one.page.getByRole('button', { name: 'Past sessions' })
    await entry.waitFor()
    await keyboard.press('Escape')
    await entry.waitFor({ state: 'detached' })
    await expectFocusSeen(one.page)
    await keyboard.press('Enter')
    await tabTo(one, 'Past sessions')
    await keyboard.press('Enter')
    await tabTo(one, new RegExp(ben.userName), 'button')
    await keyboard.press('Enter')
    await one.page.getByText('first line').waitFor()
    await tabTo(one, 'Menu')
    await keyboard.press('Enter')
    await tabTo(one, 'Sign out')
    await keyboard.press('Enter')
    await one.heading('Sign in')
    await Promise.all([one.close(), other.close()])
  })

  test('a session is accepted, and its end is heard of', async () => {
    const [anna, asked] = [engine.persons[8], engine.persons[1]] as [Person, Person]
    const [one, other] = await Promise.all([arrive(anna), arrive(asked)])
    await one.call(asked.dn)
    // Readers are told at once; the focus stays where it was.
    await other.page.getByRole('alert').getByText(`${anna.userName} wants to talk to you`).waitFor()
    await tabTo(other, 'Accept')
    await other.page.keyboard.press('Enter')
    await one.write('hello')
    await other.page.getByRole('log').getByText('hello').waitFor()
    await one.page.getByRole('button', { name: 'End session' }).click()
    await other.page.getByText(`The session was ended by ${anna.userName}.`).first().waitFor()
    await Promise.all([one.close(), other.close()])
  })
})

test('at 200 % nothing is lost or has to be scrolled to the side', async () => {
  const [anna, ben] = engine.persons.slice(9, 11) as [Person, Person]
  // What a screen of 1280 × 800 has left at 200 %.
  const [one, other] = await Promise.all([
    arrive(anna, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }),
    arrive(ben),
  ])
  await one.talkTo(ben, 'Order 66')
  await talk(one, other)
  await look(one, 'zoomed-talking')
  for (const name of ['End session', 'Send', 'Menu', 'Details']) {
    const box = await one.page.getByRole('button', { name }).boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= 640 && box.y >= 0 && box.y + box.height <= 400).toBe(true)
  }
  await Promise.all([one.close(), other.close()])
})

test('[DT-24] a German browser gets German pages, and who chooses another language keeps it', async () => {
  const [anna] = engine.persons.slice(11) as [Person]
  const one = await DesktopPage.open(browser, node.address, { locale: 'de-DE' })
  await one.heading('Anmelden')
  await look(one, 'german-sign-in')
  expect(await one.page.locator('html').getAttribute('lang')).toBe('de')
  await one.page.getByLabel('Benutzername').fill(anna.userName)
  await one.page.getByLabel('Passwort').fill(anna.password)
  await one.page.getByRole('button', { name: 'Anmelden' }).click()
  await one.page.getByText('Ihr Platz').waitFor()
  await look(one, 'german-places')
  await one.page.getByRole('button', { name: `Hier arbeiten: P${anna.dn}`, exact: true }).click()
  await one.sees('link.live')
  await one.page.getByRole('button', { name: 'Menü' }).click()
  await one.page.getByLabel('Sprache').selectOption('English')
  await one.page.getByLabel('Appearance').selectOption('Dark')
  await one.page.reload()
  await one.page.getByRole('heading', { name: 'New session' }).waitFor()
  expect(await one.page.locator('html').getAttribute('data-theme')).toBe('dark')
  await one.close()
})
