import type { Target } from './fuzz.ts'
import { sipTargets } from './sip-targets.ts'

/** All parsers that read what others send. */
export const targets: readonly Target[] = [...sipTargets]
