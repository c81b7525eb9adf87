import { type Row, stepper } from './table.ts'

/** RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2. */
export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated'

export type InviteClientInput =
  | '1xx'
  | '2xx'
  | '3xx-6xx'
  | 'cancel'
  | 'flowFailed'
  | 'timerA'
  | 'timerB'
  | 'timerD'
  | 'timerM'
  | 'timerCancelled'

export type InviteClientAction =
  | 'resend'
  | 'ack'
  | 'cancel'
  | 'holdCancel'
  | 'sendHeldCancel'
  | 'pass'
  | 'timeout'
  | 'failed'
  | 'startA'
  | 'stopA'
  | 'stopB'
  | 'startD'
  | 'startM'
  | 'startCancelled'

// RFC 3261 figure 5 as replaced by RFC 6026 figure 4. Sending the request and starting A and B is how one
// begins. B, D, M and the one after a CANCEL are one timer: starting one stops the other.
// biome-ignore format: read it as a table
export const inviteClient = [
  // from         on                to            actions
  ['calling',    'timerA',         'calling',    ['resend', 'startA']],
  ['calling',    'timerB',         'terminated', ['timeout']],
  ['calling',    'flowFailed',     'terminated', ['failed']],
  ['calling',    'cancel',         'calling',    ['holdCancel']],               // RFC 3261 §9.1: not before a provisional answer
  ['calling',    '1xx',            'proceeding', ['stopA', 'stopB', 'sendHeldCancel', 'pass']],
  ['calling',    '2xx',            'accepted',   ['stopA', 'startM', 'pass']],
  ['calling',    '3xx-6xx',        'completed',  ['stopA', 'ack', 'startD', 'pass']],
  ['proceeding', '1xx',            'proceeding', ['pass']],
  ['proceeding', '2xx',            'accepted',   ['startM', 'pass']],
  ['proceeding', '3xx-6xx',        'completed',  ['ack', 'startD', 'pass']],
  ['proceeding', 'cancel',         'proceeding', ['cancel', 'startCancelled']],
  ['proceeding', 'timerCancelled', 'terminated', ['timeout']],                  // RFC 3261 §9.1: 64*T1 after the CANCEL
  ['proceeding', 'flowFailed',     'terminated', ['failed']],
  ['completed',  '3xx-6xx',        'completed',  ['ack']],
  ['completed',  'flowFailed',     'terminated', []],                           // the user has its answer
  ['completed',  'timerD',         'terminated', []],
  ['accepted',   '2xx',            'accepted',   ['pass']],
  ['accepted',   'timerM',         'terminated', []],
] as const satisfies readonly Row<InviteClientState, InviteClientInput, InviteClientAction>[]

/** The next state and what to do; undefined where nothing happens. */
export const inviteClientStep = stepper<InviteClientState, InviteClientInput, InviteClientAction>(inviteClient)
