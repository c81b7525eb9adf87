import { describe, test } from 'vitest'
import { readExchanges, timeless } from './exchange.ts'
import { play } from './player.ts'
import { openSite } from './site.ts'

// Any node serves any request: of every two that follow each other, each goes to another one.
for (const [file, exchanges] of readExchanges())
  describe(`${file}, at two nodes`, () => {
    for (const exchange of exchanges)
      test(`§${exchange.section} [${exchange.mark}] ${exchange.title}`, async () => {
        const site = await openSite(exchange.options, { ...exchange.site, nodes: 2 })
        try {
          await play(timeless(exchange), site)
        } finally {
          await site.close()
        }
      })
  })
