/** What can be set about CometD. Times in milliseconds. */
export interface CometdOptions {
  /** How long a connect is held when nothing happens. */
  timeoutMs: number
  /** How long a client should wait between a connect's answer and the next connect. */
  intervalMs: number
  /** How long a session lives without a connect being held. */
  maxIntervalMs: number
  /** Sessions of one HTTP session (or of one person's clients that keep no cookie); the oldest gives way. */
  clientsPerLogin: number
  /** Sessions of one person on one node, and handshakes of theirs in a second. */
  clientsPerPerson: number
  handshakesPerSecond: number
  /** Characters of events held in memory for all clients together; above it handshakes are refused. */
  queuedLimit: number
  /** How long after its handshake a client that was here before may take to subscribe again and miss nothing. */
  resumeWindowMs: number
  /** Origins besides our own whose pages may open a websocket or poll by script, or `*` for any. */
  origins: readonly string[]
  /** Whether a POST needs the HTTP session's CSRF token, where that protection is on. The handshake never does. */
  csrf: boolean
}

export const defaultCometdOptions: CometdOptions = {
  timeoutMs: 30_000,
  intervalMs: 0,
  maxIntervalMs: 30_000,
  clientsPerLogin: 8,
  clientsPerPerson: 32,
  handshakesPerSecond: 10,
  queuedLimit: 256 * 1024 * 1024,
  resumeWindowMs: 300_000,
  origins: [],
  csrf: false,
}
