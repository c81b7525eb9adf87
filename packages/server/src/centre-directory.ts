import {
  applyStored,
  buildDirectory,
  type Directory,
  type DirectoryBuild,
  type DirectoryObjects,
  type Problem,
  type SessionStore,
  type StoredObject,
} from '@ringdown/signalling'
import type { Log } from './log.ts'

/** The configuration of one contact centre: the objects of the file with those changed through the API over them. */
export interface CentreDirectory {
  now(): Directory
  /** What would be wrong with these objects of a file; empty when they can be put in place. */
  check(objects: DirectoryObjects): Promise<readonly Problem[]>
  /** Puts checked objects of a file in place. Sessions go on: they ask for the directory at every request. */
  replace(objects: DirectoryObjects): Promise<readonly Problem[]>
  close(): void
}

type Store = Pick<SessionStore, 'readObjects' | 'onObjects'>

/** Thrown when file and API changes do not go together at the start, when there is nothing to go on with. */
export class DirectoryError extends Error {
  readonly problems: readonly Problem[]

  constructor(centre: string, problems: readonly Problem[]) {
    super(`contact centre ${centre}: the file contradicts what was changed through the API`)
    this.name = 'DirectoryError'
    this.problems = problems
  }
}

/**
 * Reads what was changed through the API, and again whenever it changes. What does not build is logged and left: the directory
 * that was good stays. Rejects with DirectoryError, or as the store does. SPEC SV-12.
 */
export async function openCentreDirectory(objects: DirectoryObjects, store: Store, log: Log): Promise<CentreDirectory> {
  let file = objects
  let stored: readonly StoredObject[] = []
  let reads = 0
  let latest = 0
  let closed = false

  const readStored = async () => {
    const mine = ++reads
    const { objects: read } = await store.readObjects()
    // Two reads may overtake each other. The revision does not tell: it starts over in a store that lost its memory.
    if (mine < latest) return
    latest = mine
    stored = read
  }
  await readStored()
  const first = build(file, stored)
  if ('problems' in first) throw new DirectoryError(objects.id, first.problems)
  let current = first.directory

  const follow = async () => {
    try {
      await readStored()
    } catch (error) {
      log.warn({ centre: objects.id, err: error }, 'configuration could not be read from the store')
      return
    }
    if (closed) return
    const built = build(file, stored)
    if ('problems' in built) {
      const problems = built.problems.map(({ message }) => message)
      log.error({ centre: objects.id, problems }, 'configuration in the store is wrong; the last good one stays')
      return
    }
    current = built.directory
    log.info({ centre: objects.id, changed: stored.length }, 'configuration followed the store')
  }
  const stop = store.onObjects(() => {
    void follow()
  })

  return {
    now: () => current,
    async check(candidate) {
      await readStored()
      const built = build(candidate, stored)
      return 'problems' in built ? built.problems : []
    },
    async replace(candidate) {
      await readStored()
      const built = build(candidate, stored)
      if ('problems' in built) return built.problems
      file = candidate
      current = built.directory
      return []
    },
    close() {
      closed = true
      stop()
    },
  }
}

function build(objects: DirectoryObjects, stored: readonly StoredObject[]): DirectoryBuild {
  try {
    return buildDirectory(applyStored(objects, stored))
  } catch (error) {
    // The API checks the form of what it stores; another version, or a hand at the store, may have had other ideas.
    const message = `an object in the store has a form this version does not know: ${error}`
    return { problems: [{ path: [], message }], warnings: [] }
  }
}
