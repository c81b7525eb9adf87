import type { DNumber, PersonID } from './ids.ts'

/** An agent's state on a device, T-Library call model. A direct IM between agents does not change it. */
export type AgentState = 'null' | 'notReady' | 'ready'
/** T-Library enumeration TAgentWorkMode, as far as agents may choose it. */
export type WorkMode = 'Unknown' | 'ManualIn' | 'AutoIn' | 'AfterCallWork' | 'AuxWork'

type Row = readonly [from: AgentState, on: string, to: AgentState, emit: string]

// SPEC AG-1. Several logins of the same agent on the same device are allowed, and so is NotReady to NotReady.
// biome-ignore format: read it as a table
export const agentTable = [
  // from       on          to          emits
  ['null',     'login',    'notReady', 'EventAgentLogin'],
  ['notReady', 'login',    'notReady', 'EventAgentLogin'],
  ['ready',    'login',    'ready',    'EventAgentLogin'],
  ['notReady', 'ready',    'ready',    'EventAgentReady'],
  ['ready',    'ready',    'ready',    'EventAgentReady'],
  ['ready',    'notReady', 'notReady', 'EventAgentNotReady'],
  ['notReady', 'notReady', 'notReady', 'EventAgentNotReady'],
  ['notReady', 'logout',   'null',     'EventAgentLogout'],
  ['ready',    'logout',   'null',     'EventAgentLogout'],
] as const satisfies readonly Row[]

export type AgentInput = (typeof agentTable)[number][1]

/** The agent's next state on a device and the event that says so; undefined where the table has no row. */
export function agentStep(from: AgentState, on: AgentInput) {
  const row = agentTable.find((r) => r[0] === from && r[1] === on)
  return row && { to: row[2], emit: row[3] }
}

/** What the store keeps of a DN: who is logged in there. Missing as long as nobody ever was. */
export interface DNRecord {
  dn: DNumber
  /** Who gets the DN's events and may work on it. */
  registered: PersonID | null
  login: {
    person: PersonID
    /** The agent login's code. */
    agentID: string
    place: string
    state: AgentState
    workMode?: WorkMode
    /** Milliseconds since 1970. */
    since: number
  } | null
}

/** What the store keeps of a person: the DNs they are logged in on. The session they are in is the claim, kept beside. */
export interface AgentRecord {
  person: PersonID
  place: string | null
  dns: readonly DNumber[]
}
