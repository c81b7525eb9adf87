import { createHmac, hash as digestOf, randomBytes } from 'node:crypto'
import type { DirectoryObjects } from '@ringdown/signalling'
import type { CentreConfig } from './config/load-config.ts'

/** Puts hashes in the place of plain passwords. */
export type HashPasswords = (centre: Pick<CentreConfig, 'objects' | 'passwords'>) => Promise<DirectoryObjects>

/** Hashes asked for at a time: each takes 32 MiB and a thread of the pool. */
const atOnce = 4

/**
 * Remembers by a keyed digest what it hashed, so that a reload hashes only what is new and leaves the hash of an unchanged
 * password as it was: facades take a new hash for a new password, and hand tickets from node to node and over a restart. So the salt
 * is the person's rather than chance: every node makes the same hash. SPEC SV-6.
 */
export function passwordHasher(hash: (password: string, salt: Buffer) => Promise<string>): HashPasswords {
  const key = randomBytes(32)
  const known = new Map<string, string>()

  async function hashed(centre: string, userName: string, password: string): Promise<string> {
    const digest = createHmac('sha256', key)
      .update(JSON.stringify([centre, userName, password]))
      .digest('base64')
    const before = known.get(digest)
    if (before !== undefined) return before
    const made = await hash(password, saltOf(centre, userName))
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

/** 16 bytes that no other person has; a salt need not be secret. */
function saltOf(centre: string, userName: string): Buffer {
  return digestOf('sha256', JSON.stringify(['ringdown', centre, userName]), 'buffer').subarray(0, 16)
}
