import { errorCatalogue } from '@ringdown/signalling'
import type { Definition } from '../definition.ts'

export const engine = {
  ringdown_sessions: {
    type: 'gauge',
    help: 'Living IM sessions by state',
    unit: 'sessions',
    labels: { centre: 'the contact centres of the configuration', state: ['dialing', 'talking'] },
    act: 'It is the load. All nodes on one store show the same number: take the maximum, not the sum. A hole means that the store did not answer.',
  },
  ringdown_texts_total: {
    type: 'counter',
    help: 'Texts accepted',
    unit: 'texts',
    act: 'It is the load. Where it stops while sessions live, look at `ringdown_refusals_total`.',
  },
  ringdown_commit_seconds: {
    type: 'histogram',
    help: 'Time of a commit to the store, whatever its outcome',
    unit: 'seconds',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2],
    act: 'Every accepted text waits for one. Where it rises with the load, the disk or Redis is at its limit; where it rises without, look at the disk, at the network to Redis, and at the event loop.',
  },
  ringdown_commits_under_way: {
    type: 'gauge',
    help: 'Commits to the store that have not ended',
    unit: 'commits',
    act: 'A number that only grows: the store takes no more. Requests are refused with `TERR_TIMEOUT` soon.',
  },
  ringdown_refusals_total: {
    type: 'counter',
    help: 'T-requests and logins refused, by reason',
    unit: 'requests',
    labels: {
      // The T-Server's refusals, and those of the login before it.
      reason: [
        ...Object.keys(errorCatalogue),
        'noCredentials',
        'wrongCredentials',
        'sessionEnded',
        'tooManyAttempts',
        'tooManyRequests',
        'busy',
        'csrf',
        'tooManyTickets',
        'other',
      ],
    },
    act: '`TERR_NO_SWITCH` and `TERR_TIMEOUT`: the store. `TERR_RES_UNAVAIL` and `busy`: too much at once. `wrongCredentials` and `tooManyAttempts`: somebody guesses, or a password was changed. The rest is what clients do: see the log.',
  },
  ringdown_delivery_seconds: {
    type: 'histogram',
    help: 'From the acceptance of a text to its writing to a client; texts older than a minute are counted apart',
    unit: 'seconds',
    labels: { to: ['cometd', 'ucajax', 'sip'] },
    buckets: [
      0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60,
    ],
    act: 'What people feel. Where it rises for all, look at the commit time and the event loop; for `sip` alone, at the endpoints; for `cometd` or `ucajax` alone, at clients that come back late.',
  },
  ringdown_late_deliveries_total: {
    type: 'counter',
    help: 'Texts that were older than a minute when they were written to a client, which was away',
    unit: 'texts',
    labels: { to: ['cometd', 'ucajax', 'sip'] },
    act: 'Clients were away and came back: a network that was cut, or machines that sleep. Many at once after a restart are expected.',
  },
} as const satisfies Record<string, Definition>
