import type { DNumber, PersonID } from '../tserver/ids.ts'
import { imParty, type PartyState } from '../tserver/im-party.ts'
import type { FeedEntry } from '../tserver/ports.ts'

/**
 * Whether a person's feed follows the party table, call by call (G5), with texts in the order of their log (G3).
 * Answers what is wrong; an empty list is a good history. `pager`: there are parties in pager mode.
 */
export function faultsOfFeed(person: PersonID, feed: readonly FeedEntry[], { pager = false } = {}): string[] {
  const faults: string[] = []
  const states = new Map<string, { state: PartyState; ended: boolean; log: number; dn: DNumber; opening: boolean }>()
  feed.forEach((entry, i) => {
    const before = feed[i - 1]
    if (before && entry.offset !== before.offset + 1)
      faults.push(`${person}: offset ${entry.offset} follows ${before.offset}`)
    const { event } = entry
    if (!('callUUID' in event)) return
    const at = `${person}: ${event.event} at ${entry.offset}`
    const party = states.get(event.callUUID) ?? { ...unseen, dn: event.thisDN }
    states.set(event.callUUID, party)
    if (party.ended && event.event !== 'EventReturnReceipt') faults.push(`${at} comes after the call's end`)
    if (party.dn !== event.thisDN) faults.push(`${at} is of another DN`)
    // What became of a text may come after the call's end.
    if (event.event === 'EventReturnReceipt') return
    if (event.event === 'EventACK' || event.event === 'EventPrivateInfo' || event.event === 'EventUserEvent') {
      // In pager mode texts come before anybody has answered, and so does the text a call begins with.
      const early =
        (party.state === 'alerting' && event.event === 'EventPrivateInfo') ||
        (party.state === 'dialing' && event.event === 'EventACK')
      const mayBe = pager || (entry.log === 1 && party.opening)
      if (party.state !== 'connected' && !(mayBe && early)) faults.push(`${at} comes to a party that is ${party.state}`)
      if (event.event === 'EventUserEvent') return
      if (entry.log !== party.log + 1) faults.push(`${at} has log position ${entry.log} after ${party.log}`)
      party.log = entry.log ?? party.log
      return
    }
    const row = imParty.find(([from, , , emits]) => from === party.state && emits === event.event)
    if (!row) faults.push(`${at} comes to a party that is ${party.state}`)
    else party.state = row[2]
    if (event.event === 'EventRinging') party.opening = event.extensions.text !== undefined
    if (event.event === 'EventDialing') party.opening = true
    if (event.event === 'EventReleased' || event.event === 'EventAbandoned') party.ended = true
  })
  return faults
}

const unseen = { state: 'null' as PartyState, ended: false, log: 0, opening: false }

/**
 * Whether the events of all legs, in the order of their commits over all nodes, follow the party table, leg by leg (G5), with
 * texts in the order of their log (G3).
 */
export function faultsOfLegs(entries: readonly FeedEntry[]): string[] {
  const faults: string[] = []
  const states = new Map<string, { state: PartyState; ended: boolean; log: number }>()
  for (const { event, log = 0 } of entries) {
    if (!('callUUID' in event) || event.event === 'EventReturnReceipt') continue
    const leg = `${event.callUUID} ${event.thisDN}`
    const party = states.get(leg) ?? { state: 'null', ended: false, log: 0 }
    states.set(leg, party)
    if (party.ended) faults.push(`${leg}: ${event.event} comes after the end`)
    if (event.event === 'EventUserEvent') {
      if (party.state !== 'connected') faults.push(`${leg}: ${event.event} comes to a party that is ${party.state}`)
      continue
    }
    if (event.event === 'EventACK') faults.push(`${leg} gets an EventACK`)
    const row = imParty.find(([from, , , emits]) => from === party.state && emits === event.event)
    if (!row) faults.push(`${leg}: ${event.event} comes to a party that is ${party.state}`)
    else party.state = row[2]
    if (event.event === 'EventPrivateInfo') {
      if (log <= party.log) faults.push(`${leg}: log position ${log} comes after ${party.log}`)
      party.log = log
    }
    if (event.event === 'EventReleased' || event.event === 'EventAbandoned') party.ended = true
  }
  return faults
}
