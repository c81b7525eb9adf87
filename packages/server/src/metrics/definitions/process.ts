/** What prom-client measures of the process and we look at, with what to do when it moves. Its help is prom-client's. */
export const processMetrics = {
  process_cpu_seconds_total:
    'One process uses one core for traffic. A rate above 0.8 for long: start another node on the same store.',
  process_resident_memory_bytes:
    'Grows with sessions and clients, and by `trace.bytes`. Where it grows without them, keep a heap snapshot and report it.',
  process_open_fds: 'One for each connection. Near `process_max_fds` new clients are refused: raise the limit.',
  process_max_fds: 'The limit of `ulimit -n`, or of `LimitNOFILE` in a systemd unit.',
  process_start_time_seconds: 'It changes at a restart. Many restarts: read the last lines of the log before each.',
  nodejs_eventloop_lag_p99_seconds:
    'How late work begins. Above 0.1 for long: the processor is too slow for the load, or something computes for long.',
  nodejs_heap_size_used_bytes: 'The memory of JavaScript. It falls at each collection; watch the lowest values.',
  nodejs_gc_duration_seconds: 'Time of garbage collections. A rate above 0.1 of its sum: too little memory.',
} as const satisfies Record<string, string>
