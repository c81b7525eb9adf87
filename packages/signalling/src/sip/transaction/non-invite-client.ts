import { type Row, stepper } from './table.ts'

/** RFC 3261 §17.1.2. */
export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'

export type NonInviteClientInput = '1xx' | 'final' | 'flowFailed' | 'timerE' | 'timerF' | 'timerK'

export type NonInviteClientAction = 'resend' | 'pass' | 'timeout' | 'failed' | 'startE' | 'stopE' | 'startK'

// RFC 3261 figure 6. Sending the request and starting E and F is how one begins. F and K are one timer.
// biome-ignore format: read it as a table
export const nonInviteClient = [
  // from         on            to            actions
  ['trying',     'timerE',     'trying',     ['resend', 'startE']],
  ['trying',     'timerF',     'terminated', ['timeout']],
  ['trying',     'flowFailed', 'terminated', ['failed']],
  ['trying',     '1xx',        'proceeding', ['pass']],
  ['trying',     'final',      'completed',  ['stopE', 'startK', 'pass']],
  ['proceeding', 'timerE',     'proceeding', ['resend', 'startE']],    // E is T2 from here on
  ['proceeding', 'timerF',     'terminated', ['timeout']],
  ['proceeding', 'flowFailed', 'terminated', ['failed']],
  ['proceeding', '1xx',        'proceeding', ['pass']],
  ['proceeding', 'final',      'completed',  ['stopE', 'startK', 'pass']],
  ['completed',  'timerK',     'terminated', []],
] as const satisfies readonly Row<NonInviteClientState, NonInviteClientInput, NonInviteClientAction>[]

/** The next state and what to do; undefined where nothing happens. */
export const nonInviteClientStep = stepper<NonInviteClientState, NonInviteClientInput, NonInviteClientAction>(
  nonInviteClient,
)
