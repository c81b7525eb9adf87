import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type ApiDeps, imFeature } from '../api.ts'
import { contactLimit, contacts } from '../contacts.ts'
import { endedLimit, endedSessions } from '../ended-sessions.ts'
import { placeLimit, places } from '../places.ts'
import { failures, shaped } from '../schema/common.ts'
import { imSessionFields } from '../schema/im-session.ts'
import { imAccessField, userStateFields } from '../schema/me.ts'

const Search = Type.Object({
  search: Type.Optional(Type.String({ maxLength: 128, description: 'Part of a name or a number, in any case' })),
})

const placeFields = {
  name: Type.String(),
  devices: Type.Array(
    Type.Object({
      phoneNumber: Type.String(),
      type: Type.String(),
      imAccess: imAccessField,
      path: Type.String(),
      heldBy: Type.Union([Type.String(), Type.Null()], { description: 'User name of who is logged in there' }),
    }),
  ),
}

const contactFields = {
  userName: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  phoneNumber: Type.Union([Type.String(), Type.Null()], {
    description: 'Where they are logged in, else their own device that can do IM',
  }),
  userState: Type.Object(userStateFields),
  inSession: Type.Boolean({ description: 'They are in an IM session now' }),
}

/** What a desktop shows beside the sessions: places to work at, people to talk to, sessions of the past. Ours. */
export const peopleRoutes =
  ({ guard, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)
    const onRequest = guard({ roles: ['agent', 'supervisor'] })

    app.get(
      '/places',
      {
        onRequest,
        schema: {
          tags: ['Places'],
          summary: `Places to work at and who is there, by name; at most ${placeLimit}`,
          querystring: Search,
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), places: Type.Array(Type.Object(placeFields)) })),
            ...failures,
          },
        },
      },
      async ({ login, query }) => ({ statusCode: 0, places: await places(login.centre, query.search ?? '') }),
    )

    app.get(
      '/contacts',
      {
        onRequest,
        schema: {
          tags: ['Contacts'],
          summary: `The other agents and their state, by name; at most ${contactLimit}`,
          querystring: Search,
          response: {
            200: shaped(
              Type.Object({
                statusCode: Type.Literal(0),
                contacts: Type.Array(Type.Object(contactFields)),
                more: Type.Boolean({ description: 'There are more than are listed; search for them' }),
              }),
            ),
            ...failures,
          },
        },
      },
      async ({ login, query }) => ({ statusCode: 0, ...(await contacts(login, query.search ?? '')) }),
    )

    app.get(
      '/me/ended-im-sessions',
      {
        onRequest: guard({ feature: imFeature, roles: ['agent', 'supervisor'] }),
        schema: {
          tags: ['IM sessions'],
          summary: `Your sessions that have ended and are still kept, the newest first; at most ${endedLimit}`,
          response: {
            200: shaped(
              Type.Object({
                statusCode: Type.Literal(0),
                imSessions: Type.Array(
                  Type.Object({
                    ...imSessionFields,
                    began: Type.String({ description: 'ISO 8601' }),
                    ended: Type.String({ description: 'ISO 8601' }),
                  }),
                ),
              }),
            ),
            ...failures,
          },
        },
      },
      async (request) => ({
        statusCode: 0,
        imSessions: await endedSessions(request.login, apiRoot(request)),
      }),
    )
  }
