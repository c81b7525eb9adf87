import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openEmbeddedStore } from '@ringdown/session-store'
import { ManualClock } from '@ringdown/signalling/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUp } from './back-up.ts'
import { digestOf, manifestFile, readManifest } from './manifest.ts'
import { restore } from './restore.ts'

let folder: string
const centres = ['north', 'south']
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown restore of two-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const store = () => join(folder, 'the store')
const saved = () => join(folder, 'what was saved')
const now = Date.UTC(2026, 0, 31)

/** Writes one configuration object into a store, and closes it. */
async function write(centre: string, value: string, directory = store()): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const opened = await openEmbeddedStore({
    file: join(directory, `${centre}.sqlite`),
    centre,
    feedLimit: 100,
    clock: new ManualClock(),
  })
  const { revision } = await opened.readObjects()
  await opened.putObject({ kind: 'note', id: 'n', value }, revision)
  await opened.close()
}

async function read(centre: string): Promise<unknown> {
  const file = join(store(), `${centre}.sqlite`)
  const opened = await openEmbeddedStore({ file, centre, feedLimit: 100, clock: new ManualClock() })
  const { objects } = await opened.readObjects()
  await opened.close()
  return objects[0]?.value
}

async function backedUp(): Promise<void> {
  for (const centre of centres) await write(centre, `of ${centre}`)
  await backUp({ from: store(), centres, to: saved(), version: '1', now })
}

const back = (more: Partial<Parameters<typeof restore>[0]> = {}) =>
  restore({ from: saved(), to: store(), centres, force: true, now, ...more })
const namesIn = (directory: string) => readdirSync(directory).sort()

/** A file of the backup that was changed, with a manifest that knows. */
async function change(sql: string): Promise<void> {
  const file = join(saved(), 'south.sqlite')
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
  const manifest = readManifest(saved())
  const changed = manifest.centres.map(async (one) => {
    const path = join(saved(), one.file)
    return { ...one, bytes: statSync(path).size, sha256: await digestOf(path) }
  })
  writeFileSync(manifestFile(saved()), JSON.stringify({ ...manifest, centres: await Promise.all(changed) }))
}

test('[RC-20] [RC-21] two contact centres, in folders with blanks: what was there before is kept', async () => {
  await backedUp()
  for (const centre of centres) await write(centre, 'later')
  expect(statSync(saved()).mode & 0o777).toBe(0o700)
  for (const name of namesIn(saved())) expect(statSync(join(saved(), name)).mode & 0o777).toBe(0o600)
  const { aside } = await back()
  expect([await read('north'), await read('south')]).toEqual(['of north', 'of south'])
  expect(namesIn(aside as string)).toEqual(['north.sqlite', 'south.sqlite'])
})

test('[RC-21] a backup is restored for its owner alone, whatever its files were made since', async () => {
  await backedUp()
  chmodSync(join(saved(), 'north.sqlite'), 0o444)
  chmodSync(join(saved(), 'south.sqlite'), 0o644)
  await back()
  for (const centre of centres) expect(statSync(join(store(), `${centre}.sqlite`)).mode & 0o777).toBe(0o600)
})

test('[RC-21] a store that is damaged can be replaced, and is kept', async () => {
  await backedUp()
  const garbage = Buffer.alloc(20_000, 'no database')
  writeFileSync(join(store(), 'north.sqlite'), garbage)
  await expect(back({ force: false })).rejects.toThrow('with --force it is moved aside')
  const { aside } = await back()
  expect(await read('north')).toBe('of north')
  expect(readFileSync(join(aside as string, 'north.sqlite')).equals(garbage)).toBe(true)
})

test.each([
  ['PRAGMA user_version = 99', 'was written by a newer version (schema 99'],
  ['PRAGMA application_id = 7', 'is a database, but not a session store'],
  [`UPDATE meta SET value = 'north' WHERE name = 'centre'`, 'belongs to contact centre "north", not to "south"'],
])('[RC-21] what this version could not open is refused, and nothing is changed: %s', async (sql, why) => {
  await backedUp()
  await write('north', 'later')
  await change(sql)
  await expect(back()).rejects.toThrow(why)
  expect(namesIn(store())).toEqual(['north.sqlite', 'south.sqlite'])
  expect(await read('north')).toBe('later')
})

test.each([
  'null',
  '{"format":"ringdown-backup-1","centres":[]}',
  '{"format":"ringdown-backup-1","centres":[null]}',
  '{"format":"ringdown-backup-1","centres":[{"id":"../x","file":"../x.sqlite"}]}',
])('[RC-21] a manifest that is none is said to be: %s', async (text) => {
  await backedUp()
  writeFileSync(manifestFile(saved()), text)
  await expect(back()).rejects.toThrow(/is no backup this version reads|does not list its contact centres/)
})

test('[RC-21] a contact centre that is not configured is refused; one that is not in the backup is left', async () => {
  await backedUp()
  await expect(back({ centres: ['north'] })).rejects.toThrow('contact centre south, which is not configured')
  expect(await back({ centres: [...centres, 'west'] })).toMatchObject({ left: ['west'] })
})

test('[RC-21] what fails half-way leaves nothing behind and changes nothing', async () => {
  await backedUp()
  await write('north', 'later')
  // A name that cannot be written to, as on a full disk.
  mkdirSync(join(store(), 'south.sqlite.restoring'))
  await expect(back()).rejects.toThrow()
  rmSync(join(store(), 'south.sqlite.restoring'), { recursive: true, force: true })
  expect(namesIn(store())).toEqual(['north.sqlite', 'south.sqlite'])
  expect(await read('north')).toBe('later')
})

test('[RC-20] a store behind a symbolic link is backed up; a link that is there already is not written over', async () => {
  await backedUp()
  const linked = join(folder, 'linked')
  symlinkSync(store(), linked)
  await backUp({ from: linked, centres, to: join(folder, 'more'), version: '1', now })
  expect(namesIn(join(folder, 'more'))).toEqual(['manifest.json', 'north.sqlite', 'south.sqlite'])
  const to = join(folder, 'a link')
  symlinkSync(join(folder, 'nowhere'), to)
  await expect(backUp({ from: store(), centres, to, version: '1', now })).rejects.toThrow()
  expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  expect(namesIn(folder).filter((name) => name.includes('unfinished'))).toEqual([])
})
