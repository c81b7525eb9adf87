import type { FastifyPluginAsync } from 'fastify'
import { CwaHttpError, sendXml } from './http-errors.ts'
import type { UcAjaxOptions } from './options.ts'
import { printEvents } from './print.ts'
import type { CwaSessions } from './sessions.ts'
import { bearerOf } from './ticket-hook.ts'

export interface DataDeps {
  sessions: Pick<CwaSessions, 'find' | 'poll'>
  options: Pick<UcAjaxOptions, 'namespace'>
  /** Whether the node gives its clients over to others. */
  closing: () => boolean
}

/** The data channel, uc-ajax-api §1.5 and §1.6: a GET acknowledges events and asks for those behind. */
export const dataRoutes =
  ({ sessions, options, closing }: DataDeps): FastifyPluginAsync =>
  async (app) => {
    // A HEAD would acknowledge and show nothing.
    app.get('/asyncdatachannel.ashx', { schema: { hide: true }, exposeHeadRoute: false }, async (request, reply) => {
      const { centre, person } = bearerOf(request)
      const { sid, ackId, active } = readPoll(request.url)
      const session = await sessions.find(centre, person.id, sid)
      if (!session) throw noSession(`There is no session ${sid}; send initiateSession`)
      const polled = await sessions.poll(session, { ackId, active })
      if (closing()) reply.header('connection', 'close') // the next poll is another node's
      if ('gap' in polled) throw noSession(polled.gap)
      return sendXml(reply, printEvents({ sid, ...polled }, options))
    })
  }

function noSession(detail: string): CwaHttpError {
  return new CwaHttpError(404, 'SessionNotFound', detail)
}

/**
 * What a poll's query says: uc-ajax-api §1.6, §6 16. Names have any letter case, empty pairs are skipped, of several the first counts,
 * what is unknown is ignored. Throws CwaHttpError 400. SPEC UC-50.
 */
export function readPoll(url: string): { sid: number; ackId: number; active: boolean } {
  const mark = url.indexOf('?')
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))) {
    const key = name.toLowerCase()
    if (!given.has(key)) given.set(key, value.trim())
  }
  const sid = given.get('sid')
  if (sid === undefined) throw new CwaHttpError(400, 'InvalidRequest', 'Sid is missing')
  return {
    sid: whole('Sid', sid),
    ackId: whole('AckId', given.get('ackid') ?? '0'),
    active: given.get('ua')?.toLowerCase() === 'true',
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CwaHttpError(400, 'InvalidRequest', `${name} has to be a whole number from 0`)
  return Number(text)
}
