/** What the driver asks of a generator process, and of the probe inside a server. Plain data: it travels over Node's IPC. */

import type { HistogramData, Transport } from '@ringdown/server/testing'

export type Subject = 'ringdown' | 'faye' | 'cometd-nodejs-server'

/** Where the load goes. Several ports: nodes over one store; agents are dealt to them in turn. */
export interface Target {
  subject: Subject
  ports: number[]
  /** Processes whose CPU time counts as the server's. */
  serverPids: number[]
  /** The Redis of the test, where there is one. */
  storePid?: number
}

/** How clients hear: CometD by WebSocket or long-polling, or UC AJAX by polls. */
export type Hearing = Transport | 'uc'

/** Who is there before the load begins. Agents 2n and 2n + 1 talk to each other. */
export interface Crowd {
  transport: Hearing
  ack: boolean
  /** The first agent and how many. */
  from: number
  count: number
  /** Which of them connect a CometD client: all, the callee of each pair, or nobody. */
  clients: 'all' | 'callees' | 'none'
  /** Whether each pair of agents opens an IM session (peers: whether there is anything to write to). */
  sessions: boolean
  /** Length of a text in characters. */
  textLength: number
  /** Peers only: how many subscribers each POST reaches, 0, 1 or 2. */
  fanOut: number
  /** UC AJAX only: whether clients wait between polls as long as they are told; else they ask again at once, as suits polls that are held. */
  waits?: boolean
}

/** What one measured window showed. CPU times in microseconds over the window. */
export interface Window {
  seconds: number
  texts: number
  deliveries: number
  lost: number
  duplicates: number
  refused: number
  refusal: string
  /** Clients that broke since the start of the process, and why the first one did. */
  faults: number
  fault: string
  cpu: { server: number; store: number; generator: number }
  /** CPU time that processes which are no part of the test took meanwhile. */
  othersUs: number
  /** Bytes of one event on the wire, the last one seen. */
  eventBytes: number
  /** Polls of UC AJAX that were answered, and the bytes of their answers. */
  polls?: number
  pollBytes?: number
  post: HistogramData
  peer: HistogramData
  echo: HistogramData
  late: HistogramData
}

/** What a generator does on request. */
export interface GeneratorCalls {
  /** Begins to talk to a target; what was open is closed. */
  aim(target: Target): void
  /** Logs the crowd in, connects its clients, opens its sessions. Answers milliseconds and the server's CPU for it, microseconds. */
  gather(crowd: Crowd): { ms: number; cpuUs: number }
  /** Measures while nothing is sent. */
  idle(load: { seconds: number }): Window
  /** Each of `posters` sends a text as soon as its last one was seen by all, or has been accepted. */
  closedLoop(load: { posters: number; warmUp: number; seconds: number; until?: 'seen' | 'accepted' }): Window
  /** Sends at random moments, on average `rate` a second, whatever the server does. */
  openLoop(load: { rate: number; warmUp: number; seconds: number }): Window
  /** Each of `posters` opens and completes one session after the other; `texts` counts sessions, `deliveries` their events. */
  sessionLoop(load: { posters: number; warmUp: number; seconds: number }): Window
}

/** What the probe inside a server does on request. */
export interface ProbeCalls {
  /** Collects garbage first. Bytes. */
  memory(nothing: null): { rss: number; heapUsed: number; external: number }
  startProfile(nothing: null): void
  /** Writes a .cpuprofile. */
  stopProfile(file: string): void
}

export type Answer = { id: number; result: unknown } | { id: number; error: string }
