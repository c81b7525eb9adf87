/** The life of one MSRP session, from its URI to its end. */
export type SessionState = 'opened' | 'early' | 'connecting' | 'waiting' | 'bound' | 'failed' | 'closed'
export type SessionInput =
  | 'startActive'
  | 'startPassive'
  | 'connected'
  | 'peerCame'
  | 'expired'
  | 'lost'
  | 'broken'
  | 'close'
/** What the runner does when a row is taken. */
export type SessionAction = 'connect' | 'wait' | 'greet' | 'flow' | 'unbind' | 'fail' | 'end'

type Row = readonly [SessionState, SessionInput, SessionState, readonly SessionAction[]]

// RFC 4975 §5.4 and §8.2, RFC 6135 §4. A pair that is not listed changes nothing.
// biome-ignore format: read it as a table
export const sessionStates = [
  // from         on              to            does
  ['opened',      'startActive',  'connecting', ['connect']],
  ['opened',      'startPassive', 'waiting',    ['wait']],
  ['opened',      'peerCame',     'early',      []],                  // faster than its SDP came to us
  ['opened',      'lost',         'failed',     ['fail']],            // to its relay
  ['opened',      'broken',       'failed',     ['fail']],
  ['opened',      'close',        'closed',     ['end']],

  ['early',       'startActive',  'bound',      ['flow']],            // it is there: no second connection
  ['early',       'startPassive', 'bound',      ['flow']],
  ['early',       'lost',         'opened',     ['unbind']],
  ['early',       'broken',       'failed',     ['fail']],
  ['early',       'close',        'closed',     ['end']],

  ['connecting',  'connected',    'bound',      ['greet', 'flow']],
  ['connecting',  'peerCame',     'bound',      ['flow']],            // both thought they were active
  ['connecting',  'lost',         'failed',     ['end']],             // start() tells
  ['connecting',  'close',        'closed',     ['end']],

  ['waiting',     'peerCame',     'bound',      ['flow']],
  ['waiting',     'expired',      'failed',     ['fail']],
  ['waiting',     'close',        'closed',     ['end']],

  ['bound',       'lost',         'failed',     ['fail']],
  ['bound',       'broken',       'failed',     ['fail']],
  ['bound',       'close',        'closed',     ['end']],

  ['failed',      'close',        'closed',     []],
] as const satisfies readonly Row[]

const byPair = new Map<string, { to: SessionState; does: readonly SessionAction[] }>(
  sessionStates.map(([from, on, to, does]) => [`${from} ${on}`, { to, does }]),
)

/** The row of the pair; undefined where nothing happens. */
export function sessionStep(from: SessionState, on: SessionInput) {
  return byPair.get(`${from} ${on}`)
}
