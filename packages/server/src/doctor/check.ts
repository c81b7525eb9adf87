import type { Config } from '../config/load-config.ts'
import type { Finding } from './finding.ts'
import type { System } from './system.ts'

/** How much is to be served. */
export interface Scale {
  /** People who work at it. */
  agents: number
  /** Numbers that are reached over SIP, other than trunks. */
  sipNumbers: number
}

export interface Context {
  config: Config
  scale: Scale
  system: System
}

/** One thing to look at. A check that has nothing to look at finds nothing. */
export interface Check {
  /** What its findings are called. */
  name: string
  look(context: Context): Promise<readonly Finding[]> | readonly Finding[]
}

/** What cannot be told on this system. */
export const untold = (check: string, what: string): Finding => ({ check, severity: 'note', what })
