import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ApiDeps } from '../api.ts'
import { feature, featureList, knownFeatures } from '../features.ts'
import { chosen, collection } from '../query.ts'
import { failures, IdParams, listOf, oneOf, ReadQuery, shaped } from '../schema/common.ts'
import { userStateFields } from '../schema/me.ts'
import { ApiError } from '../status.ts'
import { userStates } from '../user-state.ts'

const featureFields = {
  id: Type.String(),
  displayName: Type.String(),
  description: Type.String(),
  path: Type.String(),
  uri: Type.String(),
}

/** Features, settings and the version, web-services-api §4.5. */
export const informationRoutes =
  ({ guard, apiRoot, version }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)

    app.get(
      '/features',
      {
        onRequest: guard(),
        schema: {
          tags: ['Features'],
          summary: 'The features of your contact centre',
          querystring: ReadQuery,
          response: { 200: listOf('features', featureFields), ...failures },
        },
      },
      async (request) =>
        collection('features', featureList(request.login.centre.directory().features, apiRoot(request)), request.query),
    )

    app.get(
      '/features/:id',
      {
        onRequest: guard(),
        schema: {
          tags: ['Features'],
          summary: 'One feature of your contact centre',
          params: IdParams,
          querystring: ReadQuery,
          response: { 200: oneOf('feature', featureFields), ...failures },
        },
      },
      async (request) => {
        const { id } = request.params
        if (!request.login.centre.directory().features.has(id)) throw new ApiError(6, `There is no feature ${id}`)
        return { statusCode: 0, feature: chosen(feature(id, apiRoot(request)), request.query.fields) }
      },
    )

    app.get(
      '/system/features',
      {
        onRequest: guard({ roles: ['admin'] }),
        schema: {
          tags: ['Features'],
          summary: 'All features there are',
          querystring: ReadQuery,
          response: { 200: listOf('features', featureFields), ...failures },
        },
      },
      async (request) => collection('features', featureList(knownFeatures, apiRoot(request)), request.query),
    )

    app.get(
      '/settings',
      {
        onRequest: guard(),
        schema: {
          tags: ['Settings'],
          summary: 'The groups of settings',
          response: {
            200: shaped(
              Type.Object({
                statusCode: Type.Literal(0),
                settings: Type.Array(Type.Object({ displayName: Type.String(), uri: Type.String() })),
              }),
            ),
            ...failures,
          },
        },
      },
      async (request) => ({
        statusCode: 0,
        settings: [{ displayName: 'agent-states', uri: `${apiRoot(request)}/settings/agent-states` }],
      }),
    )

    app.get(
      '/settings/agent-states',
      {
        onRequest: guard(),
        schema: {
          tags: ['Settings'],
          summary: 'The states an agent can take; `operationName` takes it',
          querystring: ReadQuery,
          response: {
            200: shaped(
              Type.Object({
                statusCode: Type.Literal(0),
                key: Type.Literal('id'),
                settings: Type.Array(Type.Object({ ...userStateFields, operationName: Type.String() })),
              }),
            ),
            ...failures,
          },
        },
      },
      async () => ({
        statusCode: 0,
        key: 'id',
        settings: Object.entries(userStates).map(([operationName, state]) => ({ ...state, operationName })),
      }),
    )

    app.get(
      '/diagnostics/version',
      {
        schema: {
          tags: ['Diagnostics'],
          summary: 'What runs here; needs no login',
          response: {
            200: shaped(
              Type.Object({ statusCode: Type.Literal(0), version: Type.String(), product: Type.Literal('Ringdown') }),
            ),
            ...failures,
          },
        },
      },
      async () => ({ statusCode: 0, version, product: 'Ringdown' }),
    )
  }
