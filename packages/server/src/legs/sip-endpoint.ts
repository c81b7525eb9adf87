import { randomBytes } from 'node:crypto'
import type { MsrpStack, OpenSession } from '@ringdown/msrp'
import {
  type Authenticated,
  allowedMethods,
  authenticate,
  type CallUUID,
  type Clock,
  centreOf,
  type DigestAlgorithm,
  DigestAuthenticator,
  type DigestLockOut,
  type Directory,
  type DNumber,
  defaultRegistrarLimits,
  type Identity,
  type IncomingInvite,
  type IncomingRequest,
  localHosts,
  OosCheck,
  onOptions,
  onRegister,
  Peers,
  parseUri,
  type Reachability,
  Registrar,
  type Reply,
  readGruu,
  type SessionStore,
  SharedKey,
  type SipPort,
  type SipSource,
  type SipUser,
  SourceLimit,
  type ToldUndelivered,
  type TServer,
  type UndeliveredText,
} from '@ringdown/signalling'
import type { Log } from '../log.ts'
import type { Bind } from '../trace/bindings.ts'
import { type LocateDeps, locate, reachability, recordOf, trunkURI } from './locate.ts'
import { type SipCaller, SipCentre } from './sip-centre.ts'

/** What SIP needs of a contact centre. */
export interface EndpointCentre {
  id: string
  directory: () => Directory
  store: SessionStore
  /** Hosts that mean this centre. */
  domains: readonly string[]
}

export interface SipEndpointDeps {
  /** Names this run of this node: another one after every restart. */
  node: string
  clock: Clock
  log: Log
  /** Hosts that are ours, the first one for the addresses we write; what is listened on is added. */
  domains: readonly string[]
  /** What a challenge offers, the better first. */
  algorithms: readonly DigestAlgorithm[]
  random: () => number
  msrpOptions: Pick<OpenSession, 'relay' | 'keepAliveMs'>
  /** For traces. */
  bind?: Bind | undefined
  /** An endpoint has taken a text, so many ms after it was accepted. For metrics. */
  onTaken?: (ms: number) => void
  /** Requests outside dialogs of one source in a second; 0: any number. Trunks and who comes by way of `isProxy` are not counted. */
  requestsPerSecond: number
  isProxy: (address: string) => boolean
  /** A limit was reached, and somebody refused for it. */
  onLimit: (limit: 'requests' | 'passwords') => void
  /** How requests outside dialogs were answered. */
  onAnswered: (method: string, status: number) => void
  /** Addresses of a SIP URI. */
  resolve: (uri: string) => Promise<readonly { readonly address: string }[]>
}

/** Opens the sockets, or the connection to a drachtio-server, with who is told of what comes. */
export type OpenSip = (user: SipUser) => Promise<SipPort>

interface Served {
  centre: EndpointCentre
  /** There as soon as the sockets are. */
  handlers?: Handlers
  sipCentre?: SipCentre
  /** When the others last heard that this run lives, ms since 1970. */
  heardAt?: number
}

interface Handlers {
  registrar: Registrar
  digest: DigestAuthenticator
  authenticate: (incoming: IncomingRequest) => Promise<Authenticated>
  numberOf: (uri: string) => Promise<DNumber | undefined>
  onRegister: ReturnType<typeof onRegister>
  onOptions: ReturnType<typeof onOptions>
  oosCheck: OosCheck
  peers: Peers
}

/** How long a node's legs wait for a sign of life of it before others take them, ms. */
const leaseMs = 6_000
/** Says on all nodes that a lock-out has ended. */
const lifted = 'sipLockOut lifted '

/** SIP for all contact centres of this node: who asks, for whom, and what is done about it. */
export class SipEndpoint implements SipUser {
  readonly #deps: SipEndpointDeps
  readonly #served: Served[]
  #isLocal: (host: string) => boolean = () => false
  #domain = 'localhost'
  #sip: SipPort | undefined
  #msrp: MsrpStack | undefined
  #closed = false
  /** Until the legs of an earlier run are taken up. */
  settling = true
  readonly #stopLives = new Map<TServer, () => void>()
  readonly #sources: SourceLimit
  readonly #stopSignals: readonly (() => void)[]

  constructor(deps: SipEndpointDeps, centres: readonly EndpointCentre[]) {
    this.#deps = deps
    this.#served = centres.map((centre) => ({ centre }))
    const { clock, requestsPerSecond: perSecond, isProxy, random, onLimit } = deps
    const isTrunk = (source: SipSource) => this.#served.some(({ handlers }) => handlers?.peers.trunkAt(source))
    this.#sources = new SourceLimit({
      ...{ clock, perSecond, random },
      isExempt: (source) => isProxy(source.address) || isTrunk(source),
      onRefused: () => onLimit('requests'),
    })
    this.#stopSignals = this.#served.map((served) =>
      served.centre.store.onSignal((message) => {
        if (message.startsWith(lifted)) served.handlers?.digest.forgetLockOut(message.slice(lifted.length))
      }),
    )
  }

  /** Sources that have to wait because of wrong passwords, as this node knows them. */
  lockOuts(id: string): readonly DigestLockOut[] {
    return this.#serve(id).handlers?.digest.lockOuts() ?? []
  }

  /** Lets one of them try again at once, on all nodes. False: none has to wait under that id. Rejects as the store does. */
  async liftLockOut(id: string, lockOut: string): Promise<boolean> {
    const { centre, handlers } = this.#serve(id)
    if (!(await handlers?.digest.lift(lockOut))) return false
    await centre.store.signal('*', lifted + lockOut)
    return true
  }

  /** For the core of a centre: how a called number stands with SIP. */
  reachability(id: string): Reachability {
    return async (number, dn) => {
      const served = this.#serve(id)
      return reachability(this.#locateDeps(served))(number, dn)
    }
  }

  /** A node is gone: its legs become ours, as far as nobody else is faster. */
  async onLostNode(id: string, node: string): Promise<void> {
    const { sipCentre } = this.#serve(id)
    // Told again, it or another node is ready.
    if (!sipCentre || this.#closed) throw new Error('this node takes no legs now')
    await sipCentre.legs.adoptFrom(node)
  }

  /** Texts of an ended call are left for a leg. */
  async onUnfinished(id: string, callUUID: CallUUID, dn: DNumber): Promise<void> {
    const { sipCentre } = this.#serve(id)
    if (!sipCentre || this.#closed) throw new Error('this node finishes no legs now')
    await sipCentre.finish(callUUID, dn)
  }

  /** A text has left a mailbox undelivered: its sender is told. */
  async onUndelivered(id: string, text: UndeliveredText): Promise<ToldUndelivered> {
    const { sipCentre } = this.#serve(id)
    if (!sipCentre || this.#closed) throw new Error('this node tells nobody now')
    return sipCentre.tellUndelivered(text)
  }

  /** Says that this run lives, and goes on saying it. Who is silent for `leaseMs` has lost its legs. */
  async #live(served: Served, tserver: TServer): Promise<void> {
    const { node, clock } = this.#deps
    const now = clock.now()
    try {
      await served.centre.store.keep('node', node, '', leaseMs)
      if (this.#closed) return
      await tserver.renewNode(leaseMs)
      // Whoever was silent for too long may have lost legs to others.
      if (now - (served.heardAt ?? now) > leaseMs) void served.sipCentre?.legs.resync()
      served.heardAt = now
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'this node could not say that it lives')
    }
    served.handlers?.oosCheck.reload()
    if (this.#closed) return
    const stop = clock.after(leaseMs / 3, () => void this.#live(served, tserver))
    this.#stopLives.set(tserver, stop)
  }

  /** Listens, and takes up what an earlier run of this node has left. */
  async open(openSip: OpenSip, msrp: MsrpStack | undefined, tservers: ReadonlyMap<string, TServer>): Promise<void> {
    const sip = await openSip(this)
    this.#sip = sip
    this.#msrp = msrp
    const { domains } = this.#deps
    const listening = sip.listening.map(({ address }) => address)
    const everybody = this.#served.flatMap(({ centre }) => centre.domains)
    this.#isLocal = localHosts([...domains, ...everybody, ...listening])
    this.#domain = domains[0] ?? listening.find((address) => !/^(0\.0\.0\.0|::)$/.test(address)) ?? 'localhost'
    for (const served of this.#served) {
      const tserver = tservers.get(served.centre.id)
      if (!tserver) throw new Error(`contact centre ${served.centre.id} has no T-Server`)
      const sipCentre = this.#makeCentre(served, sip, tserver)
      served.sipCentre = sipCentre
      served.handlers = this.#makeHandlers(served, sip, sipCentre)
      await served.handlers.peers.refresh()
      await sipCentre.start()
      await this.#live(served, tserver)
    }
    this.settling = false
    // A port that is 0 in the file is told nowhere else.
    const told = (listeners: SipPort['listening']) =>
      listeners.map(({ transport, address, port }) => `${transport} ${address}:${port}`)
    this.#deps.log.info({ sip: told(sip.listening), msrp: told(msrp?.listening ?? []) }, 'listening for SIP and MSRP')
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const stop of [...this.#stopLives.values(), ...this.#stopSignals]) stop()
    for (const { handlers, sipCentre } of this.#served) {
      handlers?.oosCheck.close()
      handlers?.peers.close()
      await sipCentre?.stop()
      handlers?.registrar.close()
    }
    // Positions are written: whoever takes the legs over goes on from there.
    await Promise.allSettled(this.#served.map(({ centre }) => centre.store.forget('node', this.#deps.node)))
    await Promise.allSettled([...this.#stopLives.keys()].map((tserver) => tserver.renewNode(0)))
    await this.#sip?.close()
    await this.#msrp?.close()
  }

  /** How many legs this node holds of a centre. */
  legsOf(id: string): number {
    return this.#serve(id).sipCentre?.legs.size ?? 0
  }

  /** For metrics. */
  held() {
    const legs = this.#served.reduce((sum, { sipCentre }) => sum + (sipCentre?.legs.size ?? 0), 0)
    const { sessions = 0, connections = 0 } = this.#msrp?.counts ?? {}
    return { legs, msrpSessions: sessions, msrpConnections: connections }
  }

  async onRequest(incoming: IncomingRequest): Promise<Reply> {
    const reply = (await this.#tooMany(incoming)) ?? (await this.#answer(incoming))
    this.#deps.onAnswered(incoming.request.method, reply.status)
    return reply
  }

  #tooMany(incoming: IncomingRequest): Promise<Reply | undefined> {
    return this.#sources.refuse(incoming, async () => {
      const served = this.#centreFor(incoming)
      return (await served?.handlers.digest.isThere(incoming)) ?? false
    })
  }

  async #answer(incoming: IncomingRequest): Promise<Reply> {
    const { request } = incoming
    const served = this.#centreFor(incoming)
    if (!served) return this.settling ? { status: 503, headers: [['Retry-After', '1']] } : { status: 404 }
    const { handlers, sipCentre } = served
    switch (request.method) {
      case 'OPTIONS':
        return handlers.onOptions(incoming)
      case 'REGISTER': {
        const who = await handlers.authenticate(incoming)
        return 'reply' in who ? who.reply : handlers.onRegister(incoming, who.identity)
      }
      case 'MESSAGE': {
        const who = await handlers.authenticate(incoming)
        if ('reply' in who) return who.reply
        const called = await handlers.numberOf(request.uri)
        if (called === undefined) return { status: 404 }
        return sipCentre.onMessage(incoming, callerOf(who.identity, this.#domain, served.centre.directory()), called)
      }
      default:
        return { status: 405, headers: [['Allow', allowedMethods]] }
    }
  }

  onInvite(invite: IncomingInvite): void {
    void this.#invited(invite).catch((error: unknown) => {
      this.#deps.log.error({ err: error }, 'an INVITE failed')
      invite.reject({ status: 500 })
    })
  }

  onFlowClosed(flow: string): void {
    for (const { handlers } of this.#served)
      handlers?.registrar.flowClosed(flow).catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'bindings of a closed flow could not be removed')
      })
  }

  async #invited(invite: IncomingInvite): Promise<void> {
    const served = this.#centreFor(invite)
    if (!served) {
      invite.reject(this.settling ? { status: 503, headers: [['Retry-After', '1']] } : { status: 404 })
      return
    }
    let cancelled = false
    invite.onCancel = () => {
      cancelled = true
    }
    const tooMany = await this.#tooMany(invite)
    if (tooMany) {
      if (!cancelled) invite.reject(tooMany)
      return
    }
    const who = await served.handlers.authenticate(invite)
    const called = await served.handlers.numberOf(invite.request.uri)
    if (cancelled) return
    if ('reply' in who) invite.reject(who.reply)
    else if (called === undefined) invite.reject({ status: 404 })
    else
      await served.sipCentre.onInvite(invite, callerOf(who.identity, this.#domain, served.centre.directory()), called)
  }

  #centreFor({ request }: IncomingRequest): (Served & Required<Pick<Served, 'handlers' | 'sipCentre'>>) | undefined {
    const centre = centreOf(
      request,
      this.#served.map(({ centre }) => centre),
    )
    const served = this.#served.find((each) => each.centre === centre)
    const { handlers, sipCentre } = served ?? {}
    return served && handlers && sipCentre && { ...served, handlers, sipCentre }
  }

  #serve(id: string): Served {
    const served = this.#served.find(({ centre }) => centre.id === id)
    if (!served) throw new Error(`no contact centre ${id}`)
    return served
  }

  #makeCentre(served: Served, sip: SipPort, tserver: TServer): SipCentre {
    const { node, clock, random, log } = this.#deps
    const { id, store, directory } = served.centre
    return new SipCentre({
      id,
      node,
      store,
      tserver,
      clock,
      directory,
      sip,
      msrp: this.#msrp,
      msrpOptions: this.#deps.msrpOptions,
      bind: this.#deps.bind,
      onTaken: this.#deps.onTaken,
      domain: this.#domain,
      random,
      log,
      locate: (dn, leg) => locate(this.#locateDeps(served), dn, leg),
    })
  }

  #makeHandlers({ centre }: Served, sip: SipPort, sipCentre: SipCentre): Handlers {
    const { node, clock, log, algorithms, onLimit } = this.#deps
    const { id, store, directory } = centre
    const isLocal = this.#isLocal
    const limits = defaultRegistrarLimits
    const key = new SharedKey({ store, clock, random: randomBytes })
    const registrar = new Registrar({
      store,
      clock,
      node,
      limits,
      hasFlow: (flow) => sip.hasFlow(flow),
      onRegistered: (dn) => sipCentre.onRegistered(dn),
    })
    const peers = new Peers({ directory, clock, resolve: this.#deps.resolve })
    const digest = new DigestAuthenticator({
      ...{ store, clock, key, algorithms },
      realm: centre.domains[0] ?? id,
      onLocked: () => onLimit('passwords'),
    })
    const proves = authenticate({ directory, digest, peers, registrar, node, isLocal })
    const oosCheck = new OosCheck({
      sip,
      clock,
      directory,
      from: `<sip:ringdown@${this.#domain}>`,
      onChange: (dn, inService) => {
        log.warn(
          { centre: id, thisDN: dn, inService },
          inService ? 'a device answers again' : 'a device does not answer',
        )
        if (inService) sipCentre.onRegistered(dn)
      },
    })
    return {
      registrar,
      digest,
      peers,
      oosCheck,
      authenticate: proves,
      numberOf: (uri) => numberOf(uri, key),
      onRegister: onRegister({ directory, registrar, key, clock, node, limits }),
      onOptions: onOptions({ directory, authenticate: proves, isLocal }),
    }
  }

  #locateDeps({ centre: { store, directory }, handlers }: Served): LocateDeps {
    const { node, clock } = this.#deps
    return {
      node,
      store,
      clock,
      directory,
      domain: this.#domain,
      inService: (dn) => handlers?.oosCheck.inService(dn) ?? true,
      hasFlow: (flow) => this.#sip?.hasFlow(flow) ?? false,
      isAlive: async (run) => run === node || (await store.kept('node', run)) !== undefined,
    }
  }
}

/** The number a URI of ours stands for, a GRUU's among them (RFC 5627 §6.1). */
async function numberOf(uri: string, key: SharedKey): Promise<DNumber | undefined> {
  const parsed = parseUri(uri)
  if (parsed?.user === undefined) return undefined
  if (!parsed.params.has('gr')) return parsed.user.length > 64 ? undefined : (parsed.user as DNumber)
  return readGruu(await key.current(), parsed)?.dn
}

function callerOf(identity: Identity, domain: string, { dns }: Directory): SipCaller {
  if (identity.kind === 'dn') return { dn: identity.dn, uri: recordOf(identity.dn, domain), trunk: null }
  const trunk = dns.get(identity.dn)
  const uri = trunk ? trunkURI(trunk, identity.number) : recordOf(identity.number as DNumber, domain)
  return { dn: identity.number as DNumber, uri, trunk: identity.dn }
}
