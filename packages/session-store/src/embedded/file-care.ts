import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { checkSchema } from './schema.ts'
import { failureOf, isDamage } from './sqlite-error.ts'

/** How long others may keep a file from us before it is given up, milliseconds. */
const patienceMs = 10_000
/** How long to wait between two tries for what needs a moment without readers. */
const pauseMs = 20

/** What a file of the embedded store says of itself. */
export interface EmbeddedFile {
  centre: string
  epoch: string
}

/**
 * Copies a file as it stands at this moment, with all that was accepted before, while others read and write it: a reader holds up nobody.
 * The copy has no free pages, so nothing in it that was forgotten, and is on the disk when this returns. Throws when `to` is there already.
 */
export function copyEmbeddedFile(file: string, to: string): EmbeddedFile {
  // Made here for its mode; SQLite writes into an empty file as into none.
  closeSync(openSync(to, 'wx', 0o600))
  const db = new DatabaseSync(file, { timeout: patienceMs })
  try {
    const says = identityOf(db)
    db.prepare('VACUUM INTO ?').run(to)
    sync(to)
    return says
  } finally {
    db.close()
  }
}

/** What a file says of itself; throws when it is no store, damaged, or was written by a newer version. */
export function checkEmbeddedFile(file: string): EmbeddedFile {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const found = db.prepare('PRAGMA quick_check(1)').get()
    const verdict = String(Object.values(found ?? {})[0])
    if (verdict !== 'ok') throw new Error(`the database is damaged: ${verdict}`)
    checkSchema(db, file)
    return identityOf(db)
  } finally {
    db.close()
  }
}

/**
 * Writes a file anew, so that nothing of what was forgotten is left in it, in its free pages or in what is written ahead. Others go on,
 * but their writes wait: some seconds for a gigabyte. Throws when others do not leave the file alone for a moment, within 10 s.
 */
export async function cleanEmbeddedFile(file: string): Promise<void> {
  const db = new DatabaseSync(file, { timeout: patienceMs })
  try {
    await patiently(() => {
      db.exec('VACUUM')
      return true
    })
    // The old pages are still in the log written ahead, and go when that is cut: it waits for who reads at this moment.
    await patiently(() => Number(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy) === 0)
  } finally {
    db.close()
  }
}

/**
 * Whether a process has the file open. Writes all of it into the one file where none has. Of what is damaged so far that it is no database
 * nobody can tell, and nobody can work with it: it counts as not open, lest it could not be replaced.
 */
export function isEmbeddedFileInUse(file: string): boolean {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // Only who is alone may leave the mode in which others write ahead.
    db.exec('PRAGMA journal_mode = DELETE')
    return false
  } catch (error) {
    if (failureOf(error).kind === 'busy') return true
    if (isDamage(error)) return false
    throw error
  } finally {
    db.close()
  }
}

/** Begins a new epoch in a file that nobody has open: positions that clients hold say nothing to an older state. */
export function renewEmbeddedEpoch(file: string): string {
  const db = new DatabaseSync(file)
  try {
    const epoch = randomBytes(8).toString('hex')
    db.prepare(`UPDATE meta SET value = ? WHERE name = 'epoch'`).run(epoch)
    return epoch
  } finally {
    db.close()
    sync(file)
  }
}

function identityOf(db: DatabaseSync): EmbeddedFile {
  const read = db.prepare('SELECT value FROM meta WHERE name = ?')
  return { centre: String(read.get('centre')?.value), epoch: String(read.get('epoch')?.value) }
}

async function patiently(attempt: () => boolean): Promise<void> {
  const until = Date.now() + patienceMs
  for (;;) {
    try {
      if (attempt()) return
    } catch (error) {
      if (failureOf(error).kind !== 'busy' || Date.now() > until) throw error
    }
    if (Date.now() > until) throw new Error('others read or write the file without a pause')
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
