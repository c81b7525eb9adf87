import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Centre } from '../login.ts'
import { failures } from '../web-services/schema/common.ts'
import { auditEntries, auditFields, auditPage } from './audit.ts'
import { type LabDeps, operators, tags } from './deps.ts'
import { fileAnswer, limitOf, pageAnswer, pageFields, printPage } from './paging.ts'

const type = 'application/jsonl'

/** Who did what to which object. SPEC LB-20 to LB-24. */
export const auditRoutes =
  ({ guard }: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard(operators)

    app.get(
      '/audit',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Who did what to which object, newest first',
          querystring: Type.Object({
            ...pageFields,
            after: Type.Optional(
              Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: '`next` of the page before' }),
            ),
          }),
          response: { 200: pageAnswer('entries', auditFields), ...failures },
        },
      },
      async ({ login, query }) => {
        const before = query.after === undefined ? undefined : Number(query.after)
        return printPage('entries', await auditPage(login.centre, before, limitOf(query)))
      },
    )

    app.get(
      '/audit.jsonl',
      {
        onRequest,
        schema: {
          tags,
          summary: 'All of it as JSON Lines, oldest first',
          response: {
            200: fileAnswer(type),
            ...failures,
          },
        },
      },
      async ({ login }, reply) => {
        const pages = lines(login.centre)
        // The first page is read before the answer begins, so that a store that does not answer is said with its status.
        const first = await pages.next()
        return reply
          .type(type)
          .header('content-disposition', 'attachment; filename="audit.jsonl"')
          .send(Readable.from(resumed(first, pages), { objectMode: false }))
      },
    )
  }

async function* lines(centre: Centre): AsyncGenerator<string> {
  for await (const page of auditEntries(centre)) yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

async function* resumed(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done) return
  yield first.value
  yield* rest
}
