import { ManualClock } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { createLog } from '../log.ts'
import { fromHere, openLoadRuns } from './open-load-runs.ts'
import { cluster } from './testing/cluster.ts'

test('[LR-1] there is none where an address may make so many requests a minute: real agents may share it', async () => {
  const text = 'http: { requestsPerMinute: 600 }\ncontactCentres: [{ id: demo }]\n'
  const loaded = loadConfig(text, { env: {}, readFile: () => '' })
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  const centre = await cluster().centreOf('n1')
  const log = createLog('silent', 'n1')
  const { config } = loaded
  const runs = openLoadRuns({ config, node: 'n1', centres: [centre], clock: new ManualClock(), log, address: () => '' })
  const asked = runs.start(centre, { pairs: 1, textsPerSecond: 1, seconds: 1 }, 'ada')
  await expect(asked).rejects.toThrow('600 requests a minute')
})

test('[LR-3] agents go to the address this machine reaches the node by', () => {
  expect(
    ['http://0.0.0.0:8080', 'https://[::]:8443', 'http://127.0.0.1:1', 'https://192.0.2.1:443'].map(fromHere),
  ).toEqual(['http://127.0.0.1:8080', 'https://[::1]:8443', 'http://127.0.0.1:1', 'https://192.0.2.1:443'])
})
