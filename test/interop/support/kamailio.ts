import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../faults/engine.ts'
import { isTaken } from './ports.ts'
import { Program } from './program.ts'

/** A configuration of `deploy/kamailio`. */
export type KamailioConfig = 'edge' | 'registrar' | 'msrp-relay'

const shipped = (name: KamailioConfig) =>
  readFileSync(fileURLToPath(new URL(`../../../deploy/kamailio/${name}.cfg`, import.meta.url)), 'utf8')

/**
 * Starts Kamailio with a shipped configuration in which only the values of its `substdef` lines are others.
 * `port` is one it listens at, to see when it does.
 */
export async function kamailio(
  config: KamailioConfig,
  values: Readonly<Record<string, string | number>>,
  folder: string,
  port: number,
): Promise<Program> {
  let text = shipped(config)
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`(#!substdef "!${name}!)[^!]*(!g")`)
    if (!line.test(text)) throw new Error(`${config}.cfg has no ${name}`)
    text = text.replace(line, `$1${value}$2`)
  }
  const file = join(folder, `${config}.cfg`)
  writeFileSync(file, text)
  // Debian's default memory manager, qm, is for debugging.
  const memory = ['-x', 'fm', '-X', 'fm', '-m', '32', '-M', '4']
  const program = new Program('kamailio', ['-DD', '-E', ...memory, '-f', file, '-Y', folder, '-w', folder], {
    cwd: folder,
  })
  return program.readyWhen(() => until(() => isTaken(port), 10_000, `Kamailio does not listen: ${program.said}`))
}
