import {
  type Call,
  type CallUUID,
  type DialogState,
  type DNumber,
  type LegRecord,
  legID,
  type MessageID,
  type SessionStore,
} from '@ringdown/signalling'
import { undelivered } from './answers.ts'
import type { LegView, Report, Way } from './way.ts'

export interface FinishDeps {
  store: SessionStore
  /** Names this run of this node. */
  node: string
  retentionMs: number
  /** How MESSAGEs get to the endpoint. */
  pagerWay: (leg: LegView) => Way
  report: (callUUID: CallUUID, dn: DNumber, messageID: MessageID, report: Report) => Promise<void>
  /** Ends a dialog of a node that is gone. Best effort. */
  sayGoodbye: (dialog: DialogState) => void
}

const pageSize = 100

/**
 * Deals with what a call that has ended still has for a leg whose owner is gone: MESSAGEs are sent, and what cannot be delivered is
 * reported to its sender. Rejects where the store does not answer; begun again, it goes on where it was. SPEC LG-8.
 */
export async function finishLeg(deps: FinishDeps, callUUID: CallUUID, dn: DNumber): Promise<void> {
  const { store, node, retentionMs } = deps
  const id = legID(callUUID, dn)
  const { records } = await store.read({
    records: [
      { kind: 'call', id: callUUID },
      { kind: 'leg', id },
    ],
    claims: [],
  })
  const call = records[0]?.value as Call | undefined
  const party = call?.parties.find((each) => each.dn === dn)
  const otherDN = call?.parties.find((each) => each.dn !== dn)?.dn
  if (!call?.end || !party?.sip || otherDN === undefined) return
  const record = (records[1]?.value as LegRecord | undefined) ?? {
    callUUID,
    dn,
    owner: node,
    delivered: 0,
    dialog: null,
  }
  const way = party.sip.mode === 'pager' ? deps.pagerWay({ callUUID, dn, otherDN, sip: party.sip }) : undefined

  let { delivered } = record
  for (let entries = await store.readLog(callUUID, delivered, pageSize); entries.length > 0; ) {
    for (const entry of entries) {
      delivered = entry.position
      if (entry.text.from === dn || (await way?.send(entry)) === 'done') continue
      await deps.report(callUUID, dn, entry.text.messageID, undelivered(call.end))
    }
    entries = await store.readLog(callUUID, delivered, pageSize)
  }
  if (record.dialog) deps.sayGoodbye(record.dialog)
  await store.commit({
    expect: [{ kind: 'leg', id, version: records[1]?.version ?? 0 }],
    put: [{ kind: 'leg', id, value: { ...record, owner: node, delivered, dialog: null }, expireMs: retentionMs }],
    claims: [],
    feeds: [],
    timers: { set: [], cancel: [] },
  })
}
