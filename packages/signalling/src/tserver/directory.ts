import type { Annex } from './annex.ts'
import type { DN } from './dn.ts'
import type { DNumber, PersonID } from './ids.ts'

export type Role = 'agent' | 'supervisor' | 'admin' | 'apiuser'

export interface Person {
  id: PersonID
  userName: string
  firstName: string
  lastName: string
  emailAddress?: string
  roles: readonly Role[]
  enabled: boolean
  /** The place a login takes when it names none. */
  place?: string
  /** Codes of the person's agent logins. */
  agentLogins: readonly string[]
  /** A PHC string (`$scrypt$…`), never a plain password. Absent: nobody can log in as this person. */
  passwordHash?: string
  annex: Annex
}

export interface Place {
  name: string
  dns: readonly DNumber[]
}
export interface AgentLogin {
  code: string
  switch: string
}

/** Limits and times of one contact centre. */
export interface CentreOptions {
  /** Bytes of a call's user data, T-Library's default 16 000, at most 65 535. */
  userDataLimit: number
  /** Bytes of one text in UTF-8. */
  textLimit: number
  /** How long an ended session and its transcript can be read, milliseconds. */
  retentionMs: number
}

/** What the configuration says of one contact centre; immutable, a reload makes a new one. */
export interface Directory {
  id: string
  name: string
  /** Feature ids that are switched on, `api-voice-instant-messaging` among them or not. */
  features: ReadonlySet<string>
  options: CentreOptions
  switches: ReadonlyMap<string, { name: string }>
  dns: ReadonlyMap<DNumber, DN>
  places: ReadonlyMap<string, Place>
  persons: ReadonlyMap<PersonID, Person>
  personsByUserName: ReadonlyMap<string, Person>
  agentLogins: ReadonlyMap<string, AgentLogin>
}
