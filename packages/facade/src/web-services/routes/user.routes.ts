import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Directory, DNumber, Person, PersonID } from '@ringdown/signalling'
import { type Static, Type } from 'typebox'
import { hashPassword } from '../../login/password.ts'
import type { Login } from '../../login.ts'
import type { ApiDeps } from '../api.ts'
import { assignDevice } from '../assign-device.ts'
import { servesChannel } from '../channels.ts'
import { agentState, end } from '../contact-centre-session.ts'
import { devicesOf, dnsOfPlace, ownDNs } from '../devices.ts'
import { changeObject, currentDirectory } from '../provisioning.ts'
import { chosen, collection } from '../query.ts'
import { deviceID } from '../resource.ts'
import { failures, IdParams, listOf, oneOf, ReadQuery, Success } from '../schema/common.ts'
import { ChannelOperations, deviceFields, UserQuery, userFields } from '../schema/me.ts'
import { Created, NewDevice, NewUser, UserChange } from '../schema/provisioning.ts'
import { ApiError } from '../status.ts'
import { roleOf, user, withSubresources } from '../user.ts'

const tags = ['Users']
const read = { feature: 'api-provisioning-read', roles: ['admin'] } as const
const write = { feature: 'api-provisioning-write', roles: ['admin'] } as const

/** Users and their devices for administrators, web-services-api §4.6. */
export const userRoutes =
  ({ guard, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.setSerializerCompiler(() => JSON.stringify)

    app.get(
      '/users',
      {
        onRequest: guard(read),
        schema: {
          tags,
          summary: 'All users',
          querystring: ReadQuery,
          response: { 200: listOf('users', userFields), ...failures },
        },
      },
      async (request) => {
        const { centre } = request.login
        const { persons } = await currentDirectory(centre)
        const users = [...persons.values()].map((person) => user(person, centre.id, apiRoot(request)))
        return collection('users', users, request.query)
      },
    )

    app.get(
      '/users/:id',
      {
        onRequest: guard(read),
        schema: {
          tags,
          summary: 'One user',
          params: IdParams,
          querystring: UserQuery,
          response: { 200: oneOf('user', userFields), ...failures },
        },
      },
      async (request) => {
        const { login, query, params } = request
        const root = apiRoot(request)
        const person = personOf(await currentDirectory(login.centre), params.id)
        const shown = user(person, login.centre.id, root)
        const whole = await withSubresources({ ...login, person }, shown, query.subresources, root)
        return { statusCode: 0, user: chosen(whole, query.fields) }
      },
    )

    app.post(
      '/users',
      {
        onRequest: guard(write),
        schema: { tags, summary: 'Create a user', body: NewUser, response: { 200: Created, ...failures } },
      },
      async (request) => {
        const { login, body } = request
        const passwordHash = await hashPassword(body.password)
        // By chance, not by name: who gets a former colleague's user name must not get their events.
        const id = randomBytes(16).toString('hex')
        await changeObject(login.centre, (before) => {
          if (before.personsByUserName.has(body.userName))
            throw new ApiError(18, `Failed to create user. User '${body.userName}' already exists.`)
          return { kind: 'person', id, value: { id, ...changed({}, body), passwordHash } }
        })
        const path = `/users/${id}`
        return { statusCode: 0 as const, id, uri: apiRoot(request) + path, path }
      },
    )

    app.put(
      '/users/:id',
      {
        onRequest: guard(write),
        schema: {
          tags,
          summary: 'Change a user; what is not given stays',
          params: IdParams,
          body: UserChange,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, params, body }) => {
        const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password)
        await changeObject(login.centre, (before) => {
          const person = personOf(before, params.id)
          if (body.userName !== undefined && body.userName !== person.userName)
            throw new ApiError(11, 'userName cannot be changed')
          const value = { ...changed(person, body), ...(passwordHash !== undefined && { passwordHash }) }
          return { kind: 'person', id: person.id, value }
        })
        return { statusCode: 0 as const }
      },
    )

    app.delete(
      '/users/:id',
      {
        onRequest: guard(write),
        schema: {
          tags,
          summary: 'Remove a user; their IM session ends',
          params: IdParams,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, params }) => {
        const person = personOf(await currentDirectory(login.centre), params.id)
        if (person.id === login.person.id) throw new ApiError(3, 'You cannot remove yourself')
        await end({ ...login, person })
        await changeObject(
          login.centre,
          (before) => ({ kind: 'person', id: personOf(before, person.id).id, value: null }),
          19,
        )
        return { statusCode: 0 as const }
      },
    )

    app.get(
      '/users/:id/devices',
      {
        onRequest: guard(read),
        schema: {
          tags,
          summary: "A user's devices",
          params: IdParams,
          querystring: ReadQuery,
          response: { 200: listOf('devices', deviceFields), ...failures },
        },
      },
      async (request) => {
        const { login, query, params } = request
        const person = personOf(await currentDirectory(login.centre), params.id)
        const dns = await ownDNs({ ...login, person })
        return collection('devices', await devicesOf(login, dns, apiRoot(request)), query)
      },
    )

    app.post(
      '/users/:id/devices',
      {
        onRequest: guard(write),
        schema: {
          tags,
          summary: 'Give a device to a user; its previous owner loses it',
          params: IdParams,
          body: NewDevice,
          response: { 200: Created, ...failures },
        },
      },
      async (request) => {
        const { login, body, params } = request
        const directory = await currentDirectory(login.centre)
        const person = personOf(directory, params.id)
        if (!person.roles.includes('agent'))
          throw new ApiError(2, `User ${person.userName} has not the role ROLE_AGENT`)
        await refuseInUse(login, directory, person, body.phoneNumber)
        await assignDevice(login.centre, person.id, body)
        const id = deviceID(login.centre.id, body.phoneNumber as DNumber)
        const path = `/devices/${id}`
        return { statusCode: 0 as const, id, uri: apiRoot(request) + path, path }
      },
    )

    app.post(
      '/users/:id/channels/:channel',
      {
        onRequest: guard({ feature: 'api-supervisor-agent-control', roles: ['supervisor', 'admin'] }),
        schema: {
          tags,
          summary: "Change an agent's state; Offline frees the place of somebody who has left",
          params: Type.Object({ id: Type.String(), channel: Type.String() }),
          body: ChannelOperations,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, body, params }) => {
        const person = personOf(login.centre.directory(), params.id)
        if (!servesChannel(params.channel)) throw new ApiError(6, `There is no channel ${params.channel}`)
        await agentState({ ...login, person }, body.operationName)
        return { statusCode: 0 as const }
      },
    )
  }

function personOf({ persons }: Directory, id: string): Person {
  const person = persons.get(id as PersonID)
  if (!person) throw new ApiError(6, `There is no user ${id}`)
  return person
}

/** A device somebody works at stays with them, and nobody's place changes while they are logged in there. */
async function refuseInUse({ centre }: Login, directory: Directory, person: Person, number: string): Promise<void> {
  const places = [...directory.places.values()]
  const at = places.find(({ dns }) => dns.some((dn) => dn === number))
  if (at && at.name === person.place) return
  const dns = [...dnsOfPlace(directory, at?.name), ...dnsOfPlace(directory, person.place)]
  const records = await centre.tserver.logins(dns.map((dn) => dn.number))
  const busy = records.find((record) => record?.login)
  if (busy) throw new ApiError(19, `Somebody is logged in on device ${busy.dn}`)
}

/** The person with what was given; only these properties can be, whatever else a body holds. */
function changed(person: Partial<Person>, given: Static<typeof UserChange>): object {
  const { userName, firstName, lastName, emailAddress, enabled, roles } = given
  return {
    ...person,
    ...(userName !== undefined && { userName }),
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    ...(emailAddress !== undefined && { emailAddress }),
    ...(enabled !== undefined && { enabled }),
    ...(roles && { roles: roles.map((name) => roleOf(name) ?? name) }), // buildDirectory names the unknown ones
  }
}
