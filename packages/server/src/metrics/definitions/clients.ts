import type { Definition } from '../definition.ts'

export const clients = {
  ringdown_http_request_seconds: {
    type: 'histogram',
    help: 'HTTP requests by route template; a held connect lasts as long as it is held',
    unit: 'seconds',
    labels: {
      method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'other'],
      route: 'templates of our routes, `none` where no route matched; 300 at most, then `other`',
      status: ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'],
    },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10, 60],
    act: '`5xx`: the store does not answer, or the log has an error of ours. Leave out the routes that hold requests (CometD, UC AJAX polls) when you look at times.',
  },
  ringdown_cometd_clients: {
    type: 'gauge',
    help: 'CometD clients this node serves',
    unit: 'clients',
    act: 'All gone at once: the network or a proxy in front. On one node only: clients went to another.',
  },
  ringdown_cometd_queued_bytes: {
    type: 'gauge',
    help: 'Events held in memory for CometD clients of this node',
    unit: 'bytes',
    act: 'Clients do not fetch what waits for them. It is bounded for each client; who is too slow gets a gap notice.',
  },
  ringdown_cometd_gaps_total: {
    type: 'counter',
    help: 'Gap notices sent to CometD clients',
    unit: 'notices',
    act: 'Clients were told that they missed events, and read the session again. Slow or long absent clients; or `store.feedLimit` is small, or Redis lost its last writes.',
  },
  ringdown_uc_ajax_sessions: {
    type: 'gauge',
    help: 'UC AJAX sessions this node holds in memory: those that were polled here lately',
    unit: 'sessions',
    act: 'As `ringdown_cometd_clients`.',
  },
  ringdown_uc_ajax_polls_total: {
    type: 'counter',
    help: 'Polls of UC AJAX sessions that were answered, and whether they were held before',
    unit: 'polls',
    labels: { held: ['true', 'false'] },
    act: 'Many that were not held, and few events: a client polls in a tight loop.',
  },
  ringdown_uc_ajax_events_total: {
    type: 'counter',
    help: 'Events in the answers to polls of UC AJAX sessions, repetitions among them',
    unit: 'events',
    act: 'Far more than texts: a client does not acknowledge, and gets the same again.',
  },
  ringdown_uc_ajax_tickets_refused_total: {
    type: 'counter',
    help: 'Requests of UC AJAX clients refused for their ticket, by reason',
    unit: 'requests',
    labels: { reason: ['noTicket', 'unknownTicket', 'ticketEnded', 'other'] },
    act: '`ticketEnded` is a client that was away for long. Many `unknownTicket`: somebody guesses, or the store lost its records.',
  },
} as const satisfies Record<string, Definition>
