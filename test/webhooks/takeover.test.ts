import { afterEach, test } from 'vitest'
import type { Site } from './site.ts'
import { throughDeath } from './through-death.ts'

let site: Site | undefined
afterEach(async () => {
  await site?.stop()
  site = undefined
})

test('[WH-10] [WH-11] [WH-12] [WH-20] another node delivers every text, whatever the target does, when the one that did is killed', async () => {
  await throughDeath('redis', (made) => {
    site = made
  })
})
