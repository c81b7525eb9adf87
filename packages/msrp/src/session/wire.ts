/** Time, as it is passed in. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once after so many milliseconds; the value takes it back. */
  after(ms: number, run: () => void): () => void
}

/** A connection to a peer, as the transports make it. Its methods never throw. */
export interface Wire {
  /** Writes whole frames, in order. False: it is full, `onDrain` tells when it is not. */
  write(frames: readonly Uint8Array[]): boolean
  /** Stops and continues reading. */
  pause(): void
  resume(): void
  /** Ends it after what was written, or at once. */
  close(how: 'flush' | 'now'): void
  /** `address:port` of the other end, for the log. */
  readonly remote: string
  /** For traces; the same object as long as the connection lasts. */
  readonly ends: WireEnds
  /** Whether the peer's certificate has one of these fingerprints (RFC 8122). */
  hasFingerprint(fingerprints: readonly string[]): boolean
}

/** A connection's two ends. */
export interface WireEnds {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  readonly local: { readonly address: string; readonly port: number }
  readonly remote: { readonly address: string; readonly port: number }
}

/**
 * Is told of the bytes of each connection: `sent` as they were written, whole frames; else as they came, frames or parts of them. For
 * traces: called synchronously, must not throw and must not change the bytes.
 */
export type MsrpTap = (sent: boolean, connection: WireEnds, pieces: readonly Uint8Array[]) => void

/** Who is told of what happens on a wire. */
export interface WireUser {
  /** `whole`: the bytes are one WebSocket message and so exactly one frame (RFC 7977 §5.3). */
  onBytes(bytes: Uint8Array, whole: boolean): void
  onDrain(): void
  onClosed(why: string): void
}

/** Something of a peer that was not taken. For a log: no session id, no text. */
export interface Drop {
  readonly why: string
  readonly remote: string
}
