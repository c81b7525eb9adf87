import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword } from '@ringdown/facade'
import { stringify } from 'yaml'
import { Node, until } from '../../faults/engine.ts'
import { Agent } from './agent.ts'
import { freePorts } from './ports.ts'
import { Program } from './program.ts'

/** A DN besides those of the agents: options of its `[TServer]` section, and its type. */
export interface LabDN {
  readonly number: string
  readonly type?: 'Extension' | 'Trunk'
  readonly options: Readonly<Record<string, string>>
}

export interface LabOptions {
  /** How many agents; the n-th sits at DN 7001 + n, without a SIP leg. */
  readonly agents?: number
  /** Options of agents' DNs beyond the usual ones. */
  readonly agentOptions?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dns?: readonly LabDN[]
  /** `sip.digest`; both unless named. */
  readonly digest?: 'MD5'
  /** More than one share a Redis. */
  readonly nodes?: number
}

/** Where one node can be reached. */
export interface LabNode {
  readonly node: Node
  readonly sip: number
  readonly ws: number
  readonly msrp: number
}

/** The host name the lab's addresses of record have. */
export const domain = 'im.test'

/** Nodes as an operator runs them: one process each, with a configuration file, and SIP and MSRP on loopback. */
export class Lab {
  readonly nodes: readonly LabNode[]
  readonly agents: readonly Agent[]
  /** A folder for files of the test; gone with the lab. */
  readonly folder: string
  readonly #redis: Program | undefined

  private constructor(nodes: readonly LabNode[], agents: readonly Agent[], folder: string, redis: Program | undefined) {
    this.nodes = nodes
    this.agents = agents
    this.folder = folder
    this.#redis = redis
  }

  static async start(options: LabOptions = {}): Promise<Lab> {
    const { agents = 1, nodes: count = 1 } = options
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-interop-'))
    const numbers = Array.from({ length: agents }, (_, i) => String(7001 + i))
    // The least cost: what is tested here is not the hash, and every request carries its password.
    const passwordHash = await hashPassword('secret', { ln: 1, r: 1, p: 1 })
    const redis = count > 1 ? await startRedis(folder) : undefined
    const nodes: LabNode[] = []
    for (let i = 0; i < count; i++) {
      const [sip = 0, ws = 0, msrp = 0] = await freePorts(3)
      const file = join(folder, `node${i}.yaml`)
      const at = { host: '127.0.0.1' }
      const configuration = {
        node: `node${i}`,
        http: { ...at, port: 0 },
        log: { level: 'info' },
        store: redis ? { redis: { url: socketOf(folder) } } : { embedded: { directory: 'store' } },
        sip: {
          domains: [domain],
          digest: options.digest ?? 'both',
          listen: [
            { ...at, transport: 'udp', port: sip },
            { ...at, transport: 'tcp', port: sip },
            { ...at, transport: 'ws', port: ws },
          ],
        },
        msrp: { listen: [{ ...at, transport: 'tcp', port: msrp }] },
        contactCentres: [contactCentre(numbers, options, passwordHash)],
      }
      writeFileSync(file, stringify(configuration))
      const node = new Node(file, folder, () => undefined)
      nodes.push({ node, sip, ws, msrp })
    }
    const lab = new Lab(nodes, [], folder, redis)
    try {
      for (const { node } of nodes) await node.ready()
    } catch (error) {
      await lab.stop()
      throw error
    }
    const first = lab.node.node.address
    const people = numbers.map((dn) => new Agent(first, { userName: `agent${dn}`, password: 'secret', dn }))
    return new Lab(nodes, people, folder, redis)
  }

  /** The first node. */
  get node(): LabNode {
    const [node] = this.nodes
    if (!node) throw new Error('the lab has no node')
    return node
  }

  /** The agent at this DN. */
  agent(dn = '7001'): Agent {
    const agent = this.agents.find((each) => each.dn === dn)
    if (!agent) throw new Error(`nobody sits at ${dn}`)
    return agent
  }

  /** A folder of its own for one program. */
  folderFor(name: string): string {
    const folder = join(this.folder, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** The end of what the nodes wrote to their logs. */
  get said(): string {
    return this.nodes.map(({ node }) => node.said.slice(-6_000)).join('\n')
  }

  /** Ends everything. Rejects where a node has logged an error: whatever a peer does, it is not our fault. */
  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.leaves().catch(() => undefined)))
    await Promise.all(this.nodes.map(({ node }) => node.kill()))
    await this.#redis?.stop()
    rmSync(this.folder, { recursive: true, force: true })
    const errors = this.nodes.flatMap(({ node }) => node.said.match(/^\{"level":"error".*$/gm) ?? [])
    if (errors.length > 0) throw new Error(`a node logged errors:\n${errors.join('\n')}`)
  }
}

const socketOf = (folder: string) => join(folder, 'redis.sock')

async function startRedis(folder: string): Promise<Program> {
  const place = ['--port', '0', '--unixsocket', socketOf(folder), '--dir', folder]
  const redis = new Program('redis-server', [...place, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''])
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ path: socketOf(folder) })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  return redis.readyWhen(() => until(answers, 5_000, 'redis-server does not answer'))
}

function contactCentre(numbers: readonly string[], { agentOptions, dns = [] }: LabOptions, passwordHash: string) {
  const usual = { multimedia: 'true', 'sip-signaling-chat': 'none' }
  return {
    id: 'lab',
    switches: [{ name: 'S' }],
    dns: [
      ...numbers.map((number) => {
        return { number, switch: 'S', annex: { TServer: { ...usual, ...agentOptions?.[number] } } }
      }),
      ...dns.map(({ number, type = 'Extension', options }) => {
        return { number, type, switch: 'S', annex: { TServer: { multimedia: 'true', ...options } } }
      }),
    ],
    places: numbers.map((number) => ({ name: `P${number}`, dns: [number] })),
    agentLogins: numbers.map((number) => ({ code: `L${number}`, switch: 'S' })),
    persons: numbers.map((number) => {
      return { userName: `agent${number}`, place: `P${number}`, agentLogins: [`L${number}`], passwordHash }
    }),
  }
}
