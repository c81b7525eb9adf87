import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  type Accepted,
  type CallUUID,
  type DNumber,
  type MessageID,
  noticeServices,
  TServerError,
  textService,
  type UserData,
} from '@ringdown/signalling'
import type { Login } from '../../login.ts'
import { type ApiDeps, imFeature } from '../api.ts'
import { dnOfDevicePath, imDevice, ownDNs } from '../devices.ts'
import { isoTime } from '../iso-time.ts'
import { chosen, collection } from '../query.ts'
import { type ImSession, imSessionOfCall } from '../resource.ts'
import { failures, IdParams, listOf, oneOf, ReadQuery, Success } from '../schema/common.ts'
import {
  ImSessionOperations,
  InitiateOperations,
  imSessionFields,
  OperationAccepted,
  Transcript,
  TranscriptQuery,
} from '../schema/im-session.ts'
import { ApiError } from '../status.ts'

const tags = ['IM sessions']

/** IM sessions, web-services-api §2. Every resource is also served without `/me`, scoped to who asks all the same. */
export const imSessionRoutes =
  ({ guard, apiRoot }: ApiDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const onRequest = guard({ feature: imFeature })
    const mine = guard({ feature: imFeature, roles: ['agent', 'supervisor'] })

    for (const path of ['/me/im-sessions', '/im-sessions'])
      app.get(
        path,
        {
          onRequest,
          schema: {
            tags,
            summary: 'The IM session you are in, if any',
            querystring: ReadQuery,
            response: { 200: listOf('imSessions', imSessionFields), ...failures },
          },
          serializerCompiler: () => JSON.stringify,
        },
        async (request) => {
          const { centre, person } = request.login
          const call = await centre.tserver.session(person.id)
          const session = call && imSessionOfCall(call, person.id, centre.directory(), apiRoot(request))
          return collection('imSessions', session ? [session] : [], request.query)
        },
      )

    app.post(
      '/me/im-sessions',
      {
        onRequest: mine,
        schema: {
          tags,
          summary: 'Start an IM session',
          body: InitiateOperations,
          response: { 200: Success, ...failures },
        },
      },
      async ({ login, body }) => {
        const thisDN = await imDevice(login, body.devicePath)
        await login.centre.tserver.request({
          request: 'TMakeCall',
          person: login.person.id,
          thisDN,
          otherDN: body.destination.phoneNumber as DNumber,
          ...(body.userData && { userData: body.userData }),
        })
        return accepted
      },
    )

    for (const path of ['/me/im-sessions/:id', '/im-sessions/:id']) {
      app.get(
        path,
        {
          onRequest,
          schema: {
            tags,
            summary: 'One of your IM sessions; an ended one as long as it is kept',
            params: IdParams,
            querystring: ReadQuery,
            response: { 200: oneOf('imSession', imSessionFields), ...failures },
          },
          serializerCompiler: () => JSON.stringify,
        },
        async (request) => {
          const session = await readSession(request.login, request.params.id, apiRoot(request))
          return { statusCode: 0, imSession: chosen(session, request.query.fields) }
        },
      )

      app.post(
        path,
        {
          onRequest: mine,
          schema: {
            tags,
            summary: 'Work on an IM session',
            params: IdParams,
            body: ImSessionOperations,
            response: { 200: OperationAccepted, ...failures },
          },
        },
        async (request) => {
          const { login, body, params } = request
          const callUUID = params.id as CallUUID
          if (body.operationName === 'SendMessage') {
            const messageID = body.messageId ?? header(request.headers['idempotency-key'])
            return texted(await sendMessage(login, callUUID, body.text, body.devicePath, messageID))
          }
          await operate(login, callUUID, body, apiRoot(request))
          return accepted
        },
      )

      app.get(
        `${path}/messages`,
        {
          onRequest,
          schema: {
            tags,
            summary: 'The transcript: texts in the order of acceptance',
            params: IdParams,
            querystring: TranscriptQuery,
            response: { 200: Transcript, ...failures },
          },
        },
        async ({ login, params, query }) => {
          const { centre, person } = login
          const limit = Math.min(Number(query.limit ?? 100), 1000)
          const entries = await centre.tserver.transcript(
            person.id,
            params.id as CallUUID,
            Number(query.after ?? 0),
            limit,
          )
          if (!entries) throw noSession(params.id)
          return {
            statusCode: 0 as const,
            messages: entries.map(({ position, text }) => ({
              position,
              messageId: text.messageID,
              from: text.from,
              timestamp: isoTime(text.sent),
              timestampSeconds: Math.floor(text.sent / 1000),
              message: text.body,
              ...(text.contentType !== 'text/plain' && { contentType: text.contentType }),
            })),
          }
        },
      )
    }
  }

const accepted = { statusCode: 0 } as const

type Operation =
  | { operationName: 'AttachUserData' | 'UpdateUserData'; userData: UserData }
  | { operationName: 'DeleteUserData'; key: string }
  | { operationName: 'Complete' | 'Accept' | 'Reject' }
  | { operationName: 'NotifyComposing'; composing: boolean }
  | { operationName: 'MarkDisplayed'; messageId: string }

async function operate(login: Login, callUUID: CallUUID, operation: Operation, apiRoot: string): Promise<void> {
  const { centre, person } = login
  const call = { person: person.id, callUUID }
  const notify = (notice: { serviceID: number; body: string; messageID?: MessageID }) =>
    centre.tserver.request({ request: 'TPrivateService', ...call, contentType: 'text/plain', ...notice })
  switch (operation.operationName) {
    case 'AttachUserData':
      await centre.tserver.request({ request: 'TAttachUserData', ...call, userData: operation.userData })
      return
    case 'UpdateUserData':
      await centre.tserver.request({ request: 'TUpdateUserData', ...call, userData: operation.userData })
      return
    case 'DeleteUserData':
      await centre.tserver.request({ request: 'TDeletePair', ...call, key: operation.key })
      return
    case 'Complete':
      await centre.tserver.request({ request: 'TReleaseCall', ...call })
      return
    case 'NotifyComposing':
      await notify({ serviceID: noticeServices.composing, body: operation.composing ? 'active' : 'idle' })
      return
    case 'MarkDisplayed':
      await notify({ serviceID: noticeServices.displayed, body: '', messageID: operation.messageId as MessageID })
      return
    case 'Accept':
    case 'Reject': {
      // SPEC WS-29: the T-Server would hang up a talking party; only who is being asked may answer.
      const session = await readSession(login, callUUID, apiRoot)
      if (!session.capabilities.includes(operation.operationName))
        throw new ApiError(
          2,
          `Invalid state: ${operation.operationName} does not fit a session that is ${session.state}`,
        )
      await centre.tserver.request({
        request: operation.operationName === 'Accept' ? 'TAnswerCall' : 'TReleaseCall',
        ...call,
      })
      return
    }
  }
}

async function sendMessage(
  login: Login,
  callUUID: CallUUID,
  text: string,
  devicePath: string | undefined,
  messageID: string | undefined,
): Promise<Accepted> {
  const { centre, person } = login
  // Half a surrogate pair is no character; the store would give back another text than it was given.
  if (!text.isWellFormed()) throw new ApiError(10, 'text has half a surrogate pair')
  const request = {
    request: 'TPrivateService' as const,
    person: person.id,
    callUUID,
    serviceID: textService,
    contentType: 'text/plain',
    body: text,
    ...(messageID !== undefined && { messageID: messageID as MessageID }),
  }
  if (devicePath === undefined) return centre.tserver.request(request)
  const dn = dnOfDevicePath(centre.directory(), devicePath)
  if (!dn) throw noDevice(devicePath)
  try {
    // The usual case costs nothing: the T-Server knows whether the DN is the person's party.
    return await centre.tserver.request({ ...request, thisDN: dn.number })
  } catch (error) {
    if (!(error instanceof TServerError) || error.reason !== 'TERR_INV_CONNID') throw error
    // SPEC WS-27: another device of one's own is as good; the URL names the session already.
    if (!(await ownDNs(login)).includes(dn)) throw noDevice(devicePath)
    return centre.tserver.request(request)
  }
}

async function readSession({ centre, person }: Login, id: string, apiRoot: string): Promise<ImSession> {
  const call = await centre.tserver.call(person.id, id as CallUUID)
  const session = call && imSessionOfCall(call, person.id, centre.directory(), apiRoot)
  if (!session) throw noSession(id)
  return session
}

function texted({ text }: Accepted) {
  if (!text) throw new Error('an accepted text has no position')
  return {
    statusCode: 0 as const,
    messageId: text.messageID,
    position: text.position,
    timestamp: isoTime(text.sent),
  }
}

function noSession(id: string): ApiError {
  return new ApiError(6, `You have no IM session ${id}`)
}

function noDevice(devicePath: string): ApiError {
  return new ApiError(6, `devicePath: you have no device ${devicePath}`)
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
