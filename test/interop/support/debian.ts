import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where the chroot is kept between runs, outside of the repository. */
const place = () => join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'ringdown-asterisk-22')
/** Written last, so that half a system is never taken for a whole one. */
const stamp = 'ringdown-is-complete'

/**
 * The root of a Debian sid with Asterisk 22, which Debian's stable releases do not have. Made once (a minute or two, 500 MB) from the mirror this
 * system's own apt uses; kept. Rejects with what is missing where that cannot be.
 */
export async function debianWithAsterisk(): Promise<string> {
  const root = place()
  if (existsSync(join(root, stamp))) return root
  if (process.getuid?.() !== 0) throw new Error('Asterisk 22 runs in a chroot, which only root can make and enter')
  const mirror = mirrorOf(aptSources())
  if (!mirror)
    throw new Error('Asterisk 22 is taken from Debian sid, and the apt of this system names no mirror of Debian')
  const making = `${root}.making`
  rmSync(making, { recursive: true, force: true })
  rmSync(root, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const args = ['--variant=minbase', '--include=asterisk', 'sid', making, mirror]
    await run('debootstrap', args, { env, maxBuffer: 64 * 1024 * 1024 })
  } catch (cause) {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).slice(-2_000) : ''
    throw new Error(`debootstrap made no Debian sid with Asterisk:\n${said}`, { cause })
  }
  writeFileSync(join(making, stamp), '')
  renameSync(making, root)
  return root
}

/** A source of packages, as apt reads it: where, and which suites. */
interface Source {
  readonly uri: string
  readonly suites: readonly string[]
}

/** `sources.list` and `sources.list.d`, in both forms. */
function aptSources(folder = '/etc/apt'): Source[] {
  const parts = join(folder, 'sources.list.d')
  const files = [
    join(folder, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts) : []).map((f) => join(parts, f)),
  ]
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8')
      return file.endsWith('.sources') ? readStanzas(text) : readLines(text)
    })
}

/** One-line form: `deb [options] uri suite components…`. */
export function readLines(text: string): Source[] {
  return [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm)].map(([, uri = '', suite = '']) => {
    return { uri, suites: [suite] }
  })
}

/** deb822 form: stanzas of fields. */
export function readStanzas(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.split(/\s+/) ?? []
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return []
    return field('URIs').map((uri) => ({ uri, suites: field('Suites') }))
  })
}

/** A mirror of Debian itself: not of its security updates, and of nobody else's packages. */
export function mirrorOf(sources: readonly Source[]): string | undefined {
  const mirrors = sources.filter(({ uri, suites }) => {
    return /^https?:\/\/.*\/debian\/?$/.test(uri) && !suites.every((suite) => suite.includes('security'))
  })
  return mirrors[0]?.uri
}
