import type { Definition } from '../definition.ts'

/** What a node says of itself and its stores. */
export const node = {
  ringdown_build_info: {
    type: 'gauge',
    help: 'Always 1; its labels say what runs',
    unit: 'see labels',
    labels: {
      version: 'the release that runs',
      node: 'the version of Node.js',
      store: ['embedded', 'redis'],
    },
    act: 'Two versions side by side are an upgrade under way. Nothing to do.',
  },
  ringdown_ready: {
    type: 'gauge',
    help: 'Whether this node takes requests: what `/health/ready` says',
    unit: 'yes or no',
    act: '0: see `ringdown_trouble` for why.',
  },
  ringdown_trouble: {
    type: 'gauge',
    help: 'What keeps this node from taking requests',
    unit: 'yes or no',
    labels: { kind: ['starting', 'draining', 'store'] },
    act: '`starting` and `draining` pass by themselves; `store`: see `ringdown_store_healthy`.',
  },
  ringdown_store_healthy: {
    type: 'gauge',
    help: 'Whether the store of a contact centre takes writes',
    unit: 'yes or no',
    labels: { centre: 'the contact centres of the configuration' },
    act: '0: nothing is accepted in this contact centre. Look whether Redis runs, is the master and may write; with SQLite, whether the disk is full.',
  },
  ringdown_store_notices_total: {
    type: 'counter',
    help: 'What the Redis store told the log, by what it was',
    unit: 'notices',
    labels: { notice: ['writable', 'notWritable', 'newEpoch', 'hintsInterrupted', 'other'] },
    act: '`newEpoch`: Redis may have lost writes that were accepted; clients are told of a gap. Look at its persistence and at the failover. Pairs of `notWritable` and `writable` are broken connections.',
  },
  ringdown_commits_total: {
    type: 'counter',
    help: 'Commits to the store that were answered, by outcome',
    unit: 'commits',
    labels: { outcome: ['committed', 'conflict', 'duplicate'] },
    act: 'Some `conflict` are normal, they are decided again. More than one in ten: many requests for the same session at once, or two nodes with one name. `duplicate`: clients repeat texts, which are accepted once.',
  },
  ringdown_log_lines_total: {
    type: 'counter',
    help: 'Lines of the log that want attention, by level',
    unit: 'lines',
    labels: { level: ['warn', 'error'] },
    act: '`error`: we broke; read the log and report it. `warn`: a peer broke a rule, or the store did not answer.',
  },
} as const satisfies Record<string, Definition>
