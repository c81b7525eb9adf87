import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { registrationsContract } from '../testing/registrations.contract.ts'
import { systemClock } from '../testing/system-clock.ts'
import { openEmbeddedStore } from './sqlite-store.ts'

const dir = mkdtempSync(join(tmpdir(), 'ringdown-registrations-'))
afterAll(() => rmSync(dir, { recursive: true }))
let files = 0

registrationsContract('embedded', async () => {
  const file = join(dir, `${files++}.sqlite`)
  return (node) => openEmbeddedStore({ file, centre: 'demo', feedLimit: 10, clock: systemClock, node })
})
