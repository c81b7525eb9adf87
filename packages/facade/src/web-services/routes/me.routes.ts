import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ApiDeps } from '../api.ts'
import { channelsOf, partly, servesChannel } from '../channels.ts'
import { agentState, end, start } from '../contact-centre-session.ts'
import { chosen } from '../query.ts'
import { failures, oneOf, Success } from '../schema/common.ts'
import { ChannelOperations, MeOperations, SessionStarted, UserQuery, userFields } from '../schema/me.ts'
import { ApiError } from '../status.ts'
import { user, withSubresources } from '../user.ts'

const tags = ['Me']

/** The user who asks, their contact-centre session and their state; web-services-api §4.1, §4.3, §4.4. */
export const meRoutes =
  ({ guard, logins, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/me',
      {
        onRequest: guard(),
        schema: {
          tags,
          summary: 'Who you are; also the way to log in',
          querystring: UserQuery,
          response: { 200: oneOf('user', userFields), ...failures },
        },
        serializerCompiler: () => JSON.stringify,
      },
      async (request) => {
        const { login, query } = request
        const root = apiRoot(request)
        const shown = user(login.person, login.centre.id, root)
        const whole = await withSubresources(login, shown, query.subresources, root)
        return { statusCode: 0, user: chosen(whole, query.fields) }
      },
    )

    app.post(
      '/me',
      {
        onRequest: guard(),
        schema: {
          tags,
          summary: 'Log in at a place, log out, change your state',
          body: MeOperations,
          response: { 200: SessionStarted, ...failures },
        },
      },
      async ({ login, body }) => {
        switch (body.operationName) {
          case 'StartContactCenterSession': {
            if (!login.person.roles.some((role) => role === 'agent' || role === 'supervisor'))
              throw new ApiError(5, 'This needs the role ROLE_AGENT or ROLE_SUPERVISOR')
            const { started, failed } = channelsOf(body.channels ?? [])
            await start(login, body)
            return failed.length === 0 ? accepted : partly(started, failed)
          }
          case 'EndContactCenterSession':
            await end(login)
            await logins.end(login)
            return accepted
          case 'Ready':
          case 'NotReady':
          case 'AfterCallWork':
          case 'Offline':
            await agentState(login, body.operationName)
            return accepted
        }
      },
    )

    app.post(
      '/me/channels/:channel',
      {
        onRequest: guard(),
        schema: {
          tags,
          summary: 'Change your state on one channel; IM rides on `voice`',
          params: Type.Object({ channel: Type.String() }),
          body: ChannelOperations,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, body, params }) => {
        if (!servesChannel(params.channel)) throw new ApiError(6, `There is no channel ${params.channel}`)
        await agentState(login, body.operationName)
        return accepted
      },
    )
  }

const accepted = { statusCode: 0 } as const
