import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SessionStore, WebhookRecord } from '@ringdown/signalling'
import { Agent } from '../faults/agent.ts'
import { Engine, type Node, type StoreKind } from '../faults/engine.ts'
import { Receiver } from './receiver.ts'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

/** Of these tests alone. */
export const secret = `whsec_${Buffer.alloc(32, 'webhook').toString('base64')}`

/** An engine with a webhook, its target, and pairs of agents who are logged in. */
export class Site {
  readonly engine: Engine
  readonly receiver: Receiver
  readonly nodes = new Map<string, Node>()
  readonly agents: readonly Agent[]

  private constructor(engine: Engine, receiver: Receiver) {
    this.engine = engine
    this.receiver = receiver
    this.agents = engine.persons.map(
      (person) =>
        new Agent(
          person,
          () => this.address,
          () => this.address,
        ),
    )
  }

  static async open(store: StoreKind, agents: number, webhook: object = {}, webhookLimit?: number): Promise<Site> {
    const receiver = await Receiver.start(secret)
    const settings = {
      webhooks: [
        {
          ...{ name: 'crm', url: receiver.url, secret, texts: true, allowPrivate: ['127.0.0.1'], timeoutMs: 1_000 },
          events: ['session.started', 'session.established', 'session.ended', 'text.accepted', 'agent.state'],
          retry: { firstMs: 100, maxMs: 1_000, forMs: 86_400_000 },
          ...webhook,
        },
      ],
      ...(webhookLimit !== undefined && { webhookLimit }),
    }
    try {
      return new Site(await Engine.create(store, agents, new Map(), settings), receiver)
    } catch (error) {
      receiver.stop()
      throw error
    }
  }

  /** Of any node that lives. */
  get address(): string {
    const [node] = this.nodes.values()
    if (!node) throw new Error('no node lives')
    return node.address
  }

  async startNode(name: string): Promise<Node> {
    const node = await this.engine.startNode(name)
    this.nodes.set(name, node)
    return node
  }

  /** SIGKILL. */
  async killNode(name: string): Promise<void> {
    const node = this.nodes.get(name)
    this.nodes.delete(name)
    await node?.kill()
  }

  /** The record of the webhook; undefined while there is none. */
  async record(): Promise<WebhookRecord | undefined> {
    return this.#withStore(async (store) => {
      const { records } = await store.read({ records: [{ kind: 'webhook', id: 'crm' }], claims: [] })
      return records[0]?.value as WebhookRecord | undefined
    })
  }

  async #withStore<T>(work: (store: SessionStore) => Promise<T>): Promise<T> {
    const store = await this.engine.openStore()
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  /** Does something with the store itself. */
  withStore<T>(work: (store: SessionStore) => Promise<T>): Promise<T> {
    return this.#withStore(work)
  }

  /** Runs the command line on the configuration of a node. */
  async ringdown(node: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
    const child = spawn(process.execPath, [main, ...args, '--config', this.engine.configuration(node)])
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    const [code] = await once(child, 'close')
    return { code, said }
  }

  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()))
    await this.engine.stop()
    this.receiver.stop()
  }
}
