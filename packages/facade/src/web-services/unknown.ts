import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './status.ts'

/**
 * Answers what no route takes. SPEC WS-5: a path that exists with another method is 405 and says which; a path known from other
 * products says where the thing is here.
 */
export function answerUnknown(app: FastifyInstance, apiPath: string): void {
  const paths = new Map<string, { pattern: readonly string[]; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: segmentsOf(url), methods: new Set() }
    for (const name of [method].flat()) known.methods.add(name)
    paths.set(url, known)
  })
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.replace(/\?.*$/s, '')
    const segments = segmentsOf(path)
    const methods = [...paths.values()]
      .filter(({ pattern }) => fits(pattern, segments))
      .flatMap((known) => [...known.methods])
    // A route with the method has looked already: a folder of files without this one.
    if (methods.length === 0 || methods.includes(request.method)) throw new ApiError(6, hint(path, apiPath))
    const allowed = [...new Set(methods)].join(', ')
    reply.header('allow', allowed)
    throw new ApiError(3, `${request.method} is not known here; use ${allowed}`, 405)
  })
}

/** Whether a path is one that a route's pattern takes. */
function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const open = pattern.at(-1) === '*'
  if (open ? path.length < pattern.length : path.length !== pattern.length) return false
  return pattern.every(
    (segment, i) => segment === '*' || segment === path[i] || (segment.startsWith(':') && path[i] !== ''),
  )
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/')
}

function hint(path: string, apiPath: string): string {
  const shown = path.slice(0, 128)
  if (/cometd|\/notifications/i.test(path))
    return `There is no resource ${shown}; CometD is at ${apiPath}/notifications`
  if (path.startsWith('/genesys/')) return `There is no resource ${shown}; the Web Services API is at ${apiPath}`
  if (!path.startsWith(`${apiPath}/`)) return `There is no resource ${shown}; the API is at ${apiPath}`
  return `There is no resource ${shown}`
}
