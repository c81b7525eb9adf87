import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../faults/engine.ts'
import { freePorts, isTaken } from '../../interop/support/ports.ts'
import { Program } from '../../interop/support/program.ts'
import { deploy } from './compose.ts'
import { root, run } from './package.ts'

const main = join(root, 'packages/server/src/main.ts')

/** Where a node of the stack is, and its process. */
export interface StackNode {
  readonly name: string
  readonly http: number
  readonly sip: number
  readonly msrp: number
  process: Program
}

/**
 * What `deploy/compose.yaml` runs, on this machine without containers: the same files for Valkey (here Redis), two nodes, HAProxy and
 * Kamailio, in which addresses and paths are others and nothing else is. Passwords are the user names.
 */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'ringdown-stack-'))
  readonly nodes: StackNode[] = []
  /** Ports of HAProxy for clients and operators, and of Kamailio for phones. */
  balancer = 0
  operators = 0
  edge = 0
  readonly #programs: Program[] = []
  #redis = 0

  static async start(): Promise<Stack> {
    const stack = new Stack()
    try {
      await stack.#start()
      return stack
    } catch (error) {
      await stack.stop()
      throw error
    }
  }

  /** The address clients use. */
  get address(): string {
    return `http://127.0.0.1:${this.balancer}`
  }

  async stop(): Promise<void> {
    for (const { process } of this.nodes) await process.stop()
    for (const program of this.#programs.reverse()) await program.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Starts a node anew that has ended, at its ports, and waits until it is ready. */
  async startNode(node: Omit<StackNode, 'process'>): Promise<Program> {
    const { name, http, sip, msrp } = node
    const file = join(this.folder, `${name}.yaml`)
    const text = replaced('compose/ringdown.yaml', {
      'valkey:6379': `127.0.0.1:${this.#redis}`,
      '/run/secrets': join(this.folder, 'secrets'),
      'host: 0.0.0.0': 'host: 127.0.0.1',
      'port: 8080': `port: ${http}`,
      'port: 5060': `port: ${sip}`,
      'port: 2855': `port: ${msrp}`,
      '172.30.0.0/24': '127.0.0.1',
      '172.30.0.10': '127.0.0.1',
    })
    writeFileSync(file, text)
    const env = {
      RINGDOWN_NODE: name,
      RINGDOWN_ADDRESS: '127.0.0.1',
      RINGDOWN_URL: this.address,
      PHONE_PASSWORD_FILE: join(this.folder, 'secrets/phone-password'),
      CLIENT_PASSWORD_FILE: join(this.folder, 'secrets/client-password'),
    }
    const process = new Program(globalThis.process.execPath, [main, 'serve', file], { cwd: this.folder, env })
    await process.readyWhen(() =>
      until(
        async () => (await fetch(`http://127.0.0.1:${http}/health/ready`).catch(() => undefined))?.status === 200,
        30_000,
        `${name} does not get ready`,
      ).catch((error: unknown) => {
        throw new Error(`${error}: ${process.said}`)
      }),
    )
    return process
  }

  async #start(): Promise<void> {
    const secrets = join(this.folder, 'secrets')
    mkdirSync(secrets)
    for (const user of ['anna', 'ben', 'admin']) writeFileSync(join(secrets, `${user}-password`), user)
    await run('sh', [join(deploy, 'compose/secrets.sh'), secrets])

    const ports = await freePorts(13)
    const next = () => ports.pop() ?? 0
    this.#redis = next()
    this.balancer = next()
    this.operators = next()
    await this.#startStore()
    for (const name of ['node1', 'node2']) {
      const node = { name, http: next(), sip: next(), msrp: next() }
      this.nodes.push({ ...node, process: await this.startNode(node) })
    }
    await this.#startBalancer()
    await this.#startEdge(next(), next(), next())
  }

  async #startStore(): Promise<void> {
    const data = join(this.folder, 'data')
    mkdirSync(data)
    const file = join(this.folder, 'valkey.conf')
    const text = replaced('valkey/valkey.conf', {
      'bind * -::*': 'bind 127.0.0.1',
      'port 6379': `port ${this.#redis}`,
      'dir /data': `dir ${data}`,
      '/etc/valkey/users.acl': join(this.folder, 'secrets/valkey-users.acl'),
    })
    writeFileSync(file, text)
    const store = new Program('redis-server', [file])
    this.#programs.push(store)
    await store.says('eady to accept connections', 20_000)
  }

  async #startBalancer(): Promise<void> {
    const file = join(this.folder, 'haproxy.cfg')
    const [one, two] = this.nodes
    const text = replaced('haproxy/haproxy.cfg', {
      'bind :8080': `bind 127.0.0.1:${this.balancer}`,
      'bind :8404': `bind 127.0.0.1:${this.operators}`,
      'node1:8080': `127.0.0.1:${one?.http}`,
      'node2:8080': `127.0.0.1:${two?.http}`,
    })
    writeFileSync(file, text)
    await run('haproxy', ['-c', '-f', file])
    const balancer = new Program('haproxy', ['-db', '-f', file])
    this.#programs.push(balancer)
    let status: number | undefined
    const ready = async () => {
      status = (await fetch(`${this.address}/api/v2/openapi.json`).catch(() => undefined))?.status
      return status === 200
    }
    await until(ready, 30_000, 'HAProxy does not get ready').catch((error: unknown) => {
      throw new Error(`${error}, status ${status}: ${balancer.said}`)
    })
  }

  async #startEdge(sip: number, ws: number, inner: number): Promise<void> {
    this.edge = sip
    const folder = join(this.folder, 'edge')
    mkdirSync(folder)
    for (const name of ['start.sh', 'edge.cfg']) copyFileSync(join(deploy, 'kamailio', name), join(folder, name))
    const [one, two] = this.nodes
    const list = replaced('compose/dispatcher.list', {
      '172.30.0.11:5060': `127.0.0.1:${one?.sip}`,
      '172.30.0.12:5060': `127.0.0.1:${two?.sip}`,
    })
    writeFileSync(join(folder, 'dispatcher.list'), list)
    const env = {
      TMPDIR: folder,
      EDGE_HOST: '127.0.0.1',
      EDGE_SIP_PORT: String(sip),
      EDGE_WS_PORT: String(ws),
      EDGE_INNER_PORT: String(inner),
      EDGE_DISPATCHER_LIST: join(folder, 'dispatcher.list'),
    }
    await run('sh', [join(folder, 'start.sh'), 'edge', '-c', '-Y', folder], { env: { ...process.env, ...env } })
    const words = [join(folder, 'start.sh'), 'edge', '-DD', '-E', '-m', '32', '-M', '4', '-Y', folder, '-w', folder]
    const edge = new Program('sh', words, { cwd: folder, env })
    this.#programs.push(edge)
    await until(() => isTaken(sip), 20_000, 'Kamailio does not listen').catch((error: unknown) => {
      throw new Error(`${error}: ${edge.said}`)
    })
  }
}

/** A file of `deploy/` with these addresses and paths for those; each has to be there. */
export function replaced(path: string, values: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(deploy, path), 'utf8')
  for (const [from, to] of Object.entries(values)) {
    if (!text.includes(from)) throw new Error(`deploy/${path} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}
