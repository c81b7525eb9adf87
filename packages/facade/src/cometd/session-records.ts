import { type Clock, type PersonID, TServerError } from '@ringdown/signalling'
import type { Centre } from '../login.ts'
import {
  type Progress,
  parseProgress,
  parseRecord,
  printProgress,
  printRecord,
  type SessionRecord,
  withProgress,
} from './record.ts'

/** Records are written again at least this often, so that they do not run out while their session lives. Milliseconds. */
export const refreshMs = 300_000
/** How long a lock holds that nobody gives back, and how often it is asked for by those who wait. */
const lockMs = 1_500
const lockPauseMs = 5

/**
 * Sessions in the store. A session has a record, written when it is opened, taken over, subscribed to or thrown out, by whoever holds its
 * lock; and for each owner, by its tenure, a progress that this owner alone writes while the client moves on. So a former owner that has
 * not heard of the change yet can write nothing that counts. SPEC CD-30. All methods reject with TServerError.
 */
export class SessionRecords {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A session's record as it was last written, if it is the person's. */
  async read({ store }: Centre, clientID: string, person: PersonID): Promise<SessionRecord | undefined> {
    const record = parseRecord(await store.kept('cometdSession', clientID))
    return record?.person === person ? record : undefined
  }

  /** The same with the progress of its last owner. */
  async readWhole(centre: Centre, clientID: string, person: PersonID): Promise<SessionRecord | undefined> {
    const record = await this.read(centre, clientID, person)
    if (!record || record.gone) return record
    const progress = parseProgress(await centre.store.kept('cometdSession', progressID(clientID, record.tenure)))
    return progress ? { ...record, cursor: withProgress(record, progress) } : record
  }

  write(centre: Centre, clientID: string, record: SessionRecord): Promise<void> {
    return centre.store.keep('cometdSession', clientID, printRecord(record), this.ttl(centre))
  }

  writeProgress({ store }: Centre, clientID: string, tenure: number, progress: Progress): Promise<void> {
    return store.keep('cometdSession', progressID(clientID, tenure), printProgress(progress), 3 * refreshMs)
  }

  /** An owner's progress that a later one has taken over. Left behind, it would run out. */
  forgetProgress({ store }: Centre, clientID: string, tenure: number): Promise<void> {
    return store.forget('cometdSession', progressID(clientID, tenure))
  }

  forget({ store }: Centre, clientID: string): Promise<void> {
    return store.forget('cometdSession', clientID)
  }

  /** How long a record is kept that nobody writes again, milliseconds. */
  ttl(centre: Centre): number {
    return Math.max(centre.directory().options.retentionMs, 3 * refreshMs)
  }

  /** Works on a record while no other node does. */
  async exclusively<T>({ store }: Centre, clientID: string, work: () => Promise<T>): Promise<T> {
    const lock = `${clientID} lock`
    // Whoever takes the first step of the counter has the lock; given back or forgotten, it starts over.
    for (let waited = 0; (await store.count('cometdSession', lock, lockMs)) !== 1; waited += lockPauseMs) {
      if (waited > lockMs) throw new TServerError('TERR_TIMEOUT')
      await new Promise<void>((resolve) => this.#clock.after(lockPauseMs, resolve))
    }
    try {
      return await work()
    } finally {
      await store.forget('cometdSession', lock).catch(() => undefined) // then it runs out
    }
  }
}

function progressID(clientID: string, tenure: number): string {
  return `${clientID} ${tenure}`
}
