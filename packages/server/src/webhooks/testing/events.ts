import {
  type CallEvent,
  type CallUUID,
  type Change,
  type ConnID,
  type DNumber,
  type FeedEvent,
  type MessageID,
  mediaTypeChat,
  type PersonID,
  type SessionStore,
  type TextEvent,
  textService,
  webhookFeed,
} from '@ringdown/signalling'

export const anna = 'a'.repeat(32) as PersonID
export const ben = 'b'.repeat(32) as PersonID

export function callEvent(event: 'EventDialing' | 'EventEstablished', call: string, time = 1_000): CallEvent {
  return { event, ...attributes(call, time) }
}

export function attributes(call: string, time: number) {
  return {
    thisDN: '7001' as DNumber,
    thisDNRole: 'Origination',
    otherDN: '7002' as DNumber,
    otherDNRole: 'Destination',
    connID: '0'.repeat(16) as ConnID,
    callUUID: call as CallUUID,
    callType: 'Internal',
    mediaType: mediaTypeChat,
    callState: 'Ok',
    ani: '7001' as DNumber,
    dnis: '7002' as DNumber,
    userData: { favColor: 'blue' },
    time,
  } as const
}

export function textEvent(call: string, messageID: string, time = 1_000): TextEvent {
  const text = {
    messageID: messageID as MessageID,
    from: '7001' as DNumber,
    sent: time,
    contentType: 'text/plain',
    body: 'Hello',
  }
  const { thisDN, otherDN, connID, callUUID } = attributes(call, time)
  return { event: 'EventACK', thisDN, otherDN, connID, callUUID, time, privateEvent: textService, extensions: { text } }
}

export function agentEvent(dn: string, time = 1_000): FeedEvent {
  return { event: 'EventAgentReady', thisDN: dn as DNumber, agentID: 'L1', state: 'ready', time }
}

/** Appends to the webhooks' feed, or a person's, each event in a commit of its own. */
export async function append(
  store: SessionStore,
  events: readonly FeedEvent[],
  hold?: number,
  person: PersonID = webhookFeed,
): Promise<void> {
  const change: Change = { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [] } }
  for (const event of events)
    await store.commit({ ...change, feeds: [{ person, event, ...(hold !== undefined && { hold }) }] })
}
