import type { StoreKeys } from './keys.ts'
import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./attune.lua', import.meta.url))
/** A node that was silent for so long is forgotten: others stop publishing for it alone. Milliseconds. */
const nodeTTL = 10_000

/** What a node learns when it makes itself known. */
export interface Attuned {
  epoch: string
  /** The node was not known: what others published meanwhile may be lost to it. */
  unknown: boolean
  maxmemoryPolicy: string
  role: string
}

/** Writes that the node is here, and reads whose memory this is; the write also shows that the server takes writes. */
export async function attune(run: RunScript, at: StoreKeys, token: string, durable: boolean): Promise<Attuned> {
  const keys = [at.epoch, at.memory, at.nodes]
  const reply = await run(script, keys, [token, durable ? '1' : '0', String(nodeTTL)])
  const [epoch, added, maxmemoryPolicy, role] = reply as [string, number, string, string]
  return { epoch, unknown: added === 1, maxmemoryPolicy, role }
}
