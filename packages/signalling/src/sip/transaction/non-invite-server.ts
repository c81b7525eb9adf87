import { type Row, stepper } from './table.ts'

/** RFC 3261 §17.2.2, with RFC 4320. */
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'

export type NonInviteServerInput = 'request' | 'sendFinal' | 'timer100' | 'timerF' | 'timerJ'

export type NonInviteServerAction = 'send' | 'sendTrying' | 'resend' | 'startF' | 'startJ'

// RFC 3261 figure 8. RFC 4320 §4 takes the user's provisional answers and its 408 away: 100 is sent by itself, once the
// client's timer E has reached T2, and a request nobody answers ends without a word when the client's timer F has fired.
// 100, F and J are one timer: starting one stops the other.
// biome-ignore format: read it as a table
export const nonInviteServer = [
  // from         on           to            actions
  ['trying',     'timer100',  'proceeding', ['startF', 'sendTrying']],
  ['trying',     'sendFinal', 'completed',  ['startJ', 'send']],
  ['proceeding', 'request',   'proceeding', ['resend']],
  ['proceeding', 'sendFinal', 'completed',  ['startJ', 'send']],
  ['proceeding', 'timerF',    'terminated', []],
  ['completed',  'request',   'completed',  ['resend']],
  ['completed',  'timerJ',    'terminated', []],
] as const satisfies readonly Row<NonInviteServerState, NonInviteServerInput, NonInviteServerAction>[]

/** The next state and what to do; undefined where nothing happens. */
export const nonInviteServerStep = stepper<NonInviteServerState, NonInviteServerInput, NonInviteServerAction>(
  nonInviteServer,
)
