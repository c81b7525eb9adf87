import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

/** Written into the file's header: "RdSS". Tells our files from other databases. */
const applicationID = 0x52645353

/**
 * The schema, step by step: a file at `user_version` n has had the first n. Never change a step, add one.
 *
 * Feeds and logs are both streams: `entry` is written at its end only, whatever stream a row is for, and each row names the
 * one before it in its stream (`prev`). An index by stream and position would cost a page of its own per row written; so
 * `head` says where a stream ends, in few pages that all streams share, and `mark` where every 64th entry of it is.
 * `seq` is the order of commits in the whole file; another process reads on from the last one it saw, so it must never be
 * given twice (AUTOINCREMENT).
 */
const migrations = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
   CREATE TABLE record (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, json TEXT NOT NULL, expires INTEGER);
   CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
   CREATE TABLE claim (person TEXT PRIMARY KEY, call TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE stream (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (name, kind));
   CREATE TABLE entry (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, pos INTEGER NOT NULL, prev INTEGER NOT NULL, log INTEGER,
     json TEXT NOT NULL);
   CREATE TABLE head (stream INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, seq INTEGER NOT NULL);
   CREATE TABLE mark (stream INTEGER, pos INTEGER, seq INTEGER NOT NULL, PRIMARY KEY (stream, pos)) WITHOUT ROWID;
   CREATE TABLE message (
     stream INTEGER, id TEXT, pos INTEGER NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY (stream, id)) WITHOUT ROWID;
   CREATE TABLE timer (id TEXT PRIMARY KEY, due INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
   CREATE INDEX timer_due ON timer (due);
   CREATE TABLE live (call TEXT PRIMARY KEY, state TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX live_created ON live (created, call);
   CREATE TABLE object (kind TEXT, id TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
   CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX kept_expires ON kept (expires);
   CREATE TABLE signal (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, message TEXT NOT NULL, sent INTEGER NOT NULL);
   CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB);
   INSERT INTO meta VALUES ('revision', 0);`,
  // Sessions by when they began, as an index of what is stored anyway: nobody has to keep it, and it is there for what was written before.
  // `passing`: until when a feed holds what it does up to a position, because that belongs to a session that has ended. Copies that are
  // older than this table pass a day later, when the sessions do that are kept for the default time.
  `CREATE INDEX record_session ON record (json_extract(json, '$.created'), name) WHERE name GLOB 'call:*';
   CREATE TABLE passing (until INTEGER, stream INTEGER, pos INTEGER, PRIMARY KEY (until, stream, pos)) WITHOUT ROWID;
   INSERT INTO passing SELECT max(
       unixepoch() * 1000 + 86400000, coalesce((SELECT max(expires) FROM record WHERE name GLOB 'call:*'), 0)), stream, last
     FROM head JOIN stream ON id = stream WHERE kind = 'feed' AND last > 0;`,
] as const

/**
 * Makes the file what this version works with, and answers its epoch (SPEC ST-14, ST-40).
 * Throws when it is not ours, is another contact centre's, or was written by a newer version.
 */
export function prepareSchema(db: DatabaseSync, file: string, centre: string): string {
  const empty = pragma(db, 'schema_version') === 0
  if (!empty) checkOwn(db, file)
  // Outside any transaction, and before the first: it is a property of the file.
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('BEGIN IMMEDIATE')
  try {
    migrate(db, file)
    const epoch = identify(db, file, centre)
    db.exec('COMMIT')
    return epoch
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** Throws where a file is no session store, or one that this version cannot open. */
export function checkSchema(db: DatabaseSync, file: string): void {
  checkOwn(db, file)
  knownVersion(db, file)
}

function checkOwn(db: DatabaseSync, file: string): void {
  if (pragma(db, 'application_id') !== applicationID) throw new Error(`${file} is a database, but not a session store`)
}

function knownVersion(db: DatabaseSync, file: string): number {
  const version = pragma(db, 'user_version')
  if (version > migrations.length) {
    throw new Error(
      `${file} was written by a newer version (schema ${version}; this one knows ${migrations.length}): use that version or newer`,
    )
  }
  return version
}

function migrate(db: DatabaseSync, file: string): void {
  const version = knownVersion(db, file)
  for (const step of migrations.slice(version)) db.exec(step)
  db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${applicationID}`)
}

function identify(db: DatabaseSync, file: string, centre: string): string {
  const read = db.prepare('SELECT value FROM meta WHERE name = ?')
  const known = read.get('centre')?.value
  if (known === undefined) {
    const write = db.prepare('INSERT INTO meta VALUES (?, ?)')
    write.run('centre', centre)
    write.run('epoch', randomBytes(8).toString('hex'))
  } else if (known !== centre) {
    throw new Error(`${file} belongs to the contact centre "${known}", not to "${centre}"`)
  }
  return String(read.get('epoch')?.value)
}

function pragma(db: DatabaseSync, name: 'application_id' | 'schema_version' | 'user_version'): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}
