/** Why something did not reach the collector. SPEC HP-4. */
export const hepDropReasons = [
  'full',
  'unresolved',
  'unreachable',
  'refused',
  'connectionLost',
  'tooLarge',
  'closed',
] as const
export type HepDropReason = (typeof hepDropReasons)[number]

/** What a sink tells. Must not throw. */
export interface SinkUser {
  /** A packet that was taken has been written, so far as we see. */
  onWritten(): void
  /** A packet that was taken did not get there. */
  onLost(reason: HepDropReason): void
  /** After `later`: it takes packets again. */
  onReady(): void
}

/** The way to a collector. It never throws, and keeps no process alive. */
export interface Sink {
  /** Takes a packet, or says `later`: then it has not taken it, and `onReady` follows when it can. */
  send(packet: Uint8Array): 'taken' | 'later'
  /** Why it takes nothing now. */
  readonly trouble: HepDropReason
  close(): void
}
