import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ApiDeps } from '../api.ts'
import { devicesOf, dnOfDevice, ownDNs } from '../devices.ts'
import { chosen, collection } from '../query.ts'
import { failures, IdParams, listOf, oneOf, ReadQuery } from '../schema/common.ts'
import { deviceFields } from '../schema/me.ts'
import { ApiError } from '../status.ts'

const tags = ['Devices']

/** Devices, web-services-api §4.2: one's own, and all of them for administrators. */
export const deviceRoutes =
  ({ guard, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)

    app.get(
      '/me/devices',
      {
        onRequest: guard(),
        schema: {
          tags,
          summary: 'The devices of the place you are logged in at, or of your own place',
          querystring: ReadQuery,
          response: { 200: listOf('devices', deviceFields), ...failures },
        },
      },
      async (request) => {
        const { login, query } = request
        return collection('devices', await devicesOf(login, await ownDNs(login), apiRoot(request)), query)
      },
    )

    app.get(
      '/devices',
      {
        onRequest: guard({ roles: ['admin'] }),
        schema: {
          tags,
          summary: 'All devices',
          querystring: ReadQuery,
          response: { 200: listOf('devices', deviceFields), ...failures },
        },
      },
      async (request) => {
        const { login, query } = request
        const dns = [...login.centre.directory().dns.values()]
        return collection('devices', await devicesOf(login, dns, apiRoot(request)), query)
      },
    )

    for (const path of ['/me/devices/:id', '/devices/:id'])
      app.get(
        path,
        {
          onRequest: guard(),
          schema: {
            tags,
            summary: 'One of your devices; any device for administrators',
            params: IdParams,
            querystring: ReadQuery,
            response: { 200: oneOf('device', deviceFields), ...failures },
          },
        },
        async (request) => {
          const { login, query, params } = request
          const dn = dnOfDevice(login.centre.directory(), params.id)
          const anyones = path === '/devices/:id' && login.person.roles.includes('admin')
          if (!dn || !(anyones || (await ownDNs(login)).includes(dn)))
            throw new ApiError(6, `You have no device ${params.id}`)
          const [shown] = await devicesOf(login, [dn], apiRoot(request))
          return { statusCode: 0, device: chosen(shown ?? {}, query.fields) }
        },
      )
  }
