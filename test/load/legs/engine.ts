import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashPassword } from '@ringdown/facade'
import { stringify } from 'yaml'
import { dnOf, loadPassword, userNameOf } from '../generator/tongue.ts'
import { readUse } from '../proc.ts'
import type { ProbeCalls } from '../protocol.ts'
import type { Remote } from '../rpc.ts'
import { freeUdpPort } from '../sip/udp-port.ts'
import { freePort, waitFor } from '../subject/child.ts'
import { startRedis } from '../subject/redis.ts'
import type { Store } from '../subject/ringdown.ts'
import { startNode } from '../subject/subject.ts'

const program = fileURLToPath(new URL('../../../packages/server/src/main.ts', import.meta.url))

/** A SIP endpoint: its number and options of its `[TServer]` section. */
export interface EndpointDN {
  readonly number: string
  readonly options: Readonly<Record<string, string>>
}

export interface EngineOptions {
  /** Who sits at REST and CometD, at the DNs of the other scenarios. */
  readonly agents: number
  readonly endpoints: readonly EndpointDN[]
  readonly store: Store
  /** Of SIP addresses, and the realm of the digest. */
  readonly domain: string
  /** Whether what passes is kept; it is unless told. */
  readonly trace?: boolean
  /** Further parts of the configuration. */
  readonly settings?: object
}

/** One node of our engine with SIP and MSRP, on the server's core. */
export interface RunningEngine {
  readonly http: number
  readonly sip: number
  readonly msrp: number
  readonly pid: number
  readonly storePid: number | undefined
  readonly probe: Remote<ProbeCalls>
  cpuUs(): number
  output(): string
  stop(): Promise<void>
}

/** Starts the engine with a generated configuration; its data are in a directory that is removed. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const { store } = options
  const dir = await mkdtemp(join(tmpdir(), 'ringdown-legs-'))
  const redis = store === 'embedded' ? undefined : await startRedis(store === 'redis always' ? 'always' : 'everysec')
  const clean = async () => {
    await redis?.stop()
    await rm(dir, { recursive: true, force: true })
  }
  const [http, sip, msrp] = [await freePort(), await freeUdpPort(), await freePort()]
  const file = join(dir, 'ringdown.yaml')
  const where = redis
    ? { redis: { url: `redis://127.0.0.1:${redis.port}` } }
    : { embedded: { directory: join(dir, 'data') } }
  await writeFile(
    file,
    stringify(await configurationOf(options, where, { http, sip, msrp }), { aliasDuplicateObjects: false }),
  )
  const child = startNode(program, ['serve', '--config', file], dir)
  const stop = async () => {
    await child.stop()
    await clean()
  }
  try {
    const answers = async () => (await fetch(`http://127.0.0.1:${http}/health/ready`)).status === 200
    await waitFor(child, answers, 60_000)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    http,
    sip,
    msrp,
    pid: child.pid,
    storePid: redis?.pid,
    probe: child.probe,
    cpuUs: () => readUse(child.pid).cpuUs,
    output: child.output,
    stop,
  }
}

async function configurationOf(
  { agents, endpoints, domain, trace = true, settings = {} }: EngineOptions,
  store: object,
  ports: { http: number; sip: number; msrp: number },
) {
  const at = { host: '127.0.0.1' }
  // The least cost: the test is about texts, not about logins.
  const passwordHash = await hashPassword(loadPassword, { ln: 1, r: 1, p: 1 })
  const all = Array.from({ length: agents }, (_, agent) => agent)
  const dn = (number: string, options: EndpointDN['options']) => {
    return { number, switch: 'Load', annex: { TServer: { multimedia: 'true', ...options } } }
  }
  return {
    node: `legs-${ports.http}`,
    http: { ...at, port: ports.http },
    log: { level: 'warn' },
    store,
    trace: { enabled: trace },
    ...settings,
    sip: {
      domains: [domain],
      digest: 'MD5',
      listen: [
        { ...at, transport: 'udp', port: ports.sip },
        { ...at, transport: 'tcp', port: ports.sip },
      ],
    },
    msrp: { listen: [{ ...at, transport: 'tcp', port: ports.msrp }] },
    contactCentres: [
      {
        id: 'load',
        switches: [{ name: 'Load' }],
        dns: [
          ...all.map((agent) => dn(dnOf(agent), { 'sip-signaling-chat': 'none' })),
          ...endpoints.map(({ number, options }) => dn(number, options)),
        ],
        places: all.map((agent) => ({ name: `Place${agent}`, dns: [dnOf(agent)] })),
        agentLogins: all.map((agent) => ({ code: String(agent), switch: 'Load' })),
        persons: all.map((agent) => {
          const name = userNameOf(agent)
          return { userName: name, passwordHash, place: `Place${agent}`, agentLogins: [String(agent)] }
        }),
      },
    ],
  }
}
