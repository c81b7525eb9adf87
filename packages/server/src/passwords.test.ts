import { demoObjects } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { Secret } from './config/secret.ts'
import { passwordHasher } from './passwords.ts'

function hasher() {
  const asked: string[] = []
  const salts: string[] = []
  const hash = passwordHasher(async (password, salt) => {
    asked.push(password)
    salts.push(salt.toString('hex'))
    return `$scrypt$${asked.length}`
  })
  const objects = demoObjects({ admin: '$scrypt$given' })
  const run = async (passwords: Record<string, string>) => {
    const secrets = new Map(Object.entries(passwords).map(([user, password]) => [user, new Secret(password)]))
    const { persons } = await hash({ objects, passwords: secrets })
    return Object.fromEntries(persons.map(({ userName, passwordHash }) => [userName, passwordHash]))
  }
  return { asked, salts, run }
}

test('[SV-6] plain passwords become hashes, given hashes stay', async () => {
  const { run } = hasher()
  const hashes = await run({ anna: 'a', ben: 'b' })
  expect(Object.keys(hashes)).toEqual(['anna', 'ben', 'admin'])
  expect(new Set([hashes.anna, hashes.ben])).toEqual(new Set(['$scrypt$1', '$scrypt$2']))
  expect(hashes.admin).toBe('$scrypt$given')
})

test('[SV-6] a reload hashes only what is new, and leaves the hash of an unchanged password as it was', async () => {
  const { asked, run } = hasher()
  const before = await run({ anna: 'a', ben: 'b' })
  const after = await run({ anna: 'a', ben: 'changed' })
  expect(after.anna).toBe(before.anna)
  expect(after.ben).not.toBe(before.ben)
  expect(asked.sort()).toEqual(['a', 'b', 'changed'])
})

test('[SV-6] two people with one password have two hashes', async () => {
  const { run } = hasher()
  const hashes = await run({ anna: 'same', ben: 'same' })
  expect(hashes.anna).not.toBe(hashes.ben)
})

test('[SV-6] nodes that hash one password make one hash; no two people have the same salt', async () => {
  const [one, other] = [hasher(), hasher()]
  await one.run({ anna: 'a', ben: 'a' })
  await other.run({ anna: 'a', ben: 'b' })
  expect(one.salts).toEqual(other.salts)
  expect(new Set(one.salts).size).toBe(2)
  for (const salt of one.salts) expect(salt).toMatch(/^[0-9a-f]{32}$/)
})
