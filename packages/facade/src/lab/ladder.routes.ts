import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type CallUUID, isCallUUID } from '@ringdown/signalling'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { failures, IdParams, shaped } from '../web-services/schema/common.ts'
import { ApiError } from '../web-services/status.ts'
import { asker, writeDeed } from './audit.ts'
import { type LabDeps, operators, present, tags } from './deps.ts'
import { noSession } from './live-sessions.ts'
import { fileAnswer } from './paging.ts'
import type { LadderFormat } from './ports.ts'

const Texts = Type.Object({
  texts: Type.Optional(
    Type.Literal('show', {
      description:
        'Texts as they are: for supervisors, and each view is in the audit log. Needs the header X-Requested-With, with any value; a page of this server, loaded over HTTPS, goes without',
    }),
  ),
})

const text = Type.String()
const ladderFields = {
  callUUID: text,
  lanes: Type.Array(Type.Object({ id: text, label: text, kind: Type.Enum(['client', 'engine', 'endpoint']) })),
  entries: Type.Array(
    Type.Object({
      id: Type.String({ description: 'The same at every look' }),
      at: Type.Number({ description: 'Milliseconds since 1970, with fractions' }),
      node: text,
      kind: Type.Enum(['rest', 'tevent', 'sip', 'msrp', 'cometd', 'ucajax']),
      from: Type.String({ description: 'A lane; the same as `to` for what happens within one' }),
      to: text,
      title: text,
      repeated: Type.Optional(Type.Literal(true, { description: 'The same message once more' })),
      content: Type.String({ description: 'As it was on the wire, texts masked unless they were asked for' }),
    }),
  ),
  discarded: Type.Record(Type.String(), Type.Number(), {
    description: 'What was recorded and had to give way since the session began: bytes by reason',
  }),
  silent: Type.Array(Type.String(), { description: 'Nodes that were asked and did not answer' }),
}
const Ladders = shaped(Type.Object({ statusCode: Type.Literal(0), ladder: Type.Object(ladderFields) }))

interface File {
  format: LadderFormat
  type: string
  summary: string
}
const files: readonly File[] = [
  { format: 'pcap', type: 'application/vnd.tcpdump.pcap', summary: 'SIP and MSRP of a session, for Wireshark' },
  { format: 'svg', type: 'image/svg+xml', summary: 'The ladder of a session as a picture' },
]

/** A session from end to end, as the trace has it. SPEC LB-9, LB-10. */
export const ladderRoutes =
  (deps: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { guard, lab, clock } = deps
    const onRequest = guard(operators)

    for (const isFile of [false, true])
      app.get(
        `/sessions/:id/ladder${isFile ? '.json' : ''}`,
        {
          onRequest,
          schema: {
            tags,
            summary: isFile ? 'The ladder of a session as a file' : 'The ladder of a session',
            params: IdParams,
            querystring: Texts,
            response: { 200: Ladders, ...failures },
          },
        },
        async (request, reply) => {
          const { id, texts } = await asked(request, isFile ? 'json' : 'view', clock.now())
          const ladder = await present(lab).trace.ladder(request.login.centre, id, texts)
          if (!ladder) throw noSession(id)
          if (isFile) reply.header('content-disposition', attachment(id, 'json'))
          return { statusCode: 0, ladder }
        },
      )

    for (const { format, type, summary } of files)
      app.get(
        `/sessions/:id/ladder.${format}`,
        {
          onRequest,
          schema: {
            tags,
            summary,
            params: IdParams,
            querystring: Texts,
            response: {
              200: fileAnswer(type, Type.String({ format: 'binary' })),
              ...failures,
            },
          },
        },
        async (request, reply) => {
          const { id, texts } = await asked(request, format, clock.now())
          const file = await present(lab).trace.file(request.login.centre, id, format, texts)
          if (!file) throw noSession(id)
          return reply
            .type(type)
            .header('content-disposition', attachment(id, format))
            .header('content-security-policy', pictureOnly)
            .send(Buffer.from(file.buffer, file.byteOffset, file.byteLength))
        },
      )
  }

/** What is drawn runs nothing and asks nobody, wherever it is opened. */
const pictureOnly = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

type LadderRequest = FastifyRequest & { params: { id: string }; query: { texts?: 'show' } }

/**
 * Whose ladder, and with its texts or without. SPEC LB-10: who may see texts has to be a supervisor as well, and that they were asked
 * for is durable before anything of them is shown.
 */
async function asked(request: FastifyRequest, form: string, now: number): Promise<{ id: CallUUID; texts: boolean }> {
  const { login, params, query, ip, log } = request as LadderRequest
  const { id } = params
  if (!isCallUUID(id)) throw noSession(id)
  const call = await login.centre.tserver.anyCall(id)
  if (!call) throw noSession(id)
  if (query.texts !== 'show') return { id, texts: false }
  if (!byPage(request)) throw new ApiError(3, 'Texts are not for a link: send the header X-Requested-With')
  const may = login.person.roles.includes('supervisor')
  const deed = {
    ...asker({ login, ip }),
    what: 'view texts',
    object: id,
    outcome: may ? 'done' : 'refused',
    detail: form,
  } as const
  await writeDeed(login.centre, deed, { log, now })
  if (!may) throw new ApiError(5, 'Texts are for who has the role ROLE_SUPERVISOR besides')
  return { id, texts: true }
}

/**
 * A link on another site makes a browser ask with whoever's cookie it has, and an entry under their name that they do not know of. No
 * link sends a header of its own, and only our page is of our origin (Fetch Metadata, `Sec-Fetch-Site`).
 */
function byPage({ headers }: FastifyRequest): boolean {
  return headers['x-requested-with'] !== undefined || headers['sec-fetch-site'] === 'same-origin'
}

function attachment(id: string, format: string): string {
  return `attachment; filename="session-${id}.${format}"`
}
