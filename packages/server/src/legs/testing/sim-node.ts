import {
  type Change,
  createTServer,
  type Directory,
  type IdSource,
  type Reachability,
  type SessionStore,
  type TServer,
  TServerError,
} from '@ringdown/signalling'
import type { MemoryStore } from '@ringdown/signalling/testing'
import type { Log } from '../../log.ts'
import { SipCentre } from '../sip-centre.ts'
import type { Located } from '../way.ts'
import { SimFailure, type SimMedia, SimMsrp } from './sim-msrp.ts'
import { SimPort } from './sim-port.ts'
import { SimStore } from './sim-store.ts'
import type { SimWorld } from './sim-world.ts'

export interface SimNodeDeps {
  world: SimWorld
  memory: MemoryStore
  directory: () => Directory
  ids: IdSource
  media: Map<string, SimMedia>
  withoutMSRP: boolean
  onCommit: (change: Change) => void
}

const leaseMs = 6_000

/** One run of a node, from its start to its end. */
export class SimNode {
  readonly name: string
  readonly run: string
  readonly memory: MemoryStore
  /** It was asked to end. */
  leaving = false
  readonly port: SimPort
  readonly msrp: SimMsrp
  readonly store: SimStore
  readonly tserver: TServer
  readonly centre: SipCentre
  readonly #deps: SimNodeDeps
  #stopLease: (() => void) | undefined
  #heardAt: number | undefined
  #stopped = false

  constructor(name: string, run: string, deps: SimNodeDeps) {
    const { world, memory, directory, ids, media, withoutMSRP } = deps
    this.name = name
    this.memory = memory
    this.run = run
    this.#deps = deps
    this.port = new SimPort(world, run)
    world.ports.set(run, this.port)
    this.msrp = new SimMsrp(world, media)
    this.store = new SimStore(world, memory, deps.onCommit)
    const store = this.store.port
    const failed = (error: unknown) => {
      if (error instanceof TServerError || error instanceof SimFailure || this.port.dead) return
      world.faults.push(`${run}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    }
    const stopping = () => {
      if (this.#stopped) throw new Error('stopped')
    }
    this.tserver = createTServer({
      store,
      directory,
      clock: world.clock,
      ids,
      node: run,
      reach: this.#reach(),
      onLostNode: async (node) => {
        stopping()
        await this.centre.legs.adoptFrom(node)
      },
      onUnfinished: async (callUUID, dn) => {
        stopping()
        await this.centre.finish(callUUID, dn)
      },
      onUndelivered: async (text) => {
        stopping()
        return this.centre.tellUndelivered(text)
      },
      onError: () => {},
    })
    this.centre = new SipCentre({
      id: 'sim',
      node: run,
      store,
      tserver: this.tserver,
      clock: world.clock,
      directory,
      sip: this.port,
      msrp: withoutMSRP ? undefined : this.msrp,
      msrpOptions: {},
      domain: 'im.example',
      random: () => world.random(),
      log: { info: () => {}, warn: () => {}, error: ({ err }: { err: unknown }) => failed(err) } as unknown as Log,
      locate: async (dn) => this.#locate(store, dn),
    })
  }

  async start(): Promise<void> {
    await this.centre.start()
    if (this.#stopped) return
    this.tserver.start()
    await this.#live()
  }

  /** As a process that is asked to end. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopLease?.()
    await this.centre.stop()
    await this.tserver.renewNode(0).catch(() => {})
    await this.end()
  }

  /** As a process that is killed: nothing it still does is seen. */
  async crash(): Promise<void> {
    this.#stopped = true
    this.#stopLease?.()
    await this.end()
    await this.centre.stop()
  }

  async end(): Promise<void> {
    this.store.cut = true
    await this.port.close()
    await this.msrp.close()
    await this.tserver.stop()
    await this.memory.close()
  }

  /** As `SipEndpoint` does. */
  async #live(): Promise<void> {
    const { clock } = this.#deps.world
    const now = clock.now()
    try {
      await this.store.port.keep('node', this.run, '', leaseMs)
      if (this.#stopped) return
      await this.tserver.renewNode(leaseMs)
      if (now - (this.#heardAt ?? now) > leaseMs) void this.centre.legs.resync()
      this.#heardAt = now
    } catch {
      // It says so again.
    }
    if (!this.#stopped) this.#stopLease = clock.after(leaseMs / 3, () => void this.#live())
  }

  #alive(run: string | undefined): boolean {
    const port = this.#deps.world.ports.get(run ?? '')
    return port !== undefined && !port.dead
  }

  #reach(): Reachability {
    return async (number, dn) => {
      const trunk = dn ? null : number.startsWith('0') ? ('T' as never) : undefined
      if (trunk === undefined) return undefined
      const { node } = this.#deps.world.endpoints.get(number) ?? {}
      const uri = `sip:${number}@im.example`
      return { reachable: this.#alive(node), trunk, node: this.#alive(node) ? (node ?? null) : null, uri }
    }
  }

  async #locate(store: SessionStore, number: string): Promise<Located> {
    await store.read({ records: [{ kind: 'registration', id: number as never }], claims: [] })
    const { node } = this.#deps.world.endpoints.get(number) ?? {}
    if (node === undefined || !this.#alive(node)) return { where: 'offline' }
    if (node !== this.run) return { where: 'elsewhere', node }
    return { where: 'here', destinations: [{ uri: number }] }
  }
}
