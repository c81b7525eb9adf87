import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './package.ts'

export interface Instruction {
  name: string
  /** Everything behind the name, continued lines joined. */
  value: string
}

/** The stages of a Dockerfile, each beginning with its FROM. */
export function stagesOf(file: string): Instruction[][] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
  const stages: Instruction[][] = []
  for (const line of lines.join('\n').replaceAll(/\\\n/g, ' ').split('\n')) {
    const [, name, value = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? []
    if (name === undefined) {
      if (line.trim() !== '') throw new Error(`no instruction: ${line}`)
      continue
    }
    if (name === 'FROM') stages.push([])
    const stage = stages.at(-1)
    if (!stage) throw new Error(`${name} before FROM`)
    stage.push({ name, value: value.replaceAll(/\s+/g, ' ') })
  }
  return stages
}

export const dockerfile = join(root, 'deploy/docker/Dockerfile')

/** The value of the only such instruction of a stage. */
export function only(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((one) => one.name === name)
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} instructions ${name}`)
  return found[0].value
}

/**
 * Whether `.dockerignore` keeps a path out: the last pattern that names it, or a folder it lies in, decides. Patterns here are
 * names and paths, with `**` before a name at any depth and `*` for all at the top.
 */
export function isIgnored(path: string, patterns: readonly string[]): boolean {
  const parts = path.split('/')
  const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
  let ignored = false
  for (const pattern of patterns) {
    const keep = pattern.startsWith('!')
    const glob = keep ? pattern.slice(1) : pattern
    const expression = new RegExp(
      `^${glob.replaceAll(/[.+^${}()|[\]]/g, '\\$&').replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'))}$`,
    )
    if (prefixes.some((prefix) => expression.test(prefix))) ignored = !keep
  }
  return ignored
}
