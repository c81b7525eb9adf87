import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { failures, shaped } from '../web-services/schema/common.ts'
import { ApiError } from '../web-services/status.ts'
import { type LabDeps, operators, present, tags } from './deps.ts'
import { limitOf, pageAnswer, pageFields, printPage } from './paging.ts'

const text = Type.String()
const milliseconds = Type.Number({ description: 'Milliseconds since 1970' })
const numbers = (description: string) => Type.Record(Type.String(), Type.Number(), { description })
const orNull = Type.Union([Type.Number(), Type.Null()])

const nodeFields = {
  name: text,
  here: Type.Boolean({ description: 'This node answers' }),
  started: milliseconds,
  leaseUntil: Type.Number({ description: 'Milliseconds since 1970; a node whose lease has run out is gone' }),
  version: text,
  legs: Type.Integer({ description: 'SIP legs it holds' }),
  clients: Type.Integer({ description: 'CometD and UC AJAX sessions it serves' }),
}

const registrationFields = {
  dn: text,
  contact: text,
  transport: text,
  remote: text,
  expires: milliseconds,
  flow: Type.Boolean({ description: 'Reached through the flow it was made over only' }),
  userAgent: Type.Optional(text),
}

const flowFields = { id: text, transport: text, local: text, remote: text, opened: milliseconds }

const sampleFields = {
  at: milliseconds,
  sessions: Type.Union([Type.Object({ dialing: Type.Integer(), talking: Type.Integer() }), Type.Null()]),
  texts: Type.Integer({ description: 'Accepted by this node in the step' }),
  delivery: Type.Object(
    { p50: orNull, p99: orNull },
    { description: 'From accepting a text to writing it to a client, ms' },
  ),
  refusals: numbers('In the step, by reason'),
  queues: numbers('Waiting now, by name'),
  cpu: Type.Number({ description: 'Parts of one core' }),
  memory: Type.Number({ description: 'Bytes' }),
}

/** Nodes, what is registered over SIP and over which flows, and the last hour in numbers. SPEC LB-5 to LB-8. */
export const nodeRoutes =
  ({ guard, lab }: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard(operators)

    app.get(
      '/nodes',
      {
        onRequest,
        schema: {
          tags,
          summary: 'The nodes on this store, and those that were lost in the last hour',
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), nodes: Type.Array(Type.Object(nodeFields)) })),
            ...failures,
          },
        },
      },
      async ({ login }) => ({ statusCode: 0, nodes: await present(lab).nodes(login.centre) }),
    )

    app.get(
      '/registrations',
      {
        onRequest,
        schema: {
          tags,
          summary: 'What is registered over SIP, by DN; a page ends with a DN and may be shorter than asked for',
          querystring: Type.Object(pageFields),
          response: { 200: pageAnswer('registrations', registrationFields), ...failures },
        },
      },
      async ({ login, query }) =>
        printPage('registrations', await present(lab).registrations(login.centre, query.after, limitOf(query))),
    )

    app.get(
      '/flows',
      {
        onRequest,
        schema: {
          tags,
          summary: 'SIP flows of this node',
          querystring: Type.Object(pageFields),
          response: { 200: pageAnswer('flows', flowFields), ...failures },
        },
      },
      async ({ query }) => {
        const page = present(lab).flows(query.after, limitOf(query))
        if (!page) throw new ApiError(3, 'This node serves several contact centres; its flows belong to none of them')
        return printPage('flows', page)
      },
    )

    app.get(
      '/history',
      {
        onRequest,
        schema: {
          tags,
          summary: 'The last hour in steps of ten seconds',
          querystring: Type.Object({
            after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: '`at` of the last one known' })),
          }),
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), samples: Type.Array(Type.Object(sampleFields)) })),
            ...failures,
          },
        },
      },
      async ({ login, query }) => ({
        statusCode: 0,
        samples: present(lab).history.read(login.centre, Number(query.after ?? 0)),
      }),
    )

    app.get(
      '/trace',
      {
        onRequest,
        schema: {
          tags,
          summary: 'What this node has recorded for ladders, and what had to give way',
          response: {
            200: shaped(
              Type.Object({
                statusCode: Type.Literal(0),
                entries: Type.Integer(),
                bytes: Type.Integer(),
                limit: Type.Integer({ description: 'Bytes' }),
                discarded: numbers('Bytes, by reason'),
              }),
            ),
            ...failures,
          },
        },
      },
      async () => ({ statusCode: 0, ...present(lab).trace.state() }),
    )
  }
