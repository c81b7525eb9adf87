import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { failures, IdParams, Success, shaped } from '../web-services/schema/common.ts'
import { type LabDeps, operators, present, tags } from './deps.ts'

const Wanted = Type.Object({
  pairs: Type.Integer({ minimum: 1, maximum: 200, description: 'Pairs of agents that talk' }),
  textsPerSecond: Type.Integer({ minimum: 1, maximum: 2_000, description: 'All pairs together' }),
  seconds: Type.Integer({ minimum: 1, maximum: 600 }),
})

const count = Type.Integer()
const orNull = Type.Union([Type.Number(), Type.Null()])
const runFields = {
  id: Type.String(),
  wanted: Wanted,
  by: Type.String({ description: 'User name' }),
  started: Type.Number({ description: 'Milliseconds since 1970' }),
  state: Type.Enum(['preparing', 'running', 'clearing', 'done', 'stopped', 'failed']),
  progress: Type.Number({ description: '0 … 1' }),
  accepted: count,
  delivered: count,
  lost: count,
  latency: Type.Object({ p50: orNull, p99: orNull, max: orNull }, { description: 'From sending to seeing, ms' }),
  problem: Type.Optional(Type.String({ description: 'Why it failed, in a sentence' })),
}

/** Load runs from the console, one at a time. SPEC LB-11. */
export const loadRunRoutes =
  ({ guard, lab }: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard(operators)

    app.get(
      '/load-runs',
      {
        onRequest,
        schema: {
          tags,
          summary: 'The load run that goes on, and the last ones, newest first',
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), loadRuns: Type.Array(Type.Object(runFields)) })),
            ...failures,
          },
        },
      },
      async ({ login }) => ({ statusCode: 0, loadRuns: present(lab).loadRuns.list(login.centre) }),
    )

    app.post(
      '/load-runs',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Start a load run: agents of its own talk over the public interfaces of this node',
          body: Wanted,
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), loadRun: Type.Object(runFields) })),
            ...failures,
          },
        },
      },
      async (request) => {
        const { login, body } = request
        const { pairs, textsPerSecond, seconds } = body
        const wanted = { pairs, textsPerSecond, seconds }
        const loadRun = await present(lab).loadRuns.start(login.centre, wanted, login.person.userName)
        if (request.deed) request.deed.object = loadRun.id
        return { statusCode: 0, loadRun }
      },
    )

    app.delete(
      '/load-runs/:id',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Stop a load run and remove its agents',
          params: IdParams,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, params }) => {
        await present(lab).loadRuns.stop(login.centre, params.id)
        return { statusCode: 0 as const }
      },
    )
  }
