import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Clock, Meter } from '@ringdown/signalling'
import { type FastifyBaseLogger, type FastifyInstance, fastify } from 'fastify'
import { Logins } from './login/logins.ts'
import type { Centre } from './login.ts'
import { defaultFacadeOptions, type FacadeOptions } from './options.ts'
import type { ApiDeps } from './web-services/api.ts'
import { guardOf } from './web-services/guard.ts'
import { imSessionRoutes } from './web-services/routes/im-session.routes.ts'
import { meRoutes } from './web-services/routes/me.routes.ts'
import { sendError } from './web-services/status.ts'

/** What the facades need from outside. */
export interface AppDeps {
  centres: readonly Centre[]
  clock: Clock
  /** This node's name. */
  node: string
  options?: Partial<FacadeOptions>
  log?: FastifyBaseLogger
  meter?: Pick<Meter, 'refused'>
  /** Certificate chain and key, PEM: the server speaks HTTPS. */
  tls?: { cert: Buffer; key: Buffer }
  /** Called before any route is there, so what it hooks in holds for all of them: probes, metrics. */
  extend?: (app: FastifyInstance) => void
}

export const apiPath = '/api/v2'

/** The HTTP server with all facades, not listening yet. Closing it gives back what it holds of the stores. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const { centres, clock, node, meter } = deps
  const options = { ...defaultFacadeOptions, ...deps.options }
  const app = fastify({
    ...(deps.log && { loggerInstance: deps.log }),
    ...(deps.tls && { https: deps.tls }),
    disableRequestLogging: true,
    childLoggerFactory: (logger) => logger, // one for each request costs more than the rest of a request's set-up
    bodyLimit: options.bodyLimit,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    requestTimeout: 30_000,
    return503OnClosing: false, // its answer would have the framework's shape
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, discriminator: true } },
  }).withTypeProvider<TypeBoxTypeProvider>()

  const logins = new Logins({ centres, clock, node, options: options.login })
  app.addHook('onClose', async () => logins.close())
  app.decorateRequest('login')
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(sendError)
  deps.extend?.(app)

  const api: ApiDeps = {
    centres,
    logins,
    guard: guardOf(logins, meter),
    apiRoot: ({ protocol, host }) => options.externalApiUrl ?? `${protocol}://${host}${apiPath}`,
    meter,
  }
  await app.register(
    async (v2) => {
      await v2.register(meRoutes(api))
      await v2.register(imSessionRoutes(api))
    },
    { prefix: apiPath },
  )
  return app
}
