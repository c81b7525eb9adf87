import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { hostOf, socketFor, socketOrigin } from '../../sip-socket.ts'
import type { ApiDeps } from '../api.ts'
import { failures } from '../schema/common.ts'
import { ApiError } from '../status.ts'

const Phone = Type.Object({
  statusCode: Type.Literal(0),
  phone: Type.Object({
    server: Type.String({ description: 'URL of SIP over WebSocket, RFC 7118' }),
    domain: Type.String({ description: 'Host of the SIP addresses: sip:<phoneNumber>@<domain>' }),
  }),
})

/** Where a page becomes the SIP endpoint of its agent's device. Ours. */
export const phoneRoutes =
  ({ guard, sip }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/me/phone',
      {
        onRequest: guard({ roles: ['agent', 'supervisor'] }),
        schema: {
          tags: ['Devices'],
          summary: 'Where a browser registers as the SIP endpoint of your device',
          response: { 200: Phone, ...failures },
        },
      },
      async (request) => {
        const socket = socketFor(sip?.sockets ?? [], request.protocol === 'https')
        const host = hostOf(request.host)
        if (!socket || host === undefined) throw new ApiError(6, 'Here is no SIP over WebSocket for this page')
        const server = socketOrigin(socket, host) + socket.path
        return { statusCode: 0 as const, phone: { server, domain: sip?.domain ?? socket.host ?? host } }
      },
    )
  }
