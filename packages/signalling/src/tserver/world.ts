import type { AgentRecord, DNRecord } from './agent.ts'
import type { Call } from './call.ts'
import type { Directory } from './directory.ts'
import type { CallUUID, ConnID, DNumber, MessageID, PersonID } from './ids.ts'
import type { MailboxRecord } from './mailbox.ts'
import type { Reached, Versioned } from './ports.ts'

/** What a decision may look at: the configuration and what was read from the store for it. */
export interface World {
  directory: Directory
  /** The node that decides: it owns the SIP legs nobody else has to. */
  node: string
  dns: ReadonlyMap<DNumber, Versioned<DNRecord>>
  /** The asker's own record. */
  agent?: Versioned<AgentRecord> | undefined
  /** Sessions the agents were seen in. An agent that was not looked at counts as free: the commit finds out. */
  claims: ReadonlyMap<PersonID, CallUUID | undefined>
  call?: Versioned<Call> | undefined
  /** Of a called number with a SIP leg. */
  reached?: Reached | undefined
  /** Of a called DN with `store-and-forward`. */
  mailbox?: Versioned<MailboxRecord> | undefined
}

/** Ids for what a request may create; made by the runner, once a request, so that deciding again gives the same. */
export interface FreshIDs {
  callUUID: CallUUID
  connID: ConnID
  messageID: MessageID
}
