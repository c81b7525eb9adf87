import type { UserState } from '@ringdown/client'

/** The part of the lab's HTTP contract that the console reads. Times are milliseconds since 1970. */

/** One page of a list; without `next` it is the last one. */
export interface ListPage<T> {
  items: readonly T[]
  next: string | null
  /** How many there are in all, where the server tells. */
  total: number | null
  /** Of living sessions. */
  counts?: Counts
}

export interface LabParty {
  dn: string
  role: string
  state: string
  leg: 'tlibrary' | 'sip'
  /** User name of who works there. */
  agent: string | null
  /** Where the leg is a SIP leg: how it is reached, by which node, over which trunk. */
  sip?: { owner: string; mode: string; trunk: string | null }
}

export interface LabSession {
  callUUID: string
  state: 'dialing' | 'talking' | 'ended'
  created: number
  parties: readonly LabParty[]
  /** Names of its user data; the values are the parties' own. */
  userDataKeys: readonly string[]
  end?: { by: string | null; why: string; at: number; sipStatus?: number; sipReason?: string }
}

export interface Counts {
  dialing: number
  talking: number
}

export interface LabAgent {
  userName: string
  firstName: string
  lastName: string
  enabled: boolean
  /** Where they are logged in; null: nowhere. */
  place: string | null
  dns: readonly string[]
  userState: UserState
  /** The session they are in. */
  session: string | null
}

/** Options by section. */
export type Annex = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface LabDN {
  number: string
  type: string
  switch: string
  /** Without the password. */
  annex: Annex
  imAccess: 'api' | 'sip' | 'none'
  places: readonly string[]
  agent: string | null
  /** SIP addresses registered for it now. */
  contacts: number
  /** Why it cannot be used as it seems to be meant, in the server's words. */
  problems: readonly string[]
}

/** A DN as the configuration's own routes show it. */
export interface ConfiguredDN {
  DBID: string
  number: string
  userProperties?: Annex
}

export interface LabRegistration {
  dn: string
  contact: string
  transport: string
  remote: string
  expires: number
  /** Reached through the flow it was made over only. */
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

export interface LabNode {
  name: string
  /** This node answers. */
  here: boolean
  started: number
  leaseUntil: number
  version: string
  legs: number
  clients: number
}

/** What a node has recorded for ladders: bytes, and bytes that had to give way, by reason. */
export interface TraceState {
  entries: number
  bytes: number
  limit: number
  discarded: Readonly<Record<string, number>>
}

/** Ten seconds of the last hour. */
export interface Sample {
  at: number
  sessions: Counts | null
  texts: number
  /** Milliseconds. */
  delivery: { p50: number | null; p99: number | null }
  refusals: Readonly<Record<string, number>>
  queues: Readonly<Record<string, number>>
  /** Parts of one core, and bytes. */
  cpu: number
  memory: number
}

export const entryKinds = ['rest', 'tevent', 'sip', 'msrp', 'cometd', 'ucajax'] as const
export type EntryKind = (typeof entryKinds)[number]

export interface Lane {
  id: string
  label: string
  kind: 'client' | 'engine' | 'endpoint'
}

export interface LadderEntry {
  id: string
  at: number
  node: string
  kind: EntryKind
  /** Lanes; the same twice for what happens within one. */
  from: string
  to: string
  title: string
  /** The same message once more. */
  repeated?: true
  content: string
}

export interface Ladder {
  callUUID: string
  lanes: readonly Lane[]
  entries: readonly LadderEntry[]
  /** Bytes that had to give way, by reason. */
  discarded: Readonly<Record<string, number>>
  /** Nodes that were asked and did not answer. */
  silent: readonly string[]
}

export interface LoadWanted {
  pairs: number
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
  problem?: string
}

export interface AuditEntry {
  position: number
  at: number
  who: string
  address: string
  what: string
  object: string
  outcome: 'done' | 'refused'
  detail?: string
}

/** The lists the console pages through, and what is in them. */
export interface Lists {
  sessions: LabSession
  agents: LabAgent
  dns: LabDN
  registrations: LabRegistration
  flows: LabFlow
  audit: AuditEntry
}
export type ListName = keyof Lists
