import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DNOptions, Engine, type Node, type Person } from '../faults/engine.ts'
import { freePort } from '../interop/support/ports.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

const password = 'phone-secret'
let browser: Browser
let engine: Engine
let node: Node
beforeAll(async () => {
  buildDesktop()
  browser = await startBrowser()
  const options = new Map<string, DNOptions>([['7002', { 'sip-signaling-chat': 'message', password }]])
  const port = await freePort()
  engine = await Engine.create('embedded', 3, options, { sip: { sip: { listen: [{ transport: 'ws', port }] } } })
  node = await engine.startNode('desktop')
})
afterAll(async () => {
  await browser?.close()
  await engine?.stop()
})

test('[DT-26] an agent whose device has a SIP leg chats from the browser', async () => {
  const [anna, ben] = engine.persons as [Person, Person]
  const [one, other] = await Promise.all([
    DesktopPage.open(browser, node.address),
    DesktopPage.open(browser, node.address),
  ])
  await Promise.all([one.arrive(anna), other.arrive(ben)])
  const loaded: string[] = []
  other.page.on('request', (request) => loaded.push(request.url()))
  const phone = other.page.getByRole('region', { name: 'SIP phone of device 7002' })
  const start = other.page.getByRole('button', { name: 'Start', exact: true })
  expect(await start.isDisabled()).toBe(true)

  await phone.getByLabel('SIP password of the device').fill('wrong')
  await phone.getByRole('button', { name: 'Be the phone' }).click()
  await phone.getByText('The password is wrong, or the device may not register.').waitFor()
  // The SIP stack was loaded for this, and only now.
  expect(loaded.some((url) => /browser-phone-.*\.js$/.test(url))).toBe(true)
  await phone.getByLabel('SIP password of the device').fill(password)
  await phone.getByRole('button', { name: 'Be the phone' }).click()
  await phone.getByText('Registered').waitFor()

  // Called: the texts go to it as MESSAGE, and are shown once.
  await one.talkTo(ben)
  await one.write('to the phone')
  await other.reads('to the phone')
  await one.page.getByText('Delivered').or(one.page.getByText('Seen')).waitFor()
  await other.write('from the phone’s desk')
  await one.reads('from the phone’s desk')
  await one.page.getByRole('button', { name: 'End session' }).click()
  await other.page.getByText(`The session was ended by ${anna.userName}.`).first().waitFor()

  // Calling: a session begins with a MESSAGE.
  await other.page.getByLabel('Number', { exact: true }).fill(anna.dn)
  await other.page.getByLabel('First message').fill('hello by SIP')
  await start.click()
  await one.reads('hello by SIP')
  await other.reads('hello by SIP')
  await one.write('heard')
  await other.reads('heard')
  expect(await other.texts()).toEqual(['hello by SIP', 'heard'])
  expect(await one.texts()).toEqual(['hello by SIP', 'heard'])
  expect([...one.complaints, ...other.complaints]).toEqual([])
  await Promise.all([one.close(), other.close()])
})
