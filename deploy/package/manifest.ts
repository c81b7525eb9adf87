import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The `package.json` of the package: it depends on nothing, so that installing fetches nothing. */
export function manifest(root: string): { text: string; version: string } {
  const { version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    'version' | 'description' | 'license',
    string
  >
  const content = {
    name: 'ringdown',
    version,
    description,
    license,
    type: 'module',
    bin: { ringdown: 'bin/ringdown' },
    // The launcher is a shell script; it looks for a Node that is new enough itself.
    os: ['!win32'],
  }
  return { text: `${JSON.stringify(content, null, 2)}\n`, version }
}
