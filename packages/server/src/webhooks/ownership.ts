import { type Change, type SessionStore, type Versioned, type WebhookRecord, webhookFeed } from '@ringdown/signalling'

/** How long a node that is not heard of keeps a webhook, ms. */
export const leaseMs = 10_000

/** A webhook that has delivered nothing yet: it begins with what happens from now on, milliseconds since 1970. */
export async function newRecord(store: SessionStore, now: number): Promise<WebhookRecord> {
  const { epoch, offset } = await store.feedEnd(webhookFeed)
  return {
    ...{
      owner: '',
      until: 0,
      epoch,
      position: offset,
      reached: now,
      waiting: [],
      replays: [],
      givenUp: [],
      requests: [],
    },
    counts: { delivered: 0, failedAttempts: 0, givenUp: 0, missed: 0 },
  }
}

/** The record and its version; undefined where the webhook has none. */
export async function readRecord(store: SessionStore, name: string): Promise<Versioned<WebhookRecord> | undefined> {
  const { records } = await store.read({ records: [{ kind: 'webhook', id: name }], claims: [] })
  return records[0] as Versioned<WebhookRecord> | undefined
}

/** Writes the record if it still is at the version; resolves with the next one, or undefined where somebody else was faster. */
export async function writeRecord(
  store: SessionStore,
  name: string,
  version: number,
  value: WebhookRecord,
): Promise<number | undefined> {
  const { outcome } = await store.commit({
    ...nothing,
    expect: [{ kind: 'webhook', id: name, version }],
    put: [{ kind: 'webhook', id: name, value }],
  })
  return outcome === 'committed' ? version + 1 : undefined
}

const nothing: Change = { expect: [], put: [], claims: [], feeds: [], timers: { set: [], cancel: [] } }
