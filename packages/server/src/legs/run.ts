/**
 * A run of a node: what owns legs and holds flows. Flows and MSRP sessions do not outlive the process, so each start is another
 * owner, whose legs the next run of the same node takes up at once.
 */
export const runOf = (node: string, token: string): string => `${node}~${token}`

/** The node a run is of: what hints are sent to. */
export const nodeOf = (run: string): string => run.split('~', 1)[0] ?? run
