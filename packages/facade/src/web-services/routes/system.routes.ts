import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ApiDeps } from '../api.ts'
import { failures } from '../schema/common.ts'
import { operations } from '../schema/operations.ts'
import { ApiError } from '../status.ts'

const SystemOperations = operations({ ReloadConfiguration: {} })

const Reloaded = Type.Object({
  statusCode: Type.Literal(0),
  restart: Type.Array(Type.String(), { description: 'Keys of the file that changed and wait for a restart' }),
})

/** What administrators ask of this node. Ours: no other product has it. */
export const systemRoutes =
  ({ guard, reload }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/system',
      {
        onRequest: guard({ roles: ['admin'] }),
        schema: {
          tags: ['System'],
          summary: 'Read the configuration file of this node again',
          body: SystemOperations,
          response: { 200: Reloaded, ...failures },
        },
      },
      async () => {
        if (!reload) throw new ApiError(3, 'This node has no configuration file')
        const { applied, problems, restart } = await reload()
        if (!applied) throw new ApiError(2, `The configuration stays as it was. ${problems.join('; ')}`)
        return { statusCode: 0 as const, restart: [...restart] }
      },
    )
  }
