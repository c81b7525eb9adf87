import type { SessionStore } from '@ringdown/signalling'
import type { RecordedEvents } from './recorded.ts'

/** Is told of the events of each commit that took place, and when it was begun. Must not throw. */
export type OnCommitted = (feeds: RecordedEvents['feeds'], begun: number) => void

/** The same store; its commits are told of once they are durable. */
export function tracedStore(store: SessionStore, now: () => number, onCommitted: OnCommitted): SessionStore {
  return {
    commit: async (change) => {
      const begun = now()
      const outcome = await store.commit(change)
      if (outcome.outcome === 'committed' && change.feeds.length > 0) onCommitted(change.feeds, begun)
      return outcome
    },
    read: (request) => store.read(request),
    readFeed: (person, after, limit) => store.readFeed(person, after, limit),
    feedEnd: (person) => store.feedEnd(person),
    watchFeed: (person, listener, onDoubt) => store.watchFeed(person, listener, onDoubt),
    trimFeed: (person, upTo) => store.trimFeed(person, upTo),
    readLog: (callUUID, after, limit) => store.readLog(callUUID, after, limit),
    claimTimers: (now, limit, leaseMs) => store.claimTimers(now, limit, leaseMs),
    listCalls: (after, limit) => store.listCalls(after, limit),
    countCalls: () => store.countCalls(),
    listSessions: (range) => store.listSessions(range),
    listNames: (of, after, limit) => store.listNames(of, after, limit),
    rewriteFeed: (person, entries) => store.rewriteFeed(person, entries),
    rewriteLog: (callUUID, entries) => store.rewriteLog(callUUID, entries),
    readObjects: () => store.readObjects(),
    putObject: (object, revision) => store.putObject(object, revision),
    onObjects: (listener) => store.onObjects(listener),
    keep: (kind, id, value, ttlMs) => store.keep(kind, id, value, ttlMs),
    kept: (kind, id) => store.kept(kind, id),
    forget: (kind, id) => store.forget(kind, id),
    count: (kind, id, ttlMs) => store.count(kind, id, ttlMs),
    signal: (node, message) => store.signal(node, message),
    onSignal: (listener) => store.onSignal(listener),
    healthy: () => store.healthy(),
    close: () => store.close(),
  }
}
