import { randomBytes } from 'node:crypto'
import type { Server as HttpsServer } from 'node:https'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import {
  type Centre,
  createApp,
  hashPassword,
  type Lab,
  type LoadRuns,
  networksOf,
  type TraceReader,
} from '@ringdown/facade'
import type { MsrpStack } from '@ringdown/msrp'
import {
  type Clock,
  createTServer,
  type SessionStore,
  type TServer,
  type TServerDeps,
  TServerError,
} from '@ringdown/signalling'
import type { FastifyInstance } from 'fastify'
import { type CentreDirectory, openCentreDirectory } from './centre-directory.ts'
import { version } from './cli/version.ts'
import { systemClock } from './clock.ts'
import type { Config, Loaded } from './config/load-config.ts'
import type { Mistake } from './config/read-yaml.ts'
import { facadeOptions } from './facade-options.ts'
import { createHealth, type Health } from './health.ts'
import { processIDs } from './ids.ts'
import { createLab, type OpenLab } from './lab/lab.ts'
import { domainsOfCentre, msrpOptions, openMsrp, ownHosts, type SipOpener, sipOpener } from './legs/open-sip.ts'
import { runOf } from './legs/run.ts'
import { SipEndpoint } from './legs/sip-endpoint.ts'
import type { LoadRunsOfNode } from './load-run/load-runs.ts'
import { openLoadRuns } from './load-run/open-load-runs.ts'
import { type Log, linesOf } from './log.ts'
import { loggedTServer } from './logged-t-server.ts'
import { uncounted } from './metrics/uncounted.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { addMonitoring } from './monitoring.ts'
import { type Observers, openObservers } from './observers.ts'
import { closeStores, openStores } from './open-stores.ts'
import { type HashPasswords, passwordHasher } from './passwords.ts'
import { confirmErasures } from './records/confirm-erasures.ts'
import { type ReloadReport, reloader } from './reload.ts'
import { certificateEnds } from './tls/certificate-files.ts'
import { httpsOptions } from './tls/https.ts'
import { reloadCertificates } from './tls/reload-certificates.ts'
import { createTrace, type Trace } from './trace/trace.ts'
import { systemResolver } from './webhooks/resolve.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`. */
  address: string
  centres: readonly Centre[]
  loadRuns: LoadRuns
  /** What passed, session by session. */
  trace: TraceReader
  /** Reads the configuration again. */
  reload(): Promise<ReloadReport>
  /** Says it is not ready, lets requests finish, gives clients over to other nodes, closes the stores. */
  stop(): Promise<void>
}

export interface ServerDeps {
  config: Config
  /** This node's name, unlike that of any other on the same store. */
  node: string
  log: Log
  /** Reads the file again for a reload, and how its mistakes are shown. */
  load: () => Loaded
  format: (mistake: Mistake) => string
}

/** Everything of one node, built and listening. Rejects when a store cannot be opened or the port cannot be had. */
export async function startServer({ config, node, log, load, format }: ServerDeps): Promise<RunningServer> {
  const clock = systemClock
  const hashPasswords = passwordHasher((password, salt) => hashPassword(password, undefined, salt))
  const notices = new Map<string, number>()
  const onNotice = (notice: string) => void notices.set(notice, (notices.get(notice) ?? 0) + 1)
  const stores = await openStores({ config, node, clock, log, onNotice })
  const directories = new Map<string, CentreDirectory>()
  const tservers = new Map<string, TServer>()
  const run = runOf(node, randomBytes(4).toString('hex'))
  let endpoint: SipEndpoint | undefined
  let opener: SipOpener | undefined
  let msrp: MsrpStack | undefined
  let loadRuns: LoadRunsOfNode | undefined
  let lab: OpenLab | undefined
  let certificates = certificateEnds(config)
  let app: FastifyInstance | undefined
  let observers: Observers | undefined
  let stopConfirming: (() => void) | undefined
  const trace = openTrace(config, node, clock, stores, log)
  const webhooks = createWebhooks({
    ...{ config, stores, directories, clock, log, node: run, random: Math.random, resolve: systemResolver() },
  })

  const close = async () => {
    await Promise.all([loadRuns?.close(), lab?.close()])
    await app?.close()
    await endpoint?.close()
    await Promise.allSettled([...tservers.values()].map((tserver) => tserver.stop()))
    await webhooks.close()
    for (const directory of directories.values()) directory.close()
    stopConfirming?.()
    await observers?.close()
    trace.close()
    await closeStores(stores)
  }
  try {
    const health = createHealth([...stores.values()])
    const seen = await openObservers(config, node, clock, trace)
    observers = seen
    const counted = createMetrics({
      ...seen.sources,
      sessions: new Map([...stores].map(([id, store]) => [id, () => store.countCalls()])),
      self: {
        ...{ version: version(), store: config.store.redis ? 'redis' : 'embedded', notices, lines: linesOf(log) },
        trouble: health.trouble,
        healthy: new Map([...stores].map(([id, store]) => [id, () => store.healthy()])),
      },
      ...((config.sip.listen.length > 0 || config.sip.drachtio) && {
        sip: () => {
          const { legs = 0, msrpSessions = 0, msrpConnections = 0 } = endpoint?.held() ?? {}
          return { legs, msrpSessions, msrpConnections, ...(opener?.counts() ?? { dialogs: 0, transactions: 0 }) }
        },
      }),
      trace: trace.reader.state,
      certificates: () => certificates,
      webhooks: webhooks.figures,
    })
    const metrics = config.monitoring.count ? counted : uncounted(counted)
    await openDirectories(config, stores, directories, hashPasswords, log)
    opener = sipOpener({ config, clock, log, onDropped: metrics.sip.dropped, trace: seen })
    if (opener)
      endpoint = makeEndpoint({ config, run, clock, log, stores, directories, opener, metrics, bind: seen.bind })
    const sip = endpoint
    const countText = (centre: string) => {
      metrics.meter.text()
      lab?.text(centre)
    }
    const centres = [...directories].map(([id, directory]): Centre => {
      const store = storeOf(stores, id)
      const plain = createTServer({
        store: seen.wrapStore(id, webhooks.wrapStore(id, store)),
        directory: directory.now,
        clock,
        ids: processIDs(clock.now()),
        node: run,
        ...(sip && coreSide(sip, id)),
        meter: { ...metrics.meter, text: () => countText(id) },
        onError: (err) => log.error({ centre: id, err }, 'a timer failed'),
      })
      const tserver = seen.wrapTServer(id, plain)
      tservers.set(id, tserver)
      const logged = loggedTServer(tserver, log.child({ centre: id }))
      return { id, directory: directory.now, store, tserver: logged }
    })
    const readAgain = reloader({
      load,
      format,
      running: config,
      directories,
      hashPasswords,
      log,
      onApplied: webhooks.reload,
    })
    const reload = async () => {
      const report = await readAgain()
      if (!report.applied) return report
      reloadCertificates({ config, http: app?.server as HttpsServer | undefined, opener, msrp, log })
      certificates = certificateEnds(config)
      return report
    }
    loadRuns = openLoadRuns({ config, node, centres, clock, log, address: () => address })
    lab = createLab({
      ...{ node, version: version(), clock, log, stores, metrics, loadRuns, trace: trace.reader },
      legs: (id) => sip?.legsOf(id) ?? 0,
      flows: opener?.flows,
      lockOuts: {
        list: ({ id }) => sip?.lockOuts(id) ?? [],
        lift: async ({ id }, lockOut) => (await sip?.liftLockOut(id, lockOut)) ?? false,
      },
    })
    app = await buildApp({ config, node, log, centres, health, metrics, reload, seen, lab })
    stopConfirming = confirmErasures(stores.values(), node, (err) =>
      log.warn({ err }, 'an erasure could not be confirmed'),
    )
    await webhooks.start()
    for (const tserver of tservers.values()) tserver.start()
    if (opener) {
      msrp = await openMsrp({ config, clock, log, onDropped: metrics.sip.dropped, trace })
      await sip?.open(opener.open, msrp, tservers)
    }
    const address = await app.listen({ host: config.http.host, port: config.http.port })
    health.started()
    loadRuns.open()
    await lab.start()
    log.info({ address, centres: centres.map(({ id }) => id) }, 'listening')
    return {
      address,
      centres,
      loadRuns,
      trace: trace.reader,
      reload,
      stop: drainer({ config, health, log, server: app.server, close }),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What the core of a centre has of SIP. */
function coreSide(
  sip: SipEndpoint,
  id: string,
): Pick<TServerDeps, 'reach' | 'onLostNode' | 'onUnfinished' | 'onUndelivered'> {
  return {
    reach: sip.reachability(id),
    onLostNode: (node) => sip.onLostNode(id, node),
    onUnfinished: (callUUID, dn) => sip.onUnfinished(id, callUUID, dn),
    onUndelivered: (text) => sip.onUndelivered(id, text),
  }
}

/** What passes on this node, for as long as its memory allows. */
function openTrace(
  { trace: { enabled, bytes } }: Config,
  node: string,
  clock: Clock,
  stores: ReadonlyMap<string, SessionStore>,
  log: Log,
): Trace {
  return createTrace({
    ...{ node, clock, stores, bytes: enabled ? bytes : 0 },
    now: () => performance.timeOrigin + performance.now(),
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    // A store that does not answer is told of where it matters; a silent node is named in the ladder.
    onError: (err) => log.debug({ err }, 'nodes could not tell each other of traces'),
  })
}

interface EndpointParts {
  config: Config
  run: string
  clock: Clock
  log: Log
  stores: ReadonlyMap<string, SessionStore>
  directories: ReadonlyMap<string, CentreDirectory>
  opener: SipOpener
  metrics: Metrics
  bind: Trace['bind']
}

function makeEndpoint(parts: EndpointParts): SipEndpoint {
  const { config, run, clock, log, stores, directories, opener, metrics, bind } = parts
  const centres = [...directories].map(([id, { now }]) => ({
    id,
    directory: now,
    store: storeOf(stores, id),
    domains: domainsOfCentre(config),
  }))
  return new SipEndpoint(
    {
      node: run,
      clock,
      log,
      domains: [...config.sip.domains, ...ownHosts(config)],
      algorithms: config.sip.digest === 'both' ? ['SHA-256', 'MD5'] : [config.sip.digest],
      random: Math.random,
      resolve: opener.resolve,
      requestsPerSecond: config.sip.requestsPerSecond,
      isProxy: networksOf(config.sip.trustedProxies),
      onLimit: (limit) => metrics.limit('sip', limit),
      onAnswered: metrics.sip.answered,
      onTaken: (ms) => metrics.delivered('sip', ms),
      msrpOptions: msrpOptions(config),
      bind,
    },
    centres,
  )
}

/** A name for a node that was given none: the machine's, and chance. */
export const makeNodeName = (): string =>
  `${hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 40)}-${randomBytes(4).toString('hex')}`

async function openDirectories(
  config: Config,
  stores: ReadonlyMap<string, SessionStore>,
  directories: Map<string, CentreDirectory>,
  hashPasswords: HashPasswords,
  log: Log,
): Promise<void> {
  for (const centre of config.contactCentres) {
    const objects = await hashPasswords(centre)
    const store = storeOf(stores, objects.id)
    directories.set(objects.id, await patiently(() => openCentreDirectory(objects, store, log), log))
  }
}

const patienceMs = 30_000

// A server and its Redis are often started together. Serving by the file alone would let in people the API has locked out.
async function patiently<T>(open: () => Promise<T>, log: Log): Promise<T> {
  const until = systemClock.now() + patienceMs
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof TServerError) || systemClock.now() > until) throw error
      log.warn({ err: error }, 'the store does not answer yet')
      await new Promise<void>((resolve) => systemClock.after(500, resolve))
    }
  }
}

function storeOf(stores: ReadonlyMap<string, SessionStore>, id: string): SessionStore {
  const store = stores.get(id)
  if (!store) throw new Error(`contact centre ${id} has no store`)
  return store
}

interface AppParts {
  config: Config
  node: string
  log: Log
  centres: readonly Centre[]
  health: Health
  metrics: Metrics
  reload: () => Promise<ReloadReport>
  seen: Observers
  lab: Lab
}

function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, node, log, centres, health, metrics, reload, seen, lab } = parts
  const { tls } = config.http
  return createApp({
    centres,
    clock: systemClock,
    node,
    log,
    meter: metrics.meter,
    onLimit: (limit) => metrics.limit('http', limit),
    cometdMeter: metrics.cometd,
    ucAjaxMeter: metrics.ucAjax,
    tracer: seen.tracer,
    lab,
    options: facadeOptions(config),
    reload: async () => forAdministrators(await reload(), centres),
    ...(tls && { tls: httpsOptions(tls) }),
    desktop: desktopFolder,
    extend: (app) => {
      addMonitoring(app, { health, metrics, token: config.monitoring.token })
      seen.addTo(app)
    },
  })
}

/** Where the build of the agent desktop puts its files. */
const desktopFolder = fileURLToPath(new URL('../../desktop/dist', import.meta.url))

// The file is about all contact centres, an administrator about one: of others they learn a number only.
function forAdministrators(report: ReloadReport, centres: readonly Centre[]): ReloadReport {
  if (centres.length === 1 || report.applied) return report
  return { ...report, problems: [`The log of this node tells ${report.problems.length} mistakes`] }
}

interface DrainParts {
  config: Config
  health: Health
  log: Log
  server: { closeAllConnections(): void }
  close: () => Promise<void>
}

/** What stores get to close in once requests are finished. */
const closeMs = 5_000

/** SPEC SV-31. Asked twice it stops once. */
function drainer({ config, health, log, server, close }: DrainParts): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const drain = async () => {
    const { noticeMs, finishMs } = config.drain
    health.draining()
    log.info({ noticeMs, finishMs }, 'draining')
    if (noticeMs > 0) await new Promise<void>((resolve) => systemClock.after(noticeMs, resolve))
    const cancel = systemClock.after(finishMs, () => {
      log.warn('requests did not finish in time; their connections are closed')
      server.closeAllConnections()
    })
    const closing = close().then(() => 'closed' as const)
    const late = new Promise<'late'>((resolve) => systemClock.after(finishMs + closeMs, () => resolve('late')))
    const outcome = await Promise.race([closing, late])
    cancel()
    if (outcome === 'late') throw new Error('a store did not close in time')
    log.info('stopped')
  }
  return () => {
    stopping ??= drain()
    return stopping
  }
}
