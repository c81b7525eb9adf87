import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { failures, IdParams, Success, shaped } from '../web-services/schema/common.ts'
import { ApiError } from '../web-services/status.ts'
import { type LabDeps, operators, tags } from './deps.ts'

const lockOutFields = {
  id: Type.String(),
  protocol: Type.Enum(['http', 'sip']),
  user: Type.Optional(Type.String({ description: 'Whose name was tried, in lower case; absent: any' })),
  address: Type.Optional(Type.String({ description: 'Where from; absent: anywhere' })),
  failures: Type.Integer({ description: 'Wrong passwords since the window began' }),
  until: Type.Number({ description: 'Milliseconds since 1970' }),
}

/** Who has to wait because of wrong passwords, and a way to end it. SPEC SE-22. */
export const lockOutRoutes =
  ({ guard, logins, lab }: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard(operators)

    app.get(
      '/lock-outs',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Who has to wait on this node because of wrong passwords; the longest wait first',
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), lockOuts: Type.Array(Type.Object(lockOutFields)) })),
            ...failures,
          },
        },
      },
      async ({ login: { centre } }) => ({
        statusCode: 0,
        lockOuts: [
          ...logins.lockOuts(centre).map((one) => ({ ...one, protocol: 'http' as const })),
          ...(lab?.lockOuts.list(centre) ?? []).map((one) => ({ ...one, protocol: 'sip' as const })),
        ].sort((a, b) => b.until - a.until),
      }),
    )

    app.delete(
      '/lock-outs/:id',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Let somebody try again at once, on all nodes',
          params: IdParams,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login: { centre }, params: { id } }) => {
        const isLifted = (await logins.liftLockOut(centre, id)) || (await lab?.lockOuts.lift(centre, id))
        if (!isLifted) throw new ApiError(6, `Nobody is locked out under ${id} on this node`)
        return { statusCode: 0 as const }
      },
    )
  }
