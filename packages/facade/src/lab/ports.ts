import type { CallUUID } from '@ringdown/signalling'
import type { LockOut } from '../login/attempts.ts'
import type { Centre } from '../login.ts'

/** What the lab console shows beside what every facade knows; the server has it. Times are milliseconds since 1970. */
export interface Lab {
  nodes(centre: Centre): Promise<readonly LabNode[]>
  /** What is registered over SIP, by DN, after a DN in their order. */
  registrations(centre: Centre, after: string | undefined, limit: number): Promise<Page<LabRegistration>>
  /**
   * SIP flows of this node, after an id in their order; undefined where it serves several contact centres, for a flow belongs to none
   * of them.
   */
  flows(after: string | undefined, limit: number): Page<LabFlow> | undefined
  trace: TraceReader
  history: MetricsHistory
  loadRuns: LoadRuns
  lockOuts: LockOuts
}

/** Who has to wait before they may try another password over SIP. */
export interface LockOuts {
  list(centre: Centre): readonly LockOut[]
  /** False: nobody has to wait under that id. Rejects as the store does. */
  lift(centre: Centre, id: string): Promise<boolean>
}

export interface Page<T> {
  items: readonly T[]
  /** Where the next page begins; absent behind the last. */
  next?: string
}

export interface LabNode {
  name: string
  /** This node answers. */
  here: boolean
  started: number
  /** Until when its lease runs. */
  leaseUntil: number
  version: string
  /** Endpoints' sides of the centre's sessions it holds. */
  legs: number
  /** CometD and UC AJAX sessions it serves, of all centres. */
  clients: number
}

export interface LabRegistration {
  dn: string
  contact: string
  /** `udp`, `tcp`, …; the far end, and until when it counts. */
  transport: string
  remote: string
  expires: number
  /** Reached through this flow only. */
  flow: boolean
  userAgent?: string
}

export interface LabFlow {
  id: string
  transport: string
  local: string
  remote: string
  opened: number
}

/** A session from end to end, on one time axis. */
export interface Ladder {
  callUUID: CallUUID
  lanes: readonly Lane[]
  entries: readonly LadderEntry[]
  /** What was recorded and had to give way since the session began, in bytes by reason; empty where nothing is missing. */
  discarded: Readonly<Record<string, number>>
  /** Nodes that were asked and did not answer. */
  silent: readonly string[]
}

/** One party, or the engine in the middle. */
export interface Lane {
  id: string
  label: string
  kind: 'client' | 'engine' | 'endpoint'
}

export interface LadderEntry {
  /** `<node>:<number>`, the same at every look. */
  id: string
  /** With fractions. */
  at: number
  node: string
  kind: 'rest' | 'tevent' | 'sip' | 'msrp' | 'cometd' | 'ucajax'
  /** Lane ids; the same twice for what happens within one. */
  from: string
  to: string
  /** Such as `INVITE sip:8001@demo`, `EventRinging`, `POST SendMessage → 200`. */
  title: string
  /** The same message once more. */
  repeated?: true
  /** The content as it was on the wire, with texts masked unless they were asked for. */
  content: string
}

export type LadderFormat = 'pcap' | 'svg'

/** Reads what was recorded, on all nodes. */
export interface TraceReader {
  /** undefined where nothing of the session is held. `texts`: unmasked. */
  ladder(centre: Centre, callUUID: CallUUID, texts: boolean): Promise<Ladder | undefined>
  /** The same as a file: SIP and MSRP for Wireshark, or a picture. */
  file(centre: Centre, callUUID: CallUUID, format: LadderFormat, texts: boolean): Promise<Uint8Array | undefined>
  /** What recording holds and has given up. */
  state(): { entries: number; bytes: number; limit: number; discarded: Readonly<Record<string, number>> }
}

/** The last hour in steps of ten seconds: sessions and texts of the centre, everything else of this node. */
export interface MetricsHistory {
  /** Samples taken after a time, oldest first. */
  read(centre: Centre, after: number): readonly Sample[]
}

export interface Sample {
  at: number
  /** Living ones, on all nodes; null where the store did not answer. */
  sessions: { dialing: number; talking: number } | null
  /** Accepted by this node in the step. */
  texts: number
  /** From the commit of a text to its writing to a client, ms; null without any. */
  delivery: { p50: number | null; p99: number | null }
  /** In the step, by reason. */
  refusals: Readonly<Record<string, number>>
  /** Waiting now, by name. */
  queues: Readonly<Record<string, number>>
  /** Of this process, parts of one core, and bytes. */
  cpu: number
  memory: number
}

/** A load run from the console, one at a time: agents of its own talk over the public interfaces of this node. */
export interface LoadRuns {
  /**
   * Rejects with TServerError: TERR_RESOURCE_SEIZED where one runs, TERR_UNSUP_OPER where this server cannot; its message says why in
   * a sentence.
   */
  start(centre: Centre, wanted: LoadWanted, by: string): Promise<LoadRun>
  /** The centre's: the one that runs, and the last ones, newest first. */
  list(centre: Centre): readonly LoadRun[]
  /** Rejects with TServerError TERR_INV_CONNID where the centre has none that runs under this id. */
  stop(centre: Centre, id: string): Promise<void>
}

export interface LoadWanted {
  /** Pairs of agents, 1 … 200. */
  pairs: number
  /** Texts in a second, all pairs together, 1 … 2 000. */
  textsPerSecond: number
  seconds: number
}

export interface LoadRun {
  id: string
  wanted: LoadWanted
  by: string
  started: number
  state: 'preparing' | 'running' | 'clearing' | 'done' | 'stopped' | 'failed'
  /** 0 … 1. */
  progress: number
  accepted: number
  delivered: number
  lost: number
  /** From sending to seeing, ms. */
  latency: { p50: number | null; p99: number | null; max: number | null }
  /** Why it failed, in a sentence. */
  problem?: string
}

/** What somebody did. Kept in the store, so every node shows the same. */
export interface AuditEntry {
  /** Counted from 1 in the order of what was done. */
  position: number
  at: number
  /** User name. */
  who: string
  address: string
  /** Such as `change dn`, `view texts`, `reload configuration`. */
  what: string
  object: string
  outcome: 'done' | 'refused'
  detail?: string
}
