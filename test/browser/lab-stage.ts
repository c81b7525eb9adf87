import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { expect } from 'vitest'
import { Engine, type Node, type Person, until } from '../faults/engine.ts'
import { Endpoint, freePorts } from '../scenario/endpoint.ts'
import { Desk } from '../scenario/scenario.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

/**
 * A lab: an engine with SIP and MSRP, a browser, and who takes part. Agent 0 is an administrator who may see texts, agent 1 an
 * administrator who may not; both are nothing else. DN 8001 knows only MESSAGE, DN 8002 speaks MSRP.
 */
export class LabStage {
  readonly engine: Engine
  #node: Node
  readonly browser: Browser
  readonly #sipPort: number
  readonly #leaving: (() => Promise<unknown>)[] = []
  /** Left for whoever wants to look at them. */
  readonly shots = mkdtempSync(join(tmpdir(), 'ringdown-lab-'))

  private constructor(engine: Engine, node: Node, browser: Browser, sipPort: number) {
    this.engine = engine
    this.#node = node
    this.browser = browser
    this.#sipPort = sipPort
  }

  static async open(agents: number): Promise<LabStage> {
    buildDesktop()
    const [sip = 0, msrp = 0] = await freePorts(2)
    const engine = await Engine.create('embedded', agents, new Map(), {
      roles: { agent0: ['admin', 'supervisor'], agent1: ['admin'] },
      sip: {
        sip: { listen: (['udp', 'tcp'] as const).map((transport) => ({ transport, port: sip })) },
        msrp: { listen: [{ transport: 'tcp', port: msrp }] },
      },
      dns: [
        { number: '8001', options: { password: 'pw-8001', 'sip-signaling-chat': 'message' } },
        { number: '8002', options: { password: 'pw-8002' } },
      ],
    })
    const node = await engine.startNode('lab')
    return new LabStage(engine, node, await startBrowser(), sip)
  }

  get node(): Node {
    return this.#node
  }

  /** Ends the server without a word; what is returned starts it again where it was. */
  async kill(): Promise<() => Promise<void>> {
    const { port } = this.#node.target
    await this.#node.kill()
    return async () => {
      this.#node = await this.engine.startNode('lab', port)
    }
  }

  person(index: number): Person {
    const person = this.engine.persons[index]
    if (!person) throw new Error('the engine has too few people')
    return person
  }

  /** An agent at their own place, without a browser. */
  async agent(index: number): Promise<Desk> {
    const desk = new Desk(this.node.address, this.person(index))
    this.#leaving.push(async () => {
      if (!(await desk.isFree())) await desk.completes()
      await desk.leaves()
      await desk.logsOut()
    })
    await desk.arrives()
    return desk
  }

  async phone(number: string, msrp: boolean): Promise<Endpoint> {
    const engine = { host: '127.0.0.1', port: this.#sipPort }
    const opened = await Endpoint.open({ number, password: `pw-${number}`, engine, msrp })
    this.#leaving.push(() => opened.close())
    await opened.registers()
    return opened
  }

  /** The console, signed in; `index` 0 may see texts. */
  async console(index = 0, path = '/lab', options: BrowserContextOptions = {}): Promise<DesktopPage> {
    const page = await DesktopPage.open(this.browser, `${this.node.address}${path}`, options)
    await page.signIn(this.person(index))
    await page.page.locator('.lab').waitFor()
    return page
  }

  /** Who took part leaves. */
  async clear(): Promise<void> {
    for (const leave of this.#leaving.splice(0).reverse()) await leave()
  }

  async close(): Promise<void> {
    await this.clear()
    await this.browser.close()
    await this.engine.stop()
    if (readdirSync(this.shots).length === 0) rmdirSync(this.shots)
  }

  /** A picture and a check in light and dark; nothing may stand outside of the screen. */
  async look(console: DesktopPage, name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await console.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await console.page.screenshot({ path: join(this.shots, `${name}-${colorScheme}.png`) })
      expect([name, colorScheme, await violations(console)]).toEqual([name, colorScheme, []])
    }
    const wider = await console.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect([name, wider]).toEqual([name, 0])
  }
}

interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** What axe finds against WCAG 2.2 AA and good practice. The page's CSP does not reach what the debugger runs. */
async function violations(console: DesktopPage): Promise<string[]> {
  await console.page.evaluate(axe.source)
  const run = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`
  const { violations } = (await console.page.evaluate(run)) as { violations: Violation[] }
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((one) => one.html + one.failureSummary).join(' | ')}`,
  )
}

/** A session between an agent and a phone, with a text each way; its id. */
export async function talkWithPhone(desk: Desk, phone: Endpoint): Promise<string> {
  await desk.calls(phone.number, { Subject: 'Order 66' })
  const sessions = () => [...desk.view.sessions.values()]
  await until(() => sessions().some(({ state }) => state === 'Talking'), 5_000, 'the session does not begin')
  await desk.says('a secret from the desk')
  await phone.hears('a secret from the desk')
  await phone.texts(desk.dn, 'a secret from the phone')
  const said = () => sessions().flatMap(({ lines }) => lines.map(({ message }) => message))
  await until(() => said().includes('a secret from the phone'), 5_000, 'the desk does not hear the phone')
  return desk.session()
}
