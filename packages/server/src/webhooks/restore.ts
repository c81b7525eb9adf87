import { type Directory, type Gap, type SessionStore, type WebhookRecord, webhookFeed } from '@ringdown/signalling'
import { gapItem, type Item } from './delivery-queue.ts'
import { wantedItem } from './wants.ts'
import type { Webhook } from './webhook.ts'

/** What waits, as it was read again: deliveries, and what of them is there no more. */
export interface Restored {
  items: Item[]
  missing: { gap: Gap; to: number }[]
}

/** Reads again what a record says is waiting by itself. Rejects as the store does. */
export async function restore(
  { waiting, epoch }: WebhookRecord,
  { store, webhook, directory }: { store: SessionStore; webhook: Webhook; directory: () => Directory },
): Promise<Restored> {
  const restored: Restored = { items: [], missing: [] }
  for (const { offset, attempts, since, next, gap } of waiting) {
    if (gap) {
      restored.items.push({ ...gapItem(gap, offset), attempts, since, next })
      continue
    }
    const page = await store.readFeed(webhookFeed, offset - 1, 1)
    // What a store that counts anew has in its place is another one; that is found out when we read on.
    if (page.epoch !== epoch) continue
    const [entry] = page.entries
    if (entry?.offset !== offset) {
      restored.missing.push({ gap: { epoch, from: offset, reason: 'trimmed' }, to: offset })
      continue
    }
    const item = wantedItem(webhook, entry, directory(), false)
    if (item) restored.items.push({ ...item, attempts, since, next })
  }
  return restored
}
