import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { checkEmbeddedFile } from '@ringdown/session-store'

/** What a backup says of itself; the file `manifest.json` in it. */
export interface Manifest {
  format: typeof format
  /** The version that made it. */
  ringdown: string
  /** When it was begun, ISO 8601: all that was accepted before is in it. */
  taken: string
  centres: readonly BackedUp[]
}

/** One contact centre in a backup. */
export interface BackedUp {
  id: string
  /** Its file, beside the manifest. */
  file: string
  bytes: number
  /** In hexadecimal digits. */
  sha256: string
}

const format = 'ringdown-backup-1'
const name = 'manifest.json'

/** What is wrong with a backup; its message says it in full. */
export class BadBackup extends Error {}

export function printManifest(ringdown: string, taken: string, centres: readonly BackedUp[]): string {
  return `${JSON.stringify({ format, ringdown, taken, centres } satisfies Manifest, null, 2)}\n`
}

/** Where the manifest of a backup is. */
export const manifestFile = (directory: string): string => join(directory, name)

/** Reads the manifest of a backup. Throws BadBackup. */
export function readManifest(directory: string): Manifest {
  let value: Partial<Manifest> | null
  try {
    value = JSON.parse(readFileSync(manifestFile(directory), 'utf8')) as Partial<Manifest> | null
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new BadBackup(`${directory} is no backup: ${name} cannot be read (${why})`)
  }
  if (value?.format !== format)
    throw new BadBackup(`${directory} is no backup this version reads: its format is ${JSON.stringify(value?.format)}`)
  const { centres } = value
  const isWhole = Array.isArray(centres) && centres.length > 0 && centres.every(isBackedUp) && areDistinct(centres)
  if (!isWhole) throw new BadBackup(`${directory}: ${name} does not list its contact centres as it should`)
  return value as Manifest
}

/** Looks whether a file of a backup is as it was written, and a store of its contact centre. Throws BadBackup. */
export async function checkBackedUp(directory: string, { id, file, bytes, sha256 }: BackedUp): Promise<void> {
  const path = join(directory, file)
  let found: { bytes: number; sha256: string }
  try {
    found = { bytes: statSync(path).size, sha256: await digestOf(path) }
  } catch (error) {
    throw new BadBackup(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
  if (found.bytes !== bytes || found.sha256 !== sha256)
    throw new BadBackup(`${path} is not what was backed up: its checksum is another one`)
  const centre = centreIn(path)
  if (centre !== id) throw new BadBackup(`${path} belongs to contact centre "${centre}", not to "${id}"`)
}

function centreIn(path: string): string {
  try {
    return checkEmbeddedFile(path).centre
  } catch (error) {
    throw new BadBackup(`${path} cannot be restored: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const isBackedUp = (one: Partial<BackedUp> | null): boolean => isName(one?.id) && one?.file === `${one?.id}.sqlite`
const areDistinct = (centres: readonly BackedUp[]): boolean =>
  new Set(centres.map(({ id }) => id)).size === centres.length
const isName = (id: unknown): boolean => typeof id === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(id)
