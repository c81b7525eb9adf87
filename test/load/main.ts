/** The load test's command line; see README.md beside it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { measureFsync } from './fsync.ts'
import { htmlOf } from './report/html.ts'
import { combine, parseReport, type Report, type Section } from './report/result.ts'
import { printReport } from './report/table.ts'
import { growth } from './scenario/growth.ts'
import { idle } from './scenario/idle.ts'
import { legs } from './scenario/legs.ts'
import { msrp } from './scenario/msrp.ts'
import { observe } from './scenario/observe.ts'
import { openLoop } from './scenario/open-loop.ts'
import type { Context, Pace, Scenario } from './scenario/scenario.ts'
import { sessions } from './scenario/sessions.ts'
import { sip } from './scenario/sip.ts'
import { startTime } from './scenario/start.ts'
import { texts } from './scenario/texts.ts'
import { trace } from './scenario/trace.ts'
import { twoNodes } from './scenario/two-nodes.ts'
import { ucAjax } from './scenario/uc-ajax.ts'
import { pinned } from './subject/child.ts'

const scenarios: readonly Scenario[] = [
  texts,
  openLoop,
  sessions,
  idle,
  growth,
  twoNodes,
  ucAjax,
  sip,
  msrp,
  legs,
  trace,
  observe,
  startTime,
]

const help = `Usage: node test/load/main.ts <scenario>… [options]
       node test/load/main.ts report <report.json>…

Scenarios
${scenarios.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}
  all         every one of them
  report      one page from reports written earlier

Options
  --quick             fewer settings, one short window each
  --only <words>      only settings whose name has all these words, e.g. --only "ringdown ws 1000"; may be given several times
  --seconds <n>       length of a measured window
  --repeat <n>        windows of each setting; medians are shown
  --profile           take a CPU profile of the server of each setting of texts and sessions
  --out <directory>   where the report goes; test/load/results unless named
  --help              this text
`

/** Whether the name has every word of one of the filters. */
function matches(name: string, filters: readonly string[]): boolean {
  const words = new Set(name.split(' '))
  return filters.length === 0 || filters.some((filter) => filter.split(/[ ,]+/).every((word) => words.has(word)))
}

function versionOf(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8' }).trim()
  } catch (error) {
    // SIPp ends with 99 when it has told its version.
    const { stdout } = error as { stdout?: string }
    return stdout || 'not found'
  }
}

function environment(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const { faye, 'cometd-nodejs-server': cometd, ws } = manifest.devDependencies
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    versions: `Node ${process.version}, faye ${faye}, cometd-nodejs-server ${cometd}, ws ${ws}, ${versionOf('redis-server', '--version').split(' sha=')[0]}`,
    'SIP peers': `${versionOf('kamailio', '-v').split('\n')[0]}, ${/SIPp v[\d.]+/.exec(versionOf('sipp', '-v'))?.[0] ?? 'SIPp not found'}`,
    pinning: pinned ? 'server on core 0; generator and Redis on core 1' : 'none: taskset or a second core is missing',
    'load before': loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
    'fsync here': `${measureFsync().toFixed(0)} µs (median of 200 appends of 4 KiB)`,
    commit: versionOf('git', 'rev-parse', '--short', 'HEAD'),
  }
}

function write(directory: string, report: Report): string {
  mkdirSync(directory, { recursive: true })
  const stamp = report.started.replaceAll(/[:.]/g, '-').slice(0, 19)
  const name = `${stamp}-${report.sections.map((section) => section.scenario).join('+')}`
  const json = JSON.stringify(report)
  const html = htmlOf(report)
  for (const base of [name, 'latest']) {
    writeFileSync(join(directory, `${base}.json`), json)
    writeFileSync(join(directory, `${base}.html`), html)
  }
  return join(directory, `${name}.html`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string' },
      repeat: { type: 'string' },
      profile: { type: 'boolean', default: false },
      out: { type: 'string', default: new URL('results', import.meta.url).pathname },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || positionals.length === 0) {
    console.log(help)
    return values.help ? 0 : 2
  }
  const out = resolve(values.out)
  if (positionals[0] === 'report') {
    const report = combine(positionals.slice(1).map((file) => parseReport(readFileSync(file, 'utf8'))))
    console.log(printReport(report))
    console.log(write(out, report))
    return 0
  }
  const unknown = positionals.find((name) => name !== 'all' && !scenarios.some((scenario) => scenario.name === name))
  if (unknown !== undefined) {
    console.error(`there is no scenario ${unknown}\n\n${help}`)
    return 2
  }

  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const pace: Pace = {
    quick: values.quick,
    warmUp: values.quick ? 3 : 5,
    seconds: Number(values.seconds ?? (values.quick ? 2 : 4)),
    repeat: Number(values.repeat ?? (values.quick ? 1 : 3)),
  }
  if (values.profile) mkdirSync(out, { recursive: true })
  const context: Context = {
    pace,
    wanted: (name) => matches(name, values.only),
    say: (line) => console.log(line),
    profiles: values.profile ? out : undefined,
    stopped: stop.signal,
  }
  const began = performance.now()
  const started = new Date().toISOString()
  const around = environment()
  const sections: Section[] = []
  for (const scenario of scenarios) {
    if (stop.signal.aborted || !(positionals.includes('all') || positionals.includes(scenario.name))) continue
    console.log(`\n${scenario.name}: ${scenario.summary}`)
    const section = await scenario.run(context)
    if (section.rows.length > 0) sections.push(section)
  }
  const report: Report = {
    format: 'ringdown-load/1',
    started,
    seconds: (performance.now() - began) / 1000,
    command: `node test/load/main.ts ${process.argv.slice(2).join(' ')}`,
    environment: around,
    sections,
  }
  console.log(`\n${printReport(report)}`)
  console.log(`${write(out, report)}  (${report.seconds.toFixed(0)} s)`)
  return sections.some((section) => section.rows.some((row) => row.runs.length === 0)) ? 1 : 0
}

process.exitCode = await main()
