/** RFC 3261 §17.1.1.1: the round trip estimate, the longest interval, and how long a message can stay in the network. Milliseconds. */
export interface TimerBase {
  readonly t1: number
  readonly t2: number
  readonly t4: number
}

export const defaultTimers: TimerBase = { t1: 500, t2: 4_000, t4: 5_000 }

/** RFC 3261 table 4 and RFC 6026 §7.1; `100` is ours: when we say that an answer takes longer. */
export type TimerName =
  | 'A'
  | 'B'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | '100'
  | 'cancelled'
  | 'lost'

/** All durations in milliseconds, for one value of T1, T2 and T4. */
export interface Durations {
  /** Timers B, F, H, L, M, and J and the answer to a CANCEL on unreliable flows: the peer has given up after it. */
  readonly lifetime: number
  /** Timer D: at least 32 s, and never shorter than the server's timer H. */
  readonly d: number
  /** Timers I and K on unreliable flows. */
  readonly t4: number
  /** The first interval of timers A, E and G. */
  readonly t1: number
  /** Where the intervals of E and G stop growing. */
  readonly t2: number
  /** RFC 3261 §17.2.1: an INVITE that is not answered by then gets 100. */
  readonly inviteTrying: number
  /** RFC 4320 §4.1: any other request gets 100 when the client's timer E has reached T2, and not before. 3.5 s by default. */
  readonly nonInviteTrying: number
}

/** Derives every timer from T1, T2 and T4. */
export function durations({ t1, t2, t4 }: TimerBase): Durations {
  let nonInviteTrying = 0
  for (let interval = t1; interval < t2; interval *= 2) nonInviteTrying += interval
  const lifetime = 64 * t1
  return { lifetime, d: Math.max(32_000, lifetime), t4, t1, t2, inviteTrying: 200, nonInviteTrying }
}
