import type { TTimer } from '@ringdown/signalling'
import type { StoreKeys } from './keys.ts'
import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./claim-timers.lua', import.meta.url))

/** Timers due at `now`, earliest first, each leased to the asker alone. */
export async function claimTimers(run: RunScript, at: StoreKeys, now: number, limit: number, leaseMs: number) {
  const args = [String(now), String(limit), String(leaseMs)]
  const reply = (await run(script, [at.timers, at.timerData], args)) as string[]
  const timers: { id: string; timer: TTimer }[] = []
  for (let i = 0; i < reply.length; i += 2) timers.push({ id: reply[i] ?? '', timer: JSON.parse(reply[i + 1] ?? '') })
  return timers
}
