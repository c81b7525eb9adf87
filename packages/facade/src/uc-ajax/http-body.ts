import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CwaError } from './error.ts'
import type { UcAjaxOptions } from './options.ts'
import { readRequests } from './read-requests.ts'
import type { CwaRequests } from './request.ts'
import { readXml, xmlLimits } from './xml.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The content type the client gave, where this facade takes the body. */
    cwaContentType: string | undefined
  }
}

/**
 * Has bodies taken as they are. SPEC UC-46: XML comes as a form, as something that is no media type, or under no name at all
 * (uc-ajax-api §1.2), so the framework is not shown what it would refuse.
 */
export function takeAnyBody(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  const options = { parseAs: 'buffer', bodyLimit: Math.min(bodyLimit, xmlLimits.bytes) } as const
  app.addContentTypeParser('*', options, (_request, body, done) => done(null, body))
  app.decorateRequest('cwaContentType', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    request.cwaContentType = request.headers['content-type']
    delete request.raw.headers['content-type']
    done()
  })
}

/** What a POST asks for. Throws CwaError, about the whole body. */
export function requestsOf(
  { body, cwaContentType }: FastifyRequest,
  channel: 'logon' | 'command',
  { strict }: Pick<UcAjaxOptions, 'strict'>,
): CwaRequests {
  const root = readXml(body instanceof Uint8Array ? body : new Uint8Array(), cwaContentType)
  if ('problem' in root) throw new CwaError('InvalidFormat', root.problem)
  const read = readRequests(root, { channel, strict })
  if ('failure' in read) throw new CwaError(read.failure.code, read.failure.detail)
  return read
}

/** uc-ajax-api §1.2: clients look for the header in this spelling, which the framework's own way of setting headers would lower. */
export function giveTicket(reply: FastifyReply, ticket: string): void {
  reply.raw.setHeader('CWA-Ticket', ticket)
}
