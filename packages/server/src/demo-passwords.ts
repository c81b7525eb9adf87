import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoPasswords, demoUsers, makeDemoPasswords } from './config/demo-config.ts'
import type { Config } from './config/load-config.ts'
import { isLoopback } from './config/loopback.ts'

const fileName = 'demo-passwords.json'

/** The passwords of this directory's demo run: those of the last one, or new ones, which are kept for the next. SPEC SV-7. */
export function keptDemoPasswords(directory: string): DemoPasswords {
  const kept = readDemoPasswords(directory)
  if (kept) return kept
  const passwords = makeDemoPasswords()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(join(directory, fileName), `${JSON.stringify(passwords, null, 2)}\n`, { mode: 0o600 })
  return passwords
}

/** The passwords a demo run left in the directory; undefined when there was none. */
export function readDemoPasswords(directory: string): DemoPasswords | undefined {
  const file = join(directory, fileName)
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isDemoPasswords(kept)) return kept
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  }
  throw new Error(`${file} cannot be read as demo passwords: remove it to get new ones`)
}

function isDemoPasswords(kept: unknown): kept is DemoPasswords {
  const passwords = new Map(Object.entries(kept ?? {}))
  return demoUsers.every((user) => typeof passwords.get(user) === 'string')
}

/**
 * Why this configuration must not be served: passwords that stood on a terminal, on an address that others reach.
 * Undefined when it may. SPEC SV-8.
 */
export function demoPasswordsExposed(config: Config, demo: DemoPasswords | undefined): string | undefined {
  if (!demo || isLoopback(config.http.host)) return undefined
  const generated = new Set<string>(Object.values(demo))
  for (const { objects, passwords } of config.contactCentres) {
    for (const [userName, password] of passwords) {
      if (generated.has(password.reveal()))
        return `${userName} of contact centre ${objects.id} has a generated demo password, and ${config.http.host} can be reached from other machines: write a ringdown.yaml with passwords of your own, or listen on 127.0.0.1`
    }
  }
  return undefined
}
