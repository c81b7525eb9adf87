import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Directory } from '@ringdown/signalling'
import { Type } from 'typebox'
import { hashPassword } from '../../login/password.ts'
import type { ApiDeps } from '../api.ts'
import {
  type ConfigClass,
  type ConfigObject,
  configClasses,
  dbidTable,
  type Found,
  type GivenObject,
  written,
} from '../configuration.ts'
import { changeObject, currentDirectory } from '../provisioning.ts'
import type { Query } from '../query.ts'
import { failures, IdParams, oneOf, ReadQuery, Success, shaped } from '../schema/common.ts'
import { ConfigBody, Created } from '../schema/provisioning.ts'
import { ApiError } from '../status.ts'

const tags = ['Platform configuration']
const read = { feature: 'api-platform-configuration-read', roles: ['admin'] } as const
const write = { feature: 'api-platform-configuration-write', roles: ['admin'] } as const

/** Raw configuration objects, web-services-api §4.6. */
export const configurationRoutes =
  (deps: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)
    for (const of of configClasses) await app.register(classRoutes(of, deps))
  }

const classRoutes =
  (of: ConfigClass, { guard, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const root = `/platform/configuration/${of.plural}`
    const item = { DBID: Type.String(), [of.key]: Type.String(), userProperties: Type.Optional(Type.Unknown()) }

    app.get(
      root,
      {
        onRequest: guard(read),
        schema: {
          tags,
          summary: `All ${of.plural}; parameters filter, in quotes they are text`,
          querystring: ReadQuery,
          response: {
            200: shaped(Type.Object({ statusCode: Type.Literal(0), [of.plural]: Type.Array(Type.Object(item)) })),
            ...failures,
          },
        },
      },
      async ({ login, query }) => {
        const objects = shown(of, await currentDirectory(login.centre))
        return { statusCode: 0, [of.plural]: objects.filter((object) => fits(object, query)) }
      },
    )

    app.get(
      `${root}/:id`,
      {
        onRequest: guard(read),
        schema: {
          tags,
          summary: `One of the ${of.plural}, by its DBID`,
          params: IdParams,
          response: { 200: oneOf(of.singular, item), ...failures },
        },
      },
      async ({ login, params }) => {
        const { object } = find(of, await currentDirectory(login.centre), params.id)
        return { statusCode: 0, [of.singular]: object }
      },
    )

    app.post(
      root,
      {
        onRequest: guard(write),
        schema: { tags, summary: `Create a ${of.singular}`, body: ConfigBody, response: { 200: Created, ...failures } },
      },
      async (request) => {
        const given = await withHash(of, request.body)
        const key = given[of.key]
        if (typeof key !== 'string') throw new ApiError(1, `${of.key} is missing`)
        const id = of.kind === 'person' ? randomBytes(16).toString('hex') : key
        const directory = await changeObject(request.login.centre, (before) => {
          if (dbidOf(of, before, key) !== undefined) throw new ApiError(18, `There is already a ${of.singular} ${key}`)
          return written(of, given, before, id)
        })
        const path = `${root}/${dbidOf(of, directory, key)}`
        return { statusCode: 0 as const, id: String(dbidOf(of, directory, key)), uri: apiRoot(request) + path, path }
      },
    )

    app.put(
      `${root}/:id`,
      {
        onRequest: guard(write),
        schema: {
          tags,
          summary: `Change a ${of.singular}; what is not given stays, userProperties are replaced as a whole`,
          params: IdParams,
          body: ConfigBody,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, params, body }) => {
        const given = await withHash(of, body)
        await changeObject(login.centre, (before) => {
          const { id, object } = find(of, before, params.id)
          return written(of, given, before, id, object)
        })
        return { statusCode: 0 as const }
      },
    )

    app.delete(
      `${root}/:id`,
      {
        onRequest: guard(write),
        schema: {
          tags,
          summary: `Remove a ${of.singular} that nothing refers to`,
          params: IdParams,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, params }) => {
        const remove = (before: Directory) => ({ kind: of.kind, id: find(of, before, params.id).id, value: null })
        await changeObject(login.centre, remove, 19)
        return { statusCode: 0 as const }
      },
    )
  }

function shown(of: ConfigClass, directory: Directory): ConfigObject[] {
  return [...dbidTable(of, directory).values()].map(({ object }) => object)
}

function find(of: ConfigClass, directory: Directory, dbid: string): Found {
  const found = dbidTable(of, directory).get(dbid)
  if (!found) throw new ApiError(6, `There is no ${of.singular} with DBID ${dbid}`)
  return found
}

function dbidOf(of: ConfigClass, directory: Directory, key: string): string | undefined {
  for (const [dbid, { object }] of dbidTable(of, directory)) if (object[of.key] === key) return dbid
  return undefined
}

/** Attributes of a query are compared without regard to case, as CfgQuery does; quotes say that a value is text. */
function fits(object: ConfigObject, query: Query): boolean {
  const values = new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]))
  return Object.entries(query).every(([name, wanted]) => {
    if (name === 'fields' || wanted === undefined) return true
    const value = values.get(name.toLowerCase())
    return [wanted].flat().every((text) => {
      const plain = text.replace(/^"(.*)"$/, '$1')
      return Array.isArray(value) ? value.includes(plain) : value === plain
    })
  })
}

async function withHash(of: ConfigClass, given: GivenObject & { password?: string }): Promise<GivenObject> {
  const { password, passwordHash: _, ...rest } = given
  return of.kind === 'person' && password !== undefined ? { ...rest, passwordHash: await hashPassword(password) } : rest
}
