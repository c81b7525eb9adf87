/** News that the facade itself has put into the person's feed: outcomes that no other T-event tells. Pure. */
import type { UserEvent } from '@ringdown/signalling'
import { cwaCodes } from './error.ts'
import type { CwaEvent } from './event.ts'
import type { Projection, Viewer } from './projection.ts'
import { failed, nothing, type Step, succeeded, within } from './step.ts'
import { type News, parsed } from './tag.ts'

/** SPEC UC-32. What is for another client, or is no news, says nothing. */
export function news(before: Projection, { time, extensions: { client } }: UserEvent, { sid }: Viewer): Step {
  const read = client.id === `cwa:${sid}` ? readNews(client.content) : undefined
  switch (read?.news) {
    case undefined:
      return nothing
    case 'succeeded': {
      const { rid, presences = [] } = read
      return {
        events: [...(presences.length > 0 ? [{ event: 'userPresence', presences } as const] : []), succeeded(rid)],
      }
    }
    case 'notInvited':
      return notInvited(before, read, time)
    case 'notAdded':
      return { events: [...inviteFailed(read), failed(read.rid, read.failure)] }
  }
}

/** The documented sequence of an initiateImSession that fails, uc-ajax-api §3.1. SPEC UC-25. */
function notInvited({ talk, highest }: Projection, about: News & { news: 'notInvited' }, at: number): Step {
  const { rid, confId, failure, digest } = about
  // Meanwhile an invitation may have come, and have taken the number.
  if (talk?.confId === confId) return { events: [failed(rid, failure)] }
  return {
    highest: Math.max(highest, confId),
    ended: { confId, asked: rid, ...(digest !== undefined && { digest }), held: true, at },
    events: [
      ...within(confId, [
        { event: 'initiateImSessionAccepted', rid },
        { event: 'escalationMode', mode: 'invitingPeer' },
        { event: 'escalationMode', mode: 'none' },
      ]),
      ...inviteFailed(about),
      failed(rid, failure),
      ...within(confId, [{ event: 'imSessionState', state: 'terminated' }]),
    ],
  }
}

function inviteFailed({ confId, uris }: News & { news: 'notInvited' | 'notAdded' }): readonly CwaEvent[] {
  return within(
    confId,
    uris.map((uri) => ({ event: 'inviteFailed', uri })),
  )
}

/** The feed is the person's own, but other programs of theirs may write into it. */
function readNews(content: string): News | undefined {
  const read = parsed(content)
  if (!isRecord(read) || typeof read.rid !== 'string') return undefined
  switch (read.news) {
    case 'succeeded':
      return read.presences === undefined || isListOf(read.presences, isPresence) ? (read as News) : undefined
    case 'notInvited':
    case 'notAdded': {
      const good = isWhole(read.confId) && isListOf(read.uris, isString) && isFailure(read.failure)
      return good && (read.digest === undefined || isString(read.digest)) ? (read as News) : undefined
    }
  }
  return undefined
}

function isPresence(value: unknown): boolean {
  return isRecord(value) && isString(value.uri) && isWhole(value.availability) && isWhole(value.since)
}

function isFailure(value: unknown): boolean {
  if (!isRecord(value) || !isString(value.code) || !Object.hasOwn(cwaCodes, value.code)) return false
  const { reason, detail, sip } = value
  if (!isString(reason) || !isString(detail)) return false
  return sip === undefined || (isRecord(sip) && isWhole(sip.code) && isString(sip.reason))
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isString = (value: unknown): value is string => typeof value === 'string'
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value)
