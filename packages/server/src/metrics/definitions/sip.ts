import type { Definition } from '../definition.ts'

export const sip = {
  ringdown_sip_held: {
    type: 'gauge',
    help: 'SIP legs, dialogs and transactions, and MSRP sessions and connections of this node',
    unit: 'see kind',
    labels: { kind: ['legs', 'dialogs', 'transactions', 'msrpSessions', 'msrpConnections'] },
    act: 'Legs and dialogs follow the sessions. Transactions that pile up: peers do not answer.',
  },
  ringdown_sip_answers_total: {
    type: 'counter',
    help: 'Answers to SIP requests outside dialogs, by method and class of status',
    unit: 'answers',
    labels: {
      method: ['INVITE', 'MESSAGE', 'REGISTER', 'OPTIONS', 'other'],
      status: ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'],
    },
    act: '`4xx` to REGISTER and MESSAGE are half challenges, for every credential is asked for; more than half means wrong passwords. `5xx`: the store does not answer.',
  },
  ringdown_sip_drops_total: {
    type: 'counter',
    help: 'What SIP and MSRP threw away or refused unread, by protocol and reason',
    unit: 'connections or messages',
    labels: {
      protocol: ['sip', 'msrp'],
      reason: 'words of the transports, such as `malformed`, `too-large`, `slow-reader`; 50 at most, then `other`',
    },
    act: '`malformed`: scanners, or a peer with a fault. `too-many-…`: a limit was reached, see who connects. `slow-reader` and `no-pong`: peers that are gone without a word.',
  },
} as const satisfies Record<string, Definition>
