import type { AgentClient } from '@ringdown/client'
import type { Browser, JSHandle } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { conversation, engineOf, inStep, numbered, offlineUntil, patience, proxyOf } from '../client/stage.ts'
import { until } from '../faults/engine.ts'
import { Site, startBrowser } from './browser.ts'

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

/** What stands in the page. */
interface InPage {
  client: AgentClient
  texts: string[]
  states: string[]
}

test.each(['websocket', 'long-polling'] as const)(
  '[CL-29] the client runs in a page as it does in Node, by %s',
  async (transport) => {
    const engine = await engineOf('embedded', 3, undefined, {
      http: { corsOrigins: [site.origin] },
      login: { csrf: true },
    })
    const node = await engine.startNode('one')
    const proxy = await proxyOf(() => node.target)
    // Two in Node have ended theirs, so that the page calls somebody who is there.
    const { anna, ben, id: former, first, second } = await conversation(engine, [node.address, node.address])
    await anna.client.complete(former)
    await anna.client.close()

    const page = await (await browser.newContext()).newPage()
    await page.goto(`${site.origin}/client.html`)
    const options = {
      address: proxy.address,
      userName: first.userName,
      password: first.password,
      transports: [transport],
    }
    // As text, for an `import()` in a function would be that of the test runner.
    const made = `import('@ringdown/client').then(async ({ AgentClient }) => {
    const held = { client: new AgentClient(${JSON.stringify(options)}), texts: [], states: [] }
    held.client.on('text', ({ text }) => held.texts.push(text.message))
    held.client.on('state', ({ state }) => held.states.push(state))
    await held.client.start()
    return held
  })`
    const held = (await page.evaluateHandle(made)) as JSHandle<InPage>
    const states = () => held.evaluate(({ states }) => states)
    const id = await held.evaluate(async ({ client }, number) => (await client.begin(number)).id, second.dn)
    await held.evaluate(({ client }, to) => client.send(to, 'from the page'), id)
    await until(() => ben.texts.includes('from the page'), patience, 'ben has not heard it')

    let isLost = false
    const away = offlineUntil(proxy, () => isLost)
    await until(async () => (await states()).includes('reconnecting'), patience, 'the page has not noticed')
    const late = held.evaluate(({ client }, to) => client.send(to, 'written offline'), id)
    await Promise.all(numbered('ben', 20).map((text) => ben.client.send(id, text)))
    isLost = true
    await away
    expect((await late).statusCode).toBe(0)
    const whole = await inStep(node.address, first, id, ben)
    await until(
      async () => (await held.evaluate(({ texts }) => texts.length)) >= whole.length,
      patience,
      'not every text',
    )
    expect(await held.evaluate(({ texts }) => texts)).toEqual(whole)
    await until(async () => (await states()).at(-1) === 'resynchronised', patience, 'not resynchronised')
    await held.evaluate(({ client }) => client.signOut())
    await page.close()
  },
)
