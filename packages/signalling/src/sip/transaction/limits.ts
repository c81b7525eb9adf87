/** How much the layer keeps. Clients choose none of it. */
export interface TransactionLimits {
  /** Requests that wait for the user's answer or for the ACK of a refusal. One more is answered 503. */
  readonly server: number
  /** Requests of ours that wait for a final answer. One more fails at once, as if there were no way. */
  readonly client: number
  /** Answered transactions, of either side, kept to absorb repetitions; beyond it the oldest goes first. Some 700 bytes each. */
  readonly answered: number
  /** Retry-After of a 503, seconds. */
  readonly retryAfterS: number
}

export const defaultTransactionLimits: TransactionLimits = {
  server: 20_000,
  client: 20_000,
  answered: 250_000,
  retryAfterS: 5,
}
