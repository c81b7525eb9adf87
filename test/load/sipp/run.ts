/** Plays SIPp's scenarios against an engine and prints what came of them; see README.md beside it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Lab } from '../../interop/support/lab.ts'
import { freePorts } from '../../interop/support/ports.ts'
import { answering, type SippOptions, type SippResult, type SippScenario, sipp } from './sipp.ts'

interface Row {
  readonly name: string
  readonly scenario: SippScenario
  readonly to: string
  readonly what: string
  /** A share of the calls asked for, and of the rate; calls at once. */
  readonly share?: number
  readonly atOnce?: number
  readonly more?: Partial<SippOptions>
}

const receiver = '7390'
const answerer = '7391'
const agent = '7001'

const rows: readonly Row[] = [
  { name: 'register', scenario: 'register', to: '-', what: 'REGISTER with digest, and back' },
  { name: 'message', scenario: 'message', to: receiver, what: 'MESSAGE with digest, relayed to another endpoint' },
  { name: 'message-tcp', scenario: 'message', to: receiver, what: 'the same over TCP', more: { transport: 't1' } },
  { name: 'message-lossy', scenario: 'message', to: receiver, what: '5 % lost', share: 0.2, more: { lost: 5 } },
  {
    name: 'invite',
    scenario: 'invite',
    to: answerer,
    what: 'INVITE, ACK, BYE, relayed to another endpoint',
    share: 0.2,
  },
  {
    name: 'agent',
    scenario: 'invite',
    to: agent,
    what: 'the same with an agent, one at a time',
    share: 0.02,
    atOnce: 1,
  },
  { name: 'reinvite', scenario: 'reinvite', to: agent, what: 'a new offer', share: 0.02, atOnce: 1 },
  { name: 'lost-ack', scenario: 'lost-ack', to: agent, what: 'ACK lost twice', share: 0.005, atOnce: 1 },
  { name: 'unknown', scenario: 'unknown', to: '9999', what: 'INVITE refused with 404', share: 0.2 },
]

const help = `Usage: node test/load/sipp/run.ts [scenario…] [options]

Scenarios (all of them unless some are named)
${rows.map(({ name, what }) => `  ${name.padEnd(15)}${what}`).join('\n')}

Options
  --target <host:port>   an engine that runs, configured as README.md says; one is started unless named
  --calls <n>            calls of a scenario; 1000 unless named, calls with an agent a fiftieth of it
  --rate <n>             new calls in a second; 200 unless named
  --callers <n>          how many numbers call, from 7301 on; 50 unless named
  --password <text>      theirs; sipp-secret unless named
  --receiver <port>      where the endpoint that takes MESSAGEs listens, 7390's contact; a free port unless named
  --answerer <port>      where the endpoint that answers INVITEs listens, 7391's contact
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ target: { type: 'string' }, calls: { type: 'string', default: '1000' } },
      ...{ rate: { type: 'string', default: '200' }, callers: { type: 'string', default: '50' } },
      ...{ password: { type: 'string', default: 'sipp-secret' } },
      ...{ receiver: { type: 'string' }, answerer: { type: 'string' }, help: { type: 'boolean' } },
    },
  })
  const wanted = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const wrong = positionals.find((name) => !rows.some((row) => row.name === name))
  if (values.help || wrong !== undefined) {
    console.log(wrong === undefined ? help : `no scenario ${wrong}\n\n${help}`)
    return wrong === undefined ? 0 : 2
  }
  const callers = Array.from({ length: Number(values.callers) }, (_, i) => String(7301 + i))
  const { password } = values
  const [free1 = 0, free2 = 0] = await freePorts(2)
  const at = { receiver: Number(values.receiver ?? free1), answerer: Number(values.answerer ?? free2) }
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-sipp-'))
  const folderFor = (name: string) => {
    const made = join(folder, name)
    mkdirSync(made)
    return made
  }
  const lab = values.target === undefined ? await startLab(callers, password, at) : undefined
  const peers = [
    await answering('receive', receiver, at.receiver, folderFor('receiver')),
    await answering('answer', answerer, at.answerer, folderFor('answerer')),
  ]
  try {
    const [host = '127.0.0.1', port = '5060'] = (values.target ?? `127.0.0.1:${lab?.node.sip}`).split(':')
    console.log(line(['scenario', 'calls', 'ok', 'failed', 'unexpected', 'repeated', 'calls/s', 'mean ms']))
    let bad = 0
    for (const { name, scenario, to, share = 1, atOnce, more } of wanted) {
      const result = await sipp(scenario, {
        ...{ host, port: Number(port), to, callers, password, folder: folderFor(name) },
        calls: Math.max(1, Math.round(Number(values.calls) * share)),
        rate: Math.max(1, Math.round(Number(values.rate) * Math.min(1, share * 5))),
        ...(atOnce !== undefined && { atOnce }),
        ...more,
      })
      console.log(line(cells(name, result)))
      if (result.exitCode !== 0) {
        bad++
        console.log(result.errors.split('\n').slice(0, 20).join('\n'))
      }
    }
    return bad === 0 ? 0 : 1
  } finally {
    for (const peer of peers) await peer.stop()
    await lab?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** An engine of our own, with the numbers of README.md. */
async function startLab(callers: readonly string[], password: string, at: { receiver: number; answerer: number }) {
  const contact = (port: number) => `sip:127.0.0.1:${port}`
  const lab = await Lab.start({
    digest: 'MD5',
    dns: [
      ...callers.map((number) => ({ number, options: { password } })),
      { number: receiver, options: { contact: contact(at.receiver), 'sip-signaling-chat': 'message' } },
      { number: answerer, options: { contact: contact(at.answerer), 'sip-signaling-chat': 'msrp' } },
    ],
  })
  await lab.agent().logsIn()
  return lab
}

function cells(name: string, result: SippResult): string[] {
  const { succeeded, failed, unexpected, retransmissions, rate, meanMs } = result
  const counts = [succeeded + failed, succeeded, failed, unexpected, retransmissions]
  return [name, ...counts.map(String), rate.toFixed(1), meanMs.toFixed(1)]
}

const line = ([first = '', ...rest]: readonly string[]) =>
  first.padEnd(15) + rest.map((cell) => cell.padStart(11)).join('')

process.exitCode = await main()
