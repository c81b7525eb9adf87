/** One DN's part in one IM call. State names are those of the T-Library call model. */
export type PartyState = 'null' | 'dialing' | 'alerting' | 'connected'

type Row = readonly [from: PartyState, on: string, to: PartyState, emit: string]

// SPEC IM-1. A pair that is not listed changes nothing: peers repeat themselves.
// biome-ignore format: read it as a table
export const imParty = [
  // from        on             to           emits
  ['null',      'dialed',      'dialing',   'EventDialing'],
  ['null',      'offered',     'alerting',  'EventRinging'],
  ['dialing',   'refused',     'dialing',   'EventDestinationBusy'],      // the other side cannot or will not; the release follows
  ['dialing',   'answered',    'connected', 'EventEstablished'],
  ['dialing',   'released',    'null',      'EventReleased'],
  ['alerting',  'answered',    'connected', 'EventEstablished'],
  ['alerting',  'abandoned',   'null',      'EventAbandoned'],            // the caller left first
  ['alerting',  'released',    'null',      'EventReleased'],             // the callee refused, or did not answer
  ['dialing',   'dataChanged', 'dialing',   'EventAttachedDataChanged'],
  ['alerting',  'dataChanged', 'alerting',  'EventAttachedDataChanged'],
  ['connected', 'dataChanged', 'connected', 'EventAttachedDataChanged'],
  ['alerting',  'preview',     'alerting',  'EventPrivateInfo'],          // a text comes before anybody has answered
  ['connected', 'text',        'connected', 'EventPrivateInfo'],
  ['connected', 'released',    'null',      'EventReleased'],
] as const satisfies readonly Row[]

/** What can happen to a party. */
export type PartyInput = (typeof imParty)[number][1]
/** The call events a party's life is made of. */
export type PartyEvent = (typeof imParty)[number][3]

export interface PartyStep {
  to: PartyState
  emit: PartyEvent
}

const rows = new Map<string, PartyStep>(imParty.map(([from, on, to, emit]) => [`${from} ${on}`, { to, emit }]))

/** The party's next state and the event that says so; undefined where the table has no row. */
export function step(from: PartyState, on: PartyInput): PartyStep | undefined {
  return rows.get(`${from} ${on}`)
}
