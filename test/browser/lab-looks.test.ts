import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { LabStage, talkWithPhone } from './lab-stage.ts'

let stage: LabStage
let session: string
beforeAll(async () => {
  stage = await LabStage.open(6)
  console.log(`screenshots of the lab console: ${stage.shots}`)
  const [desk, phone] = [await stage.agent(2), await stage.phone('8001', false)]
  session = await talkWithPhone(desk, phone)
})
afterAll(() => stage?.close())

const sizes = {
  wide: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>

describe.for(Object.entries(sizes))('on a screen that is %s', ([size, options]) => {
  test('[DT-50] every page of the console can be used by everybody', { timeout: 120_000 }, async () => {
    const console = await stage.console(0, '/lab', options)
    const { page } = console
    const names = ['Sessions', 'Agents', 'DNs', 'Registrations', 'Flows', 'Nodes', 'Charts', 'Load run', 'Audit log']
    for (const [i, name] of names.entries()) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await console.heading(name)
      if (name === 'Charts') await page.locator('.plot canvas').first().waitFor({ timeout: 25_000 })
      await page.getByText('Reading…').first().waitFor({ state: 'detached' })
      await stage.look(console, `${size}-${i + 1}-${name}`)
    }
    await page.getByRole('link', { name: 'DNs', exact: true }).click()
    await page.getByRole('link', { name: /^8001/ }).click()
    await page.getByRole('button', { name: 'Add an option' }).click()
    await stage.look(console, `${size}-A-annex`)
    await page.goto(`${stage.node.address}/lab/sessions/${session}`)
    await page.getByRole('listbox').getByRole('option').first().waitFor()
    await stage.look(console, `${size}-B-ladder`)
    await page
      .getByRole('option', { name: /SIP: MESSAGE/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Show texts' }).click()
    await stage.look(console, `${size}-C-content`)
    await console.close()
  })
})
