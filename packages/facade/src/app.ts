import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import type { Clock, Meter } from '@ringdown/signalling'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
  fastify,
  LogController,
} from 'fastify'
import { createCometd } from './cometd/cometd.ts'
import type { CometdMeter } from './cometd/hub.ts'
import { type ConnectionRefusal, limitConnections } from './connections.ts'
import { serveDesktop } from './desktop.ts'
import type { Lab } from './lab/ports.ts'
import { noTracer, type Tracer } from './lab/tracer.ts'
import { Logins } from './login/logins.ts'
import type { Centre } from './login.ts'
import { defaultFacadeOptions, type FacadeOptions } from './options.ts'
import type { UcAjaxMeter } from './uc-ajax/meter.ts'
import { createUcAjax, routedUrl } from './uc-ajax/uc-ajax.ts'
import type { ApiDeps, Reload } from './web-services/api.ts'
import { answerClientError, answerNoUpgrade } from './web-services/client-error.ts'
import { guardOf } from './web-services/guard.ts'
import { describeApi } from './web-services/openapi.ts'
import { ApiError, sendError } from './web-services/status.ts'
import { answerUnknown } from './web-services/unknown.ts'
import { webServices } from './web-services/web-services.ts'

/** What the facades need from outside. */
export interface AppDeps {
  centres: readonly Centre[]
  clock: Clock
  /** This node's name: letters, digits, dots, dashes and underscores. */
  node: string
  options?: Partial<FacadeOptions>
  log?: FastifyBaseLogger
  meter?: Pick<Meter, 'refused'>
  /** A limit was reached, and somebody refused for it. */
  onLimit?: (limit: HttpLimit) => void
  cometdMeter?: CometdMeter
  ucAjaxMeter?: UcAjaxMeter
  /** Is told of what passes between clients and the engine. */
  tracer?: Tracer
  /** Serve HTTPS with this certificate chain and key, PEM, and what else belongs to TLS. */
  tls?: ServerOptions
  /** Called before any route is there, so what it hooks in holds for all of them: the server's probes and metrics. */
  extend?: (app: FastifyInstance) => void
  /** What an administrator's ReloadConfiguration does. */
  reload?: Reload
  /** What the lab console shows of this node; absent: only what every facade knows. */
  lab?: Lab
  /** The folder of the agent desktop's files; absent: `/` is no page. */
  desktop?: string
}

/** Limits of the HTTP server that are not a login's. */
export type HttpLimit = ConnectionRefusal | 'requestsPerAddress'

const apiPath = '/api/v2'

/** The HTTP server with all facades, not listening yet. Closing it gives back what it holds of the stores. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { centres, clock, node } = deps
  const options = { ...defaultFacadeOptions, ...deps.options }
  const app = fastify(serverOptions(deps, options))
  const logins = new Logins({ centres, clock, node, options: options.login })
  app.addHook('onClose', async () => logins.close())
  app.decorateRequest('login')
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(sendError)
  answerUnknown(app, apiPath)
  const { connections, connectionsPerAddress, trustedProxies, hstsSeconds } = options
  const onLimit = deps.onLimit ?? (() => undefined)
  limitConnections(
    app.server,
    { connections, connectionsPerAddress, exempt: ['127.0.0.0/8', '::1', ...trustedProxies] },
    onLimit,
  )
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    if (hstsSeconds > 0) reply.header('strict-transport-security', `max-age=${hstsSeconds}`)
    done()
  })
  deps.extend?.(app)

  if (options.origins.length > 0) await app.register(cors, corsOptions(options.origins))
  if (options.requestsPerMinute > 0)
    await app.register(rateLimit, {
      max: options.requestsPerMinute,
      timeWindow: 60_000,
      onExceeded: () => onLimit('requestsPerAddress'),
      errorResponseBuilder: () => new ApiError(3, 'Too many requests from your address; try again later', 429),
    })
  const version = packageVersion()
  await describeApi(app, apiPath, version)

  const api: ApiDeps = {
    logins,
    guard: guardOf(logins, deps.meter),
    apiRoot: ({ protocol, host }) => options.externalApiUrl ?? `${protocol}://${host}${apiPath}`,
    version,
    reload: deps.reload,
    sip: options.sip,
    clock,
    lab: deps.lab,
    tracer: deps.tracer ?? noTracer,
  }
  await app.register(webServices(api), { prefix: apiPath })
  if (deps.desktop !== undefined) await serveDesktop(app, deps.desktop, options.sip.sockets)

  const cometd = createCometd({
    logins,
    clock,
    node,
    options: { ...options.cometd, origins: options.origins },
    meter: deps.cometdMeter,
    tracer: deps.tracer,
    apiRoot: api.apiRoot,
    socketApiRoot: (scheme, host) => options.externalApiUrl ?? `${scheme}://${host}${apiPath}`,
  })
  await app.register(cometd.plugin)
  app.server.on('upgrade', (request, socket, head) => {
    if (!cometd.upgrade(request, socket, head)) answerNoUpgrade(socket)
  })
  // Sessions that began elsewhere, or before it was switched off, have to end here as well.
  const ucAjax = createUcAjax(ucAjaxDeps(deps, options, logins))
  if (options.ucAjax.enabled) await app.register(ucAjax.plugin)
  // Before the server waits for requests that are held.
  app.addHook('preClose', async () => {
    await Promise.all([cometd.close(), ucAjax.close()])
  })
  return app
}

function ucAjaxDeps(
  { centres, clock, meter, ucAjaxMeter, log, tracer }: AppDeps,
  options: FacadeOptions,
  logins: Logins,
) {
  const onRefused = (reason: string) => meter?.refused(reason)
  const { ucAjax, bodyLimit } = options
  return { centres, logins, clock, options: ucAjax, bodyLimit, meter: ucAjaxMeter, onRefused, log, tracer }
}

function serverOptions({ log, tls }: AppDeps, options: FacadeOptions): FastifyServerOptions {
  return {
    ...(log && { loggerInstance: log }),
    ...(tls && { https: tls }),
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger, // one for each request would cost more than the rest of its set-up
    bodyLimit: options.bodyLimit,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    requestTimeout: 30_000,
    return503OnClosing: false, // its answer would have the framework's shape
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        discriminator: true,
        validateSchema: false, // TypeBox wrote them; checking them by the meta-schema is a third of the start
      },
    },
    frameworkErrors: sendError,
    ...(options.ucAjax.enabled && { rewriteUrl: ({ url = '/' }) => routedUrl(url) }),
    clientErrorHandler: answerClientError,
  }
}

// Web-services-api §1.3; X-CSRF-TOKEN belongs to the allowed ones, or a page of another origin could never send it.
function corsOptions(origins: readonly string[]) {
  return {
    origin: origins.includes('*') ? true : [...origins],
    methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    allowedHeaders:
      'X-Requested-With,Content-Type,Accept,Origin,Cookie,Authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN,Idempotency-Key,CWA-Ticket',
    exposedHeaders: 'X-CSRF-HEADER,X-CSRF-TOKEN,CWA-Ticket',
    credentials: true,
    maxAge: 120,
    strictPreflight: false,
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
