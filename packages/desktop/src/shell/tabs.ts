import type { Who } from '../model/desktop.ts'

/** What is used of a `BroadcastChannel`. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'onmessage'>

/** The browser's other tabs of these pages: they have the same cookie, so each tells who has signed in. */
export class Tabs {
  readonly #channel: Channel | undefined

  constructor(channel: () => Channel, onSignIn: (who: Who) => void) {
    try {
      this.#channel = channel()
      this.#channel.onmessage = ({ data }) => {
        const who = readWho(data)
        if (who) onSignIn(who)
      }
    } catch {
      // Where tabs cannot talk to each other, the server tells after the next break.
    }
  }

  tell({ centre, userName }: Who): void {
    this.#channel?.postMessage({ centre, userName })
  }
}

/** Undefined where a page of another version says something else. */
function readWho(data: unknown): Who | undefined {
  const { centre, userName } = (data ?? {}) as Readonly<Record<string, unknown>>
  return typeof centre === 'string' && typeof userName === 'string' ? { centre, userName } : undefined
}
