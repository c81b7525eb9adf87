import { loadScript, type RunScript, wholeMs } from './script.ts'

const script = loadScript(new URL('./count.lua', import.meta.url))

/** One step of a counter; its new value. */
export async function count(run: RunScript, key: string, ttlMs: number): Promise<number> {
  return Number(await run(script, [key], [wholeMs(ttlMs)]))
}
