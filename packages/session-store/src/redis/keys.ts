import type { CallUUID, KeptKind, LiveState, PersonID, RecordKind, RecordRef } from '@ringdown/signalling'

/** The names of everything one contact centre keeps in Redis. */
export type StoreKeys = ReturnType<typeof storeKeys>

/**
 * Key and channel names of one contact centre. The braces make the centre a hash tag: all of it lies in one cluster slot, so
 * each script finds its keys on one node. The centre's name is escaped, lest a brace in it ended the tag early.
 */
export function storeKeys(centre: string) {
  if (centre === '') throw new Error('a contact centre needs a name')
  const of = `rd:{${encodeURIComponent(centre)}}:`
  return {
    /** Names the store's memory; a string. */
    epoch: `${of}epoch`,
    /** Which server process wrote last, and how safely; a hash. See attune.lua. */
    memory: `${of}memory`,
    /** Connected nodes' tokens by the time they were last seen; a sorted set. */
    nodes: `${of}nodes`,
    /** `v` version, `j` JSON; a hash. */
    record: ({ kind, id }: RecordRef) => `${of}${kind}:${id}`,
    /** The session an agent is in; a string. */
    claim: (person: PersonID) => `${of}agent:${person}:session`,
    /** Log position or 0 → event JSON; a stream. Its channel has the same name. */
    feed: (person: PersonID) => `${of}feed:${person}`,
    /** Field `t`: text JSON; a stream. */
    log: (call: CallUUID) => `${of}log:${call}`,
    /** Message id → `<log position> <time sent>`, for ids the client chose; a hash. */
    ids: (call: CallUUID) => `${of}ids:${call}`,
    /** Timer ids by due time; a sorted set. */
    timers: `${of}timers`,
    /** Timer id → JSON; a hash. */
    timerData: `${of}timers:data`,
    /** Living calls of one state by their time of creation; a sorted set. */
    live: (state: LiveState) => `${of}live:${state}`,
    /** Sessions that are kept, living and ended, by their time of creation; a sorted set. */
    sessions: `${of}sessions`,
    /** Until when ended sessions are kept: their ids, each with offset and key of the feeds that hold them, in lines; a sorted set. */
    passing: `${of}passing`,
    /** Says that `sessions` has those that were made before there was such a set; a string. */
    sessionsKnown: `${of}sessions:known`,
    /** Where the names of all feeds, of records and of short-lived values of one kind begin. */
    prefix: (what: 'feed' | RecordKind | `kept:${KeptKind}`) => `${of}${what}:`,
    /** `<kind> <id>` → JSON, `revision` → number; a hash. */
    objects: `${of}objects`,
    /** A short-lived value or counter; a string. */
    kept: (kind: KeptKind, id: string) => `${of}kept:${kind}:${id}`,
    /** Channel of hints for one node, or for all (`*`). */
    signals: (node: string) => `${of}node:${node}`,
    /** Channel that tells of changed objects. */
    objectsChanged: `${of}objects:changed`,
  }
}
