import { buildDirectory } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { demoConfig, makeDemoPasswords } from './demo-config.ts'

const place = { host: '127.0.0.1', port: 0, directory: '/var/lib/a "b"' }

test('[SV-7] the demo is a configuration like any other: two agents who can chat, and an administrator', () => {
  const passwords = makeDemoPasswords()
  const loaded = demoConfig(place, passwords)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  expect(loaded.config.store.embedded?.directory).toBe(place.directory)
  const [centre] = loaded.config.contactCentres
  if (!centre) throw new Error('no contact centre')
  expect(centre.passwords.get('anna')?.reveal()).toBe(passwords.anna)
  const built = buildDirectory(centre.objects)
  if ('problems' in built) throw new Error(JSON.stringify(built.problems))
  const { dns, places, personsByUserName } = built.directory
  expect([...personsByUserName.keys()]).toEqual(['anna', 'ben', 'admin'])
  for (const name of ['anna', 'ben']) {
    const [number] = places.get(personsByUserName.get(name)?.place ?? '')?.dns ?? []
    expect(number && dns.get(number)?.options).toMatchObject({ multimedia: true, sipSignalingChat: 'none' })
  }
})

test('[SV-7] generated passwords are long, easy to read out, and never the same', () => {
  const all = Array.from({ length: 50 }, () => Object.values(makeDemoPasswords())).flat()
  expect(new Set(all).size).toBe(150)
  for (const password of all) expect(password).toMatch(/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/)
})
