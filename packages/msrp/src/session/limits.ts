/** What one peer may cost us, and how long we wait for it. SPEC.md says what they are for. */
export const msrpLimits = {
  /** Octets of a chunk of ours. 2048 passes every relay known; RFC 4975 §5.1 wants no smaller ones. */
  chunk: 2048,
  /** Chunks of a session that wait for their response. */
  unanswered: 32,
  /** Bodies of a session that wait to be sent. */
  queuedBytes: 8 << 20,
  queuedMessages: 1000,
  /** Messages of a session that are being put together, or are with the user. */
  halfMessages: 16,
  pendingMessages: 64,
  /** Bytes held of incoming messages, for a session and for all of a connection. */
  sessionBytes: 32 << 20,
  connectionBytes: 64 << 20,
  /** Message-IDs of a session that are remembered to know a repetition. */
  rememberedIDs: 1000,
  /** Responses and REPORTs that wait for a peer that does not read. */
  controlBytes: 256 << 10,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  sessionsPerConnection: 10_000,
  /** RFC 4975 §7.1.1: a response comes within 30 s. */
  responseMs: 30_000,
  /** A message whose next chunk does not come is dropped. */
  halfMessageMs: 120_000,
  /** A passive session whose peer does not come has failed. */
  bindMs: 30_000,
  /** The first SEND of an active session. */
  connectMs: 10_000,
  /** A connection without a session is closed. */
  unboundMs: 30_000,
  /** A connection on which nothing goes either way is closed. RFC 4976 §8 has an hour for relays. */
  idleMs: 3_600_000,
  /** A peer that reads nothing for so long is closed. */
  stuckMs: 30_000,
} as const

/** All of them, as numbers of one's own. */
export type MsrpLimits = { readonly [name in keyof typeof msrpLimits]: number }
