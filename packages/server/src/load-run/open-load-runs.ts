import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Centre, hashPassword } from '@ringdown/facade'
import type { Clock } from '@ringdown/signalling'
import type { Config } from '../config/load-config.ts'
import type { Log } from '../log.ts'
import { startAgents } from './agents-process.ts'
import { LoadRunsOfNode } from './load-runs.ts'

export interface OpenLoadRunsDeps {
  config: Config
  node: string
  centres: readonly Centre[]
  clock: Clock
  log: Log
  /** Where the server listens, once it does: no run begins before. */
  address: () => string
}

// 128 random bits cannot be guessed, whatever one guess costs; 400 agents are to sign in within seconds.
const cheap = { ln: 1, r: 8, p: 1 }

/** The load runs of a node. `open` them when it listens. */
export function openLoadRuns({ config, node, centres, clock, log, address }: OpenLoadRunsDeps): LoadRunsOfNode {
  const [first, ...others] = centres
  if (!first) throw new Error('a server has a contact centre')
  const { tls, requestsPerMinute } = config.http
  return new LoadRunsOfNode({
    centres: [first, ...others],
    node,
    clock,
    log,
    // Read anew for each run: the listener may have been given another one.
    target: () => ({ address: fromHere(address()), ...(tls && { certificate: readFileSync(tls.certFile, 'utf8') }) }),
    startAgents,
    // All agents have one address, which others may have too, behind a proxy of this machine.
    ...(requestsPerMinute > 0 && {
      unable: `http.requestsPerMinute lets an address make ${requestsPerMinute} requests a minute, and a load run makes more`,
    }),
    random: (bytes) => randomBytes(bytes).toString('hex'),
    hashPassword: (password) => hashPassword(password, cheap),
  })
}

/** An address to listen at as one to connect to. */
export function fromHere(address: string): string {
  return address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}
