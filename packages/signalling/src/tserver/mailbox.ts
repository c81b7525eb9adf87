import type { Text, TextWants } from './call.ts'
import type { DNumber, MessageID } from './ids.ts'
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

/** A text that has left a mailbox without being delivered, as its sender has to be told; not what it said. */
export interface UndeliveredText {
  /** Whose mailbox it was. */
  dn: DNumber
  /** Who sent it, and how that is reached: as in `StoredText`. */
  from: DNumber
  uri: string
  trunk: DNumber | null
  messageID: MessageID
  wants?: TextWants
  /** A sender who cannot be reached until then is told no more, ms since 1970. */
  until: number
}
/** `later`: the sender cannot be reached now; `elsewhere`: another node can reach them. */
export type ToldUndelivered = 'told' | 'later' | 'elsewhere'

export const undeliveredTimerID = ({ dn, from, messageID }: UndeliveredText): string =>
  `undelivered:${dn}:${from}:${messageID}`

/** How long texts wait before somebody looks whether they can be delivered, though nothing has said so, ms. */
const lookMs = 60_000

/** When somebody has to look at a mailbox: after a while, or when its oldest text has waited for too long. */
export function nextLook({ texts: [first] }: MailboxRecord, retentionMs: number, now: number): number {
  const late = (first?.text.sent ?? now) + retentionMs
  return Math.min(now + lookMs, Math.max(now, late))
}

/** Limits of one mailbox: texts, and bytes of their bodies in UTF-8. */
export const mailboxLimits = { texts: 100, bytes: 65_536 } as const

/** The mailbox with one more text; undefined where it is full. */
export function withText(box: MailboxRecord, added: StoredText): MailboxRecord | undefined {
  const bytes = [...box.texts, added].reduce((sum, { text }) => sum + utf8Length(text.body), 0)
  if (box.texts.length >= mailboxLimits.texts || bytes > mailboxLimits.bytes) return undefined
  return { ...box, texts: [...box.texts, added] }
}
