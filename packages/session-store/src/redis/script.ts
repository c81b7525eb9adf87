import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A Lua script and the name Redis knows it by. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** Runs a script within the store's deadline; rejects with TServerError. Its reply is whatever the script returns. */
export type RunScript = (script: Script, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** Reads the script that lies beside its wrapper. */
export function loadScript(url: URL): Script {
  const source = readFileSync(url, 'utf8')
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** A time to live as Redis takes it: whole milliseconds, at least one. */
export function wholeMs(ms: number): string {
  return String(Math.max(1, Math.ceil(ms)))
}
