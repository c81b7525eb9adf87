import type { OpenForRace } from '../../testing/races.ts'
import { systemClock } from '../../testing/system-clock.ts'
import { openEmbeddedStore } from '../sqlite-store.ts'

/** Opens the file that `options.file` names, in a process of a race. */
export const open: OpenForRace = (options) => {
  const { file } = options as { file: string }
  return openEmbeddedStore({ file, centre: 'demo', feedLimit: 100_000, clock: systemClock, node: String(process.pid) })
}
