import type { Clock } from '@ringdown/signalling'
import type { FastifyRequest } from 'fastify'
import type { Lab } from '../lab/ports.ts'
import type { Tracer } from '../lab/tracer.ts'
import type { Logins } from '../login/logins.ts'
import type { FacadeOptions } from '../options.ts'
import type { Guard } from './guard.ts'

/** Reads the configuration file again; what is wrong with it is in words an administrator may see. */
export type Reload = () => Promise<{ applied: boolean; problems: readonly string[]; restart: readonly string[] }>

/** What the routes of Web Services are made from. */
export interface ApiDeps {
  logins: Logins
  guard: Guard
  /** The API's absolute address as this client sees it, ending in `/api/v2`. */
  apiRoot: (request: FastifyRequest) => string
  /** Of this software. */
  version: string
  reload?: Reload | undefined
  sip?: FacadeOptions['sip']
  clock: Pick<Clock, 'now'>
  lab: Lab | undefined
  tracer: Tracer
}

/** Everything about IM sessions needs it, web-services-api §2. */
export const imFeature = 'api-voice-instant-messaging'
