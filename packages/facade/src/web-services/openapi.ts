import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { FailureBody } from './schema/common.ts'

/** Describes the routes that are registered after it, from their schemas; serves the description and a page to read it. */
export async function describeApi(app: FastifyInstance, apiPath: string, version: string): Promise<void> {
  app.addSchema(FailureBody)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ringdown Web Services',
        description:
          'IM sessions between agents. Every answer has an integer `statusCode`, 0 for success; other codes come with a ' +
          '`statusMessage`. What happens in a session is told by CometD at `/api/v2/notifications`.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          basic: { type: 'http', scheme: 'basic' },
          session: { type: 'apiKey', in: 'cookie', name: 'JSESSIONID' },
        },
      },
      security: [{ basic: [] }, { session: [] }],
    },
    refResolver: {
      buildLocalReference: ({ $id }, _baseUri, _fragment, i) => (typeof $id === 'string' ? $id : `def-${i}`),
    },
    // HEAD and `*` routes describe nothing a reader needs.
    hideUntagged: true,
  })
  app.get(`${apiPath}/openapi.json`, { schema: { hide: true } }, async () => app.swagger())
  await app.register(swaggerUi, {
    routePrefix: `${apiPath}/docs`,
    staticCSP: true,
    // Nothing on the page asks another host.
    uiConfig: { validatorUrl: null, tryItOutEnabled: false },
  })
}
