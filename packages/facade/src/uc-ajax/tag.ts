import { hash } from 'node:crypto'
import type { MessageID, UserData } from '@ringdown/signalling'
import type { CwaFailure } from './error.ts'

/**
 * Which request of which session is behind a T-event. It travels as the request's T-Library reasons, which only the events of who
 * asked carry.
 */
export interface Tag {
  sid: number
  rid: string
  /** For a conversation that begins: its number, the URIs of `initiateImSession` that it leaves out, and what tells that request. */
  confId?: number
  rest?: readonly string[]
  digest?: string
  /** The URI the client has for the peer. */
  peer?: string
}

export function tagged(tag: Tag): { reasons: UserData } {
  return { reasons: { cwa: JSON.stringify(tag) } }
}

/** The tag of an event; undefined where no session of this facade asked for it. */
export function tagOf({ reasons }: { reasons?: UserData }): Tag | undefined {
  const text = reasons?.cwa
  if (typeof text !== 'string') return undefined
  const tag = parsed(text) as Partial<Tag> | null | undefined
  return typeof tag?.sid === 'number' && typeof tag.rid === 'string' ? (tag as Tag) : undefined
}

/** Reasons and news are in feeds, where others may write too: what is no JSON is nothing. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** News that no other event tells; the content of a T-Library user event for one session. */
export type News =
  /** The request has succeeded, with the presence of these where it asked for it. */
  | { news: 'succeeded'; rid: string; presences?: readonly { uri: string; availability: number; since: number }[] }
  /** An initiateImSession that came to nothing before anybody was called: the documented sequence of failure. */
  | {
      news: 'notInvited'
      rid: string
      confId: number
      uris: readonly string[]
      failure: CwaFailure
      digest?: string
    }
  /** inviteParticipants: nobody can be added. */
  | { news: 'notAdded'; rid: string; confId: number; uris: readonly string[]; failure: CwaFailure }

/** Tells a request from another one under the same rid. */
export function digestOf(request: unknown): string {
  return hash('sha256', JSON.stringify(request), 'base64url').slice(0, 16)
}

/** The longest `rid`, bytes of UTF-8: it becomes part of the message ids of its texts. */
export const longestRid = 60

/**
 * The id of a text: names session, conversation and request, so that what becomes of the text can be told, and the content, so that
 * another text under the same rid is not taken for a repetition. `again` makes another one where the client uses a rid again.
 */
export function textID(sid: number, confId: number, rid: string, content: string, again?: number): MessageID {
  const parts = [sid, confId, Buffer.from(rid).toString('base64url'), hash('sha256', content, 'base64url').slice(0, 11)]
  return `cwa.${parts.join('.')}${again === undefined ? '' : `.${again.toString(36)}`}` as MessageID
}

/** Session, conversation and rid behind a text's id; undefined where the text is not of this facade. */
export function readTextID(id: string): { sid: number; confId: number; rid: string } | undefined {
  const [, sid, confId, rid] = /^cwa\.(\d+)\.(\d+)\.([\w-]*)\.[\w-]{11}(?:\.[0-9a-z]+)?$/.exec(id) ?? []
  if (sid === undefined || confId === undefined || rid === undefined) return undefined
  return { sid: Number(sid), confId: Number(confId), rid: Buffer.from(rid, 'base64url').toString() }
}
