import { derivePersonID, removedObject, type SessionStore, TServerError } from '@ringdown/signalling'
import { demoObjects, ManualClock, memoryStore } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { DirectoryError, openCentreDirectory } from './centre-directory.ts'
import { createLog } from './log.ts'

const objects = demoObjects()
const ben = derivePersonID('demo', 'ben')

function setUp() {
  const store = memoryStore({ epoch: 'e', feedLimit: 10, clock: new ManualClock() })
  const lines: string[] = []
  const log = createLog('debug', 'n1', { write: (line) => lines.push(line) })
  const change = async (kind: string, id: string, value: unknown) =>
    store.putObject({ kind, id, value }, (await store.readObjects()).revision)
  return { store, log, lines, change }
}
/** Lets what was started go on until it waits for nothing more. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('[SV-12] what was changed through the API lies over the file, at the start and ever after', async () => {
  const { store, log, change } = setUp()
  await change('person', ben, removedObject)
  const directory = await openCentreDirectory(objects, store, log)
  expect([...directory.now().personsByUserName.keys()]).toEqual(['anna', 'admin'])

  await change('dn', '7003', { number: '7003', switch: 'SIP_Switch' })
  await settle()
  expect(directory.now().dns.has('7003' as never)).toBe(true)

  expect(await directory.replace({ ...objects, name: 'Renamed' })).toEqual([])
  expect(directory.now().name).toBe('Renamed')
  expect(directory.now().dns.has('7003' as never)).toBe(true)
  directory.close()
})

test('[SV-12] a change that does not build is logged, and the last good directory stays', async () => {
  const { store, log, lines, change } = setUp()
  const directory = await openCentreDirectory(objects, store, log)
  const good = directory.now()
  await change('dn', '7003', { number: '7003', switch: 'Nowhere' })
  await settle()
  expect(directory.now()).toBe(good)
  expect(lines.join()).toContain("there is no switch 'Nowhere'")
})

test('[SV-12] an object of an unknown form takes nothing down', async () => {
  const { store, log, lines, change } = setUp()
  const directory = await openCentreDirectory(objects, store, log)
  for (const value of [7, {}, { number: 7 }, { number: '7003', switch: 'SIP_Switch', annex: { TServer: 5 } }, [null]]) {
    await change('dn', '7003', value)
    await change('place', 'P', value)
    await settle()
  }
  expect(directory.now().dns.size).toBe(2)
  expect(lines.join()).toContain('the last good one stays')
  await expect(openCentreDirectory(objects, store, log)).rejects.toThrow(DirectoryError)
})

test('[SV-12] a file that contradicts the store: refused at the start, replaces nothing later', async () => {
  const { store, log, change } = setUp()
  const directory = await openCentreDirectory(objects, store, log)
  const good = directory.now()
  await change('place', 'Extra', { name: 'Extra', dns: [] })
  await change('person', 'f'.repeat(32), { id: 'f'.repeat(32), userName: 'cleo', place: 'Place_7001' })
  await settle()
  const without = { ...objects, places: objects.places.slice(1), persons: objects.persons.slice(1) }
  const [problem] = await directory.check(without)
  expect(problem?.message).toBe("person cleo: there is no place 'Place_7001'")
  expect(await directory.replace(without)).toHaveLength(1)
  expect(directory.now()).not.toBe(good)
  expect(directory.now().places.has('Place_7001')).toBe(true)
  await expect(openCentreDirectory(without, store, log)).rejects.toThrow(DirectoryError)
})

test('[SV-12] a store that does not answer is no directory, and later no reason to lose one', async () => {
  const { store, log, lines } = setUp()
  let down = true
  let tell = () => {}
  const shaky: Pick<SessionStore, 'readObjects' | 'onObjects'> = {
    readObjects: () => (down ? Promise.reject(new TServerError('TERR_NO_SWITCH')) : store.readObjects()),
    onObjects: (listener) => {
      tell = listener
      return () => {}
    },
  }
  await expect(openCentreDirectory(objects, shaky, log)).rejects.toThrow(TServerError)
  down = false
  const directory = await openCentreDirectory(objects, shaky, log)
  down = true
  tell()
  await settle()
  expect(directory.now().persons.size).toBe(3)
  expect(lines.join()).toContain('could not be read from the store')
})
