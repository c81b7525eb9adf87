import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@ringdown/signalling/testing'
import { sessionStoreContract } from '../testing/session-store.contract.ts'
import { openEmbeddedStore } from './sqlite-store.ts'

sessionStoreContract('embedded', {
  open: async ({ feedLimit }) => {
    const dir = mkdtempSync(join(tmpdir(), 'ringdown-store-'))
    const clock = new ManualClock()
    const options = { file: join(dir, 'centre.sqlite'), centre: 'demo', feedLimit, clock }
    const a = await openEmbeddedStore({ ...options, node: 'a' })
    const b = await openEmbeddedStore({ ...options, node: 'b' })
    return {
      a,
      b,
      names: { a: 'a', b: 'b' },
      pass: async (ms) => clock.advance(ms),
      close: async () => {
        await Promise.all([a.close(), b.close()])
        rmSync(dir, { recursive: true })
      },
    }
  },
})
