import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { demoConfig } from '../config/demo-config.ts'
import { type Config, formatMistake, type Loaded, loadConfig } from '../config/load-config.ts'
import type { Mistake } from '../config/read-yaml.ts'
import { demoPasswordsExposed, keptDemoPasswords, readDemoPasswords } from '../demo-passwords.ts'
import { defaultDirectory } from '../open-stores.ts'
import { CommandError, type Io } from './io.ts'

/** A configuration and how to read it again. */
export interface ConfigSource {
  config: Config
  warnings: readonly string[]
  load: () => Loaded
  format: (mistake: Mistake) => string
  /** Generated passwords of a run without a file. */
  demo?: Readonly<Record<string, string>>
}

/** What the command line says over the file. */
export interface Overrides {
  host?: string
  port?: number
}

const fileName = 'ringdown.yaml'

/** The file asked for, `$RINGDOWN_CONFIG`, `ringdown.yaml` here, in this order; undefined where there is none of them. */
export function configFile(asked: string | undefined, io: Io): string | undefined {
  return asked ?? io.env.RINGDOWN_CONFIG ?? (existsSync(fileName) ? fileName : undefined)
}

/** Reads it, or throws CommandError with every mistake, a line each. */
export function readConfig(file: string, io: Io, overrides: Overrides = {}): ConfigSource {
  const load = () => unlessExposed(withOverrides(loadFile(file, io), overrides, dirname(resolve(file))))
  const format = (mistake: Mistake) => formatMistake(file, mistake)
  const loaded = load()
  if ('mistakes' in loaded) throw new CommandError(loaded.mistakes.map(format).join('\n'))
  return { config: loaded.config, warnings: loaded.warnings.map(format), load, format }
}

/** The demo contact centre, for a run without a file. Its passwords are kept in the data directory. SPEC SV-7. */
export function readDemoConfig(overrides: Overrides): ConfigSource {
  const directory = resolve(defaultDirectory)
  const passwords = demoPasswords(directory)
  const { host = '127.0.0.1', port = 8080 } = overrides
  const load = () => unlessExposed(demoConfig({ host, port, directory }, passwords))
  const format = (mistake: Mistake) => formatMistake('demo', mistake)
  const loaded = load()
  if ('mistakes' in loaded) throw new CommandError(loaded.mistakes.map(({ message }) => message).join('\n'))
  return { config: loaded.config, warnings: [], load, format, demo: passwords }
}

// SPEC SV-8. Looked for where a demo run here, or on this store, would have left them.
function unlessExposed(loaded: Loaded): Loaded {
  if ('mistakes' in loaded) return loaded
  const directory = loaded.config.store.embedded?.directory ?? resolve(defaultDirectory)
  const refuse = (message: string) => ({ mistakes: [{ line: 1, column: 1, message }] })
  try {
    const exposed = demoPasswordsExposed(loaded.config, readDemoPasswords(directory))
    return exposed === undefined ? loaded : refuse(exposed)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function demoPasswords(directory: string) {
  try {
    return keptDemoPasswords(directory)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`the demo contact centre has no passwords: ${reason}`, { cause: error })
  }
}

function loadFile(file: string, io: Io): Loaded {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { mistakes: [{ line: 1, column: 1, message: `the file cannot be read (${reason})` }] }
  }
  const base = dirname(resolve(file))
  return loadConfig(text, {
    env: io.env,
    readFile: (path) => readFileSync(resolve(base, path), 'utf8'),
    isOpen: (path) => (statSync(resolve(base, path)).mode & 0o004) !== 0,
  })
}

// Paths in the file are relative to the file, so that it means the same from everywhere.
function withOverrides(loaded: Loaded, { host, port }: Overrides, base: string): Loaded {
  if ('mistakes' in loaded) return loaded
  const { http, store, sip, msrp, hep, ...rest } = loaded.config
  const { tls } = http
  const here = <T extends { certFile?: string; keyFile?: string; caFile?: string }>(files: T): T => ({
    ...files,
    ...(files.certFile !== undefined && { certFile: resolve(base, files.certFile) }),
    ...(files.keyFile !== undefined && { keyFile: resolve(base, files.keyFile) }),
    ...(files.caFile !== undefined && { caFile: resolve(base, files.caFile) }),
  })
  const config: Config = {
    ...rest,
    http: {
      ...http,
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(tls && { tls: { certFile: resolve(base, tls.certFile), keyFile: resolve(base, tls.keyFile) } }),
    },
    sip: { ...sip, listen: sip.listen.map(here), ...(sip.client && { client: here(sip.client) }) },
    msrp: { ...msrp, listen: msrp.listen.map(here) },
    ...(hep && { hep: here(hep) }),
    store: store.redis
      ? { ...store, redis: here(store.redis) }
      : { ...store, embedded: { directory: resolve(base, store.embedded?.directory ?? defaultDirectory) } },
  }
  return { ...loaded, config }
}
