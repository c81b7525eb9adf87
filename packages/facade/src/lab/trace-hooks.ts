import type { CallUUID } from '@ringdown/signalling'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Who } from '../login.ts'
import type { TracedRequest, Tracer } from './tracer.ts'

/** Tells of requests about IM sessions. To be called before their routes are added. */
export function traceRest(app: FastifyInstance, tracer: Tracer): void {
  if (!tracer.on) return
  app.addHook('onSend', (request, reply, payload, done) => {
    const { url } = request.routeOptions
    // The collection names no session: of its requests, the one that begins a session belongs to it.
    const { id } = (request.params ?? {}) as { id?: string }
    const isAbout = url?.includes('/im-sessions') === true && (id !== undefined || request.method === 'POST')
    // Where nobody is logged in, there is nobody whose session it could be.
    if (isAbout && isKnown(request.login))
      tracer.request({
        ...exchange(request, request.login, payload),
        tongue: 'rest',
        callUUID: id as CallUUID | undefined,
        status: reply.statusCode,
        ms: reply.elapsedTime,
      })
    done(null, payload)
  })
}

function isKnown(login: Who | null | undefined): login is Who {
  return login !== null && login !== undefined
}

/** Tells of commands and of answers to polls that carry events. `whoOf` tells who asks, undefined where that is not known. */
export function traceUcAjax(
  app: FastifyInstance,
  tracer: Tracer,
  whoOf: (request: FastifyRequest) => Who | undefined,
): void {
  if (!tracer.on) return
  app.addHook('onSend', (request, reply, payload, done) => {
    const who = whoOf(request)
    if (who && request.method === 'POST')
      tracer.request({
        ...exchange(request, who, payload),
        tongue: 'ucajax',
        callUUID: undefined,
        status: reply.statusCode,
        ms: reply.elapsedTime,
      })
    else if (who && typeof payload === 'string') {
      const position = lastEvent(payload)
      if (position !== undefined)
        tracer.delivered({
          tongue: 'ucajax',
          centre: who.centre.id,
          person: who.person.id,
          client: `session ${/ sid="(\d+)"/.exec(payload)?.[1] ?? '?'}`,
          callUUID: undefined,
          position,
          content: payload,
        })
    }
    done(null, payload)
  })
}

/** The number of the last event in an answer; undefined where there is none. */
function lastEvent(xml: string): number | undefined {
  const at = xml.lastIndexOf(' eid="')
  return at < 0 ? undefined : Number.parseInt(xml.slice(at + 6, at + 22), 10)
}

function exchange(
  request: FastifyRequest,
  { centre, person }: Who,
  payload: unknown,
): Pick<TracedRequest, 'centre' | 'person' | 'method' | 'path' | 'request' | 'answer'> {
  return {
    centre: centre.id,
    person: person.id,
    method: request.method,
    path: request.url.split('?', 1)[0] ?? '',
    request: request.body,
    answer: typeof payload === 'string' ? payload : '',
  }
}
