import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBrowser } from '../browser/browser.ts'
import { freePorts } from '../interop/support/ports.ts'
import { blockOf, blocksOf, blocksWithoutName, deadLinks, PageFolder, readPage } from '../readme/page.ts'

// What LOAD.md prints, on an engine with SIP and MSRP whose people are those of the demo.
const patience = 180_000
const page = readPage('packages/server/LOAD.md')
const folder = new PageFolder()
const env = { RINGDOWN_PASSWORD: 'of the admin' }
/** As printed, but for less time. */
const short = { '--for 10s': '--for 2s' }
let sip = 0

beforeAll(async () => {
  const [sipPort = 0, msrp = 0] = await freePorts(2)
  sip = sipPort
  folder.write(
    'ringdown.yaml',
    `http: { port: 8080 }
log: { level: warn }
ucAjax: { pollWaitMs: 200, busyPollWaitMs: 100 }
sip: { listen: [{ transport: udp, port: ${sip} }] }
msrp: { listen: [{ transport: tcp, port: ${msrp} }] }
contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns:
      - { number: 7001, switch: S, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }
      - { number: 7002, switch: S, annex: { TServer: { multimedia: true, sip-signaling-chat: none } } }
    places: [{ name: P1, dns: [7001] }, { name: P2, dns: [7002] }]
    agentLogins: [{ code: 1, switch: S }, { code: 2, switch: S }]
    persons:
      - { userName: admin, password: of the admin, roles: [admin] }
      - { userName: anna, password: of anna, place: P1, agentLogins: [1] }
      - { userName: ben, password: of ben, place: P2, agentLogins: [2] }
`,
  )
  folder.write(
    'ringdown-data/demo-passwords.json',
    JSON.stringify({ anna: 'of anna', ben: 'of ben', admin: 'of the admin' }),
  )
  const address = await folder.serve()
  // The default address is where nobody of ours listens here.
  folder.replace('ringdown load ', `ringdown load --address ${address} --sip 127.0.0.1:${sip} `)
})
afterAll(() => folder.close())

const run = (name: string, replace: Readonly<Record<string, string>> = {}) =>
  folder.run(page, name, { env, replace: { ...short, ...replace }, deadlineMs: patience })

/** Opened from the disk: it asks for nothing, complains of nothing, and fits a desk and a telephone, in light and in dark. */
async function looksGood(file: string): Promise<void> {
  const browser = await startBrowser()
  try {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [390, 'dark'],
    ] as const) {
      const tab = await browser.newPage({ colorScheme, viewport: { width, height: 800 } })
      const told: string[] = []
      tab.on('console', (message) => told.push(message.text()))
      tab.on('pageerror', (error) => told.push(error.message))
      tab.on('request', (request) => told.push(request.url()))
      const url = pathToFileURL(file).href
      await tab.goto(url)
      expect(told).toEqual([url])
      expect(await tab.locator('figure svg').count()).toBe(5)
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await tab.locator('h1').textContent()).toMatch(/^Load run [0-9a-f]{6} passed$/)
      const [ink, paper] = (await tab.evaluate(
        '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
      )) as [string, string]
      const light = (colour: string) =>
        (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, one) => sum + Number(one), 0)
      expect(light(ink) > light(paper)).toBe(colorScheme === 'dark')
    }
  } finally {
    await browser.close()
  }
}

describe('LOAD.md', () => {
  test('has no command that no test runs, and no link that leads nowhere', () => {
    expect(blocksWithoutName(page)).toEqual([])
    expect(deadLinks(page, 'packages/server')).toEqual([])
    expect(blocksOf(page).map(({ name }) => name)).toEqual([
      ...['load-quick', 'load-kinds', 'load-pipeline', 'load-plan', 'load-run', 'load-people', 'load-remove'],
    ])
  })

  test(
    '[LD-2] the first command works as it is printed',
    async () => {
      expect((await run('load-quick')).stdout).toMatch(/^Run [0-9a-f]{6}: 100 texts delivered of 100 due in 0:02/)
    },
    patience,
  )

  test(
    '[LD-1, LD-18] other kinds, with a page and JSON',
    async () => {
      const { stdout } = await run('load-kinds')
      expect(stdout).toContain('cometd → msrp')
      expect(JSON.parse(folder.read('load.json'))).toMatchObject({ format: 'ringdown-load/2', passed: true })
      await looksGood(join(folder.path, 'load.html'))
    },
    patience,
  )

  test(
    '[LD-14, LD-15] in a pipeline: JSON alone, and an exit code',
    async () => {
      // On a slow machine the printed limit would be a bound of time.
      const { lines } = await run('load-pipeline', { '--p99 2s': '--p99 2h' })
      expect(lines).toEqual([expect.stringMatching(/^100 [\d.]+$/)])
    },
    patience,
  )

  test(
    '[LD-4] the plan',
    async () => {
      const plan = blockOf(page, 'load-plan')
      folder.write(
        'plan.yaml',
        plan
          .replaceAll('for: 5s', 'for: 1s')
          .replaceAll('for: 10s', 'for: 2s')
          .replace('p99: 10s', 'p99: 1h')
          .replace('maxFailures: 10', 'maxFailures: 1000'),
      )
      const { stdout } = await run('load-run')
      expect(stdout).toContain('msrp → uc-ajax')
      expect(stdout).toMatch(/Passed\.\n$/)
    },
    patience,
  )

  test(
    '[LD-9] agents that exist',
    async () => {
      folder.write('ben.txt', 'of ben\n')
      folder.write('plan.yaml', blockOf(page, 'load-people').replace('for: 5s', 'for: 2s'))
      const { stdout } = await folder.run(page, 'load-run', {
        env: { ...env, ANNA_PASSWORD: 'of anna' },
        deadlineMs: patience,
      })
      expect(stdout).toMatch(/4 texts delivered of 4 due/)
    },
    patience,
  )

  test(
    '[LD-10] what is left is removed by the id of its run',
    async () => {
      expect((await run('load-remove')).stdout).toBe('there is nothing of run 3fa9c1\n')
    },
    patience,
  )
})
