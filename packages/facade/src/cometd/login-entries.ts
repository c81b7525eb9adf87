import type { Centre } from '../login.ts'
import { objectOf } from './bayeux.ts'

/** One of a login's sessions, oldest first. */
export interface LoginEntry {
  clientID: string
  /** When a later handshake went on from it, milliseconds since 1970. */
  taken?: number
  /** It had to give way to newer ones. */
  out?: true
}

/** The lists of the logins' sessions (kind `cometdLogin`, by login), by which a login goes on that handshakes again. */
export class LoginLists {
  /** Changes of one list go one after the other; tabs of a browser are opened at the same time. */
  readonly #underWay = new Map<string, Promise<unknown>>()

  /**
   * Changes a list and resolves to the new one. Rejects with TServerError.
   * Two nodes that change it at the same moment may lose one change: a session then is not resumed by a later handshake.
   */
  async change(
    { id: centreID, store }: Centre,
    loginID: string,
    ttlMs: number,
    change: (entries: LoginEntry[]) => LoginEntry[] | Promise<LoginEntry[]>,
  ): Promise<LoginEntry[]> {
    const key = `${centreID} ${loginID}`
    const before = this.#underWay.get(key) ?? Promise.resolve()
    const run = before
      .catch(() => undefined)
      .then(async () => {
        const text = await store.kept('cometdLogin', loginID)
        const changed = await change(parseLoginEntries(text))
        const printed = JSON.stringify(changed)
        if (changed.length === 0 && text !== undefined) await store.forget('cometdLogin', loginID)
        else if (changed.length > 0 && printed !== text) await store.keep('cometdLogin', loginID, printed, ttlMs)
        return changed
      })
    this.#underWay.set(key, run)
    try {
      return await run
    } finally {
      if (this.#underWay.get(key) === run) this.#underWay.delete(key)
    }
  }
}

function parseLoginEntries(text: string | undefined): LoginEntry[] {
  if (text === undefined) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((entry) => typeof objectOf(entry)?.clientID === 'string') : []
  } catch {
    return []
  }
}
