import { setTimeout as sleep } from 'node:timers/promises'
import { Refused, type WebServices } from '../web-services.ts'

/** Whoever was made a moment ago may not be known to every node yet. */
const tries = 4
const betweenMs = 500

/** Logs in; a name that is not known yet is tried again a few times, fewer than look like guessing. */
export async function logIn(rest: WebServices, userName: string, password: string): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await rest.login(userName, password)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401 || attempt === tries) throw error
      await sleep(betweenMs)
    }
}
