import { clients } from './definitions/clients.ts'
import { engine } from './definitions/engine.ts'
import { exports } from './definitions/exports.ts'
import { node } from './definitions/node.ts'
import { security } from './definitions/security.ts'
import { sip } from './definitions/sip.ts'
import { trace } from './definitions/trace.ts'
import { webhooks } from './definitions/webhooks.ts'

/** Every metric of ours, by its name, in the order of METRICS.md. A part of the engine has a file of its own. */
export const definitions = {
  ...engine,
  ...node,
  ...clients,
  ...sip,
  ...security,
  ...trace,
  ...exports,
  ...webhooks,
} as const
