import type { LoadRun, LoadWanted } from '@ringdown/facade'

/** One agent as its client knows it. */
export interface LoadAgent {
  userName: string
  password: string
  dn: string
}

/** What the process of the agents gets over IPC, never as an argument: others can read those. */
export interface LoadOrder extends LoadWanted {
  run: string
  /** Such as `https://127.0.0.1:8443`. */
  address: string
  /** PEM of what the server shows on HTTPS: nothing else is talked to. */
  certificate?: string
  /** Pairs one after the other; the first of each calls the second. */
  agents: readonly LoadAgent[]
}

/** What was counted so far. */
export type LoadTally = Pick<LoadRun, 'accepted' | 'delivered' | 'lost' | 'latency'> & {
  /** Not taken by the server, and why the first one was not. */
  refused: number
  refusal?: string
}

export type ToAgents = { order: LoadOrder } | { stop: true }

export type FromAgents =
  | { report: 'progress'; phase: 'preparing' | 'running'; elapsedMs: number; tally: LoadTally }
  | { report: 'over'; tally: LoadTally }
  /** A sentence. */
  | { report: 'failed'; problem: string }
