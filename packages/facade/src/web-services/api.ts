import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Meter } from '@ringdown/signalling'
import type { FastifyRequest } from 'fastify'
import type { Logins } from '../login/logins.ts'
import type { Centre } from '../login.ts'
import type { Guard } from './guard.ts'

/** What the routes of Web Services are made from. */
export interface ApiDeps {
  centres: readonly Centre[]
  logins: Logins
  guard: Guard
  /** The API's absolute address as this client sees it, ending in `/api/v2`. */
  apiRoot: (request: FastifyRequest) => string
  meter?: Pick<Meter, 'refused'> | undefined
}

export type Routes = (deps: ApiDeps) => FastifyPluginAsyncTypebox

/** Everything about IM sessions needs it, web-services-api §2. */
export const imFeature = 'api-voice-instant-messaging'
