import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Person } from '../faults/engine.ts'

/** Builds the desktop where what is there is older than its sources. */
export function buildDesktop(): void {
  const script = fileURLToPath(new URL('../../packages/desktop/build/build.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the desktop cannot be built: ${stdout}${stderr}`)
}

/** The agent desktop in a browser context of its own, used as a person uses it: by what is seen and read out. */
export class DesktopPage {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page complained about: errors nobody caught, breaches of its CSP. */
  readonly complaints: string[] = []

  constructor(page: Page) {
    this.context = page.context()
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      // Requests that are refused, or get no answer, are written there by the browser itself.
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text()))
        this.complaints.push(message.text())
    })
  }

  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<DesktopPage> {
    const context = await browser.newContext({ locale: 'en-GB', ...options })
    context.setDefaultTimeout(30_000)
    const desktop = new DesktopPage(await context.newPage())
    await desktop.page.goto(address)
    return desktop
  }

  async signIn({ userName, password }: Pick<Person, 'userName' | 'password'>): Promise<void> {
    await this.page.getByLabel('User name').fill(userName)
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
  }

  /** Signs in and sits down at the person's own place; who is there already is at their desk at once. */
  async arrive(person: Person): Promise<void> {
    await this.signIn(person)
    const place = this.page.getByRole('button', { name: `Work here: P${person.dn}`, exact: true })
    await place.or(this.page.locator('.link-line')).first().waitFor()
    if (await place.isVisible()) await place.click()
    await this.sees('link.live')
  }

  /** Waits for a word of the status line: its class says which it is, in any language. */
  async sees(line: `link.${string}`): Promise<void> {
    await this.page.locator(`.link-line.${line.slice('link.'.length)}`).waitFor()
  }

  async call(number: string, topic = ''): Promise<void> {
    await this.page.getByLabel('Number', { exact: true }).fill(number)
    if (topic !== '') await this.page.getByLabel('Topic').fill(topic)
    await this.page.getByRole('button', { name: 'Start', exact: true }).click()
  }

  /** Starts a session and waits until both can write. */
  async talkTo({ dn }: Pick<Person, 'dn'>, topic = ''): Promise<void> {
    await this.call(dn, topic)
    await this.page.getByRole('button', { name: 'End session' }).waitFor()
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name, exact: true }).waitFor()
  }

  async menu(entry: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Menu' }).click()
    await this.page.getByRole('button', { name: entry }).click()
  }

  get composer(): Locator {
    return this.page.getByLabel('Message', { exact: true })
  }

  get transcript(): Locator {
    return this.page.getByRole('log')
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Waits until a text stands in the transcript. */
  async reads(text: string): Promise<void> {
    await this.transcript.getByText(text, { exact: true }).waitFor()
  }

  /** All texts, in the order they are shown. */
  texts(): Promise<string[]> {
    return this.transcript.locator('.bubble').allTextContents()
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}
