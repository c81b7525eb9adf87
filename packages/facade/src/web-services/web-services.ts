import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { auditChanges } from '../lab/audit-hook.ts'
import { labRoutes } from '../lab/lab.routes.ts'
import { traceRest } from '../lab/trace-hooks.ts'
import type { ApiDeps } from './api.ts'
import { configurationRoutes } from './routes/configuration.routes.ts'
import { deviceRoutes } from './routes/device.routes.ts'
import { imSessionRoutes } from './routes/im-session.routes.ts'
import { informationRoutes } from './routes/information.routes.ts'
import { meRoutes } from './routes/me.routes.ts'
import { peopleRoutes } from './routes/people.routes.ts'
import { phoneRoutes } from './routes/phone.routes.ts'
import { systemRoutes } from './routes/system.routes.ts'
import { userRoutes } from './routes/user.routes.ts'

/** Web Services REST. */
export const webServices =
  (deps: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', (_request, reply, done) => {
      // Answers are one person's, and JSON whatever a browser may guess.
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      done()
    })
    traceRest(app, deps.tracer)
    auditChanges(app, app.prefix, deps.clock)
    await app.register(meRoutes(deps))
    await app.register(imSessionRoutes(deps))
    await app.register(deviceRoutes(deps))
    await app.register(informationRoutes(deps))
    await app.register(userRoutes(deps))
    await app.register(peopleRoutes(deps))
    await app.register(phoneRoutes(deps))
    await app.register(configurationRoutes(deps))
    await app.register(systemRoutes(deps))
    await app.register(labRoutes(deps), { prefix: '/lab' })
  }
