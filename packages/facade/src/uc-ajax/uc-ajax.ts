import type { Clock } from '@ringdown/signalling'
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { traceUcAjax } from '../lab/trace-hooks.ts'
import { noTracer, type Tracer } from '../lab/tracer.ts'
import type { Logins } from '../login/logins.ts'
import type { Centre } from '../login.ts'
import { end } from '../web-services/contact-centre-session.ts'
import { Addresses } from './addresses.ts'
import { commandRoutes } from './command.routes.ts'
import { Commands } from './commands.ts'
import { dataRoutes } from './data.routes.ts'
import { takeAnyBody } from './http-body.ts'
import { CwaHttpError, sendCwaError } from './http-errors.ts'
import { logonRoutes } from './logon.routes.ts'
import { noUcAjaxMeter, type UcAjaxMeter } from './meter.ts'
import type { UcAjaxOptions } from './options.ts'
import { CwaSessions } from './sessions.ts'
import { bearerIn, demandTicket, limitPerson, lookAtTickets } from './ticket-hook.ts'
import { Tickets } from './tickets.ts'

export interface UcAjaxDeps {
  centres: readonly Centre[]
  logins: Logins
  clock: Clock
  options: UcAjaxOptions
  /** Bytes of a request body; the XML reader has a limit of its own. */
  bodyLimit: number
  meter?: UcAjaxMeter | undefined
  /** A sign-in was refused; the reason is one of a few words. */
  onRefused?: ((reason: string) => void) | undefined
  log?: FastifyBaseLogger | undefined
  tracer?: Tracer | undefined
}

/** The UC AJAX API of one node. */
export interface UcAjax {
  plugin: FastifyPluginAsync
  /** Answers held polls and lets go of the stores. */
  close(): Promise<void>
}

/** Makes the UC AJAX API of one node, uc-ajax-api §1.1; its parts meet here and nowhere else. */
export function createUcAjax(deps: UcAjaxDeps): UcAjax {
  const { centres, logins, clock, options, bodyLimit, meter = noUcAjaxMeter, onRefused = () => undefined, log } = deps
  const { tracer = noTracer } = deps
  const byCentre = new Map(centres.map((centre) => [centre, new Addresses(centre, options)]))
  const addresses = (centre: Centre) => byCentre.get(centre) ?? new Addresses(centre, options)
  const sessions = new CwaSessions({
    centres,
    clock,
    options,
    addresses,
    meter,
    ...(log && { log }),
    // Also who is not configured any more holds a device.
    logOut: (centre, id) => end({ centre, person: centre.directory().persons.get(id) ?? { id } }),
  })
  const commands = new Commands({ sessions, addresses, options, clock })
  const tickets = new Tickets({ centres, clock, options })
  let closing = false

  const plugin: FastifyPluginAsync = async (app) => {
    takeAnyBody(app, bodyLimit)
    app.setErrorHandler((error: Error, request, reply) => sendCwaError(error, request, reply, options))
    await app.register(
      async (forms) => {
        forms.setNotFoundHandler(notFound)
        await forms.register(logonRoutes({ centres, logins, tickets, addresses, options, onRefused }))
      },
      { prefix: '/forms' },
    )
    await app.register(
      async (channels) => {
        lookAtTickets(channels, tickets)
        channels.setNotFoundHandler(notFound)
        await channels.register(async (open) => {
          open.addHook(
            'onRequest',
            demandTicket((reason) => meter.refused(reason)),
          )
          open.addHook(
            'onRequest',
            limitPerson((who) => logins.wait(who), onRefused),
          )
          traceUcAjax(open, tracer, bearerIn)
          await open.register(commandRoutes({ commands, options }))
          await open.register(dataRoutes({ sessions, options, closing: () => closing }))
        })
      },
      { prefix: '/cwa' },
    )
    for (const prefix of ['/iwa', '/sso'])
      await app.register(async (other: FastifyInstance) => other.setNotFoundHandler(notFound), { prefix })
  }
  return {
    plugin,
    close() {
      closing = true
      return sessions.close()
    },
  }
}

/** The paths of this facade, as the router knows them, with the one method of each. */
const methods = new Map([
  ['/forms/logon.html', 'POST'],
  ['/cwa/maincommandhandler.ashx', 'POST'],
  ['/cwa/asyncdatachannel.ashx', 'GET'],
])

/** SPEC UC-47: a wrong method says which one is right; what is not served says what is. */
function notFound({ method, url }: FastifyRequest): never {
  const path = pathOf(url).replace(/\/$/, '')
  const allowed = methods.get(path)
  if (allowed)
    throw new CwaHttpError(405, 'InvalidRequest', `${method} is not known here; use ${allowed}`, { allow: allowed })
  throw new CwaHttpError(404, 'InvalidRequest', hint(path))
}

function hint(path: string): string {
  if (/^\/(?:iwa|sso)\//.test(path))
    return 'Integrated Windows sign-in and single sign-on are not served; POST user and password to /forms/logon.html'
  if (path === '/cwa/signouthandler.ashx')
    return 'The protocol of Communicator Web Access 2005 is not spoken; sessions end by terminateSession'
  return 'There is nothing here; the UC AJAX API is at /forms/logon.html, /cwa/MainCommandHandler.ashx and /cwa/AsyncDataChannel.ashx'
}

const ours = /^\/(?:cwa|forms|iwa|sso)(?=[/?]|$)/i

/**
 * The URL by which the router finds a route. SPEC UC-49: paths of this facade have no letter case, as they had none where they come from.
 * None of them has a percent sign either; escaped, one that is no URL is an unknown path like any other.
 */
export function routedUrl(url: string): string {
  if (!ours.test(url)) return url
  const path = pathOf(url)
  return path.toLowerCase().replaceAll('%', '%25') + url.slice(path.length)
}

function pathOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark)
}
