/**
 * All checks of the repository, in one run: what `npm test` does.
 * Ends with the line `N passed, N failed`, each test and each static check counting one, and fails if anything failed,
 * was left out, or if no test ran at all.
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const path = [bin, process.env.PATH ?? ''].join(delimiter)
const environment = { ...process.env, PATH: path, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' }

/** A program the tests start and npm does not bring. */
interface Program {
  readonly command: string
  /** Debian's package. */
  readonly apt: string
  readonly why: string
  readonly elsewhere: string
  /** Where what is needed is no command: a file of this name in one of these folders. */
  readonly file?: { readonly name: string; readonly folders: readonly string[] }
}

const debianOnly = 'a container or virtual machine with Debian is the least trouble'
const kamailioModule = (name: string) => ({
  name: `${name}.so`,
  folders: [
    ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => `/usr/lib/${machine}/kamailio/modules`),
    '/usr/lib64/kamailio/modules',
  ],
})

const programs: readonly Program[] = [
  {
    command: 'redis-server',
    apt: 'redis-server',
    why: 'the session store on Redis is tested against a real server',
    elsewhere:
      'macOS: brew install redis; Fedora: dnf install redis; else https://redis.io/docs/latest/operate/oss_and_stack/install/',
  },
  {
    command: 'chromium',
    apt: 'chromium',
    why: 'what agents use is a browser, and cookies, CORS and WebSockets are as it has them',
    elsewhere: 'Fedora: dnf install chromium; else any Chromium, under this name on the PATH',
  },
  {
    command: 'sipp',
    apt: 'sip-tester',
    why: 'its scenarios are played against the engine',
    elsewhere: 'macOS: brew install sipp; Fedora: dnf install sipp',
  },
  {
    command: 'kamailio',
    apt: 'kamailio',
    why: 'SIP is tested with a proxy, a registrar and an MSRP relay that are not ours',
    elsewhere: 'Fedora: dnf install kamailio',
  },
  {
    command: 'the websocket module of Kamailio',
    apt: 'kamailio-websocket-modules',
    why: 'browsers reach the engine through it',
    elsewhere: 'Fedora: dnf install kamailio-websocket',
    file: kamailioModule('websocket'),
  },
  {
    command: 'the uuid module of Kamailio',
    apt: 'kamailio-extra-modules',
    why: 'the MSRP relay gives its paths with it',
    elsewhere: 'Fedora: dnf install kamailio-uuid',
    file: kamailioModule('uuid'),
  },
  {
    command: 'haproxy',
    apt: 'haproxy',
    why: 'the load balancer of the compose file is tried in front of two nodes',
    elsewhere: 'macOS: brew install haproxy; Fedora: dnf install haproxy',
  },
  {
    command: 'systemd-analyze',
    apt: 'systemd',
    why: 'it checks the unit for systemd',
    elsewhere: debianOnly,
  },
  {
    command: 'tshark',
    apt: 'tshark',
    why: 'it reads what the engine writes, and finds nothing malformed',
    elsewhere: 'macOS: brew install wireshark; Fedora: dnf install wireshark-cli',
  },
  {
    command: 'linphonec',
    apt: 'linphone-cli',
    why: 'a phone that is not ours exchanges texts with an agent',
    elsewhere: debianOnly,
  },
  {
    command: 'baresip',
    apt: 'baresip-core',
    why: 'another phone that is not ours does so too',
    elsewhere: debianOnly,
  },
  {
    command: 'promtool',
    apt: 'prometheus',
    why: 'a Prometheus loads the rules and dashboards that are shipped, and scrapes the engine',
    elsewhere: 'macOS: brew install prometheus; Fedora: dnf install prometheus; it brings prometheus along',
  },
  {
    command: 'openssl',
    apt: 'openssl',
    why: 'certificates of tests are made with it, expired ones too',
    elsewhere: 'Fedora: dnf install openssl',
  },
  {
    command: 'curl',
    apt: 'curl',
    why: 'what the pages print is run, and asks the engine with it',
    elsewhere: 'Fedora: dnf install curl',
  },
  {
    command: 'nft',
    apt: 'nftables',
    why: 'datagrams are lost at random by the kernel',
    elsewhere: 'Fedora: dnf install nftables',
  },
  {
    command: 'debootstrap',
    apt: 'debootstrap',
    why: 'Asterisk 22 is in no stable release of Debian; the tests make a chroot with it once and keep it',
    elsewhere: debianOnly,
  },
]

const staticChecks = [
  { name: 'format and lint', command: 'biome', args: ['ci', '.'] },
  { name: 'types', command: 'tsc', args: ['-b', 'test'] },
  { name: 'directions', command: 'depcruise', args: ['packages', 'test'] },
  { name: 'dead code', command: 'knip', args: [] },
  // Before any server is started: it serves what this makes.
  { name: 'the desktop is built', command: 'node', args: ['packages/desktop/build/build.ts'] },
] as const

interface Count {
  passed: number
  failed: number
  skipped: number
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  testResults: FileResult[]
}
interface FileResult {
  name: string
  status: string
  assertionResults: { status: string; fullName: string }[]
}

function onPath(command: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function isThere({ command, file }: Program): boolean {
  return file ? file.folders.some((folder) => existsSync(join(folder, file.name))) : onPath(command)
}

/** Installs what is missing where that can be done unasked; false, with advice printed, where something stays missing. */
function getPrograms(): boolean {
  const missing = programs.filter((program) => !isThere(program))
  if (missing.length === 0) return true
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get')) {
    const quiet = { env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'inherit' } as const
    console.log(`installing ${missing.map((program) => program.apt).join(', ')}`)
    spawnSync('apt-get', ['update', '-qq'], quiet)
    const names = missing.map((program) => program.apt)
    spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...names], quiet)
  }
  const still = missing.filter((program) => !isThere(program))
  for (const { command, apt, why, elsewhere } of still) {
    console.error(`${command} is missing: ${why}.`)
    console.error(`  Debian, Ubuntu: apt-get install ${apt}; ${elsewhere}`)
  }
  return still.length === 0
}

function run(
  command: string,
  args: readonly string[],
  stdio: 'inherit' | 'pipe',
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, { cwd: root, env: environment, stdio: ['ignore', stdio, stdio] })
    let output = ''
    child.stdout?.on('data', (data) => {
      output += data
    })
    child.stderr?.on('data', (data) => {
      output += data
    })
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

async function check({ name, command, args }: (typeof staticChecks)[number]): Promise<Count> {
  const started = Date.now()
  const { code, output } = await run(command, args, 'pipe')
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}: ${[command, ...args].join(' ')} (${seconds} s)`)
  if (code !== 0) console.log(output)
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** One project of vitest. A file that fails before its first test counts as one failure. */
async function tests(project: string, reports: string, more: readonly string[]): Promise<Count> {
  const { code, results } = await vitest(project, join(reports, `${project}.json`), more)
  if (!results) return { passed: 0, failed: 1, skipped: 0 }
  for (const { name, assertionResults } of results)
    for (const { status, fullName } of leftOut(assertionResults))
      console.error(`not run (${status}): ${name}: ${fullName}`)
  const count = sum([none, ...results.map(countOf)])
  // An error outside every test, as an unhandled rejection, fails vitest though no test is to blame.
  if (code !== 0 && count.failed === 0) count.failed = 1
  const moody = results.filter((result) => countOf(result).failed > 0 && withOthers.test(relative(root, result.name)))
  return moody.length === 0 ? count : onceMore(project, reports, more, count, moody)
}

/** What is tested here stands and falls with programs that are not ours: a browser, proxies, phones, collectors. */
const withOthers = /^test\/(browser|interop|deploy|observe)\//

/**
 * Files that failed beside programs of others are run a second time, by themselves; what then passes is said, and counts as passed.
 * Never what proves that nothing is lost: there one failure is one too many.
 */
async function onceMore(
  project: string,
  reports: string,
  more: readonly string[],
  count: Count,
  moody: readonly FileResult[],
): Promise<Count> {
  const names = moody.map(({ name }) => relative(root, name))
  console.log(`run once more: ${names.join(', ')}`)
  const { results } = await vitest(project, join(reports, `${project}-again.json`), [...more, ...names])
  if (!results) return count
  const before = sum([none, ...moody.map(countOf)])
  const now = sum([none, ...results.map(countOf)])
  if (now.failed === 0)
    console.log(`${before.failed} failed at first and passed when run once more: ${names.join(', ')}`)
  return {
    passed: count.passed - before.passed + now.passed,
    failed: count.failed - before.failed + now.failed,
    skipped: count.skipped - before.skipped + now.skipped,
  }
}

async function vitest(project: string, file: string, more: readonly string[]) {
  const config = ['run', '--config', 'test/vitest.config.ts', '--project', project]
  const { code } = await run(
    'vitest',
    [...config, ...more, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    'inherit',
  )
  const results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report).testResults : undefined
  return { code, results }
}

const none: Count = { passed: 0, failed: 0, skipped: 0 }

const leftOut = (results: FileResult['assertionResults']) =>
  results.filter(({ status }) => status !== 'passed' && status !== 'failed')

function countOf({ status, assertionResults }: FileResult): Count {
  const failed = assertionResults.filter((result) => result.status === 'failed').length
  const passed = assertionResults.filter((result) => result.status === 'passed').length
  return { passed, failed: status === 'failed' && failed === 0 ? 1 : failed, skipped: leftOut(assertionResults).length }
}

function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }))
}

/** Makes the Debian that Asterisk runs in, where there is none yet; what goes wrong is said by the test that needs it. */
function prepareAsterisk(): Promise<void> {
  const work = "import('./test/interop/support/debian.ts').then(({ debianWithAsterisk }) => debianWithAsterisk())"
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', work], { cwd: root, env: environment, stdio: 'ignore' })
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
}

async function main(): Promise<number> {
  if (!getPrograms()) return 1
  // It takes two minutes, most of them spent waiting for the network.
  const asterisk = prepareAsterisk()
  const reports = mkdtempSync(join(tmpdir(), 'ringdown-test-'))
  try {
    const checks: Count[] = []
    for (const one of staticChecks) checks.push(await check(one))
    const unit = await tests('unit', reports, [])
    await asterisk
    const tested = sum([
      unit,
      // Live tests kill and restart servers; two of them at once on a small machine disturb each other's clocks.
      await tests('live', reports, ['--no-file-parallelism']),
    ])
    const all = sum([...checks, tested])
    const empty = tested.passed + tested.failed === 0
    if (empty) console.error('no test ran')
    if (all.skipped > 0) console.error(`${all.skipped} tests were left out; a test that cannot run is a failure`)
    const failed = all.failed + all.skipped + (empty ? 1 : 0)
    console.log(`${all.passed} passed, ${failed} failed`)
    return failed === 0 ? 0 : 1
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

process.exitCode = await main()
