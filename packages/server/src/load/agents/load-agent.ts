/** Kinds of agents, by what they speak. */
export const kinds = ['cometd', 'uc-ajax', 'sip-message', 'msrp'] as const
export type Kind = (typeof kinds)[number]

/** What an agent tells whoever drives it. */
export interface Hears {
  /** A text has come. */
  onText(words: string): void
  /** `inSession` has changed. */
  onSession(): void
  /** A text that was accepted will not be delivered; without a key, it is the oldest one that is open. */
  onUndelivered(key: string | undefined, why: string): void
  /** Something is not as it should be: a lost connection, a session that ended by itself. A few words. */
  onFault(why: string): void
}

/** One agent: a client at a desk, or an endpoint. What goes wrong with a text or a call is a value, in a few words. */
export interface LoadAgent {
  readonly number: string
  /** The first text begins the session. */
  readonly opensWithText: boolean
  /** Whether it can end a session: pager mode has no such word. */
  readonly canEnd: boolean
  /** It has a session in which it can write. */
  readonly inSession: boolean
  /** Logs in or registers, and listens. Rejects with a clause that says why not. */
  open(): Promise<void>
  /** Begins a session with a number; why it was refused, or undefined. `text`: where it opens with one. */
  begin(to: string, text: string, key: string): Promise<string | undefined>
  /** Says something to whom the session is with; why it was refused, or undefined. `key`: the text's own, 4 to 32 letters, digits and dots. */
  say(to: string, text: string, key: string): Promise<string | undefined>
  end(): Promise<void>
  /** Logs out. Never rejects. */
  close(): Promise<void>
}
