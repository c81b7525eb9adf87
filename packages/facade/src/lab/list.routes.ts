import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { LiveState } from '@ringdown/signalling'
import { Type } from 'typebox'
import type { Centre } from '../login.ts'
import { failures } from '../web-services/schema/common.ts'
import { agentFields, agentPage } from './agents.ts'
import { type LabDeps, operators, tags } from './deps.ts'
import { dnFields, dnPage } from './dns.ts'
import { oneSession, sessionFields, sessionOf, sessionPage } from './live-sessions.ts'
import { limitOf, pageAnswer, pageFields, printPage } from './paging.ts'

const counts = { dialing: Type.Integer(), talking: Type.Integer() }
const Search = Type.Object({
  ...pageFields,
  q: Type.Optional(Type.String({ maxLength: 128, description: 'Part of what is shown, in any case' })),
})

/** Sessions, agents and DNs of the contact centre, page by page. SPEC LB-1. */
export const listRoutes =
  ({ guard, clock }: LabDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard(operators)

    app.get(
      '/sessions',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Living sessions, oldest first, and how many there are; or one of them, living or ended',
          querystring: Type.Object({
            ...pageFields,
            id: Type.Optional(Type.String({ maxLength: 64, description: 'The one with this id, living or ended' })),
            agent: Type.Optional(Type.String({ maxLength: 128, description: 'The one this user is in' })),
          }),
          response: {
            200: pageAnswer('sessions', sessionFields, {
              counts: Type.Object(counts, { description: 'All that live, at most a second ago' }),
            }),
            ...failures,
          },
        },
      },
      async ({ login: { centre }, query }) => {
        const counted = countSessions(centre, clock.now())
        if (query.id !== undefined) return answer(await oneSession(centre, query.id), await counted)
        if (query.agent !== undefined) return answer(await sessionOf(centre, query.agent), await counted)
        const page = await sessionPage(centre, query.after, limitOf(query))
        return { ...printPage('sessions', page), counts: await counted }
      },
    )

    app.get(
      '/agents',
      {
        onRequest,
        schema: {
          tags,
          summary: 'Agents and supervisors by user name: where they work, their state, their session',
          querystring: Search,
          response: { 200: pageAnswer('agents', agentFields), ...failures },
        },
      },
      async ({ login: { centre }, query }) =>
        printPage('agents', await agentPage(centre, query.after, limitOf(query), query.q ?? '')),
    )

    app.get(
      '/dns',
      {
        onRequest,
        schema: {
          tags,
          summary: 'DNs by number: Annex, how they take part in IM, who is there, what is wrong with them',
          querystring: Search,
          response: { 200: pageAnswer('dns', dnFields), ...failures },
        },
      },
      async ({ login: { centre }, query }) =>
        printPage('dns', await dnPage(centre, clock, query.after, limitOf(query), query.q ?? '')),
    )
  }

type Counts = Record<LiveState, number>
type Shown = Awaited<ReturnType<typeof oneSession>>

function answer(found: Shown | readonly Shown[], counted: Counts) {
  return { ...printPage('sessions', { items: [found].flat() as Shown[] }), counts: counted }
}

/** How long a count is good for, ms: pages are asked for again and again, and an embedded store counts one by one. */
const countedMs = 1_000
const counting = new WeakMap<Centre, { at: number; counts: Promise<Counts> }>()

function countSessions(centre: Centre, now: number): Promise<Counts> {
  const known = counting.get(centre)
  if (known && now - known.at < countedMs && now >= known.at) return known.counts
  const counts = centre.store.countCalls()
  counts.catch(() => counting.delete(centre))
  counting.set(centre, { at: now, counts })
  return counts
}
