import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Login } from '../../login.ts'
import type { ApiDeps } from '../api.ts'
import { end, setState, start } from '../contact-centre-session.ts'
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
            const { started, failed } = sortChannels(body.channels ?? [])
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
        if (!served.has(params.channel.toLowerCase())) throw new ApiError(6, `There is no channel ${params.channel}`)
        await agentState(login, body.operationName)
        return accepted
      },
    )
  }

const accepted = { statusCode: 0 } as const

async function agentState(login: Login, operation: 'Ready' | 'NotReady' | 'AfterCallWork' | 'Offline'): Promise<void> {
  switch (operation) {
    case 'Ready':
      return setState(login, { request: 'TAgentSetReady' })
    case 'NotReady':
      return setState(login, { request: 'TAgentSetNotReady' })
    case 'AfterCallWork':
      return setState(login, { request: 'TAgentSetNotReady', workMode: 'AfterCallWork' })
    case 'Offline':
      return end(login)
  }
}

// The literal name for IM is not documented (web-services-api §4.3); it rides on the voice DN under any of these.
const served = new Set(['voice', 'im', 'imsession', 'im session', 'im-session'])

/** SPEC WS-21: unknown channels fail by themselves; if all do, the request does. None named means voice. */
function sortChannels(channels: readonly string[]): { started: string[]; failed: string[] } {
  const failed = channels.filter((channel) => !served.has(channel.toLowerCase()))
  if (channels.length > 0 && failed.length === channels.length)
    throw new ApiError(10, `channels: ${failed.join(', ')} is not served here; use voice`)
  return { started: channels.filter((channel) => !failed.includes(channel)), failed }
}

function partly(started: readonly string[], failed: readonly string[]) {
  return {
    statusCode: 7 as const,
    statusMessage: `Not started: ${failed.join(', ')}`,
    channels: [
      ...started.map((channel) => ({ channel, statusCode: 0 })),
      ...failed.map((channel) => ({ channel, statusCode: 10, statusMessage: 'This channel is not served here' })),
    ],
  }
}
