/** How much the layer keeps. Clients choose none of it. */
export interface TransactionLimits {
  /** Requests that wait for the user's answer. One more is answered 503. */
  readonly server: number
  /** Requests of ours that wait for a final answer. One more fails at once, as if there were no way. */
  readonly client: number
  /**
   * Memory for answered transactions, kept to absorb repetitions and to await ACKs, bytes for either side; beyond it the oldest goes first.
   * One takes some 500 bytes.
   */
  readonly answeredBytes: number
  /** Retry-After of a 503, seconds. */
  readonly retryAfterS: number
}

export const defaultTransactionLimits: TransactionLimits = {
  server: 20_000,
  client: 20_000,
  answeredBytes: 128 << 20,
  retryAfterS: 5,
}
