import { createHmac, randomBytes } from 'node:crypto'
import type { DirectoryObjects } from '@ringdown/signalling'
import type { CentreConfig } from './config/load-config.ts'

/** Puts hashes in the place of plain passwords. */
export type HashPasswords = (centre: CentreConfig) => Promise<DirectoryObjects>

/** Hashes asked for at a time: each takes 32 MiB and a thread of the pool. */
const atOnce = 4

/**
 * Remembers by a keyed digest what it hashed, so that a reload hashes only what is new and leaves the hash of an unchanged
 * password as it was: facades take a new hash for a new password. SPEC SV-6.
 */
export function passwordHasher(hash: (password: string) => Promise<string>): HashPasswords {
  const key = randomBytes(32)
  const known = new Map<string, string>()

  async function hashed(centre: string, userName: string, password: string): Promise<string> {
    const digest = createHmac('sha256', key)
      .update(JSON.stringify([centre, userName, password]))
      .digest('base64')
    const before = known.get(digest)
    if (before !== undefined) return before
    const made = await hash(password)
    known.set(digest, made)
    return made
  }

  return async ({ objects, passwords }) => {
    const hashes = new Map<string, string>()
    const waiting = [...passwords]
    const worker = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [userName, password] = next
        hashes.set(userName, await hashed(objects.id, userName, password.reveal()))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    const persons = objects.persons.map((person) => {
      const passwordHash = hashes.get(person.userName)
      return passwordHash === undefined ? person : { ...person, passwordHash }
    })
    return { ...objects, persons }
  }
}
