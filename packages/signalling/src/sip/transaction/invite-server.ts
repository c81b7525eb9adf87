import { type Row, stepper } from './table.ts'

/** RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1. */
export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'

/** What can happen: a message of the peer, an answer of the user, a timer. */
export type InviteServerInput =
  | 'invite'
  | 'ack'
  | 'send1xx'
  | 'send2xx'
  | 'send3xx-6xx'
  | 'timer100'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'

export type InviteServerAction =
  | 'send'
  | 'sendTrying'
  | 'resend'
  | 'stop100'
  | 'startG'
  | 'stopG'
  | 'startH'
  | 'startI'
  | 'startL'
  | 'passAck'
  | 'acknowledged'
  | 'unacknowledged'

// RFC 3261 figure 7 as replaced by RFC 6026 figure 5. H, I and L are one timer: starting one stops the other. A transport
// error has no row: the peer may repeat its request over another flow (RFC 6026 §7.1), and H or L ends what is left.
// biome-ignore format: read it as a table
export const inviteServer = [
  // from         on             to            actions
  ['proceeding', 'invite',      'proceeding', ['resend']],
  ['proceeding', 'timer100',    'proceeding', ['sendTrying']],
  ['proceeding', 'send1xx',     'proceeding', ['stop100', 'send']],
  ['proceeding', 'send2xx',     'accepted',   ['stop100', 'startL', 'send']],
  ['proceeding', 'send3xx-6xx', 'completed',  ['stop100', 'startG', 'startH', 'send']],
  ['completed',  'invite',      'completed',  ['resend']],
  ['completed',  'timerG',      'completed',  ['startG', 'resend']],
  ['completed',  'ack',         'confirmed',  ['stopG', 'startI', 'acknowledged']],
  ['completed',  'timerH',      'terminated', ['unacknowledged']],
  ['confirmed',  'timerI',      'terminated', []],
  ['accepted',   'send2xx',     'accepted',   ['send']],       // the dialog repeats its 2xx until the ACK is there
  ['accepted',   'ack',         'accepted',   ['passAck']],    // RFC 2543: the same Via as the INVITE's
  ['accepted',   'timerL',      'terminated', []],
] as const satisfies readonly Row<InviteServerState, InviteServerInput, InviteServerAction>[]

/** The next state and what to do; undefined where nothing happens. */
export const inviteServerStep = stepper<InviteServerState, InviteServerInput, InviteServerAction>(inviteServer)
