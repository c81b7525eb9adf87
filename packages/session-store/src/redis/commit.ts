import type { Change, CommitOutcome } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { loadScript, wholeMs } from './script.ts'

export const commitScript = loadScript(new URL('./commit.lua', import.meta.url))

/** A change as operations of commit.lua. */
export interface EncodedChange {
  keys: readonly string[]
  args: readonly string[]
  /** Characters, to bound what goes into one call. */
  size: number
}

/** Writes a change down for commit.lua: its conditions, then its writes. */
export function encodeChange(at: StoreKeys, change: Change): EncodedChange {
  const keys: string[] = []
  const args: string[] = []
  const { log } = change
  // Before the version: a text accepted once is answered alike, however the call has gone on since.
  if (log?.once) {
    keys.push(at.ids(log.callUUID))
    args.push('D', log.text.messageID)
  }
  for (const record of change.expect) {
    keys.push(at.record(record))
    args.push('E', String(record.version))
  }
  for (const { person, from } of change.claims) {
    keys.push(at.claim(person))
    args.push('C', from ?? '')
  }
  if (log) {
    const call = at.record({ kind: 'call', id: log.callUUID })
    keys.push(at.log(log.callUUID), call)
    args.push('L', JSON.stringify(log.text))
    if (log.once) {
      keys.push(at.ids(log.callUUID), call)
      args.push('I', log.text.messageID, String(log.text.sent))
    }
  }
  if (change.put.length > 0) encodePuts(at, change, keys, args)
  for (const { person, from, to } of change.claims) {
    if (from === to) continue
    keys.push(at.claim(person))
    args.push('S', to ?? '')
  }
  for (const id of change.timers.cancel) {
    keys.push(at.timers, at.timerData)
    args.push('U', id)
  }
  for (const { id, due, timer } of change.timers.set) {
    keys.push(at.timers, at.timerData)
    args.push('T', id, String(due), JSON.stringify(timer))
  }
  if (change.live) encodeLive(at, change.live, keys, args)
  for (const { person, event, hold } of change.feeds) {
    keys.push(at.feed(person))
    if (hold === undefined) args.push('F', JSON.stringify(event))
    else args.push('G', JSON.stringify(event), String(hold))
  }
  let size = 0
  for (const arg of args) size += arg.length
  return { keys, args, size }
}

/** Reads one change's outcome from the words of commit.lua's reply, and where the next one's begin. */
export function decodeOutcome(change: Change, words: readonly string[], at: number): [CommitOutcome, next: number] {
  switch (words[at]) {
    case '1':
      return [{ outcome: 'conflict' }, at + 1]
    case '2':
      return [{ outcome: 'duplicate', log: Number(words[at + 1]), sent: Number(words[at + 2]) }, at + 3]
  }
  let next = at + 1
  const log = change.log && Number(words[next++])
  const feeds: number[] = []
  while (feeds.length < change.feeds.length) feeds.push(Number(words[next++]))
  return [log === undefined ? { outcome: 'committed', feeds } : { outcome: 'committed', feeds, log }, next]
}

function encodePuts(at: StoreKeys, { expect, put }: Change, keys: string[], args: string[]): void {
  for (const record of put) {
    const before = expect.find(({ kind, id }) => kind === record.kind && id === record.id)?.version ?? 0
    const { expireMs } = record
    const ms = expireMs === undefined ? '' : expireMs === 'asBefore' ? '=' : wholeMs(expireMs)
    keys.push(at.record(record))
    args.push(record.kind === 'call' ? 'P' : 'R', String(before + 1), JSON.stringify(record.value), ms)
    if (record.kind !== 'call') continue
    keys.push(at.log(record.id), at.ids(record.id), at.sessions, at.passing)
    args.push(record.id, String(record.value.created))
  }
}

function encodeLive(at: StoreKeys, live: NonNullable<Change['live']>, keys: string[], args: string[]): void {
  const { callUUID, from, to, created } = live
  if (from !== null && from !== to) {
    keys.push(at.live(from))
    args.push('Z', callUUID)
  }
  if (to !== null) {
    keys.push(at.live(to))
    args.push('A', callUUID, String(created))
  }
}
