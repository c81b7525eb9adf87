import type { Text } from './call.ts'
import type { DNumber } from './ids.ts'
import { utf8Length } from './utf8.ts'

/** A text that waits until the agent can be reached, and who sent it. */
export interface StoredText {
  /** `text.from` is the sender's number; `text.sent` the time it was accepted. */
  text: Text
  uri: string
  /** The Trunk DN it came through; null for an endpoint of our own. */
  trunk: DNumber | null
}

/** What the store keeps of a DN with `store-and-forward`: texts, oldest first. */
export interface MailboxRecord {
  dn: DNumber
  texts: readonly StoredText[]
}

/** Limits of one mailbox: texts, and bytes of their bodies in UTF-8. */
export const mailboxLimits = { texts: 100, bytes: 65_536 } as const

/** The mailbox with one more text; undefined where it is full. */
export function withText(box: MailboxRecord, added: StoredText): MailboxRecord | undefined {
  const bytes = [...box.texts, added].reduce((sum, { text }) => sum + utf8Length(text.body), 0)
  if (box.texts.length >= mailboxLimits.texts || bytes > mailboxLimits.bytes) return undefined
  return { ...box, texts: [...box.texts, added] }
}
