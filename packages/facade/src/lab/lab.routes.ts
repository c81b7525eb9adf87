import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { auditRoutes } from './audit.routes.ts'
import type { LabDeps } from './deps.ts'
import { ladderRoutes } from './ladder.routes.ts'
import { listRoutes } from './list.routes.ts'
import { loadRunRoutes } from './load-run.routes.ts'
import { lockOutRoutes } from './lock-outs.routes.ts'
import { nodeRoutes } from './node.routes.ts'

/** What the lab console is made of. Ours: no other product has it. */
export const labRoutes =
  (deps: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)
    await app.register(listRoutes(deps))
    await app.register(nodeRoutes(deps))
    await app.register(ladderRoutes(deps))
    await app.register(loadRunRoutes(deps))
    await app.register(lockOutRoutes(deps))
    await app.register(auditRoutes(deps))
  }
