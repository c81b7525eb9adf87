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
  /** Whether the peer's certificate has one of these fingerprints (RFC 8122). */
  hasFingerprint(fingerprints: readonly string[]): boolean
}

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
