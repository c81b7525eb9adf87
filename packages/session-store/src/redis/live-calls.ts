import type { Call, CallUUID, LiveState } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { readRecords } from './read-records.ts'
import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./live-calls.lua', import.meta.url))

export async function countCalls(run: RunScript, at: StoreKeys): Promise<Record<LiveState, number>> {
  const [dialing, talking] = (await run(script, stateKeys(at), ['0', '', ''])) as number[]
  return { dialing: dialing ?? 0, talking: talking ?? 0 }
}

/** Living calls, oldest first and by their ids where of one age; the cursor is the last one's `<created>:<call>`. */
export async function listCalls(run: RunScript, at: StoreKeys, after: string | undefined, limit: number) {
  const cursor = /^(\d{1,16}):(.+)$/.exec(after ?? '')
  const args = [String(limit + 1), cursor?.[2] ?? '', cursor?.[1] ?? '']
  const found = (await run(script, stateKeys(at), args)) as string[][]
  const members = found.flatMap(membersOf)
  members.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
  const page = members.slice(0, limit)
  const reply = await readRecords(run, at, { records: page.map(({ id }) => ({ kind: 'call', id })), claims: [] })
  // A call may have ended between the two looks.
  const calls = reply.records.flatMap((record) => (record ? [record.value as Call] : []))
  const last = page.at(-1)
  return last && members.length > limit ? { calls, next: `${last.created}:${last.id}` } : { calls }
}

function stateKeys(at: StoreKeys): string[] {
  return [at.live('dialing'), at.live('talking')]
}

function membersOf(words: readonly string[]): { id: CallUUID; created: number }[] {
  const members: { id: CallUUID; created: number }[] = []
  for (let i = 0; i < words.length; i += 2) members.push({ id: words[i] as CallUUID, created: Number(words[i + 1]) })
  return members
}
