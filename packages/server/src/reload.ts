import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '@ringdown/signalling'
import type { CentreDirectory } from './centre-directory.ts'
import type { Config, Loaded } from './config/load-config.ts'
import type { Mistake } from './config/read-yaml.ts'
import type { Log } from './log.ts'
import type { HashPasswords } from './passwords.ts'

/** What became of a reload. */
export interface ReloadReport {
  /** Whether the new file is in force. */
  applied: boolean
  /** Why not: everything that is wrong. */
  problems: readonly string[]
  /** Keys that changed and wait for a restart. */
  restart: readonly string[]
}

export interface ReloadDeps {
  /** Reads the file again. */
  load: () => Loaded
  /** How a mistake is shown. */
  format: (mistake: Mistake) => string
  running: Config
  /** By id of the contact centre. */
  directories: ReadonlyMap<string, CentreDirectory>
  hashPasswords: HashPasswords
  log: Log
  /** Told of a file that is in force, for what else of it takes effect at once. */
  onApplied?: (config: Config) => Promise<void>
}

/** Makes the reload of a running server. One at a time; a wrong file replaces nothing. SPEC SV-10 to SV-13. */
export function reloader(deps: ReloadDeps): () => Promise<ReloadReport> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const next = last.then(() => reload(deps))
    last = next.catch(() => {})
    return next
  }
}

async function reload(deps: ReloadDeps): Promise<ReloadReport> {
  const { load, format, running, directories, hashPasswords, log, onApplied } = deps
  const loaded = load()
  if ('mistakes' in loaded) return refused(loaded.mistakes.map(format), log)
  for (const warning of loaded.warnings) log.warn({ warning: format(warning) }, 'configuration warning')

  const ready = []
  const problems: string[] = []
  for (const centre of loaded.config.contactCentres) {
    const directory = directories.get(centre.objects.id)
    if (!directory) continue
    const objects = await hashPasswords(centre)
    problems.push(...describe(objects.id, await directory.check(objects)))
    ready.push({ directory, objects })
  }
  if (problems.length > 0) return refused(problems, log)

  for (const { directory, objects } of ready) {
    // Somebody may have changed an object through the API since the check.
    problems.push(...describe(objects.id, await directory.replace(objects)))
  }
  if (problems.length > 0) return refused(problems, log)
  log.level = loaded.config.log.level
  const restart = changedKeys(running, loaded.config)
  log.info({ restart }, 'configuration reloaded')
  await onApplied?.(loaded.config)
  return { applied: true, problems: [], restart }
}

function refused(problems: readonly string[], log: Log): ReloadReport {
  log.error({ problems }, 'configuration not reloaded; the last good one stays')
  return { applied: false, problems, restart: [] }
}

const describe = (centre: string, problems: readonly Problem[]) =>
  problems.map(({ message }) => `contact centre ${centre}, with what was changed through the API: ${message}`)

/** Keys that differ and are read at the start only: SPEC SV-13. */
function changedKeys(running: Config, read: Config): readonly string[] {
  const atStart = ['node', 'http', 'login', 'cometd', 'monitoring', 'trace', 'store', 'sip', 'msrp', 'drain'] as const
  const changed: string[] = []
  for (const part of atStart) changed.push(...differences(running[part], read[part], part))
  const ids = (config: Config) => config.contactCentres.map(({ objects }) => objects.id).sort()
  if (!isDeepStrictEqual(ids(running), ids(read))) changed.push('contactCentres')
  return changed
}

function differences(a: unknown, b: unknown, path: string): readonly string[] {
  if (isPart(a) && isPart(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences(a[key], b[key], `${path}.${key}`))
  }
  return same(a, b) ? [] : [path]
}

function isPart(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function same(a: unknown, b: unknown): boolean {
  if (isSecret(a) && isSecret(b)) return a.reveal() === b.reveal()
  return isDeepStrictEqual(a, b)
}

function isSecret(value: unknown): value is { reveal(): string } {
  return typeof value === 'object' && value !== null && 'reveal' in value
}
