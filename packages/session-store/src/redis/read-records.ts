import type { CallUUID, ReadReply, ReadRequest } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./read-records.lua', import.meta.url))

/** All that one decision looks at, as it was at one moment. */
export async function readRecords(run: RunScript, at: StoreKeys, { records, claims }: ReadRequest): Promise<ReadReply> {
  if (records.length + claims.length === 0) return { records: [], claims: [] }
  const keys = [...records.map(at.record), ...claims.map(at.claim)]
  const reply = (await run(script, keys, [String(records.length)])) as (string | null)[]
  return {
    records: records.map((_, i) => {
      const json = reply[2 * i + 1]
      return typeof json === 'string' ? { version: Number(reply[2 * i]), value: JSON.parse(json) } : undefined
    }),
    claims: claims.map((_, i) => (reply[2 * records.length + i] ?? undefined) as CallUUID | undefined),
  }
}
