import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import { hostOf, type SipSocket, socketOrigin } from './sip-socket.ts'

/** Paths that a browser may be sent to, or be reloaded at; the page itself knows what to show there. */
const pages = ['/', '/history', '/lab', '/lab/*'] as const

/*
 * Nothing inline, nothing from elsewhere, in no other page's frame. `connect-src 'self'` holds for the page's WebSocket in browsers
 * that know CSP 3; others need its address. SIP over WebSocket has a port of its own.
 */
function policy(host: string | undefined, sockets: readonly SipSocket[]): string {
  const name = hostOf(host)
  const own = name === undefined ? [] : [`ws://${host}`, `wss://${host}`]
  const sip = name === undefined ? [] : sockets.map((socket) => socketOrigin(socket, name))
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...own, ...sip].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Serves the agent desktop from the folder its build made. SPEC DS-1 to DS-3. */
export async function serveDesktop(app: FastifyInstance, folder: string, sockets: readonly SipSocket[]): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return sayHowToBuild(app)
  await app.register(desktopPlugin(folder, sockets))
}

const desktopPlugin =
  (folder: string, sockets: readonly SipSocket[]): FastifyPluginAsync =>
  async (app) => {
    app.addHook('onSend', async (request, reply) => harden(reply, policy(request.headers.host, sockets)))
    await app.register(fastifyStatic, {
      root: folder,
      serve: true,
      index: false,
      // Each file has a route of its own: whatever is none of them stays with the API's answers.
      wildcard: false,
      globIgnore: ['index.html', '**/.*'],
      dotfiles: 'deny',
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', keptFor(relative(folder, path)))
      },
    })
    for (const page of pages)
      app.get(page, { schema: { hide: true } }, (_request, reply) =>
        reply.sendFile('index.html', { cacheControl: false, etag: false, lastModified: false }),
      )
  }

function keptFor(file: string): string {
  if (file === 'index.html') return 'no-store'
  // The names of the build's own files hold their digest.
  return file.startsWith('assets') ? 'public, max-age=31536000, immutable' : 'no-cache'
}

function harden(reply: FastifyReply, contentPolicy: string): void {
  reply
    .header('content-security-policy', contentPolicy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
}

function sayHowToBuild(app: FastifyInstance): void {
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .send(
        'The agent desktop is not built on this machine: run `node packages/desktop/build/build.ts`, then start again.\n',
      ),
  )
}
