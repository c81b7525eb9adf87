import { demoObjects, ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { openCentreDirectory } from './centre-directory.ts'
import { type Config, formatMistake, loadConfig } from './config/load-config.ts'
import { createLog } from './log.ts'
import { passwordHasher } from './passwords.ts'
import { reloader } from './reload.ts'

const file = (centre = '', rest = '') => `${rest}
contactCentres:
  - id: demo
    switches: [{ name: S }]
    dns: [{ number: 7001, switch: S }]
    persons: [{ userName: anna, password: secret }]${centre}
`
function read(text: string): Config {
  const loaded = loadConfig(text, { env: {}, readFile: () => '' })
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.config
}

async function setUp() {
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock: new ManualClock() })
  const log = createLog('silent', 'n1', { write: () => {} })
  let text = file()
  const running = read(text)
  const directory = await openCentreDirectory({ ...demoObjects(), persons: [] }, store, log)
  const reload = reloader({
    load: () => loadConfig(text, { env: {}, readFile: () => '' }),
    format: (mistake) => formatMistake('r.yaml', mistake),
    running,
    directories: new Map([['demo', directory]]),
    hashPasswords: passwordHasher(async () => '$scrypt$x'),
    log,
  })
  const reloadAs = (next: string) => {
    text = next
    return reload()
  }
  return { store, log, directory, reload, reloadAs }
}

test('[SV-10] a wrong file replaces nothing and says why', async () => {
  const { directory, reloadAs } = await setUp()
  const good = directory.now()
  expect(await reloadAs(file('\n    dnss: []'))).toEqual({
    applied: false,
    problems: ['r.yaml:7:5: contactCentres[0].dnss is not known; did you mean dns?'],
    restart: [],
  })
  expect(directory.now()).toBe(good)
})

test('[SV-10] a file that contradicts what the API changed replaces nothing either', async () => {
  const { store, directory, reloadAs } = await setUp()
  await store.putObject({ kind: 'place', id: 'P', value: { name: 'P', dns: ['7002'] } }, 0)
  await new Promise((resolve) => setImmediate(resolve))
  const good = directory.now()
  const report = await reloadAs(file())
  expect(report.applied).toBe(false)
  expect(report.problems).toEqual([
    "contact centre demo, with what was changed through the API: place P: there is no DN '7002'",
  ])
  expect(directory.now()).toBe(good)
})

test('[SV-11] objects and the level of the log take effect at once', async () => {
  const { log, directory, reloadAs } = await setUp()
  expect(await reloadAs(file('', 'log: { level: warn }'))).toEqual({ applied: true, problems: [], restart: [] })
  expect([...directory.now().personsByUserName.keys()]).toEqual(['anna'])
  expect(directory.now().personsByUserName.get('anna')?.passwordHash).toBe('$scrypt$x')
  expect(log.level).toBe('warn')
})

test('[SV-11] reloads that overlap run one after the other', async () => {
  const { directory, reload, reloadAs } = await setUp()
  const reports = await Promise.all([reload(), reloadAs(file('\n    name: Last')), reload()])
  expect(reports.map(({ applied }) => applied)).toEqual([true, true, true])
  expect(directory.now().name).toBe('Last')
})

test('[SV-13] keys that are read at the start are told, by name and without their value', async () => {
  const { reloadAs } = await setUp()
  const report = await reloadAs(
    `${file('', "http: { port: 9 }\nstore: { redis: { url: 'redis://x' } }\nmonitoring: { token: t }")}  - id: other\n`,
  )
  expect(report.applied).toBe(true)
  expect(report.restart).toEqual(['http.port', 'monitoring.token', 'store.redis', 'contactCentres'])
})
