import { loadScript, type RunScript } from './script.ts'

const script = loadScript(new URL('./rewrite.lua', import.meta.url))

/** Writes other JSON in the place of some entries of a stream, by their positions; how many of them are held. */
export async function rewrite(
  run: RunScript,
  key: string,
  entries: readonly { position: number; json: string }[],
): Promise<number> {
  const args = entries.flatMap(({ position, json }) => [`0-${position}`, json])
  return args.length === 0 ? 0 : Number(await run(script, [key], args))
}
