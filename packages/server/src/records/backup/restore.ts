import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isEmbeddedFileInUse, renewEmbeddedEpoch } from '@ringdown/session-store'
import { syncAll } from './back-up.ts'
import { BadBackup, checkBackedUp, readManifest } from './manifest.ts'

export interface RestoreDeps {
  /** The backup. */
  from: string
  /** Where the stores are. */
  to: string
  /** Contact centres that are configured. */
  centres: readonly string[]
  /** Moves a store that is there aside. */
  force: boolean
  /** Milliseconds since 1970. */
  now: number
}

export interface Restored {
  centres: readonly string[]
  /** Configured, and not in the backup: left as they are. */
  left: readonly string[]
  /** Where what was there before is now. */
  aside?: string
}

/**
 * Puts the stores of a backup in place. All is checked before anything is changed: the backup's checksums, that nobody has a store open, and
 * that none is there, unless it may be moved aside. Each store begins a new epoch: clients whose positions are later than the backup are told
 * of a gap instead of getting other events under the same numbers. Throws BadBackup. SPEC RC-21, RC-22.
 */
export async function restore({ from, to, centres, force, now }: RestoreDeps): Promise<Restored> {
  const { centres: backedUp } = readManifest(from)
  for (const { id } of backedUp)
    if (!centres.includes(id)) throw new BadBackup(`the backup has contact centre ${id}, which is not configured`)
  for (const one of backedUp) await checkBackedUp(from, one)
  const there = backedUp.map(({ file }) => join(to, file)).filter((file) => existsSync(file))
  for (const file of there)
    if (isEmbeddedFileInUse(file)) throw new BadBackup(`${file} is in use: stop the servers on it first`)
  if (there.length > 0 && !force)
    throw new BadBackup(`${there.join(', ')} is there already; with --force it is moved aside, and kept`)
  mkdirSync(to, { recursive: true, mode: 0o700 })
  const aside =
    there.length > 0 ? join(to, `before-restore-${new Date(now).toISOString().replaceAll(':', '')}`) : undefined
  const fresh = backedUp.map(({ file }) => join(to, `${file}.restoring`))
  try {
    for (const [i, { file }] of backedUp.entries()) copyAnew(join(from, file), fresh[i] as string)
  } catch (error) {
    for (const file of fresh) rmSync(file, { force: true })
    throw error
  }
  if (aside !== undefined) mkdirSync(aside, { mode: 0o700 })
  for (const { file } of backedUp) {
    for (const part of aside === undefined ? [] : [file, `${file}-wal`, `${file}-shm`])
      if (existsSync(join(to, part))) renameSync(join(to, part), join(aside as string, part))
    renameSync(join(to, `${file}.restoring`), join(to, file))
  }
  syncAll([to])
  const ids = backedUp.map(({ id }) => id)
  return { centres: ids, left: centres.filter((id) => !ids.includes(id)), ...(aside !== undefined && { aside }) }
}

/** A copy as a store of its own, with the mode of one, whatever the backup was given since it was made. */
function copyAnew(file: string, fresh: string): void {
  rmSync(fresh, { force: true })
  copyFileSync(file, fresh)
  chmodSync(fresh, 0o600)
  renewEmbeddedEpoch(fresh)
}
