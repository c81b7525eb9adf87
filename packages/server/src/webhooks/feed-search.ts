import { type SessionStore, webhookFeed } from '@ringdown/signalling'

/** The first offset held whose event happened at a time or later (milliseconds since 1970); past the last one where there is none. */
export async function offsetAt(store: Pick<SessionStore, 'readFeed'>, time: number): Promise<number> {
  const { first, last } = await store.readFeed(webhookFeed, 0, 0)
  let [low, high] = [first, last + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const { entries } = await store.readFeed(webhookFeed, middle - 1, 1)
    const [entry] = entries
    if (entry && entry.event.time < time) low = Math.max(middle, entry.offset) + 1
    else high = middle
  }
  return low
}
