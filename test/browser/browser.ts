import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import type { LogUpdate } from '@ringdown/client'
import { type Browser, type BrowserContext, chromium, type JSHandle, type Page } from 'playwright-core'
import { until } from '../faults/engine.ts'
import type { Desk, DeskSettings } from './desk.ts'

const library = dirname(createRequire(import.meta.url).resolve('cometd'))

/** Serves a page, its script and the CometD client from an origin of its own. */
export class Site {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Site> {
    const server = createServer((request, reply) => {
      const file = fileOf(request.url ?? '')
      if (file === undefined) {
        reply.writeHead(404).end()
        return
      }
      // A page of the engine's own origin takes its script from here too.
      reply.writeHead(200, { 'content-type': file.type, 'access-control-allow-origin': '*' }).end(file.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Site(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(resolve))
  }
}

function fileOf(path: string): { type: string; body: string } | undefined {
  if (path === '/') return { type: 'text/html', body: '<!doctype html><title>Desk</title>' }
  if (path === '/client.html') {
    const imports = { cometd: '/cometd/cometd.js', '@ringdown/client': '/client/index.ts' }
    return {
      type: 'text/html',
      body: `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>`,
    }
  }
  const source = /^\/client\/([a-z/-]+[.]ts)$/.exec(path)?.[1]
  if (source !== undefined) {
    const written = readFileSync(new URL(`../../packages/client/src/${source}`, import.meta.url), 'utf8')
    return { type: 'text/javascript', body: stripTypeScriptTypes(written) }
  }
  if (path === '/desk.js') {
    const source = readFileSync(new URL('./desk.ts', import.meta.url), 'utf8')
    return { type: 'text/javascript', body: stripTypeScriptTypes(source) }
  }
  const module = /^\/cometd\/(\w+\.js)$/.exec(path)?.[1]
  return module === undefined
    ? undefined
    : { type: 'text/javascript', body: readFileSync(join(library, module), 'utf8') }
}

/** Chromium without a window and with a profile that is thrown away. */
export function startBrowser(): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']
  return chromium.launch({
    executablePath: onPath('chromium'),
    // Without a sandbox, since containers seldom allow one; it loads nothing but what the tests serve.
    args: ['--no-sandbox', '--disable-gpu', '--disable-sync', ...quiet],
  })
}

function onPath(program: string): string {
  const folder = (process.env.PATH ?? '').split(delimiter).find((one) => existsSync(join(one, program)))
  if (folder === undefined) throw new Error(`${program} is not on the PATH; npm test says how to get it`)
  return join(folder, program)
}

/** A desk in a browser context of its own, seen from outside. */
export class OpenDesk {
  readonly context: BrowserContext
  readonly page: Page
  readonly #desk: JSHandle<Desk>

  private constructor(context: BrowserContext, page: Page, desk: JSHandle<Desk>) {
    this.context = context
    this.page = page
    this.#desk = desk
  }

  /** Loads a page and makes a desk in it. */
  static async open(
    browser: Browser,
    site: Site,
    url: string,
    settings: Omit<DeskSettings, 'library'>,
  ): Promise<OpenDesk> {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(url)
    return OpenDesk.in(page, site, settings)
  }

  /** Makes a desk in a page that is loaded. */
  static async in(page: Page, site: Site, settings: Omit<DeskSettings, 'library'>): Promise<OpenDesk> {
    const all: DeskSettings = { ...settings, library: `${site.origin}/cometd/cometd.js` }
    // As text, for an `import()` in a function would be that of the test runner.
    const made = `import('${site.origin}/desk.js').then(({ Desk }) => new Desk(${JSON.stringify(all)}))`
    return new OpenDesk(page.context(), page, (await page.evaluateHandle(made)) as JSHandle<Desk>)
  }

  /** Runs a function on the desk, in the page; it sees nothing but its two parameters. */
  do<Result, Given>(run: (desk: Desk, given: Given) => Result | Promise<Result>, given: Given): Promise<Result>
  do<Result>(run: (desk: Desk) => Result | Promise<Result>): Promise<Result>
  do<Result>(run: (desk: Desk, given?: unknown) => Result | Promise<Result>, given?: unknown): Promise<Result> {
    return this.#desk.evaluate(run as never, given as never)
  }

  /** The texts as an agent is shown them: in the order of their arrival, each message id once. */
  async texts(): Promise<string[]> {
    return [...new Map((await this.#arrivals()).map(({ messageId, message }) => [messageId, message])).values()]
  }

  /** How often a text has arrived that was there already. */
  async repeats(): Promise<number> {
    const ids = (await this.#arrivals()).map(({ messageId }) => messageId)
    return ids.length - new Set(ids).size
  }

  /** The states of sessions it has heard of. */
  states(): Promise<string[]> {
    return this.do(({ heard }) =>
      heard.flatMap((one) => (one.messageType === 'IMSessionStateChangeMessage' ? one.imSession.state : [])),
    )
  }

  /** Waits until it has heard a text. */
  async hears(text: string): Promise<void> {
    await until(async () => (await this.texts()).includes(text), 20_000, `${text} does not arrive`)
  }

  async close(): Promise<void> {
    await this.context.close()
  }

  #arrivals(): Promise<LogUpdate[]> {
    return this.do(({ heard }) => heard.filter((one) => one.messageType === 'IMLogUpdateMessage'))
  }
}
