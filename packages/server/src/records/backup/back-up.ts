import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { copyEmbeddedFile } from '@ringdown/session-store'
import { type BackedUp, BadBackup, digestOf, manifestFile, printManifest } from './manifest.ts'

export interface BackUpDeps {
  /** Where the stores are. */
  from: string
  centres: readonly string[]
  /** Where the backup goes: a directory that is not there yet. */
  to: string
  version: string
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Copies the stores of contact centres, each as it stands at one moment, while servers go on. Everything that was accepted before is in it.
 * The directory is there, and whole, or it is not there. Throws BadBackup. SPEC RC-20.
 */
export async function backUp({ from, centres, to, version, now }: BackUpDeps): Promise<readonly BackedUp[]> {
  if (existsSync(to)) throw new BadBackup(`${to} is there already: a backup is written to a directory of its own`)
  const target = resolve(to)
  const unfinished = join(dirname(target), `.${basename(target)}.unfinished-${process.pid}`)
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  try {
    const made: BackedUp[] = []
    for (const id of centres) {
      const source = join(from, `${id}.sqlite`)
      if (!existsSync(source)) throw new BadBackup(`contact centre ${id} has no store at ${source} yet`)
      const file = `${id}.sqlite`
      const path = join(unfinished, file)
      copyEmbeddedFile(source, path)
      made.push({ id, file, bytes: statSync(path).size, sha256: await digestOf(path) })
    }
    writeFileSync(manifestFile(unfinished), printManifest(version, new Date(now).toISOString(), made), { mode: 0o600 })
    syncAll([manifestFile(unfinished), unfinished])
    renameSync(unfinished, target)
    syncAll([dirname(target)])
    return made
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
}

/** Sees to it that files, and the names in directories, are on the disk. */
export function syncAll(paths: readonly string[]): void {
  for (const path of paths) {
    const descriptor = openSync(path, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
  }
}
