import type { Target } from './fuzz.ts'
import { msrpTargets } from './msrp-targets.ts'
import { sdpTargets } from './sdp-targets.ts'
import { sipTargets } from './sip-targets.ts'
import { ucAjaxTargets } from './uc-ajax-targets.ts'

/** All parsers that read what others send. */
export const targets: readonly Target[] = [...sipTargets, ...sdpTargets, ...msrpTargets, ...ucAjaxTargets]
