import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's root folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Paths, relative to the root, of what git tracks or would track: new files count before they are added. */
export function files(...patterns: string[]): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  )
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(root + path)).sort()
}

/** A file's text. */
export function text(path: string): string {
  return readFileSync(root + path, 'utf8')
}
